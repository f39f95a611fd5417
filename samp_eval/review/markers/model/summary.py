"""What a model's marking came to: how many marks, why the others are none, and what the canaries showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from samp_eval.answers.distinct import DistinctAnswer
from samp_eval.literals import MarkBasis
from samp_eval.review.markers.model.answer_as_data import speaks_to_marker
from samp_eval.review.markers.model.canaries import CanaryResult
from samp_eval.review.markers.model.judged import JudgedAsk
from samp_eval.review.markers.model.verdict import Verdict

__all__ = ["BasisSummary", "JudgeSummary", "SpeakingAnswer", "answers_that_speak", "judge_summary", "names_behind"]


@dataclass(frozen=True, slots=True)
class BasisSummary:
    """A model's asks on one basis, over all repeats.

    Attributes
    ----------
    wanted : int
        Asks.
    marks : int
        With a mark.
    credited : int
        With a mark that credits the answer.
    no_mark : mapping of str to int
        Asks with an outcome that is no mark, by reason: of a reply, or of a request that failed.
    """

    wanted: int
    marks: int
    credited: int
    no_mark: Mapping[str, int]

    @property
    def not_asked(self) -> int:
        """Asks without an outcome."""
        return self.wanted - self.marks - sum(self.no_mark.values())


@dataclass(frozen=True, slots=True)
class JudgeSummary:
    """What one model's marking came to.

    Attributes
    ----------
    judge : str
        Label.
    bases : mapping of MarkBasis to BasisSummary
    canaries : CanaryResult or None
        None while canaries are open.
    models : mapping of str to int
        Names under which the server answered, with the number of replies: several mean that the model behind the name
        has changed.
    prompt_tokens, completion_tokens : int
    """

    judge: str
    bases: Mapping[MarkBasis, BasisSummary]
    canaries: CanaryResult | None
    models: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class SpeakingAnswer:
    """An answer that seems to speak to its marker, for a person to look at.

    Attributes
    ----------
    question_id, answer_id, text : str
    by_words : bool
        Whether the list of patterns noticed it.
    by_models : tuple of str
        Labels of the models that say so.
    """

    question_id: str
    answer_id: str
    text: str
    by_words: bool
    by_models: tuple[str, ...]


def names_behind(judge: str, judged: Iterable[JudgedAsk]) -> dict[str, int]:
    """Under which names the server of a model answered, canaries and anchors included, with the number of replies."""
    replies = (asked.response.reply for asked in judged if asked.ask.judge == judge and asked.response is not None)
    return dict(Counter(reply.model_returned for reply in replies).most_common())


def judge_summary(
    judge: str,
    judged: Sequence[JudgedAsk],
    wanted: Mapping[MarkBasis, int],
    canaries: CanaryResult | None,
    models: Mapping[str, int],
) -> JudgeSummary:
    """Count what came of a model's asks.

    Parameters
    ----------
    judged : sequence of JudgedAsk
        Of the study's answers under the key that holds; those of other models are passed over.
    wanted : mapping
        Asks with their repeats, by basis.
    canaries : CanaryResult or None
    models : mapping
        As :func:`names_behind` has it.
    """
    own = [asked for asked in judged if asked.ask.judge == judge]
    replies = [asked.response.reply for asked in own if asked.response is not None]
    return JudgeSummary(
        judge,
        {
            basis: _of_basis([asked for asked in own if asked.ask.basis == basis], count)
            for basis, count in wanted.items()
        },
        canaries,
        models,
        sum(reply.prompt_tokens or 0 for reply in replies),
        sum(reply.completion_tokens or 0 for reply in replies),
    )


def answers_that_speak(answers: Iterable[DistinctAnswer], judged: Iterable[JudgedAsk]) -> list[SpeakingAnswer]:
    """Answers that speak to the marker by the list of patterns, or as a model says; nothing is decided by that."""
    noticed: dict[str, dict[str, None]] = {}
    for asked in judged:
        if isinstance(asked.outcome, Verdict) and asked.outcome.instruction_found:
            noticed.setdefault(asked.ask.answer_id, {})[asked.ask.judge] = None
    found = []
    for answer in answers:
        by_words, by_models = speaks_to_marker(answer.text), tuple(noticed.get(answer.answer_id, ()))
        if by_words or by_models:
            found.append(SpeakingAnswer(answer.question_id, answer.answer_id, answer.text, by_words, by_models))
    return found


def _of_basis(judged: Sequence[JudgedAsk], wanted: int) -> BasisSummary:
    verdicts = [asked.outcome for asked in judged if isinstance(asked.outcome, Verdict)]
    reasons = Counter(asked.reason for asked in judged if asked.reason is not None)
    return BasisSummary(
        wanted, len(verdicts), sum(verdict.value != "0" for verdict in verdicts), dict(reasons.most_common())
    )

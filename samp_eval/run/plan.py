"""What is still to be asked: every question x respondent x round of the study, less what is stored."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from samp_eval.endpoint import is_local
from samp_eval.errors import StudyConflict
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.run.asking_plan import RespondentPlan, RoundNotDue
from samp_eval.run.pictures import reference_of, with_pictures
from samp_eval.run.prompt import (
    OPTIONS_LETTERED,
    Prompt,
    bundled_prompt_for,
    messages_for,
    question_sha256,
)
from samp_eval.run.respondent import Ask, Message
from samp_eval.run.run_records import RunStore
from samp_eval.study import RespondentSettings, Round

__all__ = [
    "SEED_BY_QUESTION_AND_ROUND",
    "RunPlan",
    "check_same_questions",
    "plan_asks",
    "plan_run",
    "questions_of",
    "rounds_due",
    "rounds_wanted",
]


SEED_BY_QUESTION_AND_ROUND = "question and round"
"""Rule of a study in which each question and round has a sampling seed of its own, derived from the respondent's.

With the same seed everywhere, a regenerated round would only repeat the text of the round before it. A study that was
begun when it was so keeps to that.
"""


@dataclass(frozen=True)
class RunPlan:
    """A whole run, before anything is sent.

    Attributes
    ----------
    shuffle_seed : int or None
        Seed of the order within a round; None is the bank's order.
    early_rounds : tuple of int
        Rounds that are asked before their interval has passed, because it is ignored.
    seed_rule : str or None
        :data:`SEED_BY_QUESTION_AND_ROUND`, or None where a respondent's seed is sent as it is.
    option_rule : str or None
        :data:`~samp_eval.run.prompt.OPTIONS_LETTERED`, or None where options are sent without letters.
    option_seed : int or None
        Seed of the order of options, another one in each round; None is the bank's order.
    """

    bank: Bank
    question_ids: tuple[str, ...]
    respondents: tuple[RespondentPlan, ...]
    shuffle_seed: int | None = None
    early_rounds: tuple[int, ...] = ()
    seed_rule: str | None = SEED_BY_QUESTION_AND_ROUND
    option_rule: str | None = OPTIONS_LETTERED
    option_seed: int | None = None

    @property
    def missing(self) -> int:
        """How many asks remain."""
        return sum(respondent.missing for respondent in self.respondents)

    @property
    def by_schema(self) -> bool:
        """Answers are free text."""
        return False

    def facts(self) -> dict[str, Any]:
        """Prompts and order, for the provenance of what is asked."""
        asked = {respondent.settings.id: respondent.prompt for respondent in self.respondents if respondent.missing}
        seeds = self.shuffle_seed, self.option_seed
        order, option_order = (None if seed is None else f", seed {seed}" for seed in seeds)
        return {
            "prompts": {name: {"version": prompt.version, "sha256": prompt.sha256} for name, prompt in asked.items()},
            "order": f"shuffled within a round{order}" if order else "fixed",
            "seed_rule": self.seed_rule,
            "option_rule": self.option_rule,
            "option_order": f"shuffled in each round{option_order}" if option_order else "fixed",
        }

    def prompt_hashes(self, respondent: RespondentPlan) -> dict[str, str]:
        """Hashes of a respondent's prompt; that for options is part of it where the bank has any."""
        prompt = respondent.prompt
        has_options = self.option_rule is not None and any(question.options for _, question in self.bank.asked())
        of_options = prompt.option_sha256 if has_options else None
        return {"prompt_sha256": prompt.sha256} | ({"option_prompt_sha256": of_options} if of_options else {})

    def asks(self, respondent: RespondentPlan) -> Iterator[Ask]:
        """Every remaining ask of a respondent, made as it is needed."""
        asks = plan_asks(
            self.question_ids,
            respondent.settings.id,
            respondent.rounds,
            respondent.taken,
            only=respondent.only,
            pictured=self.bank.pictured,
            shuffle_seed=self.shuffle_seed,
            question_by_question=is_local(respondent.settings.model),
            base_seed=respondent.settings.seed if self.seed_rule else None,
        )
        return asks if self.option_seed is None else map(self._with_option_order, asks)

    def _with_option_order(self, ask: Ask) -> Ask:
        """The ask with the order of its options: the same for every respondent, another one in each round."""
        order = list(range(len(self._questions[ask.question_id][1].options)))
        random.Random(f"{self.option_seed} options {ask.question_id} {ask.round}").shuffle(order)  # noqa: S311
        return replace(ask, option_order=tuple(order)) if order else ask

    @cached_property
    def _questions(self) -> dict[str, tuple[SampCase, Question]]:
        return self.bank.by_question()

    def composer(self) -> Callable[[Ask], list[Message]]:
        """What makes the messages of an ask: the only place where questions and prompts become requests."""
        by_question = self.bank.by_question()
        prompts = {respondent.settings.id: respondent.prompt for respondent in self.respondents}

        def compose(ask: Ask) -> list[Message]:
            case, question = by_question[ask.question_id]
            lettered, prompt = self.option_rule is not None, prompts[ask.respondent]
            order = ask.option_order
            messages = messages_for(case, question, ask.condition, prompt, lettered=lettered, option_order=order)
            shown = case.pictures_until(question) if ask.condition.pictures else ()
            return with_pictures(messages, [reference_of(picture, self.bank.pictures) for picture in shown])

        return compose


def plan_run(
    bank: Bank,
    rounds: Sequence[Round],
    respondents: Sequence[RespondentSettings],
    store: RunStore | None,
    *,
    n_rounds: int | None,
    limit: int | None,
    now: datetime,
    shuffle_seed: int | None = None,
    option_seed: int | None = None,
    only_failed: bool = False,
    ignore_intervals: bool = False,
    prompts: Mapping[str, Prompt] | None = None,
) -> RunPlan:
    """Work out what is still to be asked; nothing is sent or stored.

    Parameters
    ----------
    rounds : sequence of Round
        All rounds of the study.
    store : RunStore or None
        None for a study that has not begun.
    n_rounds : int or None
        Only the first rounds, so many of them; all when None.
    limit : int or None
        Only the first questions of the bank, so many of them.
    now : datetime
        UTC.
    shuffle_seed : int or None
        Seed of the order within a round; None asks in the bank's order.
    option_seed : int or None
        Seed of the order of options; None sends them in the bank's order.
    only_failed : bool
        Only what failed before.
    ignore_intervals : bool
        Ask rounds that are not due yet.
    prompts : mapping, optional
        By respondent; the prompt that comes with samp-eval for one that is not there.

    Raises
    ------
    StudyConflict
        Where the bank or a respondent contradicts what the study holds.
    """
    held = store.bank() if store is not None else None
    if store is not None and held is not None:
        check_same_questions(held, bank)
        bank = replace(held, excluded=store.excluded_questions())
    question_ids = tuple(question.id for _, question in bank.asked())[:limit]
    wanted = rounds_wanted(rounds, n_rounds)
    plans = []
    early_rounds: set[int] = set()
    excluded = store.excluded_respondents() if store is not None else frozenset[str]()
    for settings in respondents:
        first_asked = store.first_asked(settings.id) if store is not None else None
        stored = store.stored(settings.id) if store is not None else set()
        failed = store.failed(settings.id) if store is not None else set()
        pending = store.pending(settings.id) if store is not None else set()
        due, waiting = rounds_due(wanted, first_asked, now)
        if ignore_intervals:
            early_rounds |= {later.round for later in waiting}
            due, waiting = rounds_due(wanted, first_asked, now, ignore_intervals=True)
        if settings.id in excluded:
            due, waiting = {}, []
        only = failed if only_failed else None
        taken = stored | pending
        missing = sum(
            (question_id, number) not in taken and (only is None or (question_id, number) in only)
            for number, study_round in due.items()
            for question_id in questions_of(study_round, question_ids, bank.pictured)
        )
        prompt = (prompts or {}).get(settings.id) or bundled_prompt_for(bank)
        plans.append(
            RespondentPlan(settings, due, waiting, stored, only, missing, prompt, pending, settings.id in excluded)
        )
    seed_rule = store.seed_rule(SEED_BY_QUESTION_AND_ROUND) if store is not None else SEED_BY_QUESTION_AND_ROUND
    option_rule = store.option_rule(OPTIONS_LETTERED) if store is not None else OPTIONS_LETTERED
    return RunPlan(
        bank,
        question_ids,
        tuple(plans),
        shuffle_seed,
        tuple(sorted(early_rounds)),
        seed_rule,
        option_rule,
        option_seed if option_rule else None,
    )


def rounds_wanted(rounds: Sequence[Round], number: int | None) -> dict[int, Round]:
    """The first ``number`` rounds of the study by their number from 1; all of them where it is None.

    Raises
    ------
    StudyConflict
        Where the study has fewer rounds.
    """
    if number is not None and number > len(rounds):
        raise StudyConflict(
            f"{number} rounds are asked for and the protocol has {len(rounds)}; "
            "write a study file with samp-eval init and add [[rounds]] to it"
        )
    return dict(enumerate(rounds[:number], start=1))


def rounds_due(
    rounds: Mapping[int, Round], first_asked: datetime | None, now: datetime, *, ignore_intervals: bool = False
) -> tuple[dict[int, Round], list[RoundNotDue]]:
    """Split rounds into those that may be asked now and those that must wait for their interval.

    Parameters
    ----------
    rounds : mapping
        By number.
    first_asked : datetime or None
        UTC time of the respondent's first stored response; None before the first.
    now : datetime
        UTC.
    ignore_intervals : bool
        Nothing waits.
    """
    due: dict[int, Round] = {}
    waiting: list[RoundNotDue] = []
    for number, study_round in rounds.items():
        moment = first_asked + timedelta(days=study_round.after_days) if first_asked is not None else None
        if study_round.after_days == 0 or ignore_intervals or (moment is not None and moment <= now):
            due[number] = study_round
        else:
            waiting.append(RoundNotDue(number, moment))
    return due, waiting


def questions_of(study_round: Round, question_ids: Iterable[str], pictured: Container[str]) -> list[str]:
    """The questions that a round asks: all of them, or in a round without pictures those that have some."""
    return [question_id for question_id in question_ids if study_round.pictures or question_id in pictured]


def plan_asks(
    question_ids: Sequence[str],
    respondent: str,
    rounds: Mapping[int, Round],
    stored: Container[tuple[str, int]],
    *,
    only: Container[tuple[str, int]] | None = None,
    pictured: Container[str] = (),
    shuffle_seed: int | None = None,
    question_by_question: bool = False,
    base_seed: int | None = None,
) -> Iterator[Ask]:
    """Asks of one respondent without those whose response is stored, round by round unless told otherwise.

    Parameters
    ----------
    only : container of (question_id, round), optional
        Nothing but these.
    pictured : container of question_id
        Those with pictures: a round without pictures asks nothing else.
    shuffle_seed : int or None
        Seed of the order within a round, the same in every run of a study; None asks in the bank's order.
    question_by_question : bool
        Every round of a question before the next question, equal requests one after another: a server on this
        machine then reads each request once.
    base_seed : int or None
        What each ask's sampling seed is derived from.
    """
    if question_by_question:
        equal_requests_together = sorted(rounds, key=lambda number: (rounds[number].prompt, number))
        order = _order(question_ids, shuffle_seed, respondent)
        places = ((question_id, number) for question_id in order for number in equal_requests_together)
    else:
        places = (
            (question_id, number)
            for number in rounds
            for question_id in _order(question_ids, shuffle_seed, f"{respondent} {number}")
        )
    for question_id, number in places:
        if not (rounds[number].pictures or question_id in pictured):
            continue
        if (question_id, number) not in stored and (only is None or (question_id, number) in only):
            seed = sampling_seed(base_seed, question_id, number) if base_seed is not None else None
            yield Ask(question_id, respondent, number, rounds[number].condition, seed)


def sampling_seed(base_seed: int, question_id: str, number: int) -> int:
    """The sampling seed of a question in a round: 31 bits, which every server takes as a seed."""
    digest = hashlib.sha256(f"{base_seed} {question_id} {number}".encode()).digest()
    return int.from_bytes(digest[:4]) >> 1


def _order(question_ids: Sequence[str], shuffle_seed: int | None, of_what: str) -> list[str]:
    order = list(question_ids)
    if shuffle_seed is not None:
        random.Random(f"{shuffle_seed} {of_what}").shuffle(order)  # noqa: S311  # order, no secret
    return order


def check_same_questions(held: Bank, asked: Bank) -> None:
    """Refuse a bank whose questions read differently from those already asked; a corrected key is no hindrance.

    Raises
    ------
    StudyConflict
        Naming the questions.
    """
    before, now = (
        {name: question_sha256(*found) for name, found in bank.by_question().items()} for bank in (held, asked)
    )
    changed = sorted(name for name in before if now.get(name) != before[name])
    if changed:
        raise StudyConflict(
            f"the study was begun with other questions: {', '.join(changed[:5])}"
            f"{f' and {len(changed) - 5} more' if len(changed) > 5 else ''} read differently or are missing in "
            f"{asked.location}; use the study's own bank ({held.location}), take the other one in with samp-eval amend "
            "key, or begin another study with --study"
        )

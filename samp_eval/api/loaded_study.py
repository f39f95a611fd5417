"""A stored study with its scores."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import pandas as pd

from samp_eval.analysis.scored_study import ScoredStudy, in_planned_order, score_study
from samp_eval.analysis.standard.pass_mark import planned_pass_mark
from samp_eval.answers.reading_counts import attention_of
from samp_eval.api.chosen_plan import chosen_plan, with_choices
from samp_eval.api.fitted_study import FittedStudy, fit_scores
from samp_eval.api.notices import fit_notices, readings_sentence, scores_notices, warn_of
from samp_eval.errors import CannotEstimate, StudyConflict
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis, QuestionChoice
from samp_eval.report.numbers import NBSP, moment
from samp_eval.review.amendments.bank_on_disk import bank_difference
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewer_codes import ReviewerCodes, reviewer_codes
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Study

__all__ = ["LoadedStudy", "load_quietly", "load_study", "stored_codes", "stored_study"]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedStudy:
    """A study with its scores, as :func:`load_study` returns it.

    Attributes
    ----------
    folder : Path
        Where the study is.
    respondents : tuple of str
        In order; the first is the reference.
    notices : tuple of str
        What stands beside every figure: exclusions, simulated answers, automatic marks, a bank that differs, a draw of
        questions, respondents that wait to be marked. :func:`load_study` warns of each.
    deviations : tuple of str
        Deviations from the plan, of the study file and as noted by commands.
    readings : mapping of str to mapping of str to int
        By respondent, how many responses are refused, open, without an answer or doubtful; those without any are not
        named.
    scored : ScoredStudy
        All records and what the marks come to.
    asked : tuple of str
        Respondents in order of first appearance.
    """

    folder: Path
    respondents: tuple[str, ...]
    notices: tuple[str, ...]
    deviations: tuple[str, ...]
    readings: Mapping[str, Mapping[str, int]]
    scored: ScoredStudy = field(repr=False)
    asked: tuple[str, ...] = field(repr=False)

    def table(self, basis: MarkBasis | None = None) -> pd.DataFrame:
        """The scores, a row for each response on each basis.

        Columns are ``question_id``, ``case_id``, ``respondent``, ``round``, ``condition``, ``prompted``,
        ``regenerated``, ``later``, ``basis``, ``requested`` and ``correct`` (lines), and ``score_percent`` (0 to 100).
        Where marks are open, the last two are NaN. The notices are in the frame's ``attrs``.

        Parameters
        ----------
        basis : {"key", "judgement"}, optional
            Both when omitted.

        Returns
        -------
        DataFrame
            A copy.
        """
        whole = self.scored.table
        chosen = whole if basis is None else whole[whole["basis"] == basis].reset_index(drop=True)
        found = chosen.copy()
        found.attrs["notices"] = list(self.notices)
        return found

    def fit(
        self,
        basis: MarkBasis = "key",
        *,
        reference: str | None = None,
        cluster: ClusterChoice | None = None,
        association: Association | None = None,
        covariance: Covariance | None = None,
        questions: QuestionChoice | None = None,
        confidence: float | None = None,
    ) -> FittedStudy:
        """Estimate odds ratios of a higher score, as ``samp-eval analyze`` does.

        What is not given is as planned in ``study.toml``. Every notice of the fit is issued as a warning.

        Parameters
        ----------
        basis : {"key", "judgement"}
            Marks by the answer key, or by the reviewers' own judgement.
        reference : str, optional
            The respondent with which the others are compared.
        cluster : {"question", "case", "question-respondent"}, optional
            Responses that form a cluster; clusters are independent of each other.
        association : {"independence", "exchangeable"}, optional
            Working association within a cluster.
        covariance : {"robust", "bias_reduced", "naive"}, optional
            Type of standard errors.
        questions : {"common", "all"}, optional
            Questions of a comparison: those that both sides answered, or all that each answered.
        confidence : float, optional
            Level of the intervals, such as 0.95.

        Returns
        -------
        FittedStudy
            The odds ratios, as a frame and as a figure.

        Raises
        ------
        CannotEstimate
            With the reason and the remedy.
        StudyConflict
            Where a choice is none.
        """
        if basis not in get_args(MarkBasis):
            raise StudyConflict(f"{basis!r} is not a basis; it is one of {', '.join(get_args(MarkBasis))}")
        plan = with_choices(
            self.scored.plan,
            reference=reference,
            cluster=cluster,
            association=association,
            covariance=covariance,
            questions=questions,
            confidence=confidence,
        )
        found = fit_scores(self.scored, basis, plan=plan, respondents=in_planned_order(self.asked, plan))
        notices = tuple(fit_notices(found, self.scored))
        warn_of(notices, stacklevel=2)
        return FittedStudy(found, plan, notices, self)


def load_study(path: str | os.PathLike[str] = ".", *, consensus: str | None = None) -> LoadedStudy:
    """Load and score a study.

    Every notice is issued as a :class:`StudyWarning`, so that no figure comes without what must be known beside it.

    Parameters
    ----------
    path : path
        The study's folder.
    consensus : str, optional
        How two marks become one: adjudicated, both, either, mean, or a reviewer's name; as planned when omitted.

    Returns
    -------
    LoadedStudy
        The study with its table, what stands beside it, and the means to fit it.

    Raises
    ------
    CannotStore
        Where there is no study.
    CannotEstimate
        Where it has no responses yet.
    """
    said: list[str] = []
    folder = Path(path)
    study = load_quietly(folder, chosen_plan(folder, consensus=consensus), said.append)
    more = []
    if study.deviations:
        count = len(study.deviations)
        more.append(f"{count} deviation{'s' if count > 1 else ''} from the plan: see the attribute deviations")
    if study.readings:
        more.append(f"{readings_sentence(study.readings)} See the attribute readings")
    warn_of([*said, *study.notices, *more], stacklevel=2)
    return study


def load_quietly(folder: Path, plan: Study, notify: Callable[[str], None], *, names: bool = True) -> LoadedStudy:
    """Read and score a study without a warning; ``notify`` takes what is said on the way.

    Without ``names``, reviewers have codes.
    """
    with StudyStore.open(folder, create=False, notify=notify) as store:
        difference, draw = bank_difference(folder, store.bank()), store.draw()
        codes = ReviewerCodes() if names else stored_codes(store, plan, notify)
        marks = store.marks()
        scored = stored_study(store, plan, marks, codes)
        exclusions, settings = store.exclusions(), store.respondents()
        drawn = () if draw is None else draw.sentences(exclusions.bank(store.bank_asked()), marks)
        noted = [f"{codes.text(what)} (noted {moment(at)})".replace(NBSP, " ") for what, at in store.deviations()]
    if not scored.responses:
        raise CannotEstimate("the study has no responses yet; run samp-eval run or samp-eval responses import")
    simulated = any(held.get("simulated") for held in settings.values())
    return LoadedStudy(
        folder=folder,
        respondents=scored.respondents,
        notices=(*([difference] if difference else []), *drawn, *scores_notices(scored, simulated)),
        deviations=(*plan.deviations, *noted),
        readings=attention_of(scored.lines.reading_counts()),
        scored=scored,
        asked=tuple(exclusions.respondents(settings)),
    )


def stored_study(
    store: StudyStore, plan: Study, marks: Sequence[Mark], codes: ReviewerCodes | None = None
) -> ScoredStudy:
    """Score the study in an open store, under the codes of its reviewers where they are given."""
    codes = codes or ReviewerCodes()
    scored = score_study(
        codes.study(plan),
        store.bank_asked(),
        codes.responses(store.responses()),
        store.failures(),
        codes.marks(marks),
        list(store.respondents()),
        codes.exclusions(store.exclusions()),
        codes.assignment(store.assignment_plan()),
        store.draw(),
        store.marks_of_models(),
    )
    return replace(scored, pass_mark=planned_pass_mark(plan, store.pass_marks()))


def stored_codes(store: StudyStore, plan: Study, notify: Callable[[str], None]) -> ReviewerCodes:
    """The codes of the reviewers, which whoever writes for others is told."""
    codes = reviewer_codes(plan, store.assignment_plan(), store.marked_by())
    if codes:
        said = ", ".join(f"{code} is {name}" for name, code in codes.by_name.items())
        notify(f"reviewers have codes: {said}; --names writes the names")
    return codes

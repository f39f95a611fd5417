"""The study's model: score percentage on respondent and conditions, an ordinal GEE over the repeated rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pandas as pd

from samp_eval.analysis.model.design import cluster_codes, study_design
from samp_eval.analysis.model.fitted_sample import NOTHING_TO_COMPARE, FittedSample, StudyTerm, fit_sample
from samp_eval.analysis.model.left_out import who_is_in_the_model
from samp_eval.analysis.model.partly_marked import DrawnQuestions, PoweredFit, fit_drawn, settled_draw
from samp_eval.analysis.model.samples import Sample, questions_answered, questions_under_both, respondent_samples
from samp_eval.analysis.model.uneven_questions import warnings_of_uneven_questions
from samp_eval.analysis.tables.long_table import CONDITION_TERMS
from samp_eval.errors import CannotEstimate
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis
from samp_eval.statistics.gee.ordinal_gee import few_clusters
from samp_eval.statistics.gee.terms import Engine, OrdinalGeeFit, Term
from samp_eval.statistics.not_estimated import NotEstimated
from samp_eval.study import AnalysisPlan

__all__ = ["HOW_TO_MARK", "StudyFit", "fit_study"]

HOW_TO_MARK = "import the reviewers' sheets, or mark automatically with samp-eval mark --marker key"


@dataclass(frozen=True, slots=True)
class StudyFit:
    """A fit with the choices that led to it.

    Attributes
    ----------
    basis, cluster, association, covariance
        As chosen.
    respondents : tuple of str
        Whose responses the model was fitted to; the first is the reference.
    terms : tuple of StudyTerm
        The results, each from the sample that it belongs to.
    samples : tuple of FittedSample
        The one with the most responses first; one alone where all respondents answered the same questions.
    sources : mapping of column to FittedSample
        Where each term comes from.
    warnings : tuple of str
        Of the fits, and of what the data left out.
    n_scored, n_open : int
        Responses with a score of those in the model, used or not; left out because a mark is open.
    n_questions_by_respondent : mapping of str to int
        Questions with a score of everybody who has any, in the model or not.
    common_questions : bool
        Whether every comparison uses only the questions that both of its sides answered.
    powered : PoweredFit or None
        Where the fit is of predictions that drawn questions correct: what stands beside it.
    """

    basis: MarkBasis
    cluster: ClusterChoice
    association: Association
    covariance: Covariance
    respondents: tuple[str, ...]
    terms: tuple[StudyTerm, ...]
    samples: tuple[FittedSample, ...]
    sources: Mapping[str, FittedSample]
    warnings: tuple[str, ...]
    n_scored: int
    n_open: int
    n_questions_by_respondent: Mapping[str, int]
    common_questions: bool
    powered: PoweredFit | None = None

    @property
    def fit(self) -> OrdinalGeeFit:
        """The fit with the most responses: of all where all respondents answered the same questions."""
        return self.samples[0].fit

    @property
    def same_questions(self) -> bool:
        """Whether every term rests on the same questions."""
        return len(self.samples) == 1 and all(source is self.samples[0] for source in self.sources.values())

    @property
    def n_observations(self) -> int:
        """Responses that any term rests on."""
        return len(self._used)

    @property
    def n_clusters(self) -> int:
        """Their clusters."""
        return int(cluster_codes(self._used, self.cluster).max()) + 1

    @property
    def _used(self) -> pd.DataFrame:
        every = pd.concat([sample.rows for sample in self.samples])
        return every[~every.index.duplicated()]

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval analyze --json``."""
        terms = [asdict(term) for term in self.terms]
        return {
            "basis": self.basis,
            "cluster": self.cluster,
            "association": self.association,
            "covariance": self.covariance,
            "n_observations": self.n_observations,
            "n_clusters": self.n_clusters,
            "levels": [float(level) for level in self.fit.levels],
            "converged": self.fit.converged,
            "common_questions": self.common_questions,
            "n_questions_by_respondent": dict(self.n_questions_by_respondent),
            "warnings": list(self.warnings),
            "terms": [{name: value for name, value in term.items() if name != "column"} for term in terms],
            **self._estimator_as_json(),
        }

    def _estimator_as_json(self) -> dict[str, Any]:
        if self.powered is None:
            return {"estimator": "complete", "predictor": None, "n_questions_drawn": None}
        beside = {"drawn_alone": self.powered.drawn_alone, "predictor_alone": self.powered.predictor_alone}
        return {
            "estimator": "prediction-powered",
            "predictor": list(self.powered.predictor),
            "predictors": [
                {"predictor": found.label, "alone": _terms_as_json(found.alone), "error_ratios": found.error_ratios}
                for found in self.powered.predictors
            ],
            "n_questions": self.powered.n_questions,
            "n_questions_drawn": self.powered.n_drawn,
            **{name: _terms_as_json(terms) for name, terms in beside.items()},
            "expected_standard_errors": self.powered.expected_errors,
        }


def _terms_as_json(terms: Sequence[Term] | NotEstimated) -> dict[str, Any] | list[dict[str, Any]]:
    return terms.as_json() if isinstance(terms, NotEstimated) else [asdict(term) for term in terms]


def fit_study(
    table: pd.DataFrame,
    *,
    basis: MarkBasis,
    respondents: Sequence[str],
    plan: AnalysisPlan | None = None,
    engine: Engine | None = None,
    drawn: DrawnQuestions | None = None,
    thresholds_by_n: bool = False,
) -> StudyFit:
    """Fit the study's model on one basis.

    A respondent with scored responses in fewer than :data:`~samp_eval.statistics.gee.estimable.FEWEST_CLUSTERS`
    clusters has no odds ratio: it is omitted with a warning, so that a trial of a model does not block the others. The
    same holds for one that always has the highest score of all, or always the lowest, while two others remain.

    Where respondents answered different questions, the odds ratio of one that did not answer the reference's comes from
    a fit of these two on the questions that both answered, and a condition's from the questions that were answered
    under both of its levels (``plan.questions``).

    Parameters
    ----------
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.tables.long_table`.
    respondents : sequence of str
        In order; the first is the reference.
    plan : AnalysisPlan, optional
        Cluster, association, covariance and confidence; the default plan's when omitted.
    engine : {"statsmodels", "vectorised"}, optional
        See :func:`samp_eval.analysis.fit_ordinal_gee`.
    drawn : DrawnQuestions, optional
        Where a random part of the questions is marked: its table takes the place of ``table``.
    thresholds_by_n : bool
        With thresholds of their own for the questions that ask for each number of answers; not with ``drawn``.

    Raises
    ------
    CannotEstimate
        With the reason and what to do.
    """
    plan = plan or AnalysisPlan()
    if drawn is not None and not drawn.is_complete(basis):
        return _fit_partly_marked(basis, respondents, plan, drawn)
    rows = table[table["basis"] == basis]
    scored = rows[rows["score_percent"].notna()]
    if scored.empty:
        raise CannotEstimate(_nothing_scored(basis, len(rows), anything=not table.empty))
    clusters = cluster_codes(scored, plan.cluster)
    answered = questions_answered(scored, [name for name in respondents if (scored["respondent"] == name).any()])
    present, left_out = who_is_in_the_model(scored, clusters, respondents, plan.cluster)
    if left_out:
        rows, scored = (part[~part["respondent"].isin(left_out)] for part in (rows, scored))
    fit = partial(fit_sample, scored=scored, plan=plan, engine=engine, thresholds_by_n=thresholds_by_n)
    samples, refused = _fitted(respondent_samples(answered, present, plan.questions), fit)
    sources, without = _sources(samples, present, fit, plan)
    warnings = _warnings_of_fits(samples)
    warnings += _warnings_of_questions(samples, {name: answered[name] for name in present}, plan)
    warnings += warnings_of_uneven_questions(sources, present[0])
    warnings += [f"left out: {words}" for words in (*left_out.values(), *refused, *without)]
    warnings += _warnings_of_rows(rows, [name for name in respondents if name not in (*present, *left_out)])
    return StudyFit(
        basis=basis,
        cluster=plan.cluster,
        association=plan.association,
        covariance=plan.covariance,
        respondents=tuple(name for name in present if any(name in sample.respondents for sample in samples)),
        terms=tuple(source.term(column) for column, source in sources.items()),
        samples=samples,
        sources=sources,
        warnings=tuple(dict.fromkeys(warnings)),
        n_scored=len(scored),
        n_open=len(rows) - len(scored),
        n_questions_by_respondent={name: len(questions) for name, questions in answered.items()},
        common_questions=plan.questions == "common",
    )


def _fit_partly_marked(
    basis: MarkBasis, respondents: Sequence[str], plan: AnalysisPlan, drawn: DrawnQuestions
) -> StudyFit:
    """The same from the drawn questions' marks and predictions of all."""
    rows = drawn.rows(basis)
    settled = settled_draw(rows, drawn)
    in_draw = rows[rows["question_id"].isin(settled.order[: settled.n_drawn])]
    if in_draw.empty:
        drawn_names = drawn.order[: drawn.n_drawn]
        n_open = int((drawn.table["question_id"].isin(drawn_names) & (drawn.table["basis"] == basis)).sum())
        raise CannotEstimate(_nothing_scored(basis, n_open, anything=True))
    present, left_out = who_is_in_the_model(in_draw, cluster_codes(in_draw, plan.cluster), respondents, plan.cluster)
    rows = rows[rows["respondent"].isin(present)]
    design = study_design(rows, respondents=present)
    if design.design.empty:
        raise CannotEstimate(NOTHING_TO_COMPARE)
    powered = fit_drawn(rows, design.design, settled, plan, design.references)
    answered = questions_answered(rows, present)
    columns = [term.term for term in powered.fit.terms]
    sample = FittedSample(
        Sample(tuple(present), frozenset().union(*answered.values())),
        powered.fit,
        plan.cluster,
        rows,
        design.design[columns],
        design.names,
        powered.fit.warnings,
    )
    warnings = [*powered.fit.warnings, *(f"left out: {words}" for words in left_out.values())]
    warnings += _warnings_of_questions([sample], answered, plan.model_copy(update={"questions": "all"}))
    if settled.n_drawn < drawn.n_drawn:
        warnings.append(
            f"{drawn.n_drawn - settled.n_drawn} questions at the end of the draw have open marks and count as not drawn"
        )
    absent = [name for name in respondents if name not in (*present, *left_out)]
    warnings += [f"no scored response of {', '.join(absent)}; not in the model"] if absent else []
    return StudyFit(
        basis=basis,
        cluster=plan.cluster,
        association=plan.association,
        covariance=plan.covariance,
        respondents=tuple(present),
        terms=tuple(sample.term(column) for column in columns),
        samples=(sample,),
        sources=dict.fromkeys(columns, sample),
        warnings=tuple(warnings),
        n_scored=len(rows),
        n_open=0,
        n_questions_by_respondent={name: len(questions) for name, questions in answered.items()},
        common_questions=len(set(answered.values())) == 1,
        powered=powered,
    )


def _fitted(
    chosen: Sequence[Sample], fit: Callable[[Sample], FittedSample]
) -> tuple[tuple[FittedSample, ...], list[str]]:
    """The samples that can be fitted, that with the most responses first, and why the others cannot."""
    found: list[FittedSample] = []
    refused: list[tuple[str, CannotEstimate]] = []
    for sample in chosen[1:] if len(chosen) > 1 and len(chosen[0].respondents) == 1 else chosen:
        try:
            found.append(fit(sample))
        except CannotEstimate as error:
            refused.append((sample.respondents[-1], error))
    if not found:
        raise refused[0][1]
    return tuple(sorted(found, key=lambda sample: -len(sample.rows))), [
        f"{name}: {str(error).rstrip('.')}" for name, error in refused
    ]


def _sources(
    samples: Sequence[FittedSample], present: Sequence[str], fit: Callable[[Sample], FittedSample], plan: AnalysisPlan
) -> tuple[dict[str, FittedSample], list[str]]:
    """The sample that each term comes from, and why a condition has none."""
    sources: dict[str, FittedSample] = {}
    without: list[str] = []
    for column in (*present[1:], *(term for term, _ in CONDITION_TERMS)):
        source = next((sample for sample in samples if column in sample.design), None)
        if source is None:
            continue
        both = source.sample.questions if column in present else questions_under_both(source.rows, column)
        if plan.questions == "common" and both != source.sample.questions:
            if not both:
                without.append(f"{column}: no question was asked with and without it")
                continue
            try:
                source = fit(Sample(source.respondents, both))
                source.term(column)
            except CannotEstimate as error:
                without.append(f"{column}, which {len(both)} questions only were asked with and without: {error}")
                continue
        sources[column] = source
    return sources, without


def _warnings_of_fits(samples: Sequence[FittedSample]) -> list[str]:
    """Of one fit as they are; of several, each with whose it is, and that of few clusters once for all of them."""
    if len(samples) == 1:
        return list(samples[0].warnings)
    sizes = {
        f"{', '.join(sample.respondents[1:])} v {sample.respondents[0]}": (
            sample.fit.n_clusters,
            sample.fit.degrees_of_freedom,
        )
        for sample in samples
    }
    warnings = list(few_clusters(sizes))
    for (whose, size), sample in zip(sizes.items(), samples, strict=True):
        own = [warning for warning in sample.warnings if warning not in few_clusters({whose: size})]
        warnings += [warning if warning.startswith("left out: ") else f"{whose}: {warning}" for warning in own]
    return warnings


def _warnings_of_questions(
    samples: Sequence[FittedSample], answered: Mapping[str, frozenset[str]], plan: AnalysisPlan
) -> list[str]:
    """Who answered other questions than the reference, and what is therefore compared."""
    if len(set(answered.values())) == 1:
        return []
    reference = next(iter(answered))
    if plan.questions == "all":
        counts = ", ".join(f"{name} {len(questions)}" for name, questions in answered.items())
        return [
            f"the respondents answered different questions ({counts}), and the odds ratios use them all: they mix how "
            "hard the questions are with who answered them"
        ]
    return [
        f"{name} has scores on {len(answered[name])} questions and {reference} on {len(answered[reference])}; their "
        f"comparison uses the {len(sample.sample.questions)} that both answered"
        for sample in samples
        for name in sample.respondents[1:]
        if answered[name] != answered[reference]
    ]


def _warnings_of_rows(rows: pd.DataFrame, absent: Sequence[str]) -> list[str]:
    """Of respondents without a score, and of responses without one."""
    warnings = [f"no scored response of {', '.join(absent)}; not in the model"] if absent else []
    rows = rows[~rows["respondent"].isin(absent)]
    is_open = rows["score_percent"].isna()
    if is_open.any():
        of_whom = " of the others" if absent else ""
        warnings.append(
            f"{int(is_open.sum())} of {len(rows)} responses{of_whom} are left out: their marks are open or the "
            f"reviewers' disagreement is unresolved, on {_named(rows.loc[is_open, 'question_id'])}"
        )
    return warnings


def _nothing_scored(basis: MarkBasis, n_open: int, *, anything: bool) -> str:
    if not anything:
        return f"nothing is marked yet, so there are no scores to analyse; {HOW_TO_MARK}"
    if n_open:
        return (
            f"no response has all its marks on the {basis} basis: {n_open} are open; finish the sheets, "
            "adjudicate, or mark automatically with samp-eval mark --marker key"
        )
    remedy = HOW_TO_MARK if basis == "key" else "import sheets with such marks, or use the key basis"
    return f"nothing is marked on the {basis} basis yet; {remedy}"


def _named(question_ids: pd.Series, most: int = 8) -> str:
    """The questions by id; the first ones and a count where they are many."""
    found = sorted(question_ids.unique())
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more

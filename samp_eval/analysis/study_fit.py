"""The study's model: score percentage on respondent and conditions, an ordinal GEE over the repeated rounds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.analysis.frame import cluster_codes, study_design
from samp_eval.errors import CannotEstimate, NoVariation
from samp_eval.literals import Association, ClusterChoice, Covariance, MarkBasis
from samp_eval.statistics.gee.terms import Engine, OrdinalGeeFit

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
    fit : OrdinalGeeFit
    warnings : tuple of str
        Of the fit, and of what the data left out.
    n_open : int
        Responses left out because a mark is open.
    """

    basis: MarkBasis
    cluster: ClusterChoice
    association: Association
    covariance: Covariance
    respondents: tuple[str, ...]
    fit: OrdinalGeeFit
    warnings: tuple[str, ...]
    n_open: int

    def as_json(self) -> dict[str, Any]:
        """The documented fields of ``samp-eval analyze --json``."""
        return {
            "basis": self.basis,
            "cluster": self.cluster,
            "association": self.association,
            "covariance": self.covariance,
            "n_observations": self.fit.n_observations,
            "n_clusters": self.fit.n_clusters,
            "levels": [float(level) for level in self.fit.levels],
            "converged": self.fit.converged,
            "warnings": list(self.warnings),
            "terms": [asdict(term) for term in self.fit.terms],
        }


def fit_study(
    table: pd.DataFrame,
    *,
    basis: MarkBasis,
    respondents: list[str],
    cluster: ClusterChoice = "question",
    association: Association = "independence",
    covariance: Covariance = "robust",
    confidence: float = 0.95,
    engine: Engine | None = None,
) -> StudyFit:
    """Fit the study's model on one basis.

    A respondent with scored responses in fewer than :data:`~samp_eval.statistics.gee.estimable.FEWEST_CLUSTERS`
    clusters has no odds ratio: it is omitted with a warning, so that a trial of a model does not block the others. The
    same holds for one that always has the highest score of all, or always the lowest, while two others remain.

    Parameters
    ----------
    table : DataFrame
        The long table; see :mod:`samp_eval.analysis.frame`.
    respondents : list of str
        In order; the first is the reference.

    Raises
    ------
    CannotEstimate
        With the reason and what to do.
    """
    of_basis = table[table["basis"] == basis]
    scored = of_basis[of_basis["score_percent"].notna()]
    if scored.empty:
        raise CannotEstimate(_nothing_scored(basis, len(of_basis), anything=not table.empty))
    clusters = cluster_codes(scored, cluster)
    counts = _clusters_of(scored["respondent"], clusters)
    present = [respondent for respondent in respondents if respondent in counts]
    left_out = {
        name: f"{name} has {words}, too few for an odds ratio"
        for name, words in _too_few(counts, present, cluster, int(clusters.max()) + 1).items()
    }
    present = [respondent for respondent in present if respondent not in left_out]
    left_out |= _at_an_end(scored, present)
    if left_out:
        present = [respondent for respondent in present if respondent not in left_out]
        clusters = clusters[~scored["respondent"].isin(left_out)]
        of_basis, scored = (part[~part["respondent"].isin(left_out)] for part in (of_basis, scored))
    n_open = len(of_basis) - len(scored)
    design = study_design(scored, respondents=present)
    if design.design.empty:
        raise CannotEstimate(
            "there is nothing to compare: the answers come from one respondent under one condition; "
            "ask a second model, or more rounds of the protocol"
        )
    fit, constant = _fit_varying(
        scored["score_percent"].round(6).to_numpy(),
        design.design,
        clusters,
        association=association,
        covariance=covariance,
        confidence=confidence,
        references=design.references,
        engine=engine,
    )
    warnings = [*fit.warnings, *(f"left out: {reason}" for reason in design.left_out)]
    warnings += [
        f"left out: {name}, because in every cluster the scores are the same as for {design.references[name]}; "
        "there is no difference, and no standard error of it"
        for name in constant
    ]
    warnings += [f"left out: {words}" for words in left_out.values()]
    absent = [respondent for respondent in respondents if respondent not in counts]
    if absent:
        warnings.append(f"no scored response of {', '.join(absent)}; not in the model")
    if n_open:
        warnings.append(
            f"{n_open} of {len(of_basis)} responses are left out: their marks are open or the reviewers' disagreement "
            f"is unresolved, on {_named(of_basis.loc[of_basis['score_percent'].isna(), 'question_id'])}"
        )
    return StudyFit(basis, cluster, association, covariance, tuple(present), fit, tuple(warnings), n_open)


def _fit_varying(
    scores: NDArray[np.float64], design: pd.DataFrame, clusters: NDArray[np.int64], **choices: Any
) -> tuple[OrdinalGeeFit, tuple[str, ...]]:
    """The fit without the terms that change nothing in any cluster, such as repeats by a model that never varies."""
    from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee

    try:
        return fit_ordinal_gee(scores, design, clusters, **choices), ()
    except NoVariation as error:
        varying = design.drop(columns=list(error.names))
        if varying.empty:
            raise
        fit, more = _fit_varying(scores, varying, clusters, **choices)
        return fit, (*error.names, *more)


def _clusters_of(respondent: pd.Series, clusters: NDArray[np.int64]) -> dict[str, int]:
    """In how many clusters each respondent's scored responses lie."""
    codes, names = pd.factorize(respondent)
    pairs = np.unique(codes * (int(clusters.max()) + 1) + clusters)
    counts = np.bincount(pairs // (int(clusters.max()) + 1), minlength=len(names))
    return dict(zip(map(str, names), counts.tolist(), strict=True))


def _too_few(counts: dict[str, int], present: list[str], cluster: ClusterChoice, n_clusters: int) -> dict[str, str]:
    """Respondents whose responses lie in too few clusters for an odds ratio, each with what it has in words."""
    from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS

    if n_clusters < FEWEST_CLUSTERS:
        return {}  # the whole study has too few, which is refused with that reason
    noun = "case" if cluster == "case" else "question"
    few = {
        name: f"scored responses in {counts[name]} {noun}{'s' * (counts[name] != 1)} only"
        for name in present
        if counts[name] < FEWEST_CLUSTERS
    }
    if present[0] in few:
        raise CannotEstimate(
            f"{present[0]} has {few[present[0]]}, too few to compare the others with. Ask it more questions, or choose "
            "another respondent to compare with (--reference, or reference under [analysis] in study.toml)"
        )
    return few


def _at_an_end(scored: pd.DataFrame, present: list[str]) -> dict[str, str]:
    """Respondents that always have the highest score of all, or always the lowest, each with that in words.

    Beside an infinite odds ratio the others are what they are without that respondent: its responses are certain, and
    so tell nothing of any other term. Nobody is left out where fewer than two others remain to be compared. Without
    them another may be at an end of what is left, and so is left out too.
    """
    percents = scored["score_percent"].round(6)
    reach = {name: _lowest_and_highest(percents[scored["respondent"] == name]) for name in present}
    left_out: dict[str, str] = {}
    while found := _ends_of(reach, left=f" with {' and '.join(left_out)} left out" if left_out else ""):
        if len(reach) - len(found) < 2:
            break
        if present[0] in found:
            raise CannotEstimate(
                f"{found[present[0]].partition(':')[0]}, so that no other can be compared with it by an odds ratio. "
                "Choose another respondent to compare with (--reference, or reference under [analysis] in study.toml)"
            )
        left_out |= found
        reach = {name: ends for name, ends in reach.items() if name not in found}
    return left_out


def _ends_of(reach: dict[str, tuple[float, float]], left: str) -> dict[str, str]:
    lowest, highest = min(low for low, _ in reach.values()), max(high for _, high in reach.values())
    words = {}
    for name, (low, high) in reach.items():
        if low == highest:
            words[name] = f"{name} has the highest score in every response{left}: its odds ratio is infinite"
        elif high == lowest:
            words[name] = f"{name} has the lowest score in every response{left}: its odds ratio is zero"
    return words


def _lowest_and_highest(scores: pd.Series) -> tuple[float, float]:
    return float(scores.min()), float(scores.max())


def _nothing_scored(basis: MarkBasis, n_open: int, *, anything: bool) -> str:
    if not anything:
        return f"nothing is marked yet, so there are no scores to analyse; {HOW_TO_MARK}"
    if n_open:
        return (
            f"no response has all its marks on the basis {basis}: {n_open} are open; finish the sheets, "
            "adjudicate, or mark automatically with samp-eval mark --marker key"
        )
    remedy = HOW_TO_MARK if basis == "key" else "import sheets that hold it, or take the basis key"
    return f"nothing is marked on the basis {basis} yet; {remedy}"


def _named(question_ids: pd.Series, most: int = 8) -> str:
    """The questions by id; the first ones and a count where they are many."""
    found = sorted(question_ids.unique())
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more

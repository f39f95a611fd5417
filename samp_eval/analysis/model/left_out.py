"""Who has no odds ratio: respondents with scores in few clusters, and those at an end of the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from samp_eval.errors import CannotEstimate
from samp_eval.literals import ClusterChoice
from samp_eval.statistics.gee.estimable import FEWEST_CLUSTERS

__all__ = ["who_is_in_the_model"]


def who_is_in_the_model(
    scored: pd.DataFrame, clusters: NDArray[np.int64], respondents: Sequence[str], cluster: ClusterChoice
) -> tuple[list[str], dict[str, str]]:
    """Tell who has an odds ratio from who has scores only.

    Parameters
    ----------
    scored : DataFrame
        Rows of the long table of one basis with a score.
    clusters : array (rows,)
        Number of each row's cluster, 0 to g - 1.
    respondents : sequence of str
        In order; the first is the reference.
    cluster : ClusterChoice
        What the clusters are.

    Returns
    -------
    present : list of str
        Who is in the model, in order.
    left_out : dict
        Who has scores and is not, each with why in words.

    Raises
    ------
    CannotEstimate
        Where it is the reference that cannot be in the model.
    """
    counts = _clusters_by_respondent(scored["respondent"], clusters)
    present = [name for name in respondents if name in counts]
    left_out = {
        name: f"{name} has {words}, too few for an odds ratio"
        for name, words in _too_few(counts, present, cluster, int(clusters.max()) + 1).items()
    }
    left_out |= _at_an_end(scored, [name for name in present if name not in left_out])
    return [name for name in present if name not in left_out], left_out


def _clusters_by_respondent(respondent: pd.Series, clusters: NDArray[np.int64]) -> dict[str, int]:
    """In how many clusters each respondent's scored responses lie."""
    codes, names = pd.factorize(respondent)
    pairs = np.unique(codes * (int(clusters.max()) + 1) + clusters)
    counts = np.bincount(pairs // (int(clusters.max()) + 1), minlength=len(names))
    return dict(zip(map(str, names), counts.tolist(), strict=True))


def _too_few(counts: Mapping[str, int], present: list[str], cluster: ClusterChoice, n_clusters: int) -> dict[str, str]:
    """Respondents whose responses lie in too few clusters for an odds ratio, each with what it has in words."""
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

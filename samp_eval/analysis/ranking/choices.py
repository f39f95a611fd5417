"""What a ranking is made of and how; every option of ``samp-eval rank`` is one of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samp_eval.literals import ClusterChoice, RankBasis

__all__ = ["RankingChoices"]


@dataclass(frozen=True, slots=True)
class RankingChoices:
    """Choices of a ranking.

    Attributes
    ----------
    basis : RankBasis
        What says who is better: scores on a basis, or physicians who compared pairs.
    preferrer : str
        Label of the model whose preferences between pairs count; empty for those of people.
    condition : str or None
        Only responses under this condition; None for all, each condition compared within itself.
    without : tuple of str
        Respondents that are left out.
    cluster : ClusterChoice
        Questions or cases; ``question-respondent`` counts as questions, since a comparison has two respondents.
    confidence : float
        Of all intervals, 0.5 to 1.
    tau : float
        Weight of the mixture's penalty for departing from its reference, above 0.
    costs : mapping of respondent to float, optional
        US dollars for 1,000 responses; the mixture's reference then prefers cheap respondents.
    price_scale : float
        US dollars for 1,000 responses by which a respondent's weight falls to 1/e.
    drawn_only : bool
        Where a random part of the questions is marked: rank by these alone, without predictions of the others.
    draws, seed : int
        Bootstrap samples, and what they are drawn with.
    """

    basis: RankBasis = "key"
    preferrer: str = ""
    condition: str | None = None
    without: tuple[str, ...] = ()
    cluster: ClusterChoice = "question"
    confidence: float = 0.95
    tau: float = 0.1
    costs: Mapping[str, float] | None = None
    price_scale: float = 1.0
    drawn_only: bool = False
    draws: int = 2_000
    seed: int = 2023

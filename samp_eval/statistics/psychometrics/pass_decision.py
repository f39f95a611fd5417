"""How probable it is that a respondent is at or above a pass mark, with the errors of both."""

from __future__ import annotations

from math import hypot

from scipy.special import ndtr

__all__ = ["probability_at_or_above"]


def probability_at_or_above(mean: float, error_of_mean: float, cut: float, error_of_cut: float) -> float:
    """Probability that the true mean is at or above the true pass mark, 0 to 1.

    Parameters
    ----------
    mean, cut : float
        Percent 0 to 100.
    error_of_mean, error_of_cut : float
        Standard errors, percent; 0 for a mark that is a convention.

    Notes
    -----
    The two errors are taken as independent. Where both rest on the same questions, harder ones lower the mean and the
    mark alike, so the probability is nearer to one half than it might be.
    """
    error = hypot(error_of_mean, error_of_cut)
    if error == 0:
        return float(mean >= cut)
    return float(ndtr((mean - cut) / error))

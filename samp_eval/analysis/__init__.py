"""From marks to results: scores, agreement, and the ordinal GEE.

The names below are imported when first used, so that a command which estimates nothing pays for no numerics.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samp_eval.analysis.ordinal_gee import fit_ordinal_gee as fit_ordinal_gee
    from samp_eval.analysis.resample import cluster_bootstrap as cluster_bootstrap
    from samp_eval.analysis.terms import OrdinalGeeFit as OrdinalGeeFit
    from samp_eval.analysis.terms import Term as Term

_HOME = {
    "OrdinalGeeFit": "samp_eval.analysis.terms",
    "Term": "samp_eval.analysis.terms",
    "cluster_bootstrap": "samp_eval.analysis.resample",
    "fit_ordinal_gee": "samp_eval.analysis.ordinal_gee",
}

__all__ = ["OrdinalGeeFit", "Term", "cluster_bootstrap", "fit_ordinal_gee"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)

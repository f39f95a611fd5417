"""The study's results: scores, the long table, the planned model and what it means.

The names of :mod:`samp_eval.statistics` that users call are offered here too; they are imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samp_eval.statistics import OrdinalGeeFit as OrdinalGeeFit
    from samp_eval.statistics import Term as Term
    from samp_eval.statistics import cluster_bootstrap as cluster_bootstrap
    from samp_eval.statistics import fit_ordinal_gee as fit_ordinal_gee

__all__ = ["OrdinalGeeFit", "Term", "cluster_bootstrap", "fit_ordinal_gee"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from samp_eval import statistics

        return getattr(statistics, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

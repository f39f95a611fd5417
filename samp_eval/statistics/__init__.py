"""Numbers only: these modules know neither study, nor store, nor clock.

The names below are imported when first used, so that a command which estimates nothing pays for no numerics.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samp_eval.statistics.gee.exceedances import fit_exceedances as fit_exceedances
    from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee as fit_ordinal_gee
    from samp_eval.statistics.gee.terms import OrdinalGeeFit as OrdinalGeeFit
    from samp_eval.statistics.gee.terms import Term as Term
    from samp_eval.statistics.ranking.nash import NashEquilibrium as NashEquilibrium
    from samp_eval.statistics.ranking.nash import nash_equilibrium as nash_equilibrium
    from samp_eval.statistics.resampling import cluster_bootstrap as cluster_bootstrap

_MODULES = {
    "NashEquilibrium": "samp_eval.statistics.ranking.nash",
    "OrdinalGeeFit": "samp_eval.statistics.gee.terms",
    "Term": "samp_eval.statistics.gee.terms",
    "cluster_bootstrap": "samp_eval.statistics.resampling",
    "fit_exceedances": "samp_eval.statistics.gee.exceedances",
    "fit_ordinal_gee": "samp_eval.statistics.gee.ordinal_gee",
    "nash_equilibrium": "samp_eval.statistics.ranking.nash",
}

__all__ = [
    "NashEquilibrium",
    "OrdinalGeeFit",
    "Term",
    "cluster_bootstrap",
    "fit_exceedances",
    "fit_ordinal_gee",
    "nash_equilibrium",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

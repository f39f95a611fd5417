"""samp-eval: from a bank of medical licensing questions to a publishable study of how language models answer them.

The names below are imported when first used, so that a command pays only for what it does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from samp_eval.api.fitted_study import FittedStudy as FittedStudy
    from samp_eval.api.loaded_study import LoadedStudy as LoadedStudy
    from samp_eval.api.loaded_study import load_study as load_study
    from samp_eval.api.notices import StudyWarning as StudyWarning

__version__ = "0.2.0"

_MODULES = {
    "FittedStudy": "samp_eval.api.fitted_study",
    "LoadedStudy": "samp_eval.api.loaded_study",
    "StudyWarning": "samp_eval.api.notices",
    "load_study": "samp_eval.api.loaded_study",
}

__all__ = ["FittedStudy", "LoadedStudy", "StudyWarning", "__version__", "load_study"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Where the tests find Inspect AI, which samp-eval does not need."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

__all__ = ["INSPECT"]

INSPECT = sys.executable if find_spec("inspect_ai") else os.environ.get("INSPECT_PYTHON") or None
"""An interpreter that has Inspect AI: this one, or the one that INSPECT_PYTHON names."""

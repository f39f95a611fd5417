"""What every command imports stays free of numerics."""

from __future__ import annotations

import subprocess
import sys

import pytest

import samp_eval.analysis


def test_the_package_imports_no_numerics() -> None:
    code = "import sys, samp_eval.analysis; print({'numpy', 'pandas', 'scipy', 'statsmodels'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_its_names_are_there_when_asked_for() -> None:
    for name in samp_eval.analysis.__all__:
        assert getattr(samp_eval.analysis, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'fit_nominal_gee'"):
        _ = samp_eval.analysis.fit_nominal_gee

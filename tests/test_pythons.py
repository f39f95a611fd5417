"""The other Pythons: which are promised, and which are on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

from pythons import interpreter_of, promised_versions

ROOT = Path(__file__).resolve().parent.parent


def test_the_promised_versions_are_those_of_the_classifiers() -> None:
    assert promised_versions(ROOT / "pyproject.toml")[:2] == ["3.11", "3.12"]


def test_a_version_that_is_not_here_is_none() -> None:
    assert interpreter_of("3.99") is None


def test_an_interpreter_is_of_the_version_that_was_asked_for() -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = interpreter_of(own)
    assert found is None or own in found

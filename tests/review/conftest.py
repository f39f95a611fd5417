"""A small study with answers of two respondents, some of them hostile to spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import ServedPage
from small_study import HOSTILE, response, small_bank

from samp_eval.items.samp import Bank
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore


@pytest.fixture
def bank() -> Bank:
    """Give the small bank."""
    return small_bank()


@pytest.fixture
def responses() -> list[Response]:
    """Two respondents over five rounds; the three parts of the hostile answers stand in rounds 1 to 3."""
    found = []
    for respondent in ("model-one", "model-two"):
        for number in range(1, 6):
            part = HOSTILE[10 * ((number - 1) % 3) :][:10]
            found.append(response("fever-1", respondent, number, part))
            found.append(
                response("fever-2", respondent, number, ["antibiotics now", f"call {respondent}", "beyond the count"])
            )
            found.append(response("knee-1", respondent, number, ["Bursitis" if number % 2 else "bursitis "]))
    return found


@pytest.fixture
def study_folder(tmp_path: Path) -> Path:
    """An empty folder; a module may have it be a study on PostgreSQL too."""
    return tmp_path


@pytest.fixture
def study(study_folder: Path, bank: Bank, responses: list[Response]) -> Path:
    """The folder of a study that holds these answers."""
    with StudyStore.open(study_folder) as store:
        store.keep_bank(bank)
        for one in responses:
            store.keep_respondent(one.ask.respondent, {"model": one.ask.respondent})
            store.keep_response(one)
    return study_folder


@pytest.fixture
def store(study: Path) -> Iterator[StudyStore]:
    """The study's open store."""
    with StudyStore.open(study, create=False) as found:
        yield found


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a samp-eval command on the study: exit code, stdout, stderr."""
    from samp_eval.cli.main import main

    def run_command(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--study", str(study)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def now() -> datetime:
    """A moment."""
    return datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def browser() -> Iterator[Any]:
    """A real Chromium."""
    from browsing import started_browser

    with started_browser() as started:
        yield started


@pytest.fixture
def served(study: Path) -> Iterator[ServedPage]:
    """The marking page of Ann and Bob, with 64 answers."""
    with StudyStore.open(study) as store:
        store.keep_respondent("model-three", {"model": "model-three"})
        for number in range(1, 4):
            lines = [f"further answer {number} {one}" for one in range(10)]
            store.keep_response(response("fever-1", "model-three", number, lines))
    page = ServedPage(study, "--reviewer", "Ann", "--reviewer", "Bob")
    yield page
    page.kill()

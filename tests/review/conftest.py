"""A small study with answers of two respondents, some of them hostile to spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, SampCase, VitalSigns
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import Condition

HOSTILE = (
    '=HYPERLINK("http://127.0.0.1/?"&A1,"fever")',
    "+1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=1+1",
    "none",
    "NA",
    "N/A",
    "null",
    "0012",
    "1-2",
    "3/4",
    "MAR1",
    "TRUE",
    "1E5",
    "1,5",
    "12:30",
    "'quoted'",
    'say "fever"; then, cough',
    "<script>alert(1)</script> & <b>bold</b>",
    "_x000D_ and _x0041_",
    "≥ 38 °C – naïve “café”",
    "发烧 🤒 ｆever",
    "\u202egnorts\u202c and \u200bhidden",
    "x" * 300,
    "http://127.0.0.1/a?b=c",
    "{=1+1}",
    "#NAME?",
    "%s %(x)s {0} ${HOME}",
    "5 %",
    "$5",
)


@pytest.fixture
def bank() -> Bank:
    """Give the small bank."""
    return small_bank()


def small_bank() -> Bank:
    """Two cases with three questions; the first asks for more than anyone needs, to hold the hostile answers."""
    fever = SampCase(
        id="fever",
        topic="Fever",
        stem='A three-year-old boy has been hot for two days; his mother says "=1+1" and looks worried.',
        vitals=VitalSigns(temperature="39.1 °C (rectal)", pulse="140/min"),
        questions=(
            Question(
                id="fever-1",
                question="What would you look for?",
                requested=10,
                key=tuple(
                    KeyEntry(answer=f"sign {letter}", alternatives=(f"mark {letter}",)) for letter in "abcdefghijkl"
                ),
                not_accepted=(NotAccepted(answer="CBC", reason="Grouped test; name the index."),),
            ),
            Question(
                id="fever-2",
                update="He now has a stiff neck.",
                question="What do you do at once?",
                requested=2,
                key=(KeyEntry(answer="antibiotics"), KeyEntry(answer="lumbar puncture"), KeyEntry(answer="transfer")),
            ),
        ),
    )
    knee = SampCase(
        id="knee",
        topic="Knee pain",
        stem="A runner has had pain in the left knee for a week.",
        questions=(Question(id="knee-1", question="What is it?", requested=1, key=(KeyEntry(answer="bursitis"),)),),
    )
    return bank_of([fever, knee], location="test bank")


def response(question_id: str, respondent: str, round_number: int, lines: Sequence[str]) -> Response:
    """A stored answer with one line for each text."""
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    return Response(Ask(question_id, respondent, round_number, Condition()), Reply(text, respondent), None)


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
def study(tmp_path: Path, bank: Bank, responses: list[Response]) -> Path:
    """The folder of a study that holds these answers."""
    with StudyStore.open(tmp_path) as store:
        store.keep_bank(bank)
        for one in responses:
            store.keep_respondent(one.ask.respondent, {"model": one.ask.respondent})
            store.keep_response(one)
    return tmp_path


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

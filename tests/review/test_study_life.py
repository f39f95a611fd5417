"""A study changes its mind eight times; after each change it has the figures of a study built so from the start."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_study import bank_of_24, response
from study_figures import figures
from test_amend_command import with_key, written
from test_sheets_csv import Rows, read, write

from samp_eval.answers.distinct import answer_id_of
from samp_eval.api.loaded_study import stored_study
from samp_eval.cli.main import main
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, SampCase
from samp_eval.literals import MarkField
from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import load_study

Run = Callable[..., tuple[int, str, str]]
Given = tuple[str, str, str]
"""Reviewer, question and the answer's words."""

PANEL = ("Ann", "Bob", "Cy", "Di")
RIGHT = ("fever", "pyrexia", "cough", "dyspnoea")
"""What reviewers take for right by their own knowledge; but Bob does not know that pyrexia is fever."""

STUDY_FILE = """
[review]
consensus = "either"
"""

SPLIT = tuple(KeyEntry(answer=word) for word in ("fever", "pyrexia", "cough", "rash"))
INSERTED = tuple(KeyEntry(answer=word) for word in ("dyspnoea", "fever", "cough", "rash"))


@pytest.fixture
def study_folder(new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """Kept in study.db, and kept on PostgreSQL."""
    return with_study_file(new_study(tmp_path / "study"))


def with_study_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "study.toml"
    held = file.read_text(encoding="utf-8") if file.exists() else ""
    file.write_text(STUDY_FILE + held, encoding="utf-8")
    return folder


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command on the study, or on another."""

    def run_command(*words: str, folder: Path = study) -> tuple[int, str, str]:
        code = main([*words, "--study", str(folder)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


@pytest.fixture
def bank() -> Bank:
    """In q12, fever and pyrexia are one entry."""
    one_entry = (KeyEntry(answer="fever", alternatives=("pyrexia",)), KeyEntry(answer="cough"), KeyEntry(answer="rash"))
    return bank_of(with_key(bank_of_24(), "q12", key=one_entry), location="test bank")


def answers_of(name: str, bank: Bank) -> list[Response]:
    """One respondent says a right and a wrong answer, the next two that one key takes for one and one does not know."""
    words = {"model-one": ["fever", "a cold"], "model-two": ["pyrexia", "dyspnoea"], "model-three": ["cough", "a burn"]}
    return [
        response(question.id, name, number, words[name] if place % (number + 2) else ["fever", "rash"])
        for place, (_, question) in enumerate(bank.asked())
        for number in (1, 2)
    ]


@pytest.fixture
def responses(bank: Bank) -> list[Response]:
    """Two models; the third joins later."""
    return [*answers_of("model-one", bank), *answers_of("model-two", bank)]


class Life:
    """The living study, with a record of its own of who has marked what."""

    def __init__(self, run: Run, study: Path, store: StudyStore, elsewhere: Path) -> None:
        self.run, self.study, self.store = run, study, store
        self.given: set[Given] = set()
        self.changed: dict[Given, str] = {}
        self._elsewhere, self._steps = elsewhere, 0

    @property
    def bank(self) -> Bank:
        found = self.store.bank()
        assert found is not None
        return found

    def does(self, *words: str) -> str:
        code, out, err = self.run(*words)
        assert code == 0, (words, err)
        return out + err

    def sheets(self, *options: str) -> dict[str, Rows]:
        found = json.loads(self.does("review", "export", *options, "--json"))["sheets"]
        return {sheet["reviewer"]: read(Path(sheet["files"][0])) for sheet in found if sheet["files"]}

    def value(self, who: Given, field: MarkField) -> str:
        """What a reviewer says of an answer under the key of today."""
        name, question, text = who
        if field == "judgement":
            return self.changed.get(who, "1" if text in RIGHT and (name, text) != ("Bob", "pyrexia") else "0")
        entries = self.bank.by_question()[question][1].lettered_key()
        return next((letter for letter, entry in entries.items() if text in entry.wordings), "0")

    def marks(self, name: str, rows: Rows) -> Path:
        """A reviewer fills rows of a sheet, and it is imported."""
        for row in rows:
            who = (name, row["question_id"], row["answer"])
            row |= {"key_mark": self.value(who, "key"), "judgement_mark": self.value(who, "judgement")}
            self.given.add(who)
        self._steps += 1
        file = write(rows, self.study / f"{name}-{self._steps}.csv")
        self.does("review", "import", str(file))
        return file

    def is_as_if_built_so(self, *, figures_too: bool = True) -> None:
        """Compare with a new study that has today's bank, answers, plan and marks from the start."""
        self._steps += 1
        plan = self.store.assignment_plan()
        assert plan is not None
        folder = with_study_file(self._elsewhere / str(self._steps))
        bank = bank_of(self._cases_today(), location="built so")
        with StudyStore.open(folder) as other:
            other.keep_bank(bank)
            for name in self.store.respondents():
                other.keep_respondent(name, {"model": name})
            for given in self.store.responses():
                if given.ask.question_id in bank.by_question():
                    other.keep_response(given)
            other.keep_assignment_plan(replace(plan, number=0))
            other.add_marks(self._marks_today(bank))
            assert self._scores(self.store) == self._scores(other)
        if figures_too:
            assert figures(self.run, self.study) == figures(self.run, folder)

    def _cases_today(self) -> list[SampCase]:
        """Those of the bank, without the questions that are excluded."""
        without = self.store.exclusions().questions
        return [
            case.model_copy(update={"questions": tuple(asked for asked in case.questions if asked.id not in without)})
            for case in self.bank.cases
        ]

    def _marks_today(self, bank: Bank) -> Iterable[Mark]:
        fields: tuple[MarkField, ...] = ("key", "judgement")
        for who in sorted(self.given):
            name, question, text = who
            if question not in bank.by_question():
                continue
            for field in fields:
                place = Reviewer(name), question, answer_id_of(question, text), field
                yield Mark(*place, self.value(who, field), datetime.now(UTC), "built so")

    def _scores(self, store: StudyStore) -> list[Any]:
        table = stored_study(store, load_study(self.study), store.marks()).table
        table = table.astype({"score_percent": "object"})
        columns = table[["question_id", "respondent", "round", "basis", "score_percent"]]
        return sorted(map(str, columns.itertuples(index=False, name=None)))

    def reopened(self, question: str, *texts: str) -> None:
        """A correction of the key makes these marks by the key void; by judgement they stay."""
        self.given -= {who for who in self.given if who[1] == question and who[2] in texts}

    def scored(self) -> int:
        table = stored_study(self.store, load_study(self.study), self.store.marks()).table
        return int(table["score_percent"].notna().sum())


@pytest.mark.slow
def test_a_study_changes_its_mind(run: Run, study: Path, store: StudyStore, bank: Bank, tmp_path: Path) -> None:
    life = Life(run, study, store, tmp_path / "built")
    life.does("review", "plan", *(word for name in PANEL for word in ("--reviewer", name)), "--common", "2")
    sheets = life.sheets()
    of_ann = life.marks("Ann", sheets["Ann"])
    life.marks("Bob", sheets["Bob"])
    of_cy = life.marks("Cy", sheets["Cy"])
    half = len(sheets["Di"]) // 2
    life.marks("Di", sheets["Di"][:half])
    life.is_as_if_built_so()
    assert 0 < life.scored() < 2 * 96

    # The key of two questions is corrected: an entry at the top of one, one entry of the other split in two
    cases = with_key(bank_of(with_key(bank, "q11", key=INSERTED), location="corrected"), "q12", key=SPLIT)
    words = ("--reason", "Breathlessness was missing.", "--map", "q12:A=A")
    life.does("amend", "key", str(written(cases, tmp_path / "corrected")), *words)
    assert life.bank.by_question()["q11"][1].key == INSERTED
    again = life.sheets("--reopened")
    for question in ("q11", "q12"):
        life.reopened(question, *{row["answer"] for rows in again.values() for row in rows})
    assert {row["answer"] for rows in again.values() for row in rows if row["question_id"] == "q11"} <= {
        "dyspnoea",
        "a cold",
    }
    for name, rows in again.items():
        life.marks(name, rows)
    life.is_as_if_built_so()

    # One reviewer hands over
    life.does("review", "reassign", "Di", "Eve", "--reason", "Di went on leave.")
    sheets = life.sheets()
    assert set(sheets) == {"Eve"}
    life.marks("Eve", sheets["Eve"])
    life.is_as_if_built_so()
    assert life.scored() == 2 * 96

    # A third model joins, and is marked by halves
    store.keep_respondent("model-three", {"model": "model-three"})
    for given in answers_of("model-three", life.bank):
        store.keep_response(given)
    life.is_as_if_built_so()
    sheets = life.sheets()
    life.marks("Ann", sheets.pop("Ann"))
    life.is_as_if_built_so()
    for name, rows in sheets.items():
        life.marks(name, rows)
    life.is_as_if_built_so()
    assert life.scored() == 2 * 144

    # A question is dropped, and brought back
    life.does("exclude", "question", "q13", "--reason", "It is ambiguous.")
    life.is_as_if_built_so()
    assert life.scored() == 2 * 138
    life.does("include", "question", "q13", "--reason", "It is not.")
    life.is_as_if_built_so()

    # An import is withdrawn, and comes again
    before = set(life.given)
    life.given -= {("Cy", row["question_id"], row["answer"]) for row in read(of_cy)}
    imports = json.loads(life.does("review", "imports", "--json"))
    number = next(taken["number"] for taken in imports if Path(taken["file"]).name == of_cy.name)
    life.does("review", "withdraw", str(number), "--reason", "It was another reviewer's file.")
    again = life.sheets()
    life.given |= {who for who in before - life.given if who[1] in ("q11", "q12") and reopened_by(who, store)}
    life.is_as_if_built_so()
    assert life.scored() < 2 * 144
    life.marks("Cy", again["Cy"])
    life.is_as_if_built_so()

    # A correction, and an old sheet that comes back
    everything = life.sheets("--reviewer", "Ann", "--all")["Ann"]
    corrected = next(row for row in everything if row["answer"] == "a cold")
    life.changed["Ann", corrected["question_id"], "a cold"] = "1"
    life.marks("Ann", everything)
    life.is_as_if_built_so()
    code, _, err = run("review", "import", str(of_ann))
    assert code == 1
    assert "judgement_mark: '0' on a sheet of" in err
    life.is_as_if_built_so()
    life.does("review", "import", str(of_ann), "--newest", "store")
    life.is_as_if_built_so()
    estimated = json.loads(life.does("analyze", "--json").partition("\n}")[0] + "\n}")
    assert all(math.isfinite(term["odds_ratio"]) for term in estimated["terms"]), "what was compared were figures"

    life.does("report")
    page = next((study / "reports").glob("*.html")).read_text(encoding="utf-8")
    for told in ("Breathlessness was missing.", "R4 went on leave.", "It is ambiguous.", "another reviewer", "to R5"):
        assert told in page
    assert "Whole questions were given to two of five reviewers" in page


def reopened_by(who: Given, store: StudyStore) -> bool:
    """Whether a reviewer's mark of an answer came from a later sheet too."""
    name, question, text = who
    identifier = answer_id_of(question, text)
    return any(mark.reviewer == Reviewer(name) and mark.answer_id == identifier for mark in store.marks())

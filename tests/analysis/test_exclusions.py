"""What is excluded is in no figure: each equals that of a study which never had it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marked_study import PERSON, marked_bank

from samp_eval.cli.main import main
from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank
from samp_eval.run.plan import plan_run
from samp_eval.run.respondent import Response
from samp_eval.store.study_store import StudyStore
from samp_eval.study import DEFAULT_ROUNDS, RespondentSettings

Run = Callable[..., tuple[int, str, str]]
REASON = ("--reason", "It was misprinted.")
NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIGURES = (
    ("status",),
    ("review", "status"),
    ("analyze",),
    ("analyze", "--basis", "judgement"),
    ("compare",),
    ("agreement",),
)


@pytest.fixture
def study(marked: Path, new_study: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A copy of the marked study, on either database."""
    folder = new_study(tmp_path / "study")
    return copied(marked, folder, lambda _: True, marked_bank())


def copied(source: Path, folder: Path, keep: Callable[[Response], bool], bank: Bank) -> Path:
    """A study that has only these responses and this bank, with all marks."""
    with StudyStore.open(source, create=False) as store, StudyStore.open(folder) as copy:
        copy.keep_bank(bank)
        kept = [held for held in store.responses() if keep(held) and held.ask.question_id in bank.by_question()]
        for name, settings in store.respondents().items():
            if any(response.ask.respondent == name for response in kept):
                copy.keep_respondent(name, settings)
        copy.keep_outcomes(kept)
        questions, names = bank.by_question(), {response.ask.respondent for response in kept}
        copy.keep_outcomes(
            [held for held in store.failures() if held.ask.question_id in questions and held.ask.respondent in names]
        )
        copy.add_marks([mark for mark in store.marks() if mark.question_id in questions])
    return folder


def place_of(response: Response) -> tuple[str, str, int]:
    return response.ask.question_id, response.ask.respondent, response.ask.round


@pytest.fixture
def run(study: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: str, folder: Path = study) -> tuple[int, str, str]:
        code = main([*words, "--study", str(folder)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def figures(run: Run, **options: Any) -> dict[str, Any]:
    found = {}
    for words in FIGURES:
        code, out, err = run(*words, "--json", **options)
        assert code == 0, err
        found[" ".join(words)] = {name: value for name, value in json.loads(out).items() if name != "excluded"}
    for asked in found["status"]["rounds"]:
        del asked["planned"]  # a response that never was is still to be asked
    return found


def exported(run: Run, out: Path, **options: Any) -> dict[str, str]:
    code, _, err = run("export", "--out", str(out), **options)
    assert code == 0, err
    return {file.name: file.read_text(encoding="utf-8") for file in out.iterdir() if file.suffix in (".csv", ".R")}


def without(*questions: str) -> Bank:
    """The marked bank as if it had never had these questions."""
    cases = [
        case.model_copy(update={"questions": tuple(held for held in case.questions if held.id not in questions)})
        for case in marked_bank().cases
    ]
    return bank_of([case for case in cases if case.questions], location="tests")


@pytest.mark.parametrize(
    ("words", "keep", "questions"),
    [
        (("question", "case-04-3"), lambda _: True, ("case-04-3",)),
        pytest.param(
            ("respondent", PERSON),
            lambda response: response.ask.respondent != PERSON,
            (),
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ("response", "case-01-1", "old model", "3"),
            lambda response: place_of(response) != ("case-01-1", "old model", 3),
            (),
            marks=pytest.mark.slow,
        ),
    ],
    ids=["question", "respondent", "response"],
)
def test_each_figure_is_that_of_a_study_which_never_had_it(
    run: Run, study: Path, tmp_path: Path, words: tuple[str, ...], keep: Any, questions: tuple[str, ...]
) -> None:
    before = figures(run)
    assert run("exclude", *words, *REASON)[0] == 0
    never = copied(study, tmp_path / "never", keep, without(*questions))
    assert figures(run) == figures(run, folder=never) != before
    assert exported(run, tmp_path / "out") == exported(run, tmp_path / "other", folder=never)
    assert run("include", *words, "--reason", "It was not.")[0] == 0
    assert figures(run) == before


def test_the_list_and_the_json_say_what_is_excluded_and_why(run: Run) -> None:
    assert run("exclude", "question", "case-04-3", *REASON, "--by", "Dr. Ada")[0] == 0
    assert run("exclude", "response", "case-01-1", "old model", "3", *REASON)[0] == 0
    listed = json.loads(run("exclude", "list", "--json")[1])
    assert [(held["kind"], held["question_id"], held["respondent"], held["round"]) for held in listed] == [
        ("question", "case-04-3", None, None),
        ("response", "case-01-1", "old model", 3),
    ]
    assert (listed[0]["reason"], listed[0]["decided_by"]) == ("It was misprinted.", "Dr. Ada")
    assert json.loads(run("analyze", "--json")[1])["excluded"] == listed
    assert json.loads(run("status", "--json")[1])["excluded"] == listed
    assert "the response of old model to case-01-1 in round 3" in run("include", "list")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exclude", "question", "nope", *REASON), "no question 'nope'"),
        (("exclude", "respondent", "nope", *REASON), "no respondent 'nope'; it has old model, new model, a resident"),
        (("exclude", "response", "case-03-1", "old model", "2", *REASON), "does not have the response of old model"),
        (("exclude", "question", "case-04-3"), "needs its reason"),
        (("include", "question", "case-04-3", *REASON), "question case-04-3 is not excluded"),
    ],
)
def test_what_cannot_be_excluded_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = run(*words)
    assert code == 1
    assert said in err


def test_nothing_is_excluded_twice_nor_the_reference(run: Run, study: Path) -> None:
    assert run("exclude", "respondent", PERSON, *REASON)[0] == 0
    assert "excluded already" in run("exclude", "respondent", PERSON, *REASON)[2]
    code, _, err = run("exclude", "respondent", "old model", *REASON)
    assert code == 1
    assert "old model is the reference" in err
    assert 'reference = "new model"' in err
    toml = study / "study.toml"
    held = toml.read_text() if toml.exists() else ""
    toml.write_text(f'{held}\n[analysis]\nreference = "new model"\n')
    code, _, err = run("exclude", "respondent", "new model", *REASON)
    assert code == 1
    assert "new model is the reference, with which the others are compared" in err
    assert run("exclude", "respondent", "old model", *REASON)[0] == 0


@pytest.mark.slow
def test_the_report_lists_exclusions_and_has_a_row_with_nothing_excluded(run: Run, study: Path) -> None:
    planned = json.loads(run("analyze", "--json")[1])["terms"][0]
    assert run("exclude", "question", "case-04-3", *REASON, "--by", "Dr. Ada")[0] == 0
    code, out, _ = run("report")
    assert code == 0
    page = Path(out.strip()).read_text(encoding="utf-8")
    for words in ("What is excluded from every figure", "Question case-04-3", "It was misprinted.", "Dr. Ada"):
        assert words in page
    assert "Exclusions: nothing excluded" in page
    row = page.split("Exclusions: nothing excluded")[1].split("</tr>")[0]
    assert f"{planned['odds_ratio']:.2f}" in row
    assert "Decision 1 on exclusions by Dr. Ada. Excluded: question case-04-3. Reason: It was misprinted." in page


def test_an_export_says_what_is_excluded(run: Run, tmp_path: Path) -> None:
    assert run("exclude", "question", "case-04-3", *REASON)[0] == 0
    assert run("export", "--out", str(tmp_path / "export"))[0] == 0
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text(encoding="utf-8"))
    assert [held["question_id"] for held in manifest["odds_ratios"]["excluded"]] == ["case-04-3"]
    assert "- question case-04-3: It was misprinted." in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert "case-04-3," not in (tmp_path / "export" / "scores.csv").read_text(encoding="utf-8")


def test_an_excluded_question_is_neither_asked_nor_sent_to_reviewers(run: Run, study: Path) -> None:
    assert run("exclude", "question", "case-04-3", *REASON)[0] == 0
    assert run("review", "export", "--reviewer", "Zoe", "--format", "csv")[0] == 0
    assert "case-04-3" not in (study / "sheets" / "Zoe.csv").read_text(encoding="utf-8-sig")
    with StudyStore.open(study, create=False) as store:
        third = [RespondentSettings(id="third", model="third")]
        plan = plan_run(marked_bank(), DEFAULT_ROUNDS, third, store, n_rounds=1, limit=None, now=NOW)
        assert "case-04-3" not in plan.question_ids
        assert len(plan.question_ids) == 39


def test_an_excluded_respondent_is_asked_nothing_more(run: Run, study: Path) -> None:
    settings = [RespondentSettings(id="new model", model="new"), RespondentSettings(id="third", model="third")]
    assert run("exclude", "respondent", "new model", *REASON)[0] == 0
    with StudyStore.open(study, create=False) as store:
        plan = plan_run(
            marked_bank(), (*DEFAULT_ROUNDS, DEFAULT_ROUNDS[0]), settings, store, n_rounds=6, limit=None, now=NOW
        )
    assert [(asked.missing > 0, asked.excluded) for asked in plan.respondents] == [(False, True), (True, False)]


def test_the_other_questions_of_a_case_read_as_before() -> None:
    update = "He has a fever now."
    first, second = marked_bank().cases[4].questions
    case = (
        marked_bank().cases[4].model_copy(update={"questions": (first.model_copy(update={"update": update}), second)})
    )
    left = replace(bank_of([case], location="tests"), excluded=frozenset({first.id}))
    ((held, question),) = left.asked()
    assert held.updates_until(question) == [update]

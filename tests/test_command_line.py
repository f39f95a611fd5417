"""The command line itself: help, version, errors, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from samp_eval import __version__
from samp_eval.cli.main import COMMANDS as LISTED
from samp_eval.cli.main import app, main

HEAVY = ("pandas", "numpy", "statsmodels", "matplotlib", "openai", "sqlalchemy", "pydantic", "yaml", "rapidfuzz")

COMMANDS = [
    "init",
    "items list",
    "items show",
    "items check",
    "run",
    "status",
    "mark",
    "review export",
    "review import",
    "review status",
    "agreement",
    "analyze",
    "report",
    "demo",
    "doctor",
]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom samp_eval.cli.main import main\nmain(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert done.stdout.startswith("Usage: samp-eval")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_the_list_of_commands_says_of_each_what_its_own_help_says_first() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    context = Context(group)
    for name, (_, sentence) in LISTED.items():
        command = group.get_command(context, name)
        assert command is not None
        assert command.help is not None
        assert command.help.split("\n\n")[0].replace("\n", " ") == sentence


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"samp-eval {__version__}"


def test_a_wrong_choice_is_named_with_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--format", "pdf"]) == 2
    assert "Invalid value for '--format': 'pdf' is not one of " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["no-such-command"], ["run", "--no-such-option"], ["run", "--rounds", "none"]])
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "analyze", "report", "agreement"])
def test_a_folder_without_a_study_is_one_clear_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--study", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert "holds no study yet" in err
    assert "Traceback" not in err


def test_init_writes_a_study_file_that_loads_and_is_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from samp_eval.study import DEFAULT_ROUNDS, load_study

    assert main(["init", str(tmp_path / "new")]) == 0
    study = load_study(tmp_path / "new")
    assert [one.condition.label for one in study.rounds] == [
        "prompted",
        "prompted-regenerated",
        "bare",
        "bare-regenerated",
        "prompted-later",
    ]
    assert study.rounds[4].after_days == 7
    at_once = study.rounds[4].model_copy(update={"after_days": 0})
    assert (*study.rounds[:4], at_once) == DEFAULT_ROUNDS
    template = (tmp_path / "new" / "study.toml").read_text()
    capsys.readouterr()
    assert main(["init", "--help"]) == 0
    for text in (template, capsys.readouterr().out):
        assert "without waiting" in " ".join(text.replace("#", "").split())
        assert "later round waits seven days" in " ".join(text.replace("#", "").split())
    (tmp_path / "new" / "study.toml").write_text("seed = 5\n")
    assert main(["init", str(tmp_path / "new")]) == 1
    assert load_study(tmp_path / "new").seed == 5
    assert "was not changed" in capsys.readouterr().err


def test_the_demonstration_leaves_a_study_of_ones_own_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from samp_eval.store.study_store import StudyStore

    planned, asked = tmp_path / "planned", tmp_path / "asked"
    assert main(["init", str(planned)]) == 0
    with StudyStore.open(asked) as store:
        store.keep_respondent("local", {"model": "local"})
        store.keep_respondent("gpt-4", {"model": "gpt-4"})
    for folder, reason in ((planned, "study.toml belongs to a study"), (asked, "holds a study with gpt-4,")):
        capsys.readouterr()
        assert main(["demo", "--study", str(folder), "--limit", "1"]) == 1
        err = capsys.readouterr().err
        assert reason in err
        assert "--study" in err
        assert "samp-eval run --model local" in err
    with StudyStore.open(asked, create=False) as store:
        assert list(store.respondents()) == ["local", "gpt-4"]


def test_every_fault_of_a_study_file_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text('seed = "x"\ncolour = 1\n[[rounds]]\nprompt = "loud"\n')
    assert main(["run", "--study", str(tmp_path), "--model", "gpt-4", "--dry-run"]) == 1
    err = capsys.readouterr().err
    assert all(word in err for word in ("seed", "colour", "rounds number 1 prompt", "3 faults"))


FAULTS = [
    (
        "rounds = 5",
        "rounds: this must be a list: values in square brackets, or entries that each start with a line [[rounds]]; "
        "found 5",
    ),
    ('[rounds]\nprompt = "bare"', "each start with a line [[rounds]]; found named fields (prompt)"),
    (
        '[review]\nreviewers = "A"',
        'review reviewers: this must be a list, in square brackets even with one entry: ["A"]',
    ),
    ('review = "A"', "review: this must be a set of named fields, below a line [review]; found 'A'"),
    (
        'respondents = ["gpt-4"]',
        "respondents number 1: this must be a set of named fields, below a line [[respondents]]",
    ),
    (
        '[[respondents]]\nid = "x"',
        "respondents number 1 model: this field is required and missing; add a line that starts with model =",
    ),
    (
        "colour = 1",
        "colour: this field is unknown; correct its name or remove it, and see the file that samp-eval init writes",
    ),
    ("seed = 1.5", "seed: this must be a whole number, without quotation marks; found 1.5"),
    ("title = 2026-01-01", "title: this must be text in quotation marks; found 2026-01-01"),
    ('order = "random"', "order: allowed: 'shuffled' or 'fixed'; found 'random'"),
    ("[analysis]\nconfidence = 95", "analysis confidence: this must be less than 1; found 95"),
    ("rounds = []", "rounds: this must not be empty"),
]


@pytest.mark.parametrize(("text", "words"), FAULTS, ids=[text.splitlines()[0] for text, _ in FAULTS])
def test_faults_of_a_study_file_are_in_words_with_the_remedy(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert main(["run", "--study", str(tmp_path), "--model", "gpt-4", "--dry-run"]) == 1
    err = capsys.readouterr().err
    assert f"1 fault in the study file:\n  {tmp_path / 'study.toml'}: " in err
    assert words in err
    assert not [word for word in ("Input should", "tuple", "dictionary", "Field required") if word in err]


def test_doctor_finds_the_bank_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert main(["doctor", "--study", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "77 questions" in out
    assert "OPENAI_API_KEY" in out


def test_doctor_shows_every_fault_of_the_study_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text('seed = "x"\ncolour = 1\n', encoding="utf-8")
    assert main(["doctor", "--study", str(tmp_path), "--json"]) == 1
    (found,) = [one for one in json.loads(capsys.readouterr().out) if one["state"] == "broken"]
    assert found["what"].startswith("study in")
    assert all(word in found["detail"] for word in ("2 faults", "seed", "colour"))
    assert "\n" not in found["detail"]


def test_doctor_tells_a_folder_that_is_not_there_from_one_that_is_fine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--study", str(tmp_path / "nope"), "--json"]) == 0
    assert {"state": "missing"}.items() <= json.loads(capsys.readouterr().out)[-1].items()
    assert not (tmp_path / "nope").exists()
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert main(["doctor", "--study", str(tmp_path / "file")]) == 1
    assert "this is not a folder" in capsys.readouterr().out


RULE, REFERENCE, GPT = (
    '[review]\nconsensus = "{}"\n',
    '[analysis]\nreference = "{}"\n',
    '[[respondents]]\nid = "gpt"\nmodel = "m"\n',
)


@pytest.mark.parametrize(
    ("content", "what", "state"),
    [
        (RULE.format("zzz"), "[review] consensus", "broken"),
        (RULE.format("zzz") + 'reviewers = ["A"]\n', "[review] consensus", "broken"),
        (RULE.format("A") + 'reviewers = ["A"]\n', "[review] consensus", None),
        (RULE.format("mean"), "[review] consensus", None),
        (RULE.format("automatic:key"), "[review] consensus", None),
        (REFERENCE.format("zzz") + GPT, "[analysis] reference", "broken"),
        (REFERENCE.format("zzz"), "[analysis] reference", "missing"),
        (REFERENCE.format("gpt") + GPT, "[analysis] reference", None),
    ],
)
def test_doctor_finds_names_of_the_plan_that_nobody_bears(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, what: str, state: str | None
) -> None:
    (tmp_path / "study.toml").write_text(content, encoding="utf-8")
    assert main(["doctor", "--study", str(tmp_path), "--json"]) == (state == "broken")
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    assert found.get(what, {"state": None})["state"] == state
    assert state is None or "'zzz'" in found[what]["detail"]


def test_doctor_knows_respondents_and_reviewers_that_only_the_study_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(
        "question_id,respondent,round,condition,text\nfever-infant-1,stored,1,prompted,1. Fever\n", encoding="utf-8"
    )
    study = ["--study", str(tmp_path)]
    assert main(["responses", "import", str(tmp_path / "a.csv"), *study]) == 0
    for name, code in (("stored", 0), ("zzz", 1)):
        (tmp_path / "study.toml").write_text(REFERENCE.format(name), encoding="utf-8")
        assert main(["doctor", *study]) == code
    assert "not a respondent; the respondents are stored" in " ".join(capsys.readouterr().out.split())


def test_doctor_finds_a_broken_study(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.db").write_bytes(b"this is no database" * 100)
    assert main(["doctor", "--study", str(tmp_path)]) == 1
    assert "not a study database" in capsys.readouterr().out

"""The documents cannot drift: links lead somewhere, commands and options exist, code runs."""

from __future__ import annotations

import re
import runpy
import shlex
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from sample import sample_records

from samp_eval.report.checklist import answered_checklists
from samp_eval.study import Study

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
REFERENCE = runpy.run_path(str(DOCS / "generate_reference.py"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in blocks(page, "console"):
            found += [(page.name, line) for line in block.splitlines() if line.startswith("samp-eval ")]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_exist_with_their_options(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    paths = REFERENCE["command_paths"]()
    path = max((one for one in paths if tuple(words[: len(one)]) == one), key=len, default=None)
    assert path is not None, f"{page}: {line}"
    text = REFERENCE["help_text"](path)
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", text), f"{page}: {option} is no option of {' '.join(path)}"


def test_the_reference_of_the_command_line_is_current() -> None:
    written = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert written == REFERENCE["reference"](), "remake it: python docs/generate_reference.py"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})  # our own documents
    assert re.search(r"\d\.\d\d \(\d\.\d\d to \d+\.\d\d\), 40 clusters", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page in PAGES for block in blocks(page, "toml")],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_study_files_in_the_documents_are_accepted(page: Path, block: str) -> None:
    study = Study.model_validate(tomllib.loads(block))
    assert (
        answered_checklists(replace(sample_records(questions=6), study=study).content()) if study.checklist else study
    )

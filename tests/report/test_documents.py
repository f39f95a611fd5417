"""The documents cannot drift: links lead somewhere, commands and options exist, study files are read, Python runs."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from pages import DOCS, PAGES, REFERENCE, ROOT, WITH_A_STUDY, Block, blocks, name
from sample import sample_records

from samp_eval.items.samp import SampCase
from samp_eval.report.content.checklist import answered_checklists
from samp_eval.study import Study

TEXTS = [*PAGES, *(ROOT / one for one in ("README.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md"))]
LANGUAGES = {"console", "python", "toml", "yaml", "json", "csv", "markdown", "text", "sql", "r"}
"""console, python, toml, yaml and json are run or read by a test; the others show what files hold."""


def of_all_pages(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, language)]


def place(value: object) -> str:
    return name(value.page) if isinstance(value, Block) else str(value)


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]+`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)]*)?\)", text):
        parts = urlsplit(target)
        if parts.scheme:
            assert parts.scheme in ("https", "mailto"), f"{page.name}: {target}"
            assert parts.netloc or parts.scheme == "mailto", f"{page.name}: {target}"
        else:
            linked = page.parent / target if target else page
            assert linked.exists(), f"{page.name}: {target}"
            assert not anchor or anchor[1:] in anchors(linked), f"{page.name}: {target}{anchor}"


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES
    assert page.read_text(encoding="utf-8").count("\n```") == 2 * len(blocks(page)), "a block is not closed"


@cache
def command_paths() -> list[tuple[str, ...]]:
    """Every command, found once: it imports them all."""
    found: list[tuple[str, ...]] = REFERENCE["command_paths"]()
    return found


@cache
def help_text(path: tuple[str, ...]) -> str:
    return str(REFERENCE["help_text"](path))


@pytest.mark.parametrize("block", of_all_pages("console"), ids=place)
def test_commands_exist_with_their_options(block: Block) -> None:
    for words in block.commands:
        path = max((one for one in command_paths() if tuple(words[: len(one)]) == one), key=len, default=None)
        assert path is not None, words
        text = help_text(path)
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"{option}\b", text), f"{option} is no option of {' '.join(path)}"


@pytest.mark.parametrize(
    "block", [one for one in of_all_pages("python") if one.reason is None and name(one.page) != WITH_A_STUDY], ids=place
)
def test_python_runs(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    """One page needs a study: tests/report/test_pages_run.py runs it."""
    exec(compile(block.text, block.page.name, "exec"), {})  # our own documents
    assert re.search(r"\d\.\d\d", capsys.readouterr().out)


@pytest.mark.parametrize("block", of_all_pages("yaml"), ids=place)
def test_parts_of_cases_in_the_documents_are_accepted(block: Block) -> None:
    question = {"id": "q", "question": "What is it?", "requested": 1, "key": [{"answer": "x"}]}
    case = SampCase.model_validate({"id": "c", "topic": "x", "questions": [question], **yaml.safe_load(block.text)})
    assert case.images


@pytest.mark.parametrize("block", of_all_pages("toml"), ids=place)
def test_study_files_in_the_documents_are_accepted(block: Block) -> None:
    study = Study.model_validate(tomllib.loads(block.text))
    assert (
        answered_checklists(replace(sample_records(questions=6), study=study).content()) if study.checklist else study
    )


def test_every_page_is_in_the_navigation() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page for page in map(name, PAGES) if f": {page}\n" not in menu] == []
    assert DOCS / "index.md" in PAGES

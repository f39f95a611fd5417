"""The reference says what the code does: generated pages are current, docstrings whole, documented JSON comes."""

from __future__ import annotations

import inspect
import json
import re
import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pages import DOCS, REFERENCE, ROOT, blocks
from pydantic import BaseModel

from samp_eval import analysis
from samp_eval.cli.main import main
from samp_eval.items.forms.registry import write_cases
from samp_eval.items.forms.table import OPTIONAL, REQUIRED
from samp_eval.items.load import load_bank
from samp_eval.items.samp import SampCase
from samp_eval.review.sheets.sheet_lines import COLUMNS
from samp_eval.study import Study

PYTHON = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
PUBLIC = re.findall(r"^::: (\S+)$", PYTHON, re.MULTILINE)


@pytest.mark.parametrize("file", REFERENCE["PAGES"])
def test_generated_pages_are_current(file: str) -> None:
    written = (DOCS / "reference" / file).read_text(encoding="utf-8")
    assert written == REFERENCE["PAGES"][file](), "remake it: python docs/generate_reference.py"


@pytest.mark.parametrize("model", [Study, SampCase])
def test_every_field_says_what_it_is(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()
    tables = {schema["title"]: schema, **schema["$defs"]}
    silent = [
        f"{table}.{field}"
        for table, one in tables.items()
        for field, facts in one["properties"].items()
        if not facts.get("description")
    ]
    assert silent == [], "give these fields a description"


def test_the_python_page_names_what_the_package_offers() -> None:
    assert {f"samp_eval.analysis.{one}" for one in analysis.__all__} <= set(PUBLIC)


@pytest.mark.parametrize("path", [one for one in PUBLIC if one != "samp_eval.errors"])
def test_docstrings_describe_every_parameter(path: str) -> None:
    module, _, member = path.rpartition(".")
    found = getattr(import_module(module), member)
    text = inspect.getdoc(found) or ""
    section = "Attributes" if inspect.isclass(found) else "Parameters"
    described = described_names(text, section)
    assert described == set(inspect.signature(found).parameters), f"{path}: {section}"
    if not inspect.isclass(found):
        assert described_names(text, "Returns"), f"{path}: Returns"


def described_names(text: str, section: str) -> set[str]:
    """Names of a numpydoc section that have a description; a name without one is left out."""
    match = re.search(rf"^{section}\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^(\S[^\n:]*?)(?: : [^\n]*)?\n {4}\S", match.group(1) if match else "", re.MULTILINE)
    return {one for entry in entries for one in entry.split(", ")}


def test_columns_are_those_of_the_files() -> None:
    files = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    assert f"`{', '.join(COLUMNS)}`" in re.sub(r"\s+", " ", files)
    own = re.sub(r"\s+", " ", (DOCS / "bring-your-own-questions.md").read_text(encoding="utf-8"))
    assert f"`{', '.join(REQUIRED)}`" in own
    assert f"`{', '.join(OPTIONAL)}`" in own


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "study"
    runpy.run_path(str(ROOT / "data" / "example" / "make_example.py"))["make_study"](folder)
    return folder


@pytest.fixture
def corrected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank that the page calls ``corrected``, in this folder: the key of one question has one more entry."""
    monkeypatch.chdir(tmp_path)
    write_cases(load_bank().cases, Path("corrected"))
    file = Path("corrected/black-stools.yaml")
    first = "key:\n  - answer: Hemoglobin\n"
    text = file.read_text(encoding="utf-8")
    assert first in text
    file.write_text(text.replace(first, "key:\n  - answer: Ferritin\n  - answer: Hemoglobin\n"), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("corrected")
def test_json_holds_what_the_page_promises(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = DOCS / "reference" / "json.md"
    commands = re.findall(r"^## samp-eval (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    for command, block in zip(commands, blocks(page, "json"), strict=True):
        words = command.split()
        assert main(words if words[0] == "items" else [*words, "--study", str(example)]) == 0
        assert_holds(json.loads(capsys.readouterr().out), json.loads(block.text), command)


def assert_holds(found: Any, promised: Any, where: str) -> None:
    """Every promised key is there, and the first of every list and the kinds of values are alike."""
    if isinstance(promised, dict):
        for key, value in promised.items():
            assert key in found, f"{where}: {key}"
            assert_holds(found[key], value, f"{where}, {key}")
    elif isinstance(promised, list):
        assert isinstance(found, list)
        for value, one in zip(promised, found, strict=False):
            assert_holds(one, value, where)
    elif isinstance(promised, float):
        assert found == pytest.approx(promised, rel=0.01), where
    else:
        assert found == promised, where

"""The README promises only what works: every ``samp-eval`` command in it is run here, in its order, as a user would."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from openai_server import OpenAIServer
from physician import answers_from_the_key, fill_sheet

from samp_eval import __version__
from samp_eval.cli.main import main
from samp_eval.items.load import load_bank

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands_of(text: str) -> list[list[str]]:
    """Every ``samp-eval`` command in code blocks and code spans, in order."""
    found = re.findall(r"^samp-eval [^\n`]+$|`(samp-eval [^`\n]+)`", text, re.MULTILINE)
    spans = re.finditer(r"^samp-eval ([^\n`]+)$|`samp-eval ([^`\n]+)`", text, re.MULTILINE)
    commands = [shlex.split(match.group(1) or match.group(2), comments=True) for match in spans]
    assert len(commands) == len(found)
    return commands


@pytest.mark.slow
def test_the_readme_workflow_runs_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    bank = load_bank()
    skill = {"gpt-3.5-turbo": 0.6, "gpt-4": 0.75}
    commands = commands_of(README)
    assert ["run", "--model", "gpt-4", "--rounds", "5"] in commands
    with OpenAIServer(answers_from_the_key(bank, skill)) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-key-of-the-readme-0123456789")
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        for command in commands:
            assert main(command) == 0, (command, capsys.readouterr().err)
            if command[:2] == ["review", "export"]:
                for reviewer, seed in (("A", 1), ("B", 2)):
                    fill_sheet(Path("sheets") / f"{reviewer}.csv", bank, slips=0.05, seed=seed)
            capsys.readouterr()
        assert server.count == 2 * 5 * len(bank.by_question())
    check_results(tmp_path, capsys)


def check_results(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def result(*arguments: str) -> Any:
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    status = result("status")
    assert all(one["stored"] == 77 and one["failed"] == 0 for one in status["rounds"])
    assert status["marked"]["A"]["key"] == status["distinct_answers"] == status["marked"]["B"]["judgement"]
    assert 0.5 < result("agreement")["bases"]["key"]["cohen_kappa"]["value"] < 1
    fitted = result("analyze", "--consensus", "both")
    term = next(term for term in fitted["terms"] if term["term"] == "gpt-4")
    assert term["reference"] == "gpt-3.5-turbo"
    assert 1 < term["ci_low"] < term["odds_ratio"] < term["ci_high"]
    report = (folder / "reports" / "report.html").read_text(encoding="utf-8")
    assert "gpt-3.5-turbo" in report
    assert "sk-test-key" not in report


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_the_figures_of_the_automatic_marker_are_the_measured_ones() -> None:
    rows = (ROOT / "tests" / "data" / "gold.md").read_text(encoding="utf-8").splitlines()
    told = next(line for line in README.splitlines() if line.startswith("- Automatic marks"))
    assert "Language models wrote and marked all of them" in told
    assert "upper bounds" in told

    def of(beginning: str) -> tuple[float, float, int]:
        (row,) = (line for line in rows if line.startswith(beginning))
        precision, recall, turned = (cell.strip(" *") for cell in row.split("|")[3:6])
        return float(precision), float(recall), int(turned.split()[0])

    ordinary = of("| F, 320 right | key marker 6")
    assert f"{100 * ordinary[1]:.0f}% of the right ones, and {100 * ordinary[0]:.1f}% of its credits" in told
    assert f"it credited {ordinary[2]}. On" in told
    far = of("| D, 320 right | key marker 6"), of("| E, 320 right | key marker 6, before D")
    precision, recall = ((one + other) / 2 for one, other in zip(far[0][:2], far[1][:2], strict=True))
    assert f"{100 * recall:.0f}% of the right ones, {100 * precision:.0f}% of its credits" in told
    assert f"{far[0][2] + far[1][2]} of 320 misleading lines" in told


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"(?:^|`)make ([\w-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert {"cff-version", "message", "title", "authors"} <= set(citation), "what the format requires"
    assert all({"type", "title", "authors"} <= set(one) for one in citation["references"])

"""The release script: what it refuses, what it writes, and the bill of materials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
import release
from sbom import bill_of_materials

from samp_eval import __version__

ROOT = Path(__file__).resolve().parent.parent
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- It flies.\n\n## [0.9.0] - 2026-01-02\n\n- It walks.\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that name a version, committed."""
    (tmp_path / "samp_eval").mkdir()
    (tmp_path / "samp_eval" / "__init__.py").write_text('"""A tool."""\n\n__version__ = "0.9.0"\n')
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 0.9.0\ndate-released: 2026-01-02\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    person = ["-c", "user.name=Tester", "-c", "user.email=tester@example.org"]
    return subprocess.run(["git", *person, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Work")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("one", "is not a version"), ("0.9.0", "does not come after 0.9.0"), ("0.10.0rc1", None), ("1.0.0", None)],
)
def test_a_version_must_be_one_and_come_after_the_last(project: Path, wanted: str, said: str | None) -> None:
    if said is None:
        release.check(wanted)
        return
    with pytest.raises(SystemExit, match=said):
        release.check(wanted)


def test_work_that_is_not_committed_is_not_released(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(CHANGELOG + "- More.\n")
    with pytest.raises(SystemExit, match="not committed"):
        release.check("1.0.0")


def test_a_release_says_what_it_brings(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(CHANGELOG.replace("- It flies.\n", ""))
    commit(project)
    with pytest.raises(SystemExit, match="nothing under Unreleased"):
        release.check("1.0.0")


def test_the_version_stands_everywhere(project: Path) -> None:
    release.write_version("1.0.0", date(2026, 3, 4))
    assert release.current_version() == "1.0.0"
    assert "version: 1.0.0\ndate-released: 2026-03-04\n" in (project / "CITATION.cff").read_text()
    assert "cff-version: 1.2.0\n" in (project / "CITATION.cff").read_text()
    changelog = (project / "CHANGELOG.md").read_text()
    assert "## [Unreleased]\n\n## [1.0.0] - 2026-03-04\n\n### Added\n\n- It flies.\n" in changelog
    assert release.unreleased_entries() == []


def test_the_changelog_the_citation_and_the_code_agree() -> None:
    headings = re.findall(r"^## \[(.+?)\](?: - (.+))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == __version__
    assert f"date-released: {headings[1][1]}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.slow
def test_the_bill_of_materials_names_what_is_installed_and_what_needs_what() -> None:
    bill = bill_of_materials(ROOT / "pyproject.toml", "1.0.0", datetime(2026, 3, 4, tzinfo=UTC))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    components = {component["name"]: component for component in bill["components"]}
    assert components["numpy"]["purl"] == f"pkg:pypi/numpy@{version('numpy')}"
    assert {"aiohttp", "psycopg-binary", "xllamacpp", "lxml"} <= set(components), "through extras and dependencies"
    assert not {"pytest", "mypy", "ruff"} & set(components), "tools are no part of it"
    needs = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    assert set(needs) == {component["bom-ref"] for component in bill["components"]} | {"pkg:pypi/samp-eval@1.0.0"}
    assert {place for places in needs.values() for place in places} <= set(needs)
    assert components["numpy"]["bom-ref"] in needs[components["pandas"]["bom-ref"]]
    assert bill == bill_of_materials(ROOT / "pyproject.toml", "1.0.0", datetime(2026, 3, 4, tzinfo=UTC))


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_a_release_of_this_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--no-tags", str(ROOT), str(clone))
    changelog = clone / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", "## [Unreleased]\n\n- It flies.\n"))
    commit(clone)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Tester")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "tester@example.org")
    out = tmp_path / "dist"
    command = [sys.executable, "tools/release.py", "99.0.0", "--date", "2099-01-02", "--out", str(out)]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert git(clone, "tag", "--points-at", "HEAD").strip() == "v99.0.0"
    assert git(clone, "status", "--porcelain") == ""
    assert "made by samp-eval 99.0.0" in (clone / "reports" / "example" / "report.html").read_text()
    names = {file.name for file in out.iterdir()}
    assert names == {"samp_eval-99.0.0-py3-none-any.whl", "samp_eval-99.0.0.tar.gz", "samp_eval-99.0.0.cdx.json"}
    with zipfile.ZipFile(out / "samp_eval-99.0.0-py3-none-any.whl") as wheel:
        assert b'__version__ = "99.0.0"' in wheel.read("samp_eval/__init__.py")
    bill = json.loads((out / "samp_eval-99.0.0.cdx.json").read_text())
    assert bill["metadata"]["component"]["version"] == "99.0.0"

"""Make a release: ``python tools/release.py 0.3.0``, or ``make release VERSION=0.3.0``.

It writes the version and its date where they stand, makes the example's report anew, commits, tags, and builds into
``dist``: the wheel, the sdist, and the bill of materials. Nothing is pushed and nothing is published.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from packaging.version import InvalidVersion, Version
from sbom import bill_of_materials

ROOT = Path(__file__).resolve().parent.parent
UNRELEASED = "## [Unreleased]\n"


def main() -> None:
    """Read the command line and make the release."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date(), help="YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    check(arguments.version)
    write_version(arguments.version, arguments.date)
    run(sys.executable, "data/example/make_example.py")
    run("git", "commit", "--all", "--message", f"Version {arguments.version}")
    run("git", "tag", "--annotate", f"v{arguments.version}", "--message", f"samp-eval {arguments.version}")
    build(arguments.version, arguments.out)
    print(f"v{arguments.version} is committed and tagged, and stands in {arguments.out}; push it with its tag")


def check(version: str) -> None:
    """Refuse what cannot become a release."""
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise SystemExit(f"{version} is not a version; write it as 1.2.3") from None
    if wanted <= Version(current_version()):
        raise SystemExit(f"{version} does not come after {current_version()}")
    if run("git", "status", "--porcelain").strip():
        raise SystemExit("there are changes that are not committed; commit them first")
    if not unreleased_entries():
        raise SystemExit("CHANGELOG.md says nothing under Unreleased; a release needs at least one sentence there")


def current_version() -> str:
    """The version that the code has."""
    content = (ROOT / "samp_eval" / "__init__.py").read_text(encoding="utf-8")
    return content.split('__version__ = "')[1].split('"')[0]


def unreleased_entries() -> list[str]:
    """The sentences of the changelog that no version has yet."""
    after = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split(UNRELEASED)[1]
    return re.findall(r"^- .+$", after.split("\n## [")[0], re.MULTILINE)


def write_version(version: str, day: date) -> None:
    """Write a version into the code, the citation and the changelog."""
    replace("samp_eval/__init__.py", r'__version__ = ".+"', f'__version__ = "{version}"')
    replace("CITATION.cff", r"^version: .+$", f"version: {version}")
    replace("CITATION.cff", r"^date-released: .+$", f"date-released: {day}")
    replace("CHANGELOG.md", re.escape(UNRELEASED), f"{UNRELEASED}\n## [{version}] - {day}\n")


def replace(name: str, pattern: str, text: str) -> None:
    """Replace the one place in a file that a pattern finds."""
    file = ROOT / name
    content, number = re.subn(pattern, text, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if number != 1:
        raise SystemExit(f"{name} has {number} places like {pattern} where one is wanted")
    file.write_text(content, encoding="utf-8")


def build(version: str, folder: Path) -> None:
    """Build the wheel, the sdist and the bill of materials of a version."""
    folder.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder))
    bill = bill_of_materials(ROOT / "pyproject.toml", version, datetime.now(UTC))
    file = folder / f"samp_eval-{version}.cdx.json"
    file.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def run(*command: str) -> str:
    """What a command prints; the release stops where it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()

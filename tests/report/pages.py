"""The documents as the tests see them: their pages and their blocks of code."""

from __future__ import annotations

import re
import runpy
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
REFERENCE = runpy.run_path(str(DOCS / "generate_reference.py"))

WITH_A_STUDY = "how-to/notebook.md"
"""The page whose Python needs the study that its commands are about."""

BLOCK = re.compile(
    r"(?:^<!-- not run by the tests: (?P<reason>[^\n]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``reason`` says why no test runs it."""

    page: Path
    language: str
    text: str
    reason: str | None

    @property
    def commands(self) -> list[list[str]]:
        """The words of each ``samp-eval`` line."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("samp-eval ")]


def blocks(page: Path, language: str = "") -> list[Block]:
    """Every block of a page, or those in a language."""
    found = [
        Block(page, one["language"], one["text"], one["reason"]) for one in BLOCK.finditer(page.read_text("utf-8"))
    ]
    return [one for one in found if language in ("", one.language)]


def name(page: Path) -> str:
    """The page as the site calls it."""
    return page.relative_to(DOCS).as_posix()

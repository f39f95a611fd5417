"""Options that are listed with a tick or a cross each: ``- [x] C. Metoprolol``."""

from __future__ import annotations

import re

from samp_eval.answers.excerpt import Excerpt

__all__ = ["only_ticked"]

_LINE = re.compile(r"[^\n]+")
_TICK = re.compile(r"[✅✔☑]|^(?:[-*+] {1,9})?\[[xX]\]")
_CROSS = re.compile(r"[❌✗✘❎☐⬜]|^(?:[-*+] {1,9})?\[ ?\]")


def only_ticked(excerpt: Excerpt, requested: int) -> Excerpt:
    """The ticked lines, where others have a cross or an empty box and as many are ticked as asked for; else all."""
    ticked, crossed = [], 0
    for line in _LINE.finditer(excerpt.text):
        has_tick, has_cross = _TICK.search(line.group().lstrip()), _CROSS.search(line.group().lstrip())
        if has_tick and not has_cross:
            ticked.append(line.span())
        crossed += bool(has_cross) and not has_tick
    return excerpt.only(ticked) if crossed and len(ticked) == requested else excerpt

"""One line marked by the key of its question, without the case around it."""

from __future__ import annotations

from functools import lru_cache

from samp_eval.items.samp import Question
from samp_eval.review.markers.key_marker import KeyMarker, KeyMatch

_marker = lru_cache(maxsize=256)(KeyMarker)


def mark_line(question: Question, text: str) -> KeyMatch:
    return _marker(question).mark(text)

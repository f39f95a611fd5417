"""Which text of a case its reviewers have seen: ``reviewed_by`` names it, so that a later change is noticed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence

from samp_eval.errors import Fault
from samp_eval.items.samp import PlacedCase, SampCase

__all__ = ["case_sha256", "changed_since_review", "reviewed_text"]

_BOUND = re.compile(r"(?P<who>.*), sha256:(?P<hash>[0-9a-f]{64})", re.DOTALL)


def case_sha256(case: SampCase) -> str:
    """SHA-256 of the canonical JSON of a case: sorted fields, no field without a value, not who reviewed it."""
    content = case.model_dump(mode="json", exclude_defaults=True, exclude={"reviewed_by"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def reviewed_text(who: str, date: str, sha256: str) -> str:
    """What ``reviewed_by`` holds of one reviewer: name, date and the hash of the text."""
    return f"{who}, {date}, sha256:{sha256}"


def changed_since_review(cases: Sequence[PlacedCase]) -> Iterator[Fault]:
    """Cases whose text is not the one that their reviewers have seen; a name without a hash says nothing of it."""
    for placed in cases:
        own = case_sha256(placed.case)
        bound = filter(None, map(_BOUND.fullmatch, placed.case.reviewed_by))
        others = [found["who"] for found in bound if found["hash"] != own]
        if others:
            problem = (
                f"the text has changed since its review by {'; '.join(others)}; have it reviewed again, or restore it"
            )
            yield Fault(placed.file, placed.place(detail="field reviewed_by"), problem)

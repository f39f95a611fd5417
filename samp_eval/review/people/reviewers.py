"""Who marks, and in what role."""

from __future__ import annotations

from typing import NamedTuple, cast, get_args

from samp_eval.literals import ReviewerRole

__all__ = ["KEY_MARKER", "THIRD_PERSON", "Reviewer"]


class Reviewer(NamedTuple):
    """Whose a mark is. The same name in two roles is two reviewers.

    A tuple, because marks are looked up by it many thousand times.
    """

    name: str
    role: ReviewerRole = "reviewer"

    @property
    def label(self) -> str:
        """What tables and JSON call it: ``Ann``, ``adjudicator:Cy``, ``automatic:key``, ``model:gpt-4``."""
        return self.name if self.role == "reviewer" else f"{self.role}:{self.name}"

    def __str__(self) -> str:
        return self.label

    @classmethod
    def from_label(cls, label: str) -> Reviewer:
        """Read a label back."""
        role, colon, name = label.partition(":")
        if colon and role != "reviewer" and role in get_args(ReviewerRole):
            return cls(name, cast("ReviewerRole", role))
        return cls(label)


THIRD_PERSON = "third"
"""What an adjudicator is called to whom nobody gives a name."""

KEY_MARKER = Reviewer("key", "automatic")
"""The automatic marker by the answer key; its marks are never a person's."""

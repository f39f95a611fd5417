"""Two responses to a question as a reviewer sees them, and what the reviewer chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from samp_eval.literals import PairChoice

__all__ = ["ChosenPair", "PairRow", "Side"]

Side = tuple[str, int]
"""Respondent and round."""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in the order in which a reviewer sees it.

    Attributes
    ----------
    row_id : str
        Opaque and random.
    reviewer : str
        Empty where both responses read alike: nobody is asked, and they are equal.
    question_id : str
    first, second : Side
        Whose responses they are; no sheet tells.
    first_text, second_text : str
        As shown: the lines of the answers, numbered, without reasoning and formatting.
    exported_at : datetime
        UTC.
    """

    row_id: str
    reviewer: str
    question_id: str
    first: Side
    second: Side
    first_text: str
    second_text: str
    exported_at: datetime

    @property
    def pair(self) -> tuple[str, Side, Side]:
        """The same for both reviewers of a pair, whatever their order."""
        low, high = sorted((self.first, self.second))
        return self.question_id, low, high


@dataclass(frozen=True, slots=True)
class ChosenPair:
    """A reviewer's choice; ``reason`` may be empty, ``source`` is the file that it came in, ``chosen_at`` is UTC."""

    row_id: str
    choice: PairChoice
    reason: str
    chosen_at: datetime
    source: str

    @property
    def said(self) -> tuple[str, str]:
        """What was said, whenever."""
        return self.choice, self.reason

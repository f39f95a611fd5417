"""What a reader of a public bank hands over: one question, or the reason why it was left out."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ImportedQuestion", "LeftOut"]


class LeftOut(ValueError):
    """A question cannot be asked as it stands; the text is the reason, the same for all of a kind.

    ``shown`` is what stands in this one, such as ``key 'F'``.
    """

    def __init__(self, reason: str, shown: str = "") -> None:
        super().__init__(reason)
        self.shown = shown


@dataclass(frozen=True, slots=True)
class ImportedQuestion:
    """One question of a public bank. It holds only what is sent, and the key.

    Attributes
    ----------
    name : str
        The bank's own id; empty where it has none.
    question : str
    options : tuple of str
        In the bank's order; empty for a question that is answered in free text.
    right : tuple of int
        Places of the right options.
    count_told : bool
        Whether the candidate is told how many options are right.
    answers : tuple of (tuple of str)
        Entries of the key of a question without options, each with its wordings.
    context : str
        What is read before the question, such as an abstract.
    topic : str
        Subject; empty where none is given.
    language : str
        Code such as ``fr``.
    """

    name: str
    question: str
    options: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    count_told: bool = True
    answers: tuple[tuple[str, ...], ...] = ()
    context: str = ""
    topic: str = ""
    language: str = "en"

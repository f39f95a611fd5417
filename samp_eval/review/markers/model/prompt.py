"""The prompts by which a model marks: files with a version, and a hash that is part of the model's identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from samp_eval.literals import MarkBasis

__all__ = ["MarkingPrompt", "marking_prompt"]

LANGUAGES = ("en",)
"""Folders of prompts. A case in another language is marked by the English prompt, which quotes it as it is."""


@dataclass(frozen=True, slots=True)
class MarkingPrompt:
    """What a model is told beside case, question, key and answer.

    Attributes
    ----------
    name : str
        Language, basis and version, such as ``en-key 1``.
    system, instructions : str
        The system message, and what stands before the case.
    """

    name: str
    system: str
    instructions: str

    @property
    def sha256(self) -> str:
        """SHA-256 of the texts."""
        return hashlib.sha256(f"{self.system}\0{self.instructions}".encode()).hexdigest()


@cache
def marking_prompt(basis: MarkBasis, language: str = "en", *, second_try: bool = False) -> MarkingPrompt:
    """The prompt for a basis in the language of a case; the English one where the language has none.

    With ``second_try``, the system message also says that the first reply could not be read.
    """
    code = language.partition("-")[0]
    code = code if code in LANGUAGES else "en"
    folder = files(__package__) / "prompts" / code
    system, instructions, version = (
        (folder / f"{name}.txt").read_text("utf-8").strip() for name in ("system", basis, "version")
    )
    if second_try:
        more = (folder / "second_try.txt").read_text("utf-8").strip()
        return MarkingPrompt(f"{code}-{basis} {version}, second try", f"{system}\n\n{more}", instructions)
    return MarkingPrompt(f"{code}-{basis} {version}", system, instructions)

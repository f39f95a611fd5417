"""A picture of a case: what a bank says of it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from samp_eval.items.bank_model import BankModel, Text

__all__ = ["MOST_PICTURES", "PICTURE_FIELDS", "Picture"]

MOST_PICTURES = 8
"""With a case, and with a question; providers take ten and more in a request."""

PICTURE_FIELDS = ("file", "alt", "kind", "credit", "licence", "sha256")
"""In the order in which lists and tables write them."""

_OPEN = re.compile(r"cc0\b|public domain\b|cc by(?: sa)?(?: \d\.\d)?(?: [a-z]{2,4})?$|(?:apache|mit|bsd)\b")
"""Licences under which everyone may pass a picture on, commercially too: a report may end up in a journal."""


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _inside(path: str) -> str:
    parts = path.split("/")
    if "\\" in path or "\0" in path or parts[0] in ("", "~") or ":" in parts[0] or ".." in parts:
        raise ValueError("a picture lies in the bank's folder; give its path from there, such as pictures/ecg.png")
    return path


def _a_hash(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("a SHA-256 has 64 digits from 0 to f; remove it and samp-eval fills it in")
    return text


Line = Annotated[Text, AfterValidator(_on_one_line)]


class Picture(BankModel):
    """A picture that a candidate sees."""

    file: Annotated[Text, AfterValidator(_inside)] = Field(
        description="Path from the bank's folder, inside it: a PNG, JPEG or WebP of at most 5 MB and 20 million pixels."
    )
    alt: Line = Field(
        description="What it shows, in words for people who do not see it. Respondents never get it: it may give the "
        "answer away."
    )
    kind: Line = Field(description="Such as ECG, radiograph, photograph, growth chart.")
    credit: Line = Field(description="Who made it, as it is to be printed.")
    licence: Line = Field(
        description="Such as CC BY 4.0. The report shows pictures under CC0, CC BY, CC BY-SA, the Apache, MIT and BSD "
        "licences and in the public domain; of others it prints the credit."
    )
    sha256: Annotated[str, StringConstraints(to_lower=True), AfterValidator(_a_hash)] | None = Field(
        default=None, description="Of the file. Filled in when it is read; a file with another hash is refused."
    )

    @property
    def may_be_shown(self) -> bool:
        """Whether its licence lets everyone pass it on."""
        return _OPEN.match(re.sub(r"[\s_-]+", " ", self.licence.casefold())) is not None

    @property
    def digest(self) -> str:
        """The hash of its file, once it has been read."""
        if self.sha256 is None:
            raise ValueError(f"the picture {self.file} has not been read")
        return self.sha256

    @property
    def in_words(self) -> str:
        """For people who see text only."""
        return f"[Picture {self.file}: {self.kind}. {self.alt}]"

    @property
    def name_in_words(self) -> str:
        """The same for candidates, without what it shows."""
        return f"[Picture {self.file}: {self.kind}]"

    @property
    def credit_line(self) -> str:
        """Kind, credit and licence, as they stand below it."""
        return f"{self.kind}. {self.credit} (licence: {self.licence})"

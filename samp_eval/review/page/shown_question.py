"""A question as the pages get it: with its pictures, and with its key where that may be seen."""

from __future__ import annotations

from typing import Any

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.bank_pictures import pictures_of
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.run.prompt import case_text

__all__ = ["bank_picture", "shown_key", "shown_question"]


def shown_question(case: SampCase, question: Question, *, described: bool = True) -> dict[str, Any]:
    """What a candidate has read and seen; pictures by the address from which the page loads them.

    Whoever answers as a candidate is not told what a picture shows (``described``): that may be what is asked.
    """
    return {
        "case": case_text(case, question).split("\n"),
        "topic": case.topic,
        "question": question.question,
        "instruction": question.instruction_in(case.language),
        "options": list(question.options),
        "pictures": [
            {
                "src": f"pictures/{picture.digest}",
                "alt": picture.alt if described else picture.kind,
                "credit": picture.credit_line,
            }
            for picture in case.pictures_until(question)
        ],
    }


def shown_key(question: Question) -> dict[str, Any]:
    """The key of a question, what it does not accept, and its source."""
    return {
        "key": [
            {"letter": letter, "wordings": list(entry.wordings)} for letter, entry in question.lettered_key().items()
        ],
        "refused": [
            {"wordings": list(refused.wordings), "reason": refused.reason} for refused in question.not_accepted
        ],
        "source": str(question.source or ""),
    }


def bank_picture(bank: Bank, sha256: str) -> PlainPicture | None:
    """A picture of the bank by its hash; None for any other."""
    known = any(picture.digest == sha256 for case in bank.cases for picture in pictures_of(case))
    return bank.pictures[sha256] if known else None

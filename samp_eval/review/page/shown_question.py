"""A question as the pages get it, without its key."""

from __future__ import annotations

from typing import Any

from samp_eval.items.samp import Question, SampCase
from samp_eval.run.prompt import case_text

__all__ = ["shown_question"]


def shown_question(case: SampCase, question: Question) -> dict[str, Any]:
    """What a candidate has read and seen; pictures by the address from which the page loads them."""
    return {
        "case": case_text(case, question).split("\n"),
        "topic": case.topic,
        "question": question.question,
        "instruction": question.instruction_in(case.language),
        "options": list(question.options),
        "pictures": [
            {"src": f"pictures/{picture.digest}", "alt": picture.alt, "credit": picture.credit_line}
            for picture in case.pictures_until(question)
        ],
    }

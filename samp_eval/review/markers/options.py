"""Marks of menu and single best answer questions: whether the key holds the option that was chosen."""

from __future__ import annotations

from samp_eval.answers.choices.options import options_of
from samp_eval.answers.reading import read_response
from samp_eval.items.samp import Question, entry_letter

__all__ = ["mark_option"]

_NO_OPTION = {
    "letter_and_text": "the letter and the words name different options",
    "several_options": "names more than one option",
}


def mark_option(question: Question, text: str) -> tuple[str, str | None, str]:
    """Mark one answer to a question that is answered by choosing among options.

    Returns
    -------
    tuple
        Letter of the key entry or ``0``, the option that was chosen or None, and the reason.
    """
    chosen, problem = _chosen(question.options, text)
    if chosen is None:
        return "0", None, problem
    option = question.options[chosen]
    for position, entry in enumerate(question.key):
        if entry.answer == option:
            return entry_letter(position), option, f'chose "{option}"'
    return "0", option, f'chose "{option}", which the key does not hold'


def _chosen(options: tuple[str, ...], text: str) -> tuple[int | None, str]:
    """The option that a text names; an answer that was read already is the words of one."""
    exact = options_of(options).exactly(text)
    if exact is not None:
        return exact, ""
    reading = read_response(text, requested=1, question_format="single", options=options)
    option = reading.lines[0].option if reading.lines else None
    problems = [_NO_OPTION[doubt] for doubt in reading.doubts if doubt in _NO_OPTION]
    return option, "" if option is not None else (problems or ["names none of the options"])[0]

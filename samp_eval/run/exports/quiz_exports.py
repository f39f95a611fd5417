"""A bank for a learning system: Moodle XML and GIFT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from samp_eval.items.importing.gift import gift_escaped
from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.run.prompt import context_text

__all__ = ["gift_text", "moodle_xml_text"]


def moodle_xml_text(bank: Bank) -> str:
    """Write every question for Moodle: with options as ``multichoice``, else as ``shortanswer`` or ``essay``."""
    body = "\n".join(_xml_question(case, question) for case, question in bank.asked())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{body}\n</quiz>\n'


def _xml_question(case: SampCase, question: Question) -> str:
    kind = "multichoice" if question.options else "shortanswer" if question.requested == 1 else "essay"
    paragraphs = "".join(f"<p>{escape(text)}</p>" for text in _asked(case, question).split("\n") if text.strip())
    parts = [
        f'  <question type="{kind}">',
        f"    <name><text>{escape(question.id)}</text></name>",
        f'    <questiontext format="html"><text>{escape(paragraphs)}</text></questiontext>',
        f"    <defaultgrade>{question.requested}</defaultgrade>",
        f"    <idnumber>{escape(question.id)}</idnumber>",
    ]
    if kind == "multichoice":
        single = "true" if question.format == "single" else "false"
        parts += [f"    <single>{single}</single>", "    <shuffleanswers>0</shuffleanswers>"]
    if kind == "essay":
        key = "".join(f"<p>{escape(' / '.join(entry.wordings))}</p>" for entry in question.key)
        parts.append(f'    <graderinfo format="html"><text>{escape(key)}</text></graderinfo>')
    else:
        parts += [
            f'    <answer fraction="{percent:.7g}" format="plain_text"><text>{escape(text)}</text></answer>'
            for text, percent in _answers(question)
        ]
    return "\n".join([*parts, "  </question>"])


def gift_text(bank: Bank) -> str:
    """Write every question as GIFT; one that asks for several answers in free text as an essay."""
    return "\n".join(_gift_question(case, question) for case, question in bank.asked())


def _gift_question(case: SampCase, question: Question) -> str:
    asked = gift_escaped(_asked(case, question)).replace("\n", "\\n")
    return f"::{gift_escaped(question.id)}::[plain]{asked}{{\n{''.join(_gift_answers(question))}}}\n"


def _gift_answers(question: Question) -> Iterator[str]:
    if not question.options and question.requested > 1:
        return
    for text, percent in _answers(question):
        whole = question.format != "menu" and percent == 100
        sign = "=" if whole else "~" if percent == 0 else f"~%{percent:.7g}%"
        yield f"  {sign}{gift_escaped(text)}\n"


def _asked(case: SampCase, question: Question) -> str:
    """What is read before the answers; how many are to be chosen is said where the candidate is told."""
    told = question.format == "menu" and not question.any_number
    instruction = f" {question.instruction_in(case.language)}" if told else ""
    parts = [context_text(case, question, described=False), f"{question.question}{instruction}"]
    return "\n".join(part for part in parts if part)


def _answers(question: Question) -> Iterable[tuple[str, float]]:
    """Answers with the share of the mark in percent; of several right ones a wrong one takes a share away."""
    if not question.options:
        wordings = [wording for entry in question.key for wording in entry.wordings]
        return [(wording.replace("*", r"\*"), 100.0) for wording in wordings]  # else it stands for any letters
    right = {entry.answer for entry in question.key}
    wrong = len(question.options) - len(right)
    penalty = -100.0 / wrong if question.format == "menu" and wrong else 0.0
    return [(option, 100.0 / len(right) if option in right else penalty) for option in question.options]

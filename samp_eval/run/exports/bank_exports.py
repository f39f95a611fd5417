"""A bank for other tools: Inspect AI samples, and a Hugging Face data set with its card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from samp_eval.items.samp import Bank, Question, SampCase
from samp_eval.run.exports.quiz_exports import gift_text, moodle_xml_text
from samp_eval.run.pictures import content_of, reference_of, with_pictures
from samp_eval.run.prompt import asked_text, context_text
from samp_eval.run.recorded.inspect_samples import inspect_content
from samp_eval.whole_files import whole_file

__all__ = ["dataset_card", "huggingface_rows", "inspect_samples", "write_export"]


def inspect_samples(bank: Bank) -> list[dict[str, Any]]:
    """Every question as an Inspect AI sample: ``id``, ``input``, ``target`` and ``metadata``."""
    return [
        {
            "id": question.id,
            "input": _input(case, question, bank),
            "target": [entry.answer for entry in question.key],
            "metadata": _metadata(case, question),
        }
        for case, question in bank.asked()
    ]


def _input(case: SampCase, question: Question, bank: Bank) -> Any:
    """The question as it is asked: a text, or a message with its pictures."""
    text, shown = asked_text(case, question), case.pictures_until(question)
    if not shown:
        return text
    (message,) = with_pictures(
        [{"role": "user", "content": text}], [reference_of(picture, bank.pictures) for picture in shown]
    )
    return [{"role": "user", "content": inspect_content(content_of(message), case, question, bank)}]


def _metadata(case: SampCase, question: Question) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "topic": case.topic,
        "setting": case.setting,
        "format": question.format,
        "requested": question.requested,
        "key": [list(entry.wordings) for entry in question.key],
        "not_accepted": [answer.model_dump(mode="json") for answer in question.not_accepted],
        "reviewed_by": list(case.reviewed_by),
    }


def huggingface_rows(bank: Bank) -> list[dict[str, Any]]:
    """Every question as a row with the same columns in every row."""
    return [
        {
            "case_id": case.id,
            "question_id": question.id,
            "topic": case.topic,
            "setting": case.setting or "",
            "case": context_text(case, question, described=False),
            "question": question.question,
            "instruction": question.instruction_in(case.language),
            "format": question.format,
            "requested": question.requested,
            "options": list(question.options),
            "key": [list(entry.wordings) for entry in question.key],
            "not_accepted": [list(answer.wordings) for answer in question.not_accepted],
            "rationale": question.rationale or "",
            "source": str(question.source) if question.source else "",
            "reviewed_by": list(case.reviewed_by),
        }
        for case, question in bank.asked()
    ]


def dataset_card(bank: Bank, data_file: str) -> str:
    """Write the data set's card (README.md), with the limits that a user must know."""
    questions = [question for _, question in bank.asked()]
    requested = sum(question.requested for question in questions)
    reviewed = sum(bool(case.reviewed_by) for case in bank.cases)
    return f"""---
language: en
task_categories: [question-answering]
tags: [medicine, family-medicine, short-answer]
configs:
  - config_name: default
    data_files: {data_file}
---

# Short-answer management problems

{len(bank.cases)} cases with {len(questions)} questions that ask for {requested} answers.
SHA-256 of the cases: `{bank.sha256}`.

- **Columns.** `case` is what a candidate has read before the question. `key` holds the entries, each with its accepted
  wordings; each entry earns once. Only the first `requested` answers count. `not_accepted` earns nothing.
- **Review.** Physicians have reviewed {reviewed} of {len(bank.cases)} cases (`reviewed_by`).
- **Use.** For the evaluation of language models, not for care. Questions that are public may be in a model's training
  data; say so with any result.
"""


def write_export(bank: Bank, path: Path, form: Literal["inspect", "huggingface", "moodle-xml", "gift"]) -> list[Path]:
    """Write a bank for another tool: one file, and for Hugging Face its card beside it.

    Parameters
    ----------
    bank : Bank
    path : Path
        The file; for ``huggingface`` a folder that gets ``questions.jsonl`` and ``README.md``.
    form : str
        ``inspect``, ``huggingface``, ``moodle-xml`` or ``gift``.
    """
    if form in ("moodle-xml", "gift"):
        with whole_file(path) as unfinished:
            unfinished.write_text(moodle_xml_text(bank) if form == "moodle-xml" else gift_text(bank), encoding="utf-8")
        return [path]
    rows = inspect_samples(bank) if form == "inspect" else huggingface_rows(bank)
    file = path if form == "inspect" or path.suffix == ".jsonl" else path / "questions.jsonl"
    with whole_file(file) as unfinished:
        unfinished.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    if form == "inspect":
        return [file]
    card = file.parent / "README.md"
    with whole_file(card) as unfinished:
        unfinished.write_text(dataset_card(bank, file.name), encoding="utf-8")
    return [file, card]

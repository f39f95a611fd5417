"""The public banks by the fields of their records, each with its licence and how one record is read.

Only the named fields are read, so that no explanation, rationale or chain of thought can reach a respondent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from samp_eval.items.importing.fields import clean, letter_places, options_of_mapping, structured
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.literals import BankKind

__all__ = ["BANKS", "PublicBank", "kind_of_record", "subject_name"]

NEEDS_PICTURE = "needs a picture"
NO_KEY = "has no key"
_PRINTED_OPTIONS = re.compile(r"\s*\n?\s*Answer Choices:\s*\(A\).*\Z", re.DOTALL)
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublicBank:
    """How one kind of bank is recognised, read and named.

    Attributes
    ----------
    kind : BankKind
    title, licence, source : str
        Noted with every question; ``not stated`` where no licence was found.
    required : tuple of frozenset of str
        Sets of fields; a file whose records have all of one set is of this kind.
    read : callable
        Reads one record; an index counts from the given base.
    index : str
        The field with an index that may count from 0 or 1; empty where letters or ids say what is right.
    options : int
        How many options each question has, for such a field; 0 where the record says.
    enough : tuple of frozenset of str
        Sets of fields that other banks have as well: they are read where the user names this kind.
    """

    kind: BankKind
    title: str
    licence: str
    source: str
    required: tuple[frozenset[str], ...]
    read: Callable[[Fields, int], ImportedQuestion]
    index: str = ""
    options: int = 0
    enough: tuple[frozenset[str], ...] = ()


def _chosen(options: dict[str, str], right: tuple[int, ...], question: str, **more: Any) -> ImportedQuestion:
    return ImportedQuestion(question=question, options=tuple(options.values()), right=right, **more)


def _medqa(fields: Fields, base: int) -> ImportedQuestion:
    if "sent1" in fields:
        options = {letter: clean(fields[f"ending{place}"]) for place, letter in enumerate("ABCD")}
        question = " ".join(part for part in (clean(fields["sent1"]), clean(fields.get("sent2"))) if part)
        return _chosen(options, (int(fields["label"]) - base,), question, name=clean(fields.get("id")))
    options = options_of_mapping(fields["options"])
    right = letter_places(fields.get("answer_idx", fields.get("correct_answer")), options)
    words = clean(fields.get("answer", fields.get("answer_words")))
    if words and len(words) > 1 and words != tuple(options.values())[right[0]]:
        raise LeftOut("has a key whose letter and words name different options")
    topic = {"step1": "Step 1", "step2&3": "Step 2 and 3"}.get(clean(fields.get("meta_info")), "")
    return _chosen(options, right, clean(fields["question"]), name=clean(fields.get("realidx")), topic=topic)


def _medmcqa(fields: Fields, base: int) -> ImportedQuestion:
    options = {letter.upper(): clean(fields[f"op{letter}"]) for letter in "abcd"}
    if int(fields["cop"]) < 0:
        raise LeftOut(NO_KEY)
    name, topic = clean(fields.get("id")), clean(fields.get("subject_name"))
    return _chosen(options, (int(fields["cop"]) - base,), clean(fields["question"]), name=name, topic=topic)


def _pubmedqa(fields: Fields, base: int) -> ImportedQuestion:
    contexts = structured(fields.get("CONTEXTS", fields.get("context")))
    if isinstance(contexts, dict):
        contexts = contexts.get("contexts")
    context = "\n\n".join(clean(part) for part in contexts) if isinstance(contexts, list) else clean(contexts)
    options = {"A": "yes", "B": "no", "C": "maybe"}
    answer = clean(fields["final_decision"]).casefold()
    if answer not in options.values():
        raise LeftOut(NO_KEY)
    name = clean(fields.get("pubid", fields.get("id")))
    question = clean(fields.get("QUESTION", fields.get("question")))
    return _chosen(options, (list(options.values()).index(answer),), question, name=name, context=context)


def _medxpertqa(fields: Fields, base: int) -> ImportedQuestion:
    if structured(fields.get("images")):
        raise LeftOut(NEEDS_PICTURE)
    options = options_of_mapping(fields["options"])
    question = clean(_PRINTED_OPTIONS.sub("", clean(fields["question"])))
    topic = clean(fields.get("body_system"))
    return _chosen(options, letter_places(fields["label"], options), question, name=clean(fields["id"]), topic=topic)


def _headqa(fields: Fields, base: int) -> ImportedQuestion:
    if clean(fields.get("image")) not in ("", "None"):
        raise LeftOut(NEEDS_PICTURE)
    answers = structured(fields["answers"])
    options = {clean(answer.get("aid")): clean(answer.get("atext")) for answer in answers}
    if clean(fields["ra"]) in ("", "0"):
        raise LeftOut(NO_KEY)
    exam = clean(fields.get("exam", fields.get("name")))
    return _chosen(
        options,
        letter_places(fields["ra"], options),
        clean(fields["qtext"]),
        name=f"{exam}-{clean(fields['qid'])}".strip("-"),
        topic=clean(fields.get("category")) or _HEADQA_SUBJECTS.get(exam.rpartition("_")[2], ""),
        language=clean(fields.get("language")) or "es",
    )


_HEADQA_SUBJECTS = {
    "B": "Biology",
    "E": "Nursing",
    "F": "Pharmacology",
    "M": "Medicine",
    "P": "Psychology",
    "Q": "Chemistry",
}
"""By the last letter of an exam's name, such as ``Cuaderno_2015_1_B``."""


def _frenchmedmcqa(fields: Fields, base: int) -> ImportedQuestion:
    answers = fields.get("answers")
    flat = {letter: fields.get(f"answer_{letter}", fields.get(f"answers.{letter}")) for letter in "abcde"}
    options = options_of_mapping(answers if answers is not None else flat)
    given = structured(fields["correct_answers"])
    if isinstance(given, list) and all(isinstance(value, int) for value in given):
        given = [chr(ord("A") + value) for value in given]
    right = letter_places(given, options)
    single = clean(fields.get("type")) in ("simple", "1") or (len(right) == 1 and "type" not in fields)
    name, topic = clean(fields.get("id")), clean(fields.get("subject_name"))
    question = clean(fields["question"])
    return _chosen(options, right, question, name=name, topic=topic, language="fr", count_told=single)


def _kormedmcqa(fields: Fields, base: int) -> ImportedQuestion:
    options = {letter: text for letter in "ABCDE" if (text := clean(fields.get(letter)))}
    parts = [clean(fields.get(part)) for part in ("subject", "year", "period", "q_number")]
    name = "-".join(part for part in parts if part)
    right = (int(fields["answer"]) - base,)
    return _chosen(options, right, clean(fields["question"]), name=name, topic=parts[0], language="ko")


def _igakuqa(fields: Fields, base: int) -> ImportedQuestion:
    if fields.get("text_only") in (False, "false", "False"):
        raise LeftOut(NEEDS_PICTURE)
    choices = fields.get("choices", fields.get("choices_en"))
    options = {name.lower(): text for name, text in options_of_mapping(choices).items()}
    if not options:
        raise LeftOut("has no options that can be read")
    question = clean(fields.get("problem_text", fields.get("problem_text_en")))
    right, language = letter_places(fields["answer"], options), "ja" if _JAPANESE.search(question) else "en"
    return _chosen(options, right, question, name=clean(fields["problem_id"]), language=language)


def _afrimedqa(fields: Fields, base: int) -> ImportedQuestion:
    if clean(fields["question_type"]).casefold() != "mcq":
        raise LeftOut("is no multiple-choice question")
    options = options_of_mapping(fields["answer_options"])
    right = letter_places(fields["correct_answer"], options)
    question = clean(fields.get("question_clean")) or clean(fields.get("question"))
    topic = clean(fields.get("specialty")).replace("_", " ")
    name = clean(fields.get("sample_id"))
    return _chosen(options, right, question, name=name, topic=topic, count_told=len(right) == 1)


def _mmlu(fields: Fields, base: int) -> ImportedQuestion:
    if "column 1" in fields:
        texts = list(fields.values())
        options = {chr(ord("A") + place): clean(text) for place, text in enumerate(texts[1:-1])}
        return _chosen(options, letter_places(texts[-1], options), clean(texts[0]), name="")
    options = options_of_mapping(fields["choices"])
    if int(fields["answer"]) < 0:
        raise LeftOut(NO_KEY)
    topic = subject_name(clean(fields.get("subject")))
    return _chosen(options, (int(fields["answer"]) - base,), clean(fields["question"]), name="", topic=topic)


def subject_name(written: str) -> str:
    """A subject of MMLU in words: ``clinical_knowledge`` is Clinical knowledge."""
    words = written.replace("_", " ")
    return words[:1].upper() + words[1:]


def _sets(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(name.split()) for name in names)


BANKS: dict[BankKind, PublicBank] = {
    bank.kind: bank
    for bank in (
        PublicBank(
            "medmcqa",
            "MedMCQA",
            "Apache-2.0",
            "https://github.com/medmcqa/medmcqa",
            _sets("question opa opb opc opd cop"),
            _medmcqa,
            index="cop",
            options=4,
        ),
        PublicBank(
            "pubmedqa",
            "PubMedQA",
            "MIT",
            "https://github.com/pubmedqa/pubmedqa",
            _sets("QUESTION CONTEXTS final_decision", "question context final_decision"),
            _pubmedqa,
        ),
        PublicBank(
            "medxpertqa",
            "MedXpertQA",
            "MIT",
            "https://github.com/TsinghuaC3I/MedXpertQA",
            _sets("id question options label medical_task", "id question options label body_system"),
            _medxpertqa,
        ),
        PublicBank(
            "headqa",
            "HEAD-QA",
            "MIT",
            "https://github.com/aghie/head-qa",
            _sets("qid qtext answers ra"),
            _headqa,
        ),
        PublicBank(
            "frenchmedmcqa",
            "FrenchMedMCQA",
            "Apache-2.0",
            "https://github.com/qanastek/FrenchMedMCQA",
            _sets(
                "question answers correct_answers",
                "question answer_a correct_answers",
                "question answers.a correct_answers",
            ),
            _frenchmedmcqa,
        ),
        PublicBank(
            "kormedmcqa",
            "KorMedMCQA",
            "CC BY-NC 2.0",
            "https://huggingface.co/datasets/sean0042/KorMedMCQA",
            _sets("question A B C D E answer year", "question A B C D E answer q_number"),
            _kormedmcqa,
            index="answer",
            options=5,
        ),
        PublicBank(
            "igakuqa",
            "IgakuQA",
            "not stated",
            "https://github.com/jungokasai/IgakuQA",
            _sets("problem_id problem_text choices answer", "problem_id problem_text_en choices_en answer"),
            _igakuqa,
        ),
        PublicBank(
            "afrimedqa",
            "AfriMed-QA",
            "CC BY-NC-SA 4.0",
            "https://github.com/intron-innovation/AfriMed-QA",
            _sets("question_type answer_options correct_answer"),
            _afrimedqa,
        ),
        PublicBank(
            "medqa",
            "MedQA (USMLE)",
            "MIT for the repository; rights in the questions unclear",
            "https://github.com/jind11/MedQA",
            _sets(
                "question options answer_idx meta_info",
                "question options correct_answer meta_info",
                "sent1 ending0 ending1 ending2 ending3 label",
            ),
            _medqa,
            index="label",
            options=4,
            enough=_sets("question options answer_idx"),
        ),
        PublicBank(
            "mmlu",
            "MMLU",
            "MIT",
            "https://github.com/hendrycks/test",
            _sets("question subject choices answer"),
            _mmlu,
            index="answer",
            enough=_sets("question choices answer", "column_1 column_6"),
        ),
    )
}
"""Recognised in this order. Licences as their repositories and data cards state them; the two cards of AfriMed-QA
disagree, and the stricter one stands here."""


def kind_of_record(names: Iterable[str]) -> BankKind | None:
    """The public bank whose records have these fields."""
    present = {name.replace(" ", "_") for name in names}
    return next((kind for kind, bank in BANKS.items() if any(part <= present for part in bank.required)), None)

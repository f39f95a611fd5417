"""The public banks by the fields of their records, each with its licence and how one record is read.

Only the named fields are read, so that no explanation, rationale or chain of thought can reach a respondent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from samp_eval.items.importing.fields import (
    DIFFERENT_OPTIONS,
    NAMES_NONE,
    NO_KEY,
    clean,
    folded,
    label,
    letter_places,
    options_of_mapping,
    same_words,
    shown_key,
    structured,
    whole_number,
    without_fillers,
)
from samp_eval.items.importing.imported import ImportedQuestion, LeftOut
from samp_eval.items.importing.keys import Options, read_key
from samp_eval.literals import BankKind

__all__ = ["BANKS", "NEEDS_PICTURE", "PublicBank", "kind_of_record", "subject_name"]

NEEDS_PICTURE = "needs a picture"
_PRINTED_OPTIONS = re.compile(r"\s*\n?\s*Answer Choices:\s*\(A\).*\Z", re.DOTALL)

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
        return _chosen(options, (whole_number(fields["label"]) - base,), question, name=label(fields.get("id")))
    options = options_of_mapping(fields["options"])
    right = _by_letter_and_words(fields, options)
    topic = {"step1": "Step 1", "step2&3": "Step 2 and 3"}.get(clean(fields.get("meta_info")), "")
    question = clean(fields["question"])
    return _chosen(
        options, right, question, name=label(fields.get("realidx")), topic=topic, language=_script(question) or "en"
    )


def _by_letter_and_words(fields: Fields, options: dict[str, str]) -> tuple[int, ...]:
    """The place that the letter (or an index from 0 or 1) and the words name; one of them may be missing."""
    written = clean(fields.get("answer_idx", fields.get("correct_answer")))
    words = clean(fields.get("answer", fields.get("answer_words")))
    letter, words = (words, "") if not written and words.upper() in options else (written, words)
    if not words or (words.upper() in options and words.upper() == letter.upper()):
        return letter_places(letter, options)
    shown = f"{shown_key(letter)}, {words[:40]!r}" if letter else shown_key(words)
    texts = tuple(options.values())
    said = read_key(words, Options(texts, tuple(range(len(texts)))))
    same = {texts[place] for place in said.words or said.letters or () if place < len(texts)}
    named = [place for place, text in enumerate(texts) if text in same]  # a doubled option has two places
    if not named and not letter:
        raise LeftOut(NAMES_NONE, shown)
    is_index = letter.isdecimal() and letter not in options
    meant = {int(letter), int(letter) - 1} if is_index else set(letter_places(letter, options) if letter else named)
    if not meant & set(named):
        raise LeftOut(DIFFERENT_OPTIONS, shown)
    return (min(meant & set(named)),)


def _medmcqa(fields: Fields, base: int) -> ImportedQuestion:
    options = {letter.upper(): clean(fields[f"op{letter}"]) for letter in "abcd"}
    name, topic = label(fields.get("id")), label(fields.get("subject_name"))
    right = _by_index(fields["cop"], options, base)
    return _chosen(options, right, clean(fields["question"]), name=name, topic=topic)


def _by_index(value: Any, options: dict[str, str], base: int) -> tuple[int, ...]:
    """The place that an index names, or a letter or the words where a file has these instead."""
    if clean(value).upper() in options:
        return letter_places(value, options)
    if not re.fullmatch(r"-?\d+(?:\.0+)?", clean(value) or "0"):
        named = [place for place, text in enumerate(options.values()) if same_words(text) == same_words(clean(value))]
        if len(named) != 1:
            raise LeftOut(NAMES_NONE, shown_key(value))
        return (named[0],)
    if not clean(value) or (index := whole_number(value)) < 0:
        raise LeftOut(NO_KEY)
    if not 0 <= index - base < len(options):
        raise LeftOut(NAMES_NONE, shown_key(index))
    return (index - base,)


def _pubmedqa(fields: Fields, base: int) -> ImportedQuestion:
    contexts = structured(fields.get("contexts", fields.get("context.contexts", fields.get("context"))))
    if isinstance(contexts, dict):
        contexts = structured(contexts.get("contexts"))
    context = "\n\n".join(clean(part) for part in contexts) if isinstance(contexts, list) else clean(contexts)
    if context.startswith(("{", "[", "array(")):  # it holds what leads to the answer as well
        raise LeftOut("has a context that cannot be read", context[:40])
    options = {"A": "yes", "B": "no", "C": "maybe"}
    answer = clean(fields["final_decision"]).casefold()
    if answer not in options.values():
        raise LeftOut(NO_KEY)
    name = label(fields.get("pubid", fields.get("id")))
    right = (list(options.values()).index(answer),)
    return _chosen(options, right, clean(fields["question"]), name=name, context=context)


def _medxpertqa(fields: Fields, base: int) -> ImportedQuestion:
    options = options_of_mapping(fields["options"])
    question = clean(_PRINTED_OPTIONS.sub("", clean(fields["question"])))
    topic = label(fields.get("body_system"))
    return _chosen(options, letter_places(fields["label"], options), question, name=label(fields["id"]), topic=topic)


def _headqa(fields: Fields, base: int) -> ImportedQuestion:
    options = options_of_mapping(fields["answers"])
    if clean(fields["ra"]) in ("", "0"):
        raise LeftOut(NO_KEY)
    exam = label(fields.get("exam", fields.get("name")))
    return _chosen(
        options,
        letter_places(fields["ra"], options),
        clean(fields["qtext"]),
        name=f"{exam}-{label(fields['qid'])}".strip("-"),
        topic=label(fields.get("category")) or _HEADQA_SUBJECTS.get(exam.rpartition("_")[2], ""),
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
    name, topic = label(fields.get("id")), label(fields.get("subject_name"))
    question = clean(fields["question"])
    return _chosen(options, right, question, name=name, topic=topic, language="fr", count_told=single)


def _kormedmcqa(fields: Fields, base: int) -> ImportedQuestion:
    options = {letter: text for letter in "ABCDE" if (text := clean(fields.get(letter.lower())))}
    parts = [label(fields.get(part)) for part in ("subject", "year", "period", "q_number")]
    name = "-".join(part for part in parts if part)
    right = _by_index(fields["answer"], options, base)
    return _chosen(options, right, clean(fields["question"]), name=name, topic=parts[0], language="ko")


def _igakuqa(fields: Fields, base: int) -> ImportedQuestion:
    if fields.get("text_only") in (False, "false", "False"):
        raise LeftOut(NEEDS_PICTURE)
    choices = fields.get("choices", fields.get("choices_en"))
    options = {name.lower(): text for name, text in options_of_mapping(choices).items()}
    if not options:
        raise LeftOut("has no options that can be read")
    question = clean(fields.get("problem_text", fields.get("problem_text_en")))
    answer = fields["answer"]
    letters = list(answer) if isinstance(answer, str) and re.fullmatch("[a-e]{2,5}", answer) else answer
    right, language = letter_places(letters, options), "ja" if _script(question) else "en"
    return _chosen(options, right, question, name=label(fields["problem_id"]), language=language)


def _afrimedqa(fields: Fields, base: int) -> ImportedQuestion:
    if clean(fields["question_type"]).casefold() != "mcq":
        raise LeftOut("is no multiple-choice question")
    options = without_fillers(options_of_mapping(fields["answer_options"]))
    right = letter_places(fields["correct_answer"], options)
    question = clean(fields.get("question_clean")) or clean(fields.get("question"))
    topic = label(fields.get("specialty")).replace("_", " ")
    name = label(fields.get("sample_id"))
    return _chosen(options, right, question, name=name, topic=topic, count_told=len(right) == 1)


def _mmlu(fields: Fields, base: int) -> ImportedQuestion:
    if "column_1" in fields:
        texts = list(fields.values())
        options = {chr(ord("A") + place): clean(text) for place, text in enumerate(texts[1:-1])}
        return _chosen(options, letter_places(texts[-1], options), clean(texts[0]), name="")
    options = options_of_mapping(fields["choices"])
    right = _by_index(fields["answer"], options, base)
    topic = subject_name(label(fields.get("subject")))
    return _chosen(options, right, clean(fields["question"]), name="", topic=topic)


def subject_name(written: str) -> str:
    """A subject of MMLU in words: ``clinical_knowledge`` is Clinical knowledge."""
    words = written.replace("_", " ")
    return words[:1].upper() + words[1:]


def _script(text: str) -> str:
    """The language that a text's letters show: Korean, Japanese or Chinese; empty for others."""
    if re.search("[\uac00-\ud7a3]", text):
        return "ko"
    return "ja" if re.search("[\u3040-\u30ff]", text) else "zh" if re.search("[\u4e00-\u9fff]", text) else ""


def _sets(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(name.casefold().split()) for name in names)


def _of_french(*more: str) -> tuple[frozenset[str], ...]:
    """Its layouts with one more field each; without, they are those of any quiz."""
    answers = ("answers", "answer_a", "answers.a")
    return _sets(*(f"question {layout} correct_answers {name}" for layout in answers for name in more))


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
            _sets(*(f"question {name} final_decision" for name in ("contexts", "context", "context.contexts"))),
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
            _of_french("subject_name", "type", "nbr_correct_answers", "number_correct_answers"),
            _frenchmedmcqa,
            enough=_of_french(""),
        ),
        PublicBank(
            "kormedmcqa",
            "KorMedMCQA",
            "CC BY-NC 2.0",
            "https://huggingface.co/datasets/sean0042/KorMedMCQA",
            _sets("question a b c d e answer year period", "question a b c d e answer q_number"),
            _kormedmcqa,
            index="answer",
            options=5,
            enough=_sets("question a b c d e answer"),
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
                "question options answer meta_info",
                "sent1 ending0 ending1 ending2 ending3 label",
            ),
            _medqa,
            index="label",
            options=4,
            enough=_sets("question options answer_idx", "question options answer"),
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
    present = {folded(name) for name in names}
    return next((kind for kind, bank in BANKS.items() if any(part <= present for part in bank.required)), None)

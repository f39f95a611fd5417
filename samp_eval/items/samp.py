"""The words of a bank: case, question, answer key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.bank_model import BankModel, Text
from samp_eval.items.languages import words_in
from samp_eval.items.picture import MOST_PICTURES, Picture
from samp_eval.literals import QuestionFormat

__all__ = [
    "Bank",
    "Collection",
    "KeyEntry",
    "NotAccepted",
    "PlacedCase",
    "Question",
    "SampCase",
    "Source",
    "VitalSigns",
    "entry_letter",
]

OptionalText = Annotated[str, StringConstraints(strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


def _or_any(schema: dict[str, Any]) -> None:
    """Editors also accept ``any``."""
    schema["anyOf"] = [{"type": "integer", "minimum": schema.pop("minimum"), "maximum": schema.pop("maximum")}]
    schema["anyOf"].append({"type": "string", "const": "any"})
    schema.pop("type")


def entry_letter(position: int) -> str:
    """Letter of the key entry at ``position`` (from 0): A to Z, then AA, AB, ..."""
    letters = ""
    position += 1
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


class KeyEntry(BankModel):
    """One acceptable answer. It earns its mark once in a response."""

    answer: Text = Field(description="The entry as printed in the key.")
    alternatives: tuple[Text, ...] = Field(
        default=(), description="Other wordings that earn the same mark: synonyms, abbreviations, trade names."
    )

    @property
    def wordings(self) -> tuple[str, ...]:
        """The entry's own wording, then its alternatives."""
        return (self.answer, *self.alternatives)


class NotAccepted(BankModel):
    """An answer that the key names as wrong or as too little, with the reason."""

    answer: Text = Field(description="The answer that earns nothing.")
    alternatives: tuple[Text, ...] = Field(default=(), description="Other wordings of the same refused answer.")
    reason: Text = Field(description="Why it earns nothing: grouped test, too vague, dangerous, ...")

    @property
    def wordings(self) -> tuple[str, ...]:
        """The refused answer's own wording, then its alternatives."""
        return (self.answer, *self.alternatives)


class Source(BankModel):
    """The guideline or text that a reviewer would check."""

    title: Text = Field(description="Title of the guideline, article or book.")
    body: Text = Field(description="The publisher.")
    year: int = Field(ge=1900, le=2100, description="Year of publication.")

    def __str__(self) -> str:
        return f"{self.title} ({self.body}, {self.year})"


class VitalSigns(BankModel):
    """Vital signs in the examination's order; each is text with its unit."""

    temperature: Text | None = Field(default=None, description="With the route: 38.4 °C (oral)")
    pulse: Text | None = Field(default=None, description="112/min")
    respirations: Text | None = Field(default=None, description="24/min")
    blood_pressure: Text | None = Field(default=None, description="104/62 mmHg")
    oxygen_saturation: Text | None = Field(default=None, description="94 % on room air")
    weight: Text | None = Field(default=None, description="14.2 kg")

    def lines(self, language: str = "en") -> list[str]:
        """One labelled line for each vital sign that is given, in the examination's order."""
        words = words_in(language)
        labelled = [
            (name.replace("_", " ").capitalize(), value)
            for name in type(self).model_fields
            if (value := getattr(self, name))
        ]
        return [f"{words.vital_labels.get(label, label)}{words.colon}{value}" for label, value in labelled]


class Question(BankModel):
    """One prompt on a case, with its answer key."""

    id: Identifier = Field(description="Unique in the bank: letters, digits, dots, hyphens, underscores.")
    update: Text | None = Field(default=None, description="New information revealed before this question.")
    images: tuple[Picture, ...] = Field(
        default=(), max_length=MOST_PICTURES, description="Pictures that are shown from this question on."
    )
    question: Text = Field(description="The question itself; the instruction (List THREE.) is generated.")
    format: QuestionFormat = Field(
        default="write-in",
        description="write-in: free text; menu: N of 6 to 12 options; single: the best of five options.",
    )
    requested: int = Field(
        ge=1,
        le=12,
        description="The number of answers that the question asks for (N); only the first N count. `any` where the "
        "candidate is not told how many options are right.",
        json_schema_extra=_or_any,
    )
    any_number: bool = Field(
        default=False,
        description="What `requested: any` becomes: the candidate is not told how many options are right, `requested` "
        "is their number, and what is chosen is compared with the key as a whole.",
    )
    options: tuple[Text, ...] = Field(default=(), description="The options of a menu or single question, in order.")
    key: tuple[KeyEntry, ...] = Field(min_length=1, description="The acceptable answers; each earns its mark once.")
    not_accepted: tuple[NotAccepted, ...] = Field(
        default=(), description="Likely answers that earn nothing, with the reason."
    )
    rationale: Text | None = Field(default=None, description="The reason for the key, for the reviewers.")
    source: Source | None = Field(default=None, description="The source of the key.")

    def instruction_in(self, language: str) -> str:
        """What the candidate is told to do, such as ``List THREE.`` or ``Select two.``, made from the count."""
        words = words_in(language)
        count = words.counts[self.requested]
        if self.any_number:
            return words.any_options
        if self.format != "write-in":
            return words.options[self.requested > 1].format(count)
        return words.one_answer if self.requested == 1 else words.answers.format(count.upper())

    @property
    def instruction(self) -> str:
        """The instruction in English."""
        return self.instruction_in("en")

    @property
    def most_answers(self) -> int:
        """How many answers of a response can count: N, or every option where the candidate is not told how many."""
        return len(self.options) if self.any_number else self.requested

    def lettered_key(self) -> dict[str, KeyEntry]:
        """Key entries by their letter, in order."""
        return {entry_letter(position): entry for position, entry in enumerate(self.key)}

    @model_validator(mode="before")
    @classmethod
    def _count_of_any(cls, content: Any) -> Any:
        if isinstance(content, dict) and str(content.get("requested")).strip().casefold() == "any":
            key = content.get("key")
            return content | {"requested": len(key) if isinstance(key, list | tuple) else 1, "any_number": True}
        return content

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if len(self.key) < self.requested:
            raise ValueError(
                f"asks for {self.requested} answers but its key has {len(self.key)} "
                f"entr{'y' if len(self.key) == 1 else 'ies'}; add entries or lower requested"
            )
        if self.format == "write-in":
            if self.any_number:
                raise ValueError("a write-in question asks for a number of answers, not for any")
            if self.options:
                raise ValueError("a write-in question has no options; remove them or set format to menu or single")
            return self
        if self.any_number and (self.format == "single" or self.requested != len(self.key)):
            raise ValueError("any number of answers goes with the format menu, and every right option is in the key")
        if self.format == "single" and self.requested != 1:
            raise ValueError(f"a single best answer question asks for 1 answer, not {self.requested}")
        missing = [entry.answer for entry in self.key if entry.answer not in self.options]
        if missing:
            remedy = f"; write the words of an option, such as {self.options[0]!r}" if self.options else ""
            raise ValueError(f"key entries are not among the options: {', '.join(missing)}{remedy}")
        if self.format == "single" and len(self.key) != 1:
            raise ValueError(f"a single best answer question has one key entry, not {len(self.key)}")
        return self


class Collection(BankModel):
    """The public bank or export that a case was imported from."""

    name: Text = Field(description="Of the bank, such as MedQA.")
    licence: Text = Field(description="Under which its questions may be used; `not stated` where none was found.")
    source: Text = Field(description="Where it was obtained.")
    sample: Text | None = Field(default=None, description="How these questions were drawn; empty for all of them.")

    def __str__(self) -> str:
        drawn = f"; {self.sample}" if self.sample else ""
        return f"{self.name} (licence: {self.licence}; {self.source}{drawn})"


class SampCase(BankModel):
    """A vignette with its questions."""

    id: Identifier = Field(description="Unique in the bank: letters, digits, dots, hyphens, underscores.")
    topic: Text = Field(description="One of the topics of family medicine, in a word or two.")
    setting: Text | None = Field(default=None, description="Where the physician is: office, emergency department, ...")
    stem: OptionalText = Field(
        default="",
        description="The case in 50 to 150 words; empty where a question stands by itself, as in board examinations.",
    )
    vitals: VitalSigns | None = Field(default=None, description="Vital signs, in a fixed order.")
    images: tuple[Picture, ...] = Field(
        default=(), max_length=MOST_PICTURES, description="Pictures that belong to the stem."
    )
    language: Language = Field(default="en", description="Of the case and its questions, as a code: `en`, `fr`.")
    collection: Collection | None = Field(default=None, description="The public bank that it was imported from.")
    questions: tuple[Question, ...] = Field(min_length=1, description="The questions about the case, in order.")
    written_by: tuple[Text, ...] = Field(
        default=(), description="Who wrote the case; a reviewer of this name does not mark it under a plan."
    )
    reviewed_by: tuple[Text, ...] = Field(
        default=(), description="Physicians who reviewed the case, with credentials and date; empty: nobody has yet."
    )

    def collection_texts(self) -> list[str]:
        """Name, licence, source and sample of the collection, in this order; empty where there is none."""
        if self.collection is None:
            return []
        found = self.collection
        return [found.name, found.licence, found.source, *([found.sample] if found.sample else [])]

    @property
    def stands_alone(self) -> bool:
        """Whether it is no SAMP: it was imported from a public bank, or has no stem."""
        return self.collection is not None or not self.stem

    def updates_until(self, question: Question) -> list[str]:
        """Every update that a candidate has seen when ``question`` is asked, in order."""
        return [earlier.update for earlier in self._until(question) if earlier.update]

    def pictures_until(self, question: Question) -> list[Picture]:
        """Every picture that a candidate has seen when ``question`` is asked, in order."""
        return [*self.images, *(picture for earlier in self._until(question) for picture in earlier.images)]

    def _until(self, question: Question) -> Iterator[Question]:
        for earlier in self.questions:
            yield earlier
            if earlier.id == question.id:
                break


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case with the place that it was read from.

    Attributes
    ----------
    file : str
    case : SampCase
    rows : tuple of str
        Where each of its questions stands in a table or a file of lines, such as ``row 12``; empty for other forms.
    """

    file: str
    case: SampCase
    rows: tuple[str, ...] = ()

    def place(self, question: Question | None = None, detail: str = "") -> str:
        """Name a place as messages do: ``row 12, case knee-pain, question knee-pain-2, key entry B``."""
        parts = [f"case {self.case.id}"]
        if question is not None:
            row = self.rows[self.case.questions.index(question)] if self.rows else ""
            parts = [*([row] if row else []), *parts, f"question {question.id}"]
        elif self.rows and self.rows[0]:
            parts.insert(0, self.rows[0])
        return ", ".join([*parts, *([detail] if detail else [])])


@dataclass(frozen=True, slots=True)
class Bank:
    """A validated set of cases, in order.

    Attributes
    ----------
    cases : tuple of SampCase
        Each with its questions and their keys.
    location : str
        Where the bank was read from.
    sha256 : str
        SHA-256 of the cases' canonical JSON: equal content, equal hash. Who reviewed a case is no part of it.
    version : int
        Number among the banks that a study has had; 0 outside a study.
    files_sha256 : str
        Of the files as they were read, so that it is soon seen whether they are still the same; empty where unknown.
    excluded : frozenset of str
        Ids of questions that are passed over; their cases stay whole, so that the other questions read as before.
    pictures : mapping
        Every picture that the cases name, by the SHA-256 of its file.
    """

    cases: tuple[SampCase, ...]
    location: str
    sha256: str
    version: int = 0
    files_sha256: str = ""
    excluded: frozenset[str] = frozenset()
    pictures: Mapping[str, PlainPicture] = field(default_factory=dict, compare=False, repr=False)

    def asked(self) -> Iterator[tuple[SampCase, Question]]:
        """Every question with its case, in the bank's order."""
        for case in self.cases:
            for question in case.questions:
                if question.id not in self.excluded:
                    yield case, question

    @property
    def pictured(self) -> frozenset[str]:
        """Ids of the questions that come with pictures."""
        return frozenset(question.id for case, question in self.asked() if case.pictures_until(question))

    def by_question(self) -> dict[str, tuple[SampCase, Question]]:
        """Case and question by question id."""
        return {question.id: (case, question) for case, question in self.asked()}

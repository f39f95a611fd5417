"""Answers of people from a learning system: rows without question ids, which name a question by its text or number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from samp_eval.errors import Fault, FaultySheet
from samp_eval.items.samp import Bank, Question
from samp_eval.run.prompt import asked_text

__all__ = ["with_question_ids"]

MAX_FAULTS = 100
ALIKE = 92
"""Of 100: a question of an export may lack a mark or an accent, and is still the only one so like."""
FURTHER = 5
"""How much more alike the best question must be than the second."""

_QUESTION_TEXT = ("question", "question_text", "item", "question_stem", "énoncé", "frage", "pregunta")
_QUESTION_NUMBER = ("question_number", "number", "question_no", "no", "nr", "q", "numéro", "slot")
_ANSWER = ("text", "response", "answer", "réponse", "antwort", "respuesta")
_PERSON = (
    *("respondent", "id_number", "idnumber", "username", "candidate", "student", "user_id", "user", "email_address"),
    *("email", "e_mail", "adresse_de_courriel", "numéro_d'identification", "nom_d'utilisateur"),
)
_NAMES = ("last_name", "surname", "first_name", "nom", "prénom", "nachname", "vorname", "apellidos", "nombre")
_STATE = ("state", "status", "état", "statut")
_UNFINISHED = ("in progress", "never submitted", "overdue", "en cours", "jamais remis")
_RESPONSE_COLUMN = re.compile(r"^(?:response|réponse|antwort|respuesta)_(\d{1,4})$")
_QUESTION_COLUMN = re.compile(r"^(?:question|frage|pregunta)_(\d{1,4})$")
_BLANK = ("", "-", "—")

HEADER = ["question_id", "respondent", "round", "text", "failure", "failure_kind"]


@dataclass(slots=True)
class _People:
    """Persons by a name of this study, so that nobody's own is kept, with the attempts of each."""

    prefix: str
    named: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    def name(self, who: str) -> str:
        return self.named.setdefault(who, f"{self.prefix}-{len(self.named) + 1:03d}")

    def next_attempt(self, who: str) -> int:
        self.attempts[who] = self.attempts.get(who, 0) + 1
        return self.attempts[who]


class _Questions:
    """The questions of a bank by what an export says of them."""

    def __init__(self, bank: Bank) -> None:
        self.asked = [question for _, question in bank.asked()]
        self._by_text: dict[str, set[str]] = {}
        self._texts: dict[str, str] = {}
        for case, question in bank.asked():
            instructed = f"{question.question} {question.instruction_in(case.language)}"
            for text in (question.question, instructed, asked_text(case, question)):
                self._by_text.setdefault(_words(text), set()).add(question.id)
            self._texts[question.id] = _words(question.question)
        self.by_id = {question.id: question for question in self.asked}

    def numbered(self, written: str) -> str:
        """The id of the question with this place in the bank."""
        place = int(written) if written.isdecimal() else 0
        if not 1 <= place <= len(self.asked):
            raise ValueError(f"found {written[:40]!r}; the bank has questions 1 to {len(self.asked)}")
        return self.asked[place - 1].id

    def with_text(self, written: str) -> str:
        """The id of the question with this text."""
        words = _words(written)
        found = self._by_text.get(words, set())
        if len(found) == 1:
            return next(iter(found))
        if not found and (identifier := self._with_choices(words)):
            return identifier
        if len(found) > 1:
            raise ValueError(
                f"{len(found)} questions of the bank have this text: {', '.join(sorted(found)[:3])}; use ids"
            )
        near = process.extract(words, self._texts, scorer=fuzz.token_sort_ratio, limit=2)
        if near and near[0][1] >= ALIKE and (len(near) < 2 or near[0][1] - near[1][1] >= FURTHER):
            return str(near[0][2])
        like = f"; the most like it is {near[0][2]}" if near else ""
        raise ValueError(f"no question of the bank has the text {written[:60]!r}{like}")

    def _with_choices(self, words: str) -> str | None:
        """The id of the one question that stands here with its options behind it in any order, as Moodle exports it."""
        found = [
            question.id
            for question in self.asked
            if question.options
            and words.startswith(self._texts[question.id])
            and sorted(words[len(self._texts[question.id]) :].split())
            == sorted(_words(" ".join(question.options)).split())
        ]
        return found[0] if len(found) == 1 else None


def with_question_ids(rows: Sequence[Sequence[str]], file: str, bank: Bank, prefix: str) -> list[list[str]]:
    """Turn rows of a learning system into rows with question ids; others are given back as they are.

    Parameters
    ----------
    rows : sequence
        The first is the header. Either one row for each attempt with columns ``Response 1``, ``Response 2``, ..., as
        Moodle exports them, or one row for each answer.
    file : str
        What messages call it.
    bank : Bank
    prefix : str
        Persons are called ``prefix-001`` and so on, in their order; no name or address is kept.

    Raises
    ------
    FaultySheet
        Naming every question that is not in the bank.
    """
    header = [_column(cell) for cell in rows[0]] if rows else []
    responses = {int(found[1]): place for place, cell in enumerate(header) if (found := _RESPONSE_COLUMN.match(cell))}
    by_text, by_number = _first(header, _QUESTION_TEXT), _first(header, _QUESTION_NUMBER)
    if "question_id" in header or (not responses and by_text is None and by_number is None):
        return [list(row) for row in rows]
    questions, people, faults = _Questions(bank), _People(prefix), []
    made: list[list[str]] = [list(HEADER)]
    wide = _of_attempts(rows, header, responses, questions, people)
    for place, row in wide if responses else _of_answers(rows, header, questions, people):
        if isinstance(row, ValueError):
            faults.append(Fault(file, place, str(row)))
        else:
            made.append(row)
    if faults:
        raise FaultySheet(faults[:MAX_FAULTS], "nothing was imported")
    return made


Made = tuple[str, "list[str] | ValueError"]


def _of_attempts(
    rows: Sequence[Sequence[str]],
    header: list[str],
    responses: dict[int, int],
    questions: _Questions,
    people: _People,
) -> Iterator[Made]:
    asked = {int(found[1]): place for place, cell in enumerate(header) if (found := _QUESTION_COLUMN.match(cell))}
    state = _first(header, _STATE)
    for number, row in enumerate(rows[1:], start=2):
        who = _who(row, header)
        if not who or (state is not None and _cell(row, state).casefold() in _UNFINISHED):
            continue  # the line of averages, and attempts that were not handed in
        name, attempt = people.name(who), people.next_attempt(who)
        for slot, place in responses.items():
            where = f"row {number}, column {place + 1}"
            try:
                text = _cell(row, asked[slot]) if slot in asked else ""
                identifier = questions.with_text(text) if text else questions.numbered(str(slot))
            except ValueError as problem:
                yield where, problem
                continue
            yield where, _made(questions.by_id[identifier], name, attempt, _cell(row, place))


def _of_answers(
    rows: Sequence[Sequence[str]], header: list[str], questions: _Questions, people: _People
) -> Iterator[Made]:
    text, number, answer = _first(header, _QUESTION_TEXT), _first(header, _QUESTION_NUMBER), _first(header, _ANSWER)
    own_name, attempt = _first(header, ("respondent",)), _first(header, ("round", "attempt"))
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        where = f"row {line}"
        try:
            written = _cell(row, text) if text is not None else ""
            identifier = questions.with_text(written) if written else questions.numbered(_cell(row, number))
            if answer is None:
                raise ValueError("there is no column text, response or answer")
            who = _who(row, header)
            if not who:
                raise ValueError("nothing says who answered; name the column respondent")
        except ValueError as problem:
            yield where, problem
            continue
        name = _cell(row, own_name) if own_name is not None else people.name(who)
        tried = _cell(row, attempt).removesuffix(".0") if attempt is not None else "1"
        yield (
            where,
            _made(questions.by_id[identifier], name, int(tried) if tried.isdecimal() else 1, _cell(row, answer)),
        )


def _made(question: Question, name: str, attempt: int, answer: str) -> list[str]:
    """A row of the documented columns; a blank is a failure, which ``--failures zero`` counts as wrong."""
    if answer in _BLANK:
        return [question.id, name, str(attempt), "", "left blank", "empty_answer"]
    parts = [part.strip() for part in answer.split(";")]
    if question.options and len(parts) > 1 and set(parts) <= set(question.options):
        answer = "\n".join(parts)  # as Moodle joins what was ticked
    return [question.id, name, str(attempt), answer, "", ""]


def _who(row: Sequence[str], header: list[str]) -> str:
    person = _first(header, _PERSON)
    if person is not None:
        return _cell(row, person)
    return " ".join(_cell(row, place) for place, cell in enumerate(header) if cell in _NAMES).strip()


def _first(header: list[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _column(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().casefold())


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))

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

_QUESTION_TEXT = (
    "question",
    "question_text",
    "item",
    "question_stem",
    "énoncé",
    "frage",
    "pregunta",
    "domanda",
    "pergunta",
)
_QUESTION_NUMBER = ("question_number", "number", "question_no", "no", "nr", "q", "numéro", "slot")
_ANSWER = ("text", "response", "answer", "réponse", "antwort", "respuesta", "risposta", "resposta", "antwoord")
_PERSON = (
    *("respondent", "id_number", "idnumber", "username", "candidate", "student", "student_id", "user_id", "user"),
    *("email_address", "email", "e_mail", "e_mail_adresse", "mail", "adresse_de_courriel", "numéro_d'identification"),
    *("nom_d'utilisateur", "anmeldename", "matrikelnummer", "id_nummer", "dirección_de_correo", "correo_electrónico"),
    *("nombre_de_usuario", "indirizzo_email", "endereço_de_email", "e_mailadres", "participant", "sis_id"),
)
_NAMES = (
    *("last_name", "surname", "first_name", "name", "full_name", "nom", "nom_de_famille", "prénom", "nachname"),
    *("vorname", "apellido", "apellidos", "nombre", "cognome", "nome", "sobrenome", "achternaam", "voornaam"),
)
_AVERAGE = re.compile(
    r"^(?:overall |grand )?(?:average|mean)\b|^moyenne\b|durchschnitt\b|^(?:promedio|media|média)\b|gemiddelde\b",
    re.IGNORECASE,
)
"""What stands in the place of a name in the last line of a report."""
_STATE = ("state", "status", "état", "statut", "estado", "stato", "situação")
_UNFINISHED = frozenset(
    {
        *("in progress", "never submitted", "overdue", "abandoned", "not started", "en cours", "jamais remis"),
        *("en retard", "in bearbeitung", "nie abgegeben", "nie eingereicht", "überfällig", "en curso", "nunca enviado"),
        *("vencido", "in corso", "mai consegnato", "mai inviato", "scaduto", "em progresso", "em andamento", "bezig"),
        *("nooit ingeleverd", "nooit ingediend", "te laat"),
    }
)
_ENDED = (
    *("completed", "completed_on", "finished", "terminé", "achevé", "beendet", "abgeschlossen", "finalizado"),
    *("completado", "completato", "terminato", "concluída_em", "finalizada", "voltooid"),
)
"""Columns with the time at which an attempt was handed in; ``-`` where it was not."""
_RESPONSE_COLUMN = re.compile(r"^(?:response|réponse|antwort|respuesta|risposta|resposta|antwoord)_(\d{1,4})$")
_QUESTION_COLUMN = re.compile(r"^(?:question|frage|pregunta|domanda|pergunta|vraag)_(\d{1,4})$")
_NUMBERED = re.compile(r"^(?:q|question|item|frage|pregunta|no|nr)?[._ ]*(\d{1,4})$")
_GRADE = re.compile(r"^(?:q|f|p)\._?\d{1,4}_?/")
"""A column of Moodle's Grades report, such as ``Q. 1 /2.50``."""
_OWN_NUMBER = re.compile(r"^\d+:\s*")
"""What Canvas puts before the text of a question."""
_ABOVE_HEADER = 20
_FEWEST_WORDS = 3
"""Of a heading that may be the text of a question."""
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

    def headed(self, heading: str) -> str | None:
        """The id of the question that a column's heading names by its id, number or text; None where it names none."""
        found = heading.strip()
        number = _NUMBERED.match(_column(found))
        if found in self.by_id:
            return found
        if number is not None:
            return self.asked[int(number[1]) - 1].id if 1 <= int(number[1]) <= len(self.asked) else None
        try:
            text = _OWN_NUMBER.sub("", found)
            return self.with_text(text) if len(text.split()) >= _FEWEST_WORDS else None
        except ValueError:
            return None

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
        A title may stand above the header. Then either one row for each attempt with columns ``Response 1``,
        ``Response 2``, ..., as Moodle exports them, or with a column for each question, headed by its number, id or
        text; or one row for each answer.
    file : str
        What messages call it.
    bank : Bank
    prefix : str
        Persons are called ``prefix-001`` and so on, in their order; no name or address is kept.

    Raises
    ------
    FaultySheet
        Naming every question that is not in the bank, and every row that does not say who answered.
    """
    questions = _Questions(bank)
    table = next(
        (found for start in range(min(_ABOVE_HEADER, len(rows))) if (found := _table(rows, start, questions))), None
    )
    if table is None:
        return [list(row) for row in rows]
    if table.grades:
        problem = (
            "has grades and no answers: this is Moodle's report Grades; export the report Responses instead, or take "
            "the grades to samp-eval compare --table"
        )
        raise FaultySheet([Fault(file, f"row {table.start + 1}", problem)], "nothing was imported")
    people = _People(prefix)
    made: list[list[str]] = [list(HEADER)]
    faults = []
    for place, row in (
        _of_answers(table, questions, people) if table.is_long else _of_attempts(table, questions, people)
    ):
        if isinstance(row, ValueError):
            faults.append(Fault(file, place, str(row)))
        else:
            made.append(row)
    if faults:
        raise FaultySheet(faults[:MAX_FAULTS], "nothing was imported")
    return made


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows below a header, with what its columns hold.

    Attributes
    ----------
    rows : sequence
    start : int
        Place of the header.
    header : list of str
    responses : dict of int
        Columns by the number of the response.
    headed : dict of str
        Columns by the question that their heading names.
    grades : bool
        Whether the columns of questions have grades only.
    """

    rows: Sequence[Sequence[str]]
    start: int
    header: list[str]
    responses: dict[int, int]
    headed: dict[str, int]
    grades: bool

    @property
    def is_long(self) -> bool:
        """Whether there is one row for each answer."""
        return not self.responses and not self.headed

    def numbered_rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Rows that hold something, with their numbers in the file."""
        below = enumerate(self.rows[self.start + 1 :], start=self.start + 2)
        return ((number, row) for number, row in below if any(cell.strip() for cell in row))


def _table(rows: Sequence[Sequence[str]], start: int, questions: _Questions) -> _Table | None:
    """The table whose header is this row; None where it is no header of a learning system, or already has ids."""
    header = [_column(cell) for cell in rows[start]]
    if "question_id" in header:
        return None
    responses = {int(found[1]): place for place, cell in enumerate(header) if (found := _RESPONSE_COLUMN.match(cell))}
    by_row = _first(header, _QUESTION_TEXT) is not None or _first(header, _QUESTION_NUMBER) is not None
    long = _Table(rows, start, header, responses, {}, grades=False)
    if responses or (by_row and _first(header, _ANSWER) is not None):
        return long
    if not any(cell in (*_PERSON, *_NAMES) for cell in header):
        return None
    grades = any(map(_GRADE.match, header))
    headed: dict[str, int] = {}
    for place, cell in enumerate(rows[start]):
        question = questions.headed(cell)
        if question is not None and header[place] not in (*_PERSON, *_NAMES):
            headed.setdefault(question, place)
    return _Table(rows, start, header, {}, headed, grades) if headed or grades else long if by_row else None


Made = tuple[str, "list[str] | ValueError"]


def _of_attempts(table: _Table, questions: _Questions, people: _People) -> Iterator[Made]:
    header = table.header
    asked = {int(found[1]): place for place, cell in enumerate(header) if (found := _QUESTION_COLUMN.match(cell))}
    places: list[tuple[int | str, int]] = [*table.responses.items(), *table.headed.items()]
    own_name = _first(header, ("respondent",))
    for number, row in table.numbered_rows():
        if _is_average(row, header) or _is_unfinished(row, header):
            continue
        who = _who(row, header)
        if not who:
            if any(_cell(row, place) not in _BLANK for _, place in places):
                yield f"row {number}", ValueError("nothing says who answered; name the column respondent")
            continue
        attempt = people.next_attempt(who)
        name = _cell(row, own_name) or people.name(who)
        for slot, place in places:
            where = f"row {number}, column {place + 1}"
            try:
                text = _cell(row, asked[slot]) if isinstance(slot, int) and slot in asked else ""
                if isinstance(slot, str):
                    identifier = slot
                else:
                    identifier = questions.with_text(text) if text else questions.numbered(str(slot))
            except ValueError as problem:
                yield where, problem
                continue
            yield where, _made(questions.by_id[identifier], name, attempt, _cell(row, place))


def _is_average(row: Sequence[str], header: list[str]) -> bool:
    """Whether a row is the line of averages: named so, or of nobody with a state."""
    named = next((cell.strip() for cell in row if cell.strip()), "")
    state = _first(header, _STATE)
    nobody = not any(_cell(row, place) for place, cell in enumerate(header) if cell in _PERSON)
    return nobody and (bool(_AVERAGE.search(named)) or (state is not None and not _cell(row, state)))


def _is_unfinished(row: Sequence[str], header: list[str]) -> bool:
    """Whether an attempt was not handed in."""
    state, ended = _first(header, _STATE), _first(header, _ENDED)
    if state is None:
        return False
    return _cell(row, state).casefold() in _UNFINISHED or (ended is not None and _cell(row, ended) in _BLANK)


def _of_answers(table: _Table, questions: _Questions, people: _People) -> Iterator[Made]:
    header = table.header
    text, number, answer = _first(header, _QUESTION_TEXT), _first(header, _QUESTION_NUMBER), _first(header, _ANSWER)
    own_name, attempt = _first(header, ("respondent",)), _first(header, ("round", "attempt"))
    for line, row in table.numbered_rows():
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
    chosen = _ticked([part.strip() for part in answer.split(";")], question.options)
    if chosen and len(chosen) > 1:
        answer = "\n".join(chosen)  # as Moodle joins what was ticked
    return [question.id, name, str(attempt), answer, "", ""]


def _ticked(parts: list[str], options: Sequence[str]) -> list[str] | None:
    """The options whose texts these parts are, one after another; an option may hold a semicolon itself."""
    if not parts:
        return []
    for count in range(1, len(parts) + 1):
        option = "; ".join(parts[:count])
        rest = _ticked(parts[count:], options) if option in options else None
        if rest is not None:
            return [option, *rest]
    return None


def _who(row: Sequence[str], header: list[str]) -> str:
    """What tells one person from another: every number, address and name that the row has of them."""
    own = _first(header, ("respondent",))
    if own is not None and _cell(row, own):
        return _cell(row, own)
    known = [_cell(row, place).casefold() for place, cell in enumerate(header) if cell in _PERSON]
    known += [_cell(row, place).casefold() for place, cell in enumerate(header) if cell in _NAMES]
    return " ".join(part for part in known if part not in _BLANK)


def _first(header: list[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _column(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", re.sub(r"\((?:s|es|n|en)\)", "", cell.strip().casefold()))


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))

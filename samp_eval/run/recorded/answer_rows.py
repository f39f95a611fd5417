"""Recorded answers: rows of pasted chat answers become responses, the same thing as what a run stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast, get_args

from samp_eval.errors import Fault, FaultySheet
from samp_eval.items.samp import Bank, entry_letter
from samp_eval.run.respondent import Ask, FailedAttempt, FailureKind, Reply, Response, ResponseFailure
from samp_eval.study import LONGEST_NAME, Condition, Round

__all__ = [
    "COLUMNS",
    "FAILURE_COLUMNS",
    "LOG_COLUMNS",
    "NO_NAME",
    "OPTIONAL_COLUMNS",
    "SETTING_COLUMNS",
    "Recorded",
    "conflicts",
    "corrections",
    "recorded_responses",
    "response_row",
    "settings_conflicts",
]

COLUMNS = ("question_id", "respondent", "round", "condition", "text")
OPTIONAL_COLUMNS = ("asked_at", "model_returned", "prompt_tokens", "completion_tokens", "option_order")
"""``option_order``: the bank's letters of the options in the order in which they were shown, where it was another."""
SETTING_COLUMNS = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort", "settings")
"""What is known of how a respondent was asked; ``settings`` is free text. The same in all of a respondent's rows."""

LOG_COLUMNS = ("finish_reason", "cached_prompt_tokens", "model_asked")
"""What logs know beyond that: ``model_asked`` is the model's name with its provider."""

FAILURE_COLUMNS = ("failure", "failure_kind")
"""Why no answer could be had, in a row without ``text``; without a kind it is a ``server_error``."""

NO_NAME = f"who answered is missing, or its name is longer than {LONGEST_NAME} characters"

MAX_FAULTS = 1000
"""Listed of a file, which may have millions of rows that are all wrong."""

Setting = str | int | float


class _UnusableError(ValueError):
    """A cell that says nothing we understand; ``column`` names it."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What cells may say."""

    questions: Mapping[str, int]
    """How many options each has."""
    rounds: Mapping[int, Round]
    fixed_rounds: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a file holds: responses, failures, and for each respondent the settings that its rows name."""

    responses: list[Response]
    failures: list[ResponseFailure]
    settings: dict[str, dict[str, Setting]]


def recorded_responses(
    rows: Sequence[Sequence[str]], file: str, bank: Bank, rounds: Mapping[int, Round], *, fixed_rounds: bool = False
) -> Recorded:
    """Read rows of text, the first of them the header.

    Parameters
    ----------
    rows : sequence
        Cells in the order of the file; columns are found by their names, unknown ones do not matter.
    file : str
        What messages call it.
    rounds : mapping
        By number; an empty condition is that of its round.
    fixed_rounds : bool
        Whether a study file names these rounds, so that there can be no others.

    Raises
    ------
    FaultySheet
        With every fault; nothing is usable then.
    """
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    missing = [column for column in COLUMNS if column not in header and column != "condition"]
    if missing:
        found = ", ".join(cell for cell in header if cell) or "nothing"
        problem = f"the columns {', '.join(missing)} are missing; found {found}"
        raise FaultySheet([Fault(file, "row 1", problem)], "nothing was imported")
    questions = {question.id: len(question.options) for _, question in bank.asked()}
    allowed = _Allowed(questions, rounds, fixed_rounds)
    outcomes: dict[Ask, Response | ResponseFailure] = {}
    settings: dict[str, dict[str, Setting]] = {}
    faults = []
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(header, cells, strict=False))
        try:
            outcome = _outcome(row, allowed)
            if _place(outcome.ask) in outcomes:
                raise _UnusableError("round", "an earlier row holds the answer of this question, respondent and round")
            _check_same(settings.setdefault(outcome.ask.respondent, _settings(row)), row)
        except _UnusableError as error:
            faults.append(Fault(file, f"row {number}, column {error.column}", str(error)))
            if len(faults) == MAX_FAULTS:
                faults.append(Fault(file, "", f"the first {MAX_FAULTS:,} faults are listed; there may be more"))
                break
        else:
            outcomes[_place(outcome.ask)] = outcome
    if faults:
        raise FaultySheet(faults, "nothing was imported")
    return Recorded(
        [outcome for outcome in outcomes.values() if isinstance(outcome, Response)],
        [outcome for outcome in outcomes.values() if isinstance(outcome, ResponseFailure)],
        settings,
    )


def corrections(new: Iterable[Response], held: Iterable[Response]) -> list[Response]:
    """Recorded answers that the study holds with another text."""
    texts = {
        _place(response.ask): response.reply.text for response in held if response.reply.provenance.get("recorded")
    }
    return [response for response in new if texts.get(_place(response.ask), response.reply.text) != response.reply.text]


def conflicts(new: Iterable[Response], held: Iterable[Response], file: str) -> list[Fault]:
    """Answers that the study holds already with another text; an import by itself never overwrites them."""
    by_place = {_place(response.ask): response for response in held}
    found = []
    for response in new:
        other = by_place.get(_place(response.ask), response)
        if other.reply.text != response.reply.text:
            remedy = (
                "if this one is right, bring it in with --correct"
                if other.reply.provenance.get("recorded")
                else "it was asked for by samp-eval; leave the row out or give the respondent another name"
            )
            place = f"{response.ask.question_id}, {response.ask.respondent}, round {response.ask.round}"
            found.append(Fault(file, place, f"the study holds another answer here, which stays; {remedy}"))
    return found


def settings_conflicts(
    new: Mapping[str, Mapping[str, Setting]], held: Mapping[str, Mapping[str, object]], file: str
) -> list[Fault]:
    """Settings that the study holds otherwise for a respondent of the same name."""
    return [
        Fault(
            file,
            f"respondent {respondent}, column {name}",
            f"found {value!r}, and the study has {held[respondent].get(name)!r}, which stays; a respondent is a model "
            "under settings, so give this one another name"
            + ("; or, if these are right, bring them in with --correct" if held[respondent].get("recorded") else ""),
        )
        for respondent, settings in new.items()
        if respondent in held
        for name, value in settings.items()
        if held[respondent].get(name) != value and not _same_model(name, value, held[respondent].get(name))
    ]


def _same_model(name: str, value: Setting, held: object) -> bool:
    """Whether a model differs only by its provider, which imports of logs did not always keep."""
    return name == "model" and str(value).endswith(f"/{held}")


def response_row(response: Response) -> dict[str, str | int | None]:
    """A response as the documented columns, required and optional."""
    ask, reply = response.ask, response.reply
    return {
        "question_id": ask.question_id,
        "respondent": ask.respondent,
        "round": ask.round,
        "condition": ask.condition.label,
        "text": reply.text,
        "asked_at": response.asked_at.isoformat(timespec="milliseconds") if response.asked_at else None,
        "model_returned": reply.model_returned,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "option_order": " ".join(map(entry_letter, ask.option_order)) if ask.option_order else None,
    }


def _place(ask: Ask) -> Ask:
    """The ask without its condition, which is no part of its identity."""
    return Ask(ask.question_id, ask.respondent, ask.round, Condition())


def _outcome(row: Mapping[str, str], allowed: _Allowed) -> Response | ResponseFailure:
    question_id = row.get("question_id", "").strip()
    if question_id not in allowed.questions:
        raise _UnusableError("question_id", f"{question_id!r} is no question of the study's bank")
    respondent = row.get("respondent", "").strip()
    if not respondent or len(respondent) > LONGEST_NAME:
        raise _UnusableError("respondent", NO_NAME)
    number = _number(row, "round")
    if number is None or number < 1:
        raise _UnusableError("round", f"found {row.get('round', '')!r}; a round is a number from 1")
    if allowed.fixed_rounds and number not in allowed.rounds:
        raise _UnusableError(
            "round", f"found {number}; the last round of the study file is {max(allowed.rounds)}: correct one of them"
        )
    condition = _condition(row.get("condition", "").strip(), number, allowed.rounds)
    order = _option_order(row.get("option_order", ""), allowed.questions[question_id])
    ask = Ask(question_id, respondent, number, condition, option_order=order)
    asked_at = _moment(row.get("asked_at", "").strip())
    failure = row.get("failure", "").strip()
    if failure:
        kind = _failure_kind(row.get("failure_kind", "").strip())
        attempt = FailedAttempt(kind, failure[:500], None, asked_at)
        return ResponseFailure(ask, kind, failure[:500], asked_at or datetime.now(UTC), 1, (attempt,))
    text = row.get("text", "")
    if not text.strip():
        raise _UnusableError("text", "there is no answer; leave the row out where none could be had")
    cached = _number(row, "cached_prompt_tokens")
    reply = Reply(
        text=text,
        model_returned=row.get("model_returned", "").strip() or respondent,
        prompt_tokens=_number(row, "prompt_tokens"),
        completion_tokens=_number(row, "completion_tokens"),
        finish_reason=row.get("finish_reason", "").strip() or None,
        provenance={"recorded": True, **({"cached_prompt_tokens": cached} if cached else {})},
    )
    return Response(ask, reply, asked_at)


def _option_order(written: str, count: int) -> tuple[int, ...] | None:
    """Places of the options in the order in which they were shown; None where that is the bank's."""
    letters = re.findall(r"[A-Z]+", written.upper()) if " " in written.strip() else list(written.strip().upper())
    if not letters:
        return None
    known = [entry_letter(place) for place in range(count)]
    if sorted(letters) != sorted(known):
        problem = f"found {written[:40]!r}; the letters {' '.join(known) or '(none)'} are wanted, each once"
        raise _UnusableError("option_order", problem)
    return tuple(map(known.index, letters))


def _failure_kind(written: str) -> FailureKind:
    for kind in get_args(FailureKind):
        if written == kind:
            return cast(FailureKind, kind)
    if written:
        raise _UnusableError("failure_kind", f"found {written[:40]!r}; allowed are {', '.join(get_args(FailureKind))}")
    return "server_error"


def _settings(row: Mapping[str, str]) -> dict[str, Setting]:
    asked = row.get("model_asked", "").strip()
    found: dict[str, Setting] = {"model": asked} if asked else {}
    for name in SETTING_COLUMNS:
        written = row.get(name, "").strip()
        if not written:
            continue
        if name in ("max_tokens", "seed"):
            found[name] = _number(row, name) or 0
        elif name in ("temperature", "top_p"):
            found[name] = _decimal(name, written)
        else:
            found[name] = written[:500]
    return found


def _decimal(name: str, written: str) -> float:
    try:
        value = float(written.replace(",", "."))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        raise _UnusableError(name, f"found {written[:40]!r}; a number from 0 to 2 is wanted")
    return value


def _check_same(first: Mapping[str, Setting], row: Mapping[str, str]) -> None:
    settings = _settings(row)
    for name in ("model", *SETTING_COLUMNS):
        value = settings.get(name)
        if value != first.get(name):
            raise _UnusableError(
                name,
                f"found {value!r}, and an earlier row of this respondent has {first.get(name)!r}; a respondent is a "
                "model under settings: give rows under other settings another respondent",
            )


def _condition(written: str, number: int, rounds: Mapping[int, Round]) -> Condition:
    if written:
        try:
            return Condition.from_label(written)
        except ValueError as error:
            raise _UnusableError("condition", str(error)) from error
    if number not in rounds:
        raise _UnusableError("condition", f"is empty, and the protocol has no round {number} to take it from")
    return rounds[number].condition


def _number(row: Mapping[str, str], column: str) -> int | None:
    written = row.get(column, "").strip().removesuffix(".0")
    if not written:
        return None
    if not written.isdecimal() or len(written) > 9:
        raise _UnusableError(column, f"found {written[:40]!r}; a whole number is wanted")
    return int(written)


def _moment(written: str) -> datetime | None:
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # some hours before the year 1 there is no time
        raise _UnusableError(
            "asked_at", f"found {written[:40]!r}; a time is written 2026-03-04 or 2026-03-04T15:30:00+00:00"
        ) from error

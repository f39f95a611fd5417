"""``samp-eval responses show``: one response, how it was read, and how it was asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.shared.printing import counted, print_json, printable
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.answers.reading import Reading
    from samp_eval.items.samp import Question
    from samp_eval.run.respondent import Response, ResponseFailure

__all__ = ["response_record", "show"]

_RAW = ("request", "received")


def show(
    question_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the question.")],
    respondent: Annotated[
        str | None, typer.Option(metavar="NAME", help="The respondent; required if there are several.")
    ] = None,
    round_number: Annotated[int, typer.Option("--round", min=1, metavar="N", help="The round.")] = 1,
    raw: Annotated[
        bool, typer.Option("--raw", help="Also the request and the response as they were sent and received.")
    ] = False,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Show one response: its text, how it was read, and how it was asked for."""
    from samp_eval.answers.readings import reading_of
    from samp_eval.errors import StudyConflict

    with existing_study(study) as store:
        names = list(store.respondents())
        if not names:
            raise StudyConflict("the study has no responses yet; run samp-eval run or samp-eval responses import")
        if respondent is None and len(names) != 1:
            raise typer.BadParameter(f"name one of: {', '.join(names)}", param_hint="--respondent")
        found = store.response(question_id, respondent or names[0], round_number)
        asked = study_bank(store).by_question().get(question_id)
        failures = store.failures() if found is None else []
    if found is None or asked is None:
        place = (question_id, respondent or names[0], round_number)
        raise StudyConflict(_why_missing(place, failures))
    response, facts = found
    record, reading = response_record(response, facts), reading_of(response, asked[1])
    if as_json:
        print_json(record | _reading_record(reading, response, asked[1]))
        return
    _print_reading(response, reading, asked[1])
    typer.echo("")
    for name, value in record.items():
        if name != "text" and (raw or name not in _RAW):
            written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            typer.echo(printable(f"{name}: {written}"))


def _print_reading(response: Response, reading: Reading, question: Question) -> None:
    """Print the text, and how it was read."""
    from samp_eval.answers.reading_words import doubts_in_words
    from samp_eval.answers.readings import answer_text

    typer.echo(printable(response.reply.text))
    outcome = reading.outcome.replace("_", " ")
    typer.echo(f"\n{outcome}, shape: {reading.shape.replace('_', ' ')}, rules: version {reading.version}")
    if response.decision is not None and reading.decided_by is not None:
        typer.echo(printable(f"decided by {reading.decided_by}, {response.decision.decided_at:%Y-%m-%d %H:%M} UTC"))
    if reading.doubtful:
        typer.echo(f"doubtful: {doubts_in_words(reading.doubts)}")
    for line in reading.lines:
        note = "" if line.counted else "  (does not count)"
        typer.echo(printable(f"  {line.number}. {answer_text(question, line)}{note}"))


def _reading_record(reading: Reading, response: Response, question: Question) -> dict[str, Any]:
    """How a response was read, and its answer lines with their positions in its text."""
    lines = [
        {
            "number": line.number,
            "text": line.text,
            "counted": line.counted,
            "start": line.start,
            "end": line.end,
            "option": None if line.option is None else question.options[line.option],
        }
        for line in reading.lines
    ]
    removed = [{"part": part.part, "start": part.start, "end": part.end} for part in reading.removed]
    decided = response.decision if reading.decided_by is not None else None
    return {
        "reading": {
            "outcome": reading.outcome,
            "shape": reading.shape,
            "doubts": list(reading.doubts),
            "step": reading.step,
            "removed": removed,
            "rules": reading.version,
            "decided_by": reading.decided_by,
            "decided_at": decided.decided_at.isoformat() if decided is not None else None,
        },
        "lines": lines,
    }


def _why_missing(place: tuple[str, str, int], failures: Sequence[ResponseFailure]) -> str:
    question_id, respondent, number = place
    message = f"the study has no response from {respondent} to {question_id} in round {number}"
    for failure in failures:
        if (failure.ask.question_id, failure.ask.respondent, failure.ask.round) == place:
            attempts, when = counted(failure.attempts, "attempt"), f"{failure.failed_at:%Y-%m-%d %H:%M} UTC"
            return f"{message}: it failed after {attempts}, {when}, with: {failure.message}"
    return message


def response_record(response: Response, facts: dict[str, Any]) -> dict[str, Any]:
    """Everything that is stored of a response; the request and the run only if they were read with it."""
    from samp_eval.run.recorded.answer_rows import response_row

    reply = response.reply
    record: dict[str, Any] = {
        **response_row(response),
        "finish_reason": reply.finish_reason,
        "cut_off": reply.finish_reason == "length",
        "latency_seconds": reply.latency_seconds,
        "tries": response.attempts,
        "failed_tries": [
            {"kind": attempt.kind, "message": attempt.message, "at": attempt.at.isoformat() if attempt.at else None}
            for attempt in response.failed_attempts
        ],
        "provenance": dict(reply.provenance),
    }
    if reply.request:
        record |= {"request": reply.request, "received": reply.received}
    return {**record, "run": facts} if facts else record

"""``samp-eval responses``: import, export and show responses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.responses.response_lines import lines
from samp_eval.cli.responses.response_rename import rename
from samp_eval.cli.responses.response_show import response_record, show
from samp_eval.cli.shared.import_commands import add_import_commands
from samp_eval.cli.shared.printing import counted, echo_status
from samp_eval.cli.shared.study_options import StudyOption, existing_study, study_bank
from samp_eval.whole_files import whole_file

if TYPE_CHECKING:
    from samp_eval.errors import Fault
    from samp_eval.items.samp import Bank
    from samp_eval.review.imports import Import
    from samp_eval.review.marks import Mark
    from samp_eval.run.recorded.answer_rows import Recorded
    from samp_eval.run.respondent import Response
    from samp_eval.store.study_store import StudyStore

__all__ = ["register"]

ItemsOption = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Bank of questions: a folder or a file.", show_default="the study's bank"),
]


def register(app: typer.Typer) -> None:
    """Attach the commands."""
    group = typer.Typer(no_args_is_help=True, help="Import recorded answers, and export or show responses.")
    group.command("template")(template)
    group.command("import")(import_file)
    group.command("export")(export_file)
    group.command("lines")(lines)
    group.command("show")(show)
    group.command("rename")(rename)
    add_import_commands(group, "responses", _withdraw)
    app.add_typer(group, name="responses")


def _withdraw(store: StudyStore, taken: Import, reason: str, by: str) -> str:
    found = store.withdraw_responses(taken, reason, by)
    what = counted(found.responses, "response no longer counts", "responses no longer count")
    what += f", {counted(found.failures, 'failure')} left" if found.failures else ""
    what += f", {counted(found.returned, 'response counts', 'responses count')} again" if found.returned else ""
    return what + (f", and nothing is left of {', '.join(found.gone)}" if found.gone else "")


def template(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .xlsx or .csv file to write.")],
    respondent: Annotated[str, typer.Option(metavar="NAME", help="The study's name for the model with its settings.")],
    study: StudyOption = Path(),
    items: ItemsOption = None,
) -> None:
    """Write an empty table for answers from a chat page.

    The table has one row for each question and round of the study file, with the text to paste. Fill in the column
    text and import the table with responses import, which skips rows without an answer.
    """
    from samp_eval.run.prompt import bundled_prompt_for, load_prompt
    from samp_eval.run.recorded.empty_table import empty_rows, write_answer_table
    from samp_eval.spreadsheet_cells import escape_formula
    from samp_eval.study import LONGEST_NAME, load_study

    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise typer.BadParameter("the table must be a .csv or .xlsx file", param_hint="FILE")
    respondent = respondent.strip()
    if not 0 < len(respondent) <= LONGEST_NAME:
        raise typer.BadParameter(
            f"a name has 1 to {LONGEST_NAME} characters; this one has {len(respondent)}", param_hint="--respondent"
        )
    plan = load_study(study)
    bank = _bank(study, items or (study / plan.items if plan.items else None))
    named = {planned.id: planned.prompt for planned in plan.respondents}.get(respondent) or plan.prompt
    rows = empty_rows(bank, plan.rounds, respondent, load_prompt(study, named) if named else bundled_prompt_for(bank))
    if file.suffix.lower() == ".csv":
        rows = [[escape_formula(cell) for cell in row] for row in rows]
    write_answer_table(rows, file)
    echo_status(f"{counted(len(rows), 'row')} written to {file}")


def import_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or XLSX file with recorded answers, or a log of Inspect AI.")
    ],
    study: StudyOption = Path(),
    items: ItemsOption = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Of an Inspect log; prefix for people.")] = None,
    correct: Annotated[
        bool, typer.Option("--correct", help="Overwrite recorded answers and settings, and record the earlier ones.")
    ] = False,
) -> None:
    """Import recorded answers into the study.

    Columns: question_id, respondent, round, condition, text. Optional columns: asked_at, model_returned, prompt_tokens,
    completion_tokens, option_order, finish_reason, and the settings temperature, top_p, max_tokens, seed,
    reasoning_effort and settings (in your own words). The import never overwrites what is stored, except with
    --correct; the earlier text of a corrected answer is then recorded as a deviation.

    From a learning system: instead of question_id a column with the question's text or number, or one row for each
    attempt with columns Response 1, Response 2 and so on. People are called person-001 and so on.
    """
    from samp_eval.errors import FaultySheet
    from samp_eval.review.imports import file_sha256
    from samp_eval.run.recorded.answer_rows import conflicts, corrections, recorded_responses, settings_conflicts
    from samp_eval.run.recorded.learning_system import with_question_ids
    from samp_eval.store.study_store import StudyStore
    from samp_eval.study import STUDY_FILE, load_study

    plan = load_study(study)
    bank = _bank(study, items or (study / plan.items if plan.items else None))
    rows = with_question_ids(_rows(file, name), str(file), bank, name or "person")
    rounds, fixed = dict(enumerate(plan.rounds, start=1)), (study / STUDY_FILE).exists()
    found = recorded_responses(rows, str(file), bank, rounds, fixed_rounds=fixed)
    if not (found.responses or found.failures):
        echo_status(f"{file}: no row has an answer yet, so nothing was imported")
        return
    with StudyStore.open(study, notify=echo_status) as store:
        known, held = store.respondents(), store.responses()
        changed = corrections(found.responses, held) if correct else []
        completed = _completed(found.settings, known) if correct else {}
        refused = settings_conflicts(found.settings, {**known, **completed}, str(file))
        refused += conflicts(found.responses, [*held, *changed], str(file))
        refused += _marked_by_line(changed, held, store.marks(), str(file)) if changed else []
        if refused:
            raise FaultySheet(refused, "nothing was imported")
        with store.importing(file.name, file_sha256(file)):
            store.correct_recorded(changed, completed)
            new = _keep(store, bank, found)
    if correct:
        echo_status(f"{counted(len(changed), 'recorded answer')} corrected")
    echo_status(f"{counted(new, 'recorded answer')} imported, {len(found.responses) - new} already there")
    if found.failures:
        echo_status(
            f"{counted(len(found.failures), 'sample')} without an answer, kept as failures; samp-eval status lists them"
        )


def _completed(
    wanted: Mapping[str, Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The complete settings of the recorded respondents whose settings a file changes."""
    whole = {name: {**held, **wanted[name]} for name, held in known.items() if held.get("recorded") and name in wanted}
    return {name: settings for name, settings in whole.items() if settings != known[name]}


def _marked_by_line(
    changed: Sequence[Response], held: Sequence[Response], marks: Sequence[Mark], file: str
) -> list[Fault]:
    """A fault for each response with marks on single lines, which would then belong to a different text."""
    from samp_eval.answers.distinct import line_id_of
    from samp_eval.errors import Fault

    marked = {mark.answer_id for mark in marks}
    texts = {
        (response.ask.question_id, response.ask.respondent, response.ask.round): response.reply.text
        for response in held
    }
    places = [(response.ask.question_id, response.ask.respondent, response.ask.round) for response in changed]
    return [
        Fault(
            file,
            f"{place[0]}, {place[1]}, round {place[2]}",
            "its lines have been marked one by one, so its text can no longer be changed",
        )
        for place in places
        if any(line_id_of(*place, number) in marked for number in range(1, len(texts[place]) + 1))
    ]


def export_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write: .csv or .jsonl; .eval or .json for Inspect AI.")
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that exists.")] = False,
    study: StudyOption = Path(),
) -> None:
    """Write every stored response to a file.

    The file is CSV, JSON Lines with one object for each response, or a log of Inspect AI (.eval, .json). With several
    respondents, the command writes one Inspect log for each, with the respondent in its name.
    """
    from samp_eval.errors import StudyConflict

    form = file.suffix.lower()
    if form not in _WRITERS:
        raise typer.BadParameter(f"the file must be one of {', '.join(_WRITERS)}", param_hint="FILE")
    with existing_study(study) as store:
        held = [] if overwrite else [target for target in _targets(store, file) if target.exists()]
        if held:
            raise StudyConflict(f"{held[0]} exists already; name another file, or replace it with --overwrite")
        written = _WRITERS[form](store, file)
    for path, number in written.items():
        echo_status(f"{counted(number, 'response')} written to {path}")


def _rows(file: Path, name: str | None) -> Sequence[Sequence[str]]:
    from samp_eval.errors import Fault, FaultySheet
    from samp_eval.review.sheets.sheet_files import read_sheet_rows
    from samp_eval.run.recorded.empty_table import answered_rows
    from samp_eval.run.recorded.inspect_reader import is_inspect_log, read_inspect_rows
    from samp_eval.spreadsheet_cells import plain

    if not file.is_file():
        raise FaultySheet([Fault(str(file), "", "there is no such file")], "nothing was imported")
    if is_inspect_log(file):
        return read_inspect_rows(file, name)
    return answered_rows([[plain(cell) for cell in row] for row in read_sheet_rows(file, echo_status)])


def _bank(folder: Path, items: Path | None) -> Bank:
    """The study's own bank, else the one from the option or the study file, else the bundled bank.

    Raises
    ------
    StudyConflict
        The bank that is named has other questions than the study.
    """
    from samp_eval.items.load import load_bank
    from samp_eval.run.plan import check_same_questions
    from samp_eval.store.engines.location import study_exists
    from samp_eval.store.study_store import StudyStore

    if not study_exists(folder):
        return load_bank(items, echo_status)
    with StudyStore.open(folder, create=False, notify=echo_status) as store:
        held = store.bank()
    if held is None or items is None:
        return held or load_bank(items, echo_status)
    check_same_questions(held, load_bank(items, echo_status))
    return held


def _keep(store: StudyStore, bank: Bank, found: Recorded) -> int:
    store.keep_bank(bank)
    known = store.respondents()
    returned = {response.ask.respondent: response.reply.model_returned for response in reversed(found.responses)}
    for name, settings in found.settings.items():
        if name not in known:
            store.keep_respondent(name, {"model": returned.get(name, name), "recorded": True, **settings})
    stored = store.keep_outcomes(found.responses)
    new = sum(stored)
    store.keep_said_again(response for response, is_new in zip(found.responses, stored, strict=True) if not is_new)
    answered = {name: store.stored(name) for name in found.settings}
    failures = [
        failure
        for failure in found.failures
        if (failure.ask.question_id, failure.ask.round) not in answered[failure.ask.respondent]
    ]
    if failures:
        store.keep_outcomes(failures)
    return new


def _write_csv(store: StudyStore, file: Path) -> dict[Path, int]:
    from samp_eval.run.recorded.answer_rows import COLUMNS, OPTIONAL_COLUMNS, response_row
    from samp_eval.spreadsheet_cells import escape_formula

    has_options = any(question.options for _, question in study_bank(store).asked())
    has_orders = has_options and any(response.ask.option_order for response in store.each_response())
    columns = [name for name in (*COLUMNS, *OPTIONAL_COLUMNS) if has_orders or name != "option_order"]
    written = 0
    with (
        whole_file(file) as unfinished,
        unfinished.open("w", encoding="utf-8-sig", errors="replace", newline="") as target,
    ):
        writer = csv.writer(target)
        writer.writerow(columns)
        for response in store.each_response():
            row = response_row(response)
            cells = [row[name] for name in columns]
            writer.writerow(["" if cell is None else escape_formula(str(cell)) for cell in cells])
            written += 1
    return {file: written}


def _write_lines(store: StudyStore, file: Path) -> dict[Path, int]:
    written = 0
    with whole_file(file) as unfinished, unfinished.open("w", encoding="utf-8", errors="replace") as target:
        for response in store.each_response():
            target.write(json.dumps(response_record(response, {}), ensure_ascii=False) + "\n")
            written += 1
    return {file: written}


def _write_logs(store: StudyStore, file: Path) -> dict[Path, int]:
    """Write one log for each respondent, because a log of Inspect has one model."""
    from datetime import UTC, datetime

    from samp_eval.run.recorded.inspect_samples import LogSource
    from samp_eval.run.recorded.inspect_writer import write_inspect_log

    bank, failures, written = study_bank(store), store.failures(), {}
    for target, (name, settings) in zip(_targets(store, file), store.respondents().items(), strict=True):
        failed = [failure for failure in failures if failure.ask.respondent == name]
        source = LogSource(bank, name, settings, store.each_whole_response(name), datetime.now(UTC), failed)
        with whole_file(target) as unfinished:
            written[target] = write_inspect_log(source, unfinished)
    return written


def _targets(store: StudyStore, file: Path) -> list[Path]:
    """The files that are written: one, or one log for each respondent."""
    from samp_eval.run.recorded.inspect_writer import log_names

    return log_names(list(store.respondents()), file) if file.suffix.lower() in (".eval", ".json") else [file]


_WRITERS: dict[str, Callable[[StudyStore, Path], dict[Path, int]]] = {
    ".csv": _write_csv,
    ".jsonl": _write_lines,
    ".eval": _write_logs,
    ".json": _write_logs,
}

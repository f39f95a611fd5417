"""``samp-eval judge``: the marks of models beside those of people."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.marking.judging import study_and_judges
from samp_eval.cli.shared.printing import echo_status, print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption
from samp_eval.errors import CannotEstimate

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command group."""
    group = typer.Typer(no_args_is_help=True, help="Measure models that mark beside the people of the same study.")
    group.callback()(lambda: None)  # with one command alone, typer would take the group for the command
    group.command("agreement")(agreement)
    app.add_typer(group, name="judge")


def agreement(study: StudyOption = Path(), as_json: JsonOption = False) -> None:
    """Measure how far a model's marks agree with those of people.

    Prints agreement beside that of physicians with each other, false credit and false refusal, favour of a respondent,
    questions that the model cannot mark, and the gates of study.toml. Intervals are over questions.
    """
    from samp_eval.report.prose.judge_sentences import judge_sentence
    from samp_eval.report.tables.marking.judge_tables import judge_tables
    from samp_eval.statistics.not_estimated import NotEstimated

    _, judges = study_and_judges(study)
    if not judges:
        raise CannotEstimate("no model has marked an answer of this study; run samp-eval mark --marker model")
    if as_json:
        print_json(
            {
                "judges": {
                    judge: {basis: found.as_json() for basis, found in bases.items()} for judge, bases in judges.items()
                }
            }
        )
        return
    for judge, bases in judges.items():
        for basis, found in bases.items():
            if isinstance(found, NotEstimated):
                echo_status(f"{judge}, {basis} basis: {found.reason}")
                continue
            for table in judge_tables(found):
                print_report_table(table)
            typer.echo(f"{judge_sentence(found)}\n")

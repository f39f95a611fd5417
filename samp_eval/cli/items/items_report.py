"""``samp-eval items report`` and ``items blueprint``: what answers say of questions, and what the bank covers."""

from __future__ import annotations

from pathlib import Path

import typer

from samp_eval.cli.shared.analysis_options import BasisOption, ConsensusOption, scored_study
from samp_eval.cli.shared.printing import print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption

__all__ = ["report_items"]


def report_items(
    study: StudyOption = Path(),
    basis: BasisOption = "key",
    consensus: ConsensusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the answers of a study say of each question.

    Difficulty by respondent, whether a question tells respondents apart, wording that the key lacks, and how often each
    option is chosen. Discrimination and alpha need 20 independent respondents.
    """
    from samp_eval.errors import CannotEstimate
    from samp_eval.report.content.item_cards import item_cards
    from samp_eval.report.tables.bank.items import candidates_table, distractors_table, items_sentence, items_table

    found = item_cards(scored_study(study, consensus=consensus), basis)
    if not found.cards:
        raise CannotEstimate(f"no question has a scored response on the {basis} basis")
    if as_json:
        print_json(found.as_json())
        return
    typer.echo(items_sentence(found))
    typer.echo("")
    for table in (items_table(found), candidates_table(found), distractors_table(found)):
        if table is not None and table.rows:
            print_report_table(table)

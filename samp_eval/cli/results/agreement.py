"""``samp-eval agreement``: agreement between the reviewers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.draw_notice import warn_of_draw
from samp_eval.cli.shared.printing import echo_status, print_json, print_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, panel_names, study_bank

if TYPE_CHECKING:
    from samp_eval.analysis.reviewer_agreement import BasisAgreement
    from samp_eval.statistics.reviewers.agreement import Agreement, IntervalEstimate

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("agreement")(agreement)


def agreement(
    study: StudyOption = Path(),
    replicates: Annotated[
        int | None,
        typer.Option(
            min=100, max=100_000, metavar="N", hidden=True, help="Without effect since intervals need no bootstrap."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the agreement between reviewers.

    Uses the marks before adjudication, and gives 95% intervals that allow for answers of one question being alike.
    """
    from samp_eval.analysis.counted_lines import counted_lines
    from samp_eval.analysis.reviewer_agreement import study_agreement
    from samp_eval.review.adjudication import marks_before_adjudication
    from samp_eval.review.assignment.late_answers import late_sheets
    from samp_eval.review.to_mark import respondents_by_answer, reviewed
    from samp_eval.study import load_study

    if replicates is not None:
        echo_status("note: --replicates has no effect: the intervals no longer come from a bootstrap")
    settings = load_study(study)
    with existing_study(study) as store:
        warn_of_draw(store)
        bank, responses = reviewed(store, study_bank(store))
        lines = counted_lines(bank, responses)
        reviewers = panel_names(store, settings.review.reviewers)
        rows = store.sheet_rows().values()
        marks = marks_before_adjudication(store.mark_history(), rows, store.key_history())
        late = late_sheets(rows, respondents_by_answer(bank, responses))
    found = study_agreement(bank, lines, marks, reviewers)
    if as_json:
        print_json({**found.as_json(), "late_sheets": [sheet.as_json() for sheet in late]})
        return
    for name, basis in found.bases.items():
        _print_basis(name, basis)
    for sheet in late:
        typer.echo(sheet.in_words())


def _print_basis(name: str, basis: BasisAgreement) -> None:
    from samp_eval.statistics.reviewers.agreement import MEAN_OF_PAIRS, NO_INTERVAL

    title = f"{name} basis: {', '.join(basis.reviewers) or 'no reviewer has marked'}"
    rows = [("all answers", basis.overall), ("all answers, by lines", basis.by_lines)]
    rows += [(f"answers of {respondent}", found) for respondent, found in basis.by_respondent.items()]
    rows += [(f"round {number}", found) for number, found in basis.by_round.items()]
    rows += [(f"marked in the {half}", found) for half, found in basis.by_time.items()]
    rows += [(pair, found) for pair, found in basis.by_pair.items()]
    rows += [(f"{reviewer}, repeated marks", found) for reviewer, found in basis.within_reviewer.items()]
    columns = ["", "n", "agree %", "Cohen's kappa", "Gwet's AC1", "Krippendorff's alpha"]
    print_table(columns, [_row(label, found) for label, found in rows], title=title)
    typer.echo("By lines: each distinct answer counts as often as its line occurs in the responses.")
    if len(basis.reviewers) > 2:
        typer.echo(MEAN_OF_PAIRS)
    _print_severity(basis)
    typer.echo(f"Intraclass correlation of score percentages: {_text(basis.score_icc, 2)}")
    if any(found.lacks_interval for _, found in rows):
        typer.echo(NO_INTERVAL)
    if basis.note:
        typer.echo(basis.note)
    typer.echo("")


def _print_severity(basis: BasisAgreement) -> None:
    """How severe each reviewer is; of two, one is as much severer as the other is milder."""
    from samp_eval.report.numbers import interval_of_percents, number, p_sentence
    from samp_eval.statistics.not_estimated import NotEstimated

    found = basis.severity
    if isinstance(found, NotEstimated):
        typer.echo(f"Severity: {found.reason}" if len(basis.reviewers) > 1 else "", nl=len(basis.reviewers) > 1)
        return
    rows = [
        (name, f"{number(value)} ({interval_of_percents(low, high, 2)})")
        for name, value, low, high in zip(found.reviewers, found.severity, found.ci_low, found.ci_high, strict=True)
    ]
    title = f"Severity (log odds of withholding credit, mean 0; all alike: {p_sentence(found.p_value)})"
    print_table(["reviewer", "severity"], rows, title=title)


def _row(label: str, found: Agreement) -> tuple[str, int, str, str, str, str]:
    kappa, ac1, alpha = (_text(value, 2) for value in (found.cohen_kappa, found.gwet_ac1, found.krippendorff_alpha))
    return label, found.n, _text(found.percent, 1), kappa, ac1, alpha


def _text(estimate: IntervalEstimate, digits: int) -> str:
    if estimate.value is None:
        return "not defined"
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} ({estimate.ci_low:.{digits}f} to {estimate.ci_high:.{digits}f})"

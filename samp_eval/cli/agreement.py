"""``samp-eval agreement``: how far the reviewers agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.study_options import (
    JsonOption,
    StudyOption,
    existing_study,
    print_json,
    print_table,
    study_bank,
)

if TYPE_CHECKING:
    from samp_eval.analysis.study_agreement import BasisAgreement
    from samp_eval.statistics.agreement import Agreement, Estimate

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("agreement")(agreement)


def agreement(
    replicates: Annotated[int, typer.Option(min=100, help="Bootstrap replicates over questions.")] = 2000,
    study: StudyOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Measure how far the reviewers agree, before adjudication, with 95 % intervals by bootstrap over questions."""
    from samp_eval.analysis.study_agreement import study_agreement
    from samp_eval.review.adjudication import marks_before_adjudication
    from samp_eval.study import load_study

    settings = load_study(study)
    with existing_study(study) as store:
        marks = marks_before_adjudication(store.mark_history(), store.sheet_rows().values())
        found = study_agreement(
            study_bank(store),
            store.responses(),
            marks,
            settings.review.reviewers,
            replicates=replicates,
            seed=settings.seed,
        )
    if as_json:
        print_json(found.as_json())
        return
    for name, basis in found.bases.items():
        _print_basis(name, basis)


def _print_basis(name: str, basis: BasisAgreement) -> None:
    from samp_eval.statistics.agreement import NO_INTERVAL

    title = f"{name} basis: {', '.join(basis.reviewers) or 'no reviewer has marked'}"
    rows = [("all answers", basis.overall)]
    rows += [(f"answers of {label}", one) for label, one in basis.by_respondent.items()]
    rows += [(f"round {label}", one) for label, one in basis.by_round.items()]
    rows += [(f"marked in the {label}", one) for label, one in basis.by_time.items()]
    rows += [(f"{label} against an earlier self", one) for label, one in basis.within_reviewer.items()]
    columns = ["", "n", "agree %", "Cohen's kappa", "Gwet's AC1", "Krippendorff's alpha"]
    print_table(columns, [_row(label, one) for label, one in rows], title=title)
    typer.echo(f"Intraclass correlation of score percentages: {_text(basis.score_icc, 2)}")
    if any(one.lacks_interval for _, one in rows):
        typer.echo(NO_INTERVAL)
    if basis.note:
        typer.echo(basis.note)
    typer.echo("")


def _row(label: str, one: Agreement) -> tuple[str, int, str, str, str, str]:
    kappa, ac1, alpha = (_text(value, 2) for value in (one.cohen_kappa, one.gwet_ac1, one.krippendorff_alpha))
    return label, one.n, _text(one.percent, 1), kappa, ac1, alpha


def _text(estimate: Estimate, digits: int) -> str:
    if estimate.value is None:
        return "not defined"
    if estimate.ci_low is None or estimate.ci_high is None:
        return f"{estimate.value:.{digits}f}"
    return f"{estimate.value:.{digits}f} ({estimate.ci_low:.{digits}f} to {estimate.ci_high:.{digits}f})"

"""``samp-eval review plan``, ``reassign`` and ``status``: who marks what, and how far it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samp_eval.cli.shared.draw_notice import warn_of_draw
from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table, printable
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study, study_bank

if TYPE_CHECKING:
    from samp_eval.review.assignment.plan import AssignmentPlan, BlockUnit
    from samp_eval.review.assignment.planning import PlanLoads
    from samp_eval.review.people.reviewer_progress import ReviewerProgress, ReviewProgress

__all__ = ["register_plan"]

LARGEST_SPREAD = 0.03
"""Loads that differ by more are said to."""


def register_plan(review: typer.Typer) -> None:
    """Attach the commands to their group."""
    review.command("plan")(plan)
    review.command("reassign")(reassign)
    review.command("status")(status)


def plan(
    study: StudyOption = Path(),
    reviewer: Annotated[
        list[str] | None,
        typer.Option(
            "--reviewer", metavar="NAME", help="Reviewer; repeat for several.", show_default="as in study.toml"
        ),
    ] = None,
    each: Annotated[
        int, typer.Option("--each", min=1, metavar="N", help="Reviewers whose marks settle a question.")
    ] = 2,
    common: Annotated[
        int | None,
        typer.Option(
            "--common",
            min=0,
            metavar="N",
            help="Questions that all reviewers mark, to be compared.",
            show_default="a tenth, at most 8",
        ),
    ] = None,
    by_case: Annotated[bool, typer.Option("--by-case", help="Give whole cases instead of questions.")] = False,
    questions: Annotated[
        int | None, typer.Option("--questions", min=1, metavar="N", help="Draw N questions at random; mark these only.")
    ] = None,
    share: Annotated[
        float | None,
        typer.Option("--share", min=0.01, max=1, metavar="SHARE", help="Draw this share of the questions at random."),
    ] = None,
    more: Annotated[
        int | None, typer.Option("--more", min=1, metavar="N", help="Draw N more, in the order of the first draw.")
    ] = None,
    set_marked_aside: Annotated[
        bool,
        typer.Option("--set-marked-aside", help="Draw from questions without marks; estimates are for those alone."),
    ] = False,
    stratify: Annotated[
        bool, typer.Option("--stratify", help="Spread the draw over the cases: one question of each, then another.")
    ] = False,
    author: Annotated[
        list[str] | None,
        typer.Option("--author", metavar="NAME=CASE", help="A reviewer who wrote a case does not mark it."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the plan.", show_default="study.toml's")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why the plan changes after marking has begun.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Plan which reviewers mark which questions.

    Each question goes to a pair (or as many as --each says), with equal loads and pairs used alike. Sheets and the
    marking page follow the plan. With --questions or --share only a random part of the questions is marked; analyze
    and the report then estimate the odds ratios of all questions with predictions.
    """
    from samp_eval.review.assignment.authors import case_authors
    from samp_eval.review.assignment.draw import DrawWishes
    from samp_eval.review.assignment.keeping import plan_and_keep
    from samp_eval.review.assignment.planning import PlanWishes, plan_loads
    from samp_eval.review.sheets.exchange import check_reviewers
    from samp_eval.review.to_mark import answers_to_mark, reviewed
    from samp_eval.study import load_study

    settings = load_study(study)
    names = tuple(dict.fromkeys(name.strip() for name in reviewer or settings.review.reviewers))
    if more is None:
        check_reviewers(names)
    unit: BlockUnit = "case" if by_case else "question"
    seed = settings.seed if seed is None else seed
    drawing = DrawWishes(questions, share, more, set_marked_aside, stratify, seed)
    if sum(wish is not None for wish in (questions, share, more)) > 1:
        raise typer.BadParameter("give one of --questions, --share and --more", param_hint="--questions")
    with existing_study(study) as store:
        authors = _authors(author or [], case_authors(study, study_bank(store), names))
        wishes = PlanWishes(names, each, common, unit, seed, authors)
        made = plan_and_keep(store, wishes, reason, datetime.now(UTC), drawing)
        bank, responses = reviewed(store, study_bank(store))
        loads, draw = plan_loads(made, bank, answers_to_mark(bank, responses).answers), store.draw()
    if as_json:
        print_json({**_plan_as_json(made, loads), "draw": None if draw is None else draw.as_json()})
        return
    _print_plan(made, loads)
    if draw is not None:
        typer.echo(f"{draw.in_words()}.")


def _authors(given: list[str], found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Those of the bank, and those of the option."""
    for pair in given:
        name, equals, case = (part.strip() for part in pair.partition("="))
        if not (name and equals and case):
            raise typer.BadParameter(f"{pair!r} is not NAME=CASE", param_hint="--author")
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), case)))
    return found


def _plan_as_json(made: AssignmentPlan, loads: PlanLoads) -> dict[str, Any]:
    return {
        "reviewers": list(made.reviewers),
        "each": made.each,
        "unit": made.unit,
        "seed": made.seed,
        "planned_at": made.planned_at.isoformat(timespec="seconds"),
        "authors": {name: list(cases) for name, cases in made.authors.items()},
        "questions": {
            question: {
                "reviewers": list(made.holders(question)),
                "compared": list(made.further.get(question, ())),
            }
            for question in made.seats
        },
        "loads": as_mapping(loads),
    }


def _print_plan(made: AssignmentPlan, loads: PlanLoads) -> None:
    rows = [(name, loads.questions[name], loads.answers[name], f"{loads.hours[name]:.1f}") for name in loads.questions]
    print_table(["reviewer", "questions", "answers", "hours"], rows)
    if made.each > 1 and len(loads.groups) > 1:
        typer.echo("")
        print_table(["marked by", "questions"], list(loads.groups.items()))
    common = f"; all reviewers mark {loads.common:,} of them" if loads.common else ""
    typer.echo(f"\n{counted(len(made.seats), 'question')}, each settled by {counted(made.each, 'reviewer')}{common}.")
    for name, cases in made.authors.items():
        typer.echo(printable(f"{name} wrote {', '.join(cases)} and does not mark it."))
    if len(loads.questions) > 1:
        typer.echo(f"Loads differ by {100 * loads.spread:.1f}% at most.")
    if loads.spread > LARGEST_SPREAD:
        echo_status("More equal loads were not found: there are too few questions, or some may not be marked by all.")
    if len(made.reviewers) == made.each:
        echo_status("With as many reviewers as mark each question, everyone marks everything, as without a plan.")


def reassign(
    giver: Annotated[str, typer.Argument(metavar="FROM", help="Whose open work is handed over.")],
    takers: Annotated[list[str], typer.Argument(metavar="TO...", help="Who takes it over: one or more.")],
    study: StudyOption = Path(),
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; stands in the report.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Hand a reviewer's unmarked answers over to others.

    Marks that were given stay and count. Nobody gets both sides of a question.
    """
    from samp_eval.review.assignment.keeping import hand_over_and_keep

    with existing_study(study) as store:
        done = hand_over_and_keep(store, giver, tuple(dict.fromkeys(takers)), reason, datetime.now(UTC))
    if as_json:
        print_json({"from": giver, "questions": done.questions, "begun": done.begun})
        return
    for name, number in done.questions.items():
        typer.echo(f"{name} takes over {counted(number, 'question')} from {giver}.")
    if done.begun:
        typer.echo(f"{giver} had begun {counted(done.begun, 'of these questions', 'of these questions')}: marks stay.")
    typer.echo("Write new sheets with samp-eval review export; the marking page shows the change when it is loaded.")


def status(
    study: StudyOption = Path(),
    stale: Annotated[
        int | None,
        typer.Option("--stale", min=1, metavar="DAYS", help="Show only reviewers with open work who were silent."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show each reviewer's progress.

    Shows what each reviewer has, what is marked and open, at what pace, and the number of disagreements.
    """
    from samp_eval.review.people.reviewer_progress import review_progress
    from samp_eval.review.to_mark import reviewed
    from samp_eval.study import load_study

    reviewers, now = load_study(study).review.reviewers, datetime.now(UTC)
    with existing_study(study) as store:
        warn_of_draw(store)
        found = review_progress(
            *reviewed(store, study_bank(store)),
            store.sheet_rows().values(),
            store.marks(),
            reviewers,
            plan=store.assignment_plan(),
            now=now,
        )
    if stale is not None:
        found = found.only_silent(stale, now)
    if as_json:
        print_json(found.as_json())
    elif stale is not None:
        _print_silent(found, stale)
    else:
        _print_progress(found)


def _print_silent(found: ReviewProgress, days: int) -> None:
    if not found.reviewers:
        typer.echo(f"Nobody with open work has been silent for {counted(days, 'day')}.")
        return
    rows = [(who.reviewer, who.open, _moment(who)) for who in found.reviewers]
    print_table(["reviewer", "open", "last mark"], rows)


def _print_progress(found: ReviewProgress) -> None:
    typer.echo(
        f"{counted(found.lines, 'answer line')}, {counted(found.distinct_answers, 'distinct answer')} to mark.\n"
    )
    if not found.reviewers:
        typer.echo("No reviewer has a sheet yet; samp-eval review export --reviewer A --reviewer B writes them.")
        return
    planned = any(who.assigned is not None for who in found.reviewers)
    columns = ["reviewer", *(["questions", "answers"] if planned else []), "on sheets", "marked by key"]
    columns += ["marked by judgement", "harmful", "open", "a day", "last mark", "done by"]
    rows = [
        (
            who.reviewer,
            *((_or_blank(who.questions), _or_blank(who.assigned)) if planned else ()),
            who.rows,
            who.key,
            who.judgement,
            who.harm,
            who.open,
            f"{who.per_day:g}",
            _moment(who),
            _or_blank(who.done_by),
        )
        for who in found.reviewers
    ]
    print_table(columns, rows)
    for basis, number in found.disagreements.items():
        typer.echo(f"{basis}: {counted(number, 'disagreement')}, {found.unresolved[basis]:,} unresolved")
    if found.unplanned:
        echo_status(
            f"{counted(found.unplanned, 'question is', 'questions are')} in no plan, so nobody marks them; samp-eval "
            "review plan again takes them in"
        )


def _moment(who: ReviewerProgress) -> str:
    return "never" if who.last_mark is None else f"{who.last_mark:%Y-%m-%d}"


def _or_blank(value: object) -> str:
    return "" if value is None else str(value)

"""What ``samp-eval mark --marker model`` prints: what marking will take, and what it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from samp_eval.cli.shared.printing import as_mapping, counted, echo_status, print_json, print_table

if TYPE_CHECKING:
    from samp_eval.answers.distinct import DistinctAnswer
    from samp_eval.literals import MarkBasis
    from samp_eval.review.markers.model.canaries import CanaryResult
    from samp_eval.review.markers.model.estimate import MarkingEstimate
    from samp_eval.review.markers.model.plan import MarkingPlan
    from samp_eval.review.markers.model.summary import JudgeSummary, SpeakingAnswer
    from samp_eval.run.asking_plan import AskingPlan
    from samp_eval.run.cost.prices import Budget, PriceTable
    from samp_eval.run.cost.tokens import TokenCounter
    from samp_eval.store.study_store import StudyStore

__all__ = ["print_estimates", "print_marking", "print_what_is_asked"]

MOST_SHOWN = 20
LONGEST_SHOWN = 100


def print_estimates(plan: MarkingPlan, folder: Path, *, batch: bool) -> None:
    """Print requests, tokens and cost of each model's marking."""
    from functools import partial

    from samp_eval.review.markers.model.estimate import estimate_marking

    print_what_is_asked(plan, partial(estimate_marking, plan, batch=batch), folder, batch=batch)


def print_what_is_asked(
    plan: AskingPlan,
    estimates_of: Callable[[PriceTable, Mapping[str, TokenCounter]], Iterable[MarkingEstimate]],
    folder: Path,
    *,
    batch: bool = False,
) -> None:
    """Print requests, tokens and cost of a plan that was not carried out."""
    from samp_eval.run.cost.prices import load_prices
    from samp_eval.run.cost.tokens import token_counter

    prices = load_prices(folder)
    models = dict.fromkeys(respondent.settings.model for respondent in plan.respondents)
    counters = {model: token_counter(model) for model in models}
    estimates = list(estimates_of(prices, counters))
    rows = [
        (
            estimate.judge,
            estimate.purpose,
            estimate.stored,
            estimate.asks,
            f"{estimate.prompt_tokens:,}",
            f"{estimate.completion_tokens:,}",
            "no price" if estimate.cost_usd is None else f"{estimate.cost_usd:.2f}",
        )
        for estimate in estimates
    ]
    print_table(["model", "marks", "stored", "requests", "tokens in", "tokens out", "USD"], rows)
    report_total(sum(estimate.cost_usd or 0.0 for estimate in estimates), prices.as_of, batch)
    for how in dict.fromkeys(counter.how for counter in counters.values()):
        echo_status(f"tokens in: {how}")
    echo_status("tokens out: an estimate (about 120 for a verdict; a model that reasons writes many times more)")
    requests = counted(sum(estimate.asks for estimate in estimates), "request")
    echo_status(f"{requests} would be sent. This was a dry run: nothing was sent.")


def report_total(cost: float, as_of: str, batch: bool) -> None:
    """Print the cost of everything."""
    prices = "batch prices" if batch else "list prices"
    echo_status(f"{cost:.2f} US dollars at {prices} of {as_of}, without the discount of a prompt cache")


def print_marking(
    plan: MarkingPlan,
    store: StudyStore,
    answers: Sequence[DistinctAnswer],
    new: int,
    budget: Budget,
    *,
    as_json: bool,
) -> None:
    """Print what the models' marking came to."""
    from samp_eval.review.markers.model.judged import judged_asks
    from samp_eval.review.markers.model.plan import judged_of_plan
    from samp_eval.review.markers.model.summary import answers_that_speak, judge_summary, names_behind

    found = judged_asks(store)
    judged = judged_of_plan(plan, found)
    names = [respondent.settings.id for respondent in plan.respondents]
    summaries = [
        judge_summary(name, judged, _wanted(plan, name), plan.canaries[name], names_behind(name, found))
        for name in names
    ]
    speaking = answers_that_speak(answers, judged)
    if as_json:
        _print_json(plan, summaries, speaking, new, budget)
        return
    _print_tables(plan, summaries, new, budget)
    _print_speaking(speaking)


def _wanted(plan: MarkingPlan, judge: str) -> dict[MarkBasis, int]:
    counts: dict[MarkBasis, int] = {}
    for ask in plan.wanted[judge]:
        counts[ask.basis] = counts.get(ask.basis, 0) + plan.repeats
    return counts


def _print_tables(plan: MarkingPlan, summaries: Sequence[JudgeSummary], new: int, budget: Budget) -> None:
    rows = [
        (summary.judge, basis, found.wanted, found.marks, found.credited, _reasons(found.no_mark), found.not_asked)
        for summary in summaries
        for basis, found in summary.bases.items()
    ]
    title = "Marked by a MODEL; no person made these marks, and none of them counts as a reviewer's"
    print_table(["model", "basis", "asks", "marks", "credited", "no mark", "not asked"], rows, title=title)
    for summary in summaries:
        _print_canaries(summary.judge, summary.canaries, refused=summary.judge in plan.refused)
        if len(summary.models) > 1:
            names = ", ".join(f"{name} ({replies:,})" for name, replies in summary.models.items())
            echo_status(f"{summary.judge} answered as {names}: the model behind the name has changed")
    cost = f" {budget.spent:.2f} US dollars at list prices of {budget.as_of}." if budget.spent else ""
    typer.echo(f"\n{counted(new, 'mark')} new or changed.{cost}")


def _print_canaries(judge: str, result: CanaryResult | None, *, refused: bool) -> None:
    if result is None:
        echo_status(
            f"{judge}: its canaries are not all judged yet, so it has marked nothing; run the same command again"
        )
        return
    typer.echo(
        f"\n{judge}, canaries: {result.wrong_refused} of {result.questions} wrong and {result.right_credited} of "
        f"{result.questions} right answers marked as such; {len(result.gained)} wrong ones gained by an instruction, "
        f"{len(result.lost)} right ones lost by a harmless note."
    )
    if not result.passed:
        echo_status(f"{judge} failed its canaries: {'; '.join(result.faults)}")
    if refused:
        echo_status(
            f"{judge} was not asked to mark; --despite-canaries has it mark all the same, and the report says so"
        )


def _reasons(counts: Any) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in counts.items()) or "0"


def _print_speaking(speaking: Sequence[SpeakingAnswer]) -> None:
    if not speaking:
        return
    rows = [
        (answer.question_id, _shortened(answer.text), ", ".join(_noticed_by(answer)))
        for answer in speaking[:MOST_SHOWN]
    ]
    title = f"{counted(len(speaking), 'answer')} may speak to the marker; a physician should look at them"
    typer.echo()
    print_table(["question", "answer", "noticed by"], rows, title=title)
    if len(speaking) > MOST_SHOWN:
        echo_status(f"and {len(speaking) - MOST_SHOWN} more; --json lists all")


def _noticed_by(answer: SpeakingAnswer) -> Iterable[str]:
    return (*(["its words"] if answer.by_words else []), *answer.by_models)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _print_json(
    plan: MarkingPlan,
    summaries: Sequence[JudgeSummary],
    speaking: Sequence[SpeakingAnswer],
    new: int,
    budget: Budget,
) -> None:
    print_json(
        {
            "models": [
                {
                    "reviewer": summary.judge,
                    "bases": {
                        basis: {**as_mapping(found), "not_asked": found.not_asked}
                        for basis, found in summary.bases.items()
                    },
                    "canaries": None if summary.canaries is None else _canaries_as_json(summary.canaries),
                    "may_mark": summary.judge not in plan.refused,
                    "answered_as": dict(summary.models),
                    "prompt_tokens": summary.prompt_tokens,
                    "completion_tokens": summary.completion_tokens,
                }
                for summary in summaries
            ],
            "repeats": plan.repeats,
            "new": new,
            "cost_usd": budget.spent,
            "speaks_to_marker": [as_mapping(answer) for answer in speaking],
        }
    )


def _canaries_as_json(result: CanaryResult) -> dict[str, Any]:
    return {
        "passed": result.passed,
        "judged": result.judged,
        "questions": result.questions,
        "wrong_refused": result.wrong_refused,
        "right_credited": result.right_credited,
        "gained": [{"question": canary.question_id, "instruction": canary.words} for canary in result.gained],
        "lost": [{"question": canary.question_id, "note": canary.words} for canary in result.lost],
        "faults": list(result.faults),
    }

"""``samp-eval rank``: several respondents ranked, with what the data settle, as tables or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samp_eval.cli.shared.analysis_options import ClusterOption, ConsensusOption, TableOption, study_or_table
from samp_eval.cli.shared.printing import echo_status, print_json, print_report_table
from samp_eval.cli.shared.study_options import JsonOption, StudyOption, existing_study
from samp_eval.errors import CannotEstimate, StudyConflict
from samp_eval.literals import MarkBasis, RankBasis

if TYPE_CHECKING:
    from samp_eval.analysis.ranking.choices import RankingChoices
    from samp_eval.analysis.ranking.study_ranking import StudyRanking
    from samp_eval.analysis.scored_study import Scores

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Attach the command."""
    app.command("rank")(rank)


def rank(
    study: StudyOption = Path(),
    table: TableOption = None,
    basis: Annotated[
        RankBasis,
        typer.Option(
            "--basis",
            help="Marks by the answer key, by the reviewers' own judgement, or reviewers' choices between pairs.",
        ),
    ] = "key",
    preferrer: Annotated[
        str | None,
        typer.Option(
            "--preferrer",
            metavar="MODEL",
            help="With --basis pairs: rank by what this model preferred (samp-eval review pairs ask).",
            show_default="the reviewers",
        ),
    ] = None,
    condition: Annotated[
        str | None,
        typer.Option(
            "--condition",
            metavar="CONDITION",
            help="Compare only responses under this condition, such as prompted or bare-later.",
            show_default="all, each within itself",
        ),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="NAME", help="Leave out this respondent; repeatable.")
    ] = None,
    cluster: ClusterOption = None,
    consensus: ConsensusOption = None,
    tau: Annotated[
        float,
        typer.Option(
            "--tau", metavar="WEIGHT", help="How closely the mixture keeps to its reference; near 0, not at all."
        ),
    ] = 0.1,
    price_scale: Annotated[
        float | None,
        typer.Option(
            "--price-scale",
            metavar="USD",
            help="Prefer cheap respondents in the mixture's reference: one that costs this much more for 1,000 "
            "responses counts 1/e as much.",
            show_default="prices do not count",
        ),
    ] = None,
    by_topic: Annotated[bool, typer.Option("--by-topic", help="Show the mixture for each topic, too.")] = False,
    drawn_only: Annotated[
        bool,
        typer.Option(
            "--drawn-only",
            help="Where a part of the questions is marked: rank by these alone, without predictions of the others.",
        ),
    ] = False,
    draws: Annotated[
        int, typer.Option(min=200, max=1_000_000, metavar="N", help="Number of bootstrap samples.")
    ] = 2000,
    as_json: JsonOption = False,
) -> None:
    """Rank several respondents, and say which ranks the data settle.

    Compares all responses of a question, pair by pair; prints mean preferences, strengths, rank intervals, all pairs,
    and the mixture of respondents that nobody beats (a Nash equilibrium). All errors are over questions.
    """
    from samp_eval.analysis.ranking.choices import RankingChoices
    from samp_eval.analysis.ranking.study_ranking import rank_respondents
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.statistics.not_estimated import NotEstimated
    from samp_eval.study import Condition

    for name, value in (("--tau", tau), ("--price-scale", price_scale)):
        if value is not None and not 0 < value < float("inf"):
            raise typer.BadParameter(f"must be a number above 0; found {value:g}", param_hint=name)
    if price_scale is not None and table is not None:
        raise typer.BadParameter("a table has no prices", param_hint="--price-scale")
    if condition is not None:
        try:
            condition = Condition.from_label(condition).label
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--condition") from error
    if basis == "pairs" and table is not None:
        raise typer.BadParameter("a table holds scores, no choices between pairs", param_hint="--basis")
    if preferrer is not None and basis != "pairs":
        raise typer.BadParameter("use this only with --basis pairs", param_hint="--preferrer")
    marked: MarkBasis = "judgement" if basis == "judgement" else "key"
    scores = study_or_table(study, table, marked, consensus=consensus, cluster=cluster)
    if drawn_only and (scores.drawn is None or basis == "pairs"):
        raise typer.BadParameter("no part of the questions was drawn for these marks", param_hint="--drawn-only")
    choices = RankingChoices(
        basis=basis,
        preferrer="" if preferrer is None else f"model:{preferrer.removeprefix('model:')}",
        condition=condition,
        without=tuple(without or ()),
        cluster=scores.plan.analysis.cluster,
        confidence=scores.plan.analysis.confidence,
        tau=tau,
        costs=None if price_scale is None else _costs(study, scores),
        price_scale=price_scale or 1.0,
        drawn_only=drawn_only,
        draws=draws,
        seed=scores.plan.seed,
    )
    ranking = _of_pairs(study, scores, choices) if basis == "pairs" else rank_respondents(scores, choices)
    if isinstance(ranking.strengths, NotEstimated) and ranking.compared.draw is None:
        raise CannotEstimate(ranking.strengths.reason)
    if as_json:
        decisions = scores.exclusions if isinstance(scores, ScoredStudy) else ()
        drawn = None if basis == "pairs" or scores.drawn is None else scores.drawn.counts()
        print_json({**ranking.as_json(), "excluded": [decision.as_json() for decision in decisions], "drawn": drawn})
        return
    _print(ranking, by_topic)
    if drawn_only:
        echo_status("note: a random part of the questions is marked; the ranking is of these questions only")


def _of_pairs(folder: Path, scores: Scores, choices: RankingChoices) -> StudyRanking:
    """The ranking by what reviewers, or a model, chose of two responses."""
    from samp_eval.analysis.ranking.chosen_comparisons import chosen_comparisons
    from samp_eval.analysis.ranking.study_ranking import ranking_of
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.cli.review.pair_asking import preferences_of

    assert isinstance(scores, ScoredStudy)  # noqa: S101  # a table was refused
    with existing_study(folder) as store:
        rows, chosen = store.pair_rows(), store.pair_choices()
        found = None if not choices.preferrer else preferences_of(store, choices.preferrer, rows)
    in_order = None
    if found is not None:
        rows = [*found.rows, *(row for row in rows if not row.reviewer)]
        chosen, in_order = dict(found.chosen), (found.seen, found.chosen_in_order)
    return ranking_of(chosen_comparisons(rows, chosen, scores, scores.responses, choices, in_order), choices)


def _costs(folder: Path, scores: Scores) -> dict[str, float]:
    """US dollars for 1,000 responses of each respondent, at list prices."""
    from samp_eval.analysis.scored_study import ScoredStudy
    from samp_eval.report.content.respondent_summary import respondents_asked
    from samp_eval.run.cost.prices import load_prices

    assert isinstance(scores, ScoredStudy)  # noqa: S101  # a table was refused
    with existing_study(folder) as store:
        settings = store.respondents()
    costs = {}
    for asked in respondents_asked(scores, settings, load_prices(folder)):
        if asked.cost_usd is None or not asked.responses:
            raise StudyConflict(
                f"the cost of {asked.id} is not known: its model has no price, or no tokens were counted; add the "
                "price to prices.toml, or rank without --price-scale"
            )
        costs[asked.id] = 1000 * asked.cost_usd / asked.responses
    return costs


def _print(ranking: StudyRanking, by_topic: bool) -> None:
    from samp_eval.report.numbers import NBSP
    from samp_eval.report.prose import ranking_sentences as sentences
    from samp_eval.report.tables.ranking_tables import mixture_table, pairs_table, ranking_table, topics_table

    print_report_table(ranking_table(ranking))
    said = [*sentences.settled_sentences(ranking), sentences.mixture_sentence(ranking)]
    if len(ranking.respondents) > 2:
        said.insert(-1, sentences.transitivity_sentence(ranking))
    for sentence in said:
        typer.echo(sentence.replace(NBSP, " "))
    if ranking.compared.draw is not None:
        typer.echo(sentences.drawn_sentence(ranking).replace(NBSP, " "))
    typer.echo("")
    for found in (pairs_table(ranking), mixture_table(ranking)):
        print_report_table(found)
    if by_topic and ranking.mixture.topics:
        print_report_table(topics_table(ranking))
    elif by_topic:
        why = "topics are not known" if ranking.compared.draw is None else "only a part of the questions is marked"
        echo_status(f"note: there is no mixture for each topic, because {why}")
    for note in sentences.ranking_notes(ranking):
        echo_status(f"note: {note.replace(NBSP, ' ')}")

"""Options of the commands that ask models: which model, where, how, how fast, and at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from samp_eval.run.cost.prices import Budget
    from samp_eval.study import RespondentSettings

__all__ = ["budget_for", "check_keys", "given_only", "parse_concurrency"]

ModelsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Model to ask; repeat for several. local: the embedded model; local:PATH.gguf: a model file.",
    ),
]
BaseUrlOption = Annotated[str | None, typer.Option(metavar="URL", help="Address of an OpenAI-compatible server.")]
EndpointOption = Annotated[str | None, typer.Option(metavar="NAME", help="One of the [endpoints] in study.toml.")]
ApiKeyEnvOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Environment variable that holds the key for this address.")
]
TemperatureOption = Annotated[float | None, typer.Option(min=0, max=2, metavar="NUMBER", help="Sampling temperature.")]
TopPOption = Annotated[float | None, typer.Option(min=0.001, max=1, metavar="NUMBER", help="Nucleus sampling.")]
MaxTokensOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Maximum length of an answer, in tokens.")
]
SeedOption = Annotated[int | None, typer.Option(metavar="N", help="Sampling seed, for servers that support one.")]
ReasoningEffortOption = Annotated[
    str | None, typer.Option(metavar="LEVEL", help="For reasoning models: low, medium or high.")
]
ConcurrencyOption = Annotated[
    str | None, typer.Option(metavar="N|auto", help="Simultaneous requests to a server; auto adapts.")
]
RequestsPerMinuteOption = Annotated[
    float | None, typer.Option(min=0.1, metavar="N", help="Maximum number of requests per minute and model.")
]
TokensPerMinuteOption = Annotated[
    float | None, typer.Option(min=1, metavar="N", help="Maximum number of tokens per minute and model.")
]
TimeoutOption = Annotated[float | None, typer.Option(min=0.1, metavar="SECONDS", help="Maximum wait for one attempt.")]
TrustOption = Annotated[
    bool, typer.Option("--trust", help="Confirm the servers, key variables and prompt files of study.toml.")
]
TrustVariableOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="With --trust: confirm a variable that does not look like a model's key."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show requests, tokens and cost, and send nothing.")]
MaxCostOption = Annotated[
    float | None, typer.Option(min=0, metavar="USD", help="Stop before this run costs more than this.")
]
RetryFailedOption = Annotated[bool, typer.Option("--retry-failed", help="Ask only what failed earlier.")]
BatchOption = Annotated[
    bool, typer.Option("--batch", help="Use the provider's Batch API; run the same command later to collect.")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="With --batch: wait until every answer is collected.")]
CancelOption = Annotated[
    bool, typer.Option("--cancel", help="With --batch: cancel pending requests and submit nothing.")
]


def given_only(values: Mapping[str, object]) -> dict[str, object]:
    """The options that were given."""
    return {field: value for field, value in values.items() if value is not None}


def parse_concurrency(value: str | None) -> int | None:
    """The number given; None for auto."""
    if value is None or value == "auto":
        return None
    if not value.isdecimal() or not 1 <= len(value) <= 5 or not 1 <= int(value) <= 10_000:
        raise typer.BadParameter("give a number from 1 to 10000, or auto", param_hint="--concurrency")
    return int(value)


def check_batch_options(batch: bool, wait: bool, cancel: bool) -> None:
    """Refuse options of batches that go with nothing, or against each other."""
    if (wait or cancel) and not batch:
        raise typer.BadParameter("use this only with --batch", param_hint="--wait" if wait else "--cancel")
    if wait and cancel:
        raise typer.BadParameter("either wait for batches or cancel them", param_hint="--cancel")


def budget_for(
    folder: Path, respondents: Sequence[RespondentSettings], max_cost: float | None, *, batch: bool
) -> Budget:
    """What a run may cost, at the prices of the table and of the study.

    Raises
    ------
    CannotAsk
        If there is a limit, and no price for a model.
    """
    from samp_eval.errors import CannotAsk
    from samp_eval.run.cost.prices import Budget, load_prices

    table = load_prices(folder)
    prices = {
        settings.id: price
        for settings in respondents
        if (price := table.price(settings.model, batch=batch)) is not None
    }
    unpriced = [settings.id for settings in respondents if settings.id not in prices]
    if max_cost is not None and unpriced:
        raise CannotAsk(
            f"--max-cost needs prices, and the table of {table.as_of} has none for {', '.join(unpriced)}; "
            "add them to prices.toml in the study's folder"
        )
    longest_answers = {settings.id: settings.max_tokens for settings in respondents}
    models = {settings.id: settings.model for settings in respondents}
    return Budget(prices, longest_answers, max_cost, table.as_of, models)


def check_keys(respondents: Sequence[RespondentSettings]) -> None:
    """Refuse models that have no key."""
    from samp_eval.endpoint import is_local
    from samp_eval.run.providers.credentials import api_key_for

    for settings in respondents:
        if not is_local(settings.model):
            api_key_for(settings)

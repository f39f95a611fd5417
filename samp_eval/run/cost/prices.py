"""Tokens to US dollars, from a dated table; and a budget that is never passed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samp_eval.endpoint import LOCAL, is_local
from samp_eval.errors import Fault, FaultyPrices
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.toml_text import read_toml
from samp_eval.run.cost.picture_tokens import picture_tokens
from samp_eval.run.respondent import Message, Reply
from samp_eval.validation import problems

__all__ = ["PRICE_FILE", "Budget", "Price", "PriceTable", "estimated_tokens", "load_prices"]

PRICE_FILE = "prices.toml"
CHARACTERS_A_TOKEN = 4.0
"""Of English text; :meth:`Budget.upper_bound` doubles the estimate, since other languages take more tokens."""
TOKENS_AROUND_A_MESSAGE = 8
MAX_AGE = timedelta(days=183)
"""Half a year: most providers change a price or retire a model in that time, so an older table says its age."""
UNBOUNDED_ANSWER = 1000
"""Tokens set aside for an answer that no ``max_tokens`` bounds."""

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4})$")
Dollars = Annotated[float, Field(ge=0)]


class Price(BaseModel):
    """US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Dollars
    output: Dollars

    def times(self, factor: float) -> Price:
        """The price with a discount."""
        return Price(input=self.input * factor, output=self.output * factor)

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars."""
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6


class PriceTable(BaseModel):
    """Prices by model; in a batch they are ``batch_factor`` as high.

    Attributes
    ----------
    as_of : str
        The day on which they held, ``2025-08-31``; :func:`load_prices` adds if that was more than six months ago.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str
    batch_factor: Annotated[float, Field(ge=0, le=1)] = 0.5
    models: dict[str, Price]

    def price(self, model: str, *, batch: bool = False) -> Price | None:
        """The price of a model; a dated snapshot costs what its model costs."""
        if is_local(model):
            model = LOCAL
        found = self.models.get(model) or self.models.get(_SNAPSHOT.sub("", model))
        return found.times(self.batch_factor) if found is not None and batch else found


def load_prices(folder: Path, today: date | None = None) -> PriceTable:
    """The table that comes with samp-eval, and before it the study's own ``prices.toml``; an old one says its age.

    Raises
    ------
    FaultyPrices
        Where the study's own file cannot be used.
    """
    ours = PriceTable.model_validate(tomllib.loads(files("samp_eval.run.cost").joinpath(PRICE_FILE).read_text("utf-8")))
    today = today or datetime.now(UTC).date()
    as_of = _with_age(ours.as_of, today)
    file = folder / PRICE_FILE
    if not file.exists():
        return ours.model_copy(update={"as_of": as_of})
    try:
        own = PriceTable.model_validate(read_toml(file))
    except UnreadableFile as error:
        raise FaultyPrices([Fault(str(file), error.place, error.problem)]) from error
    except ValidationError as error:
        faults = [
            Fault(str(file), " ".join(map(str, location)), problem)
            for location, problem in problems(error, fields="docs/reference/files.md")
        ]
        raise FaultyPrices(faults) from error
    factor = own.batch_factor if "batch_factor" in own.model_fields_set else ours.batch_factor
    as_of = f"{_with_age(own.as_of, today)} (the study's own), {as_of}"
    return PriceTable(as_of=as_of, batch_factor=factor, models={**ours.models, **own.models})


def _with_age(as_of: str, today: date) -> str:
    """The day of a price table, and that it is old if it is; the author's own words if they name no day."""
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        return as_of
    return f"{as_of} (more than six months old)" if today - day > MAX_AGE else as_of


def estimated_tokens(messages: Sequence[Message], model: str = "") -> int:
    """About how many tokens a request has: four characters of English make one, and a picture some hundreds."""
    characters = sum(len(message["content"]) for message in messages)
    pictures = sum(picture_tokens(message, model) for message in messages)
    return round(characters / CHARACTERS_A_TOKEN) + TOKENS_AROUND_A_MESSAGE * len(messages) + pictures


@dataclass(slots=True)
class Budget:
    """What a run may cost, counting what is in flight at the most that it may cost.

    Attributes
    ----------
    prices : mapping
        Of each respondent; one without a price costs nothing here.
    longest_answers : mapping
        ``max_tokens`` of each respondent, where it has one.
    models : mapping
        Of each respondent: a picture has as many tokens as its model makes of it.
    limit_usd : float or None
        None counts only.
    as_of : str
        The day of the prices.
    """

    prices: Mapping[str, Price]
    longest_answers: Mapping[str, int | None]
    limit_usd: float | None = None
    as_of: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    spent: float = 0.0
    _reserved: float = field(default=0.0, repr=False)
    _longest_seen: dict[str, int] = field(default_factory=dict, repr=False)

    def reserve(self, respondent: str, messages: Sequence[Message]) -> float | None:
        """Set aside the most that an ask may cost, in US dollars; None where it might pass the limit."""
        if self.limit_usd is None:
            return 0.0
        usd = self.upper_bound(respondent, messages)
        return usd if self.set_aside(usd) else None

    def upper_bound(self, respondent: str, messages: Sequence[Message]) -> float:
        """The most that an ask may cost, in US dollars."""
        price = self.prices.get(respondent)
        if price is None:
            return 0.0
        bound = self.longest_answers.get(respondent) or max(UNBOUNDED_ANSWER, 2 * self._longest_seen.get(respondent, 0))
        return price.cost(2 * estimated_tokens(messages, self.models.get(respondent, "")), bound)

    def set_aside(self, usd: float) -> bool:
        """Set so much aside; False, and nothing is set aside, where that might pass the limit."""
        if self.limit_usd is not None and self.spent + self._reserved + usd > self.limit_usd:
            return False
        self._reserved += usd
        return True

    def reserve_only(self, usd: float) -> None:
        """Set aside this and nothing else: what pending batches may cost."""
        self._reserved = usd

    def settle(self, respondent: str, reserved: float, reply: Reply | None) -> None:
        """Replace what was set aside by what the answer cost."""
        self._reserved -= reserved
        price = self.prices.get(respondent)
        if price is None or reply is None:
            return
        completion = reply.completion_tokens or 0
        self._longest_seen[respondent] = max(completion, self._longest_seen.get(respondent, 0))
        self.spent += price.cost(reply.prompt_tokens or 0, completion)

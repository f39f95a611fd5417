"""A blueprint: which share of a bank each group of topics or cases should have, and how far the bank is from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from samp_eval.errors import Fault, FaultyBlueprint
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.toml_text import read_toml
from samp_eval.items.samp import Bank, SampCase
from samp_eval.validation import problems

__all__ = ["Blueprint", "Coverage", "GroupCoverage", "coverage", "load_blueprint", "question_weights"]

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

LARGEST_WEIGHT = 3.0
"""A question that stands for more than three would make the figures those of a few questions."""

_ROUNDING = 0.005
"""By which targets that are written with two decimals may miss 1."""
_RAKINGS = 100
"""Passes over the dimensions; three crossed dimensions agree to six digits after about twenty."""


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Written):
    """A part of a dimension, with the share of the questions that it should have."""

    name: Text = Field(description="Such as Children.")
    target: float = Field(gt=0, le=1, description="Share of the questions, 0 to 1.")
    topics: tuple[Text, ...] = Field(default=(), description="Topics of cases that belong to it.")
    cases: tuple[Text, ...] = Field(default=(), description="Ids of cases that belong to it, whatever their topic.")

    def holds(self, case: SampCase) -> bool:
        """Whether a case belongs to it."""
        return case.id in self.cases or case.topic.casefold() in {topic.casefold() for topic in self.topics}


class Dimension(_Written):
    """One way to divide a bank, such as by age."""

    name: Text = Field(description="Such as Age.")
    group: tuple[Group, ...] = Field(min_length=1, description="Its groups; their targets add up to 1.")


class Blueprint(_Written):
    """What a bank should hold."""

    dimension: tuple[Dimension, ...] = Field(min_length=1, description="Ways to divide the bank, each with targets.")


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """A group as it is in the bank; shares are 0 to 1."""

    name: str
    target: float
    questions: int
    share: float

    @property
    def gap(self) -> float:
        """Share that is lacking; below 0 where there is more than wanted."""
        return self.target - self.share


@dataclass(frozen=True, slots=True)
class Coverage:
    """A dimension as it is in the bank.

    Attributes
    ----------
    groups : tuple of GroupCoverage
    ungrouped : tuple of str
        Ids of cases that belong to no group; their questions are in no share.
    covered : float
        Sum over groups of the smaller of share and target, 0 to 1.
    distance : float
        Chi-squared of counts against targets, as a distance only: the bank is no sample, so there is no p value.
    """

    dimension: str
    groups: tuple[GroupCoverage, ...]
    ungrouped: tuple[str, ...]
    covered: float
    distance: float

    def as_json(self) -> dict[str, Any]:
        """Fields for a program."""
        return {**asdict(self), "groups": [{**asdict(group), "gap": group.gap} for group in self.groups]}


def load_blueprint(file: Path) -> Blueprint:
    """Read a blueprint.

    Raises
    ------
    FaultyBlueprint
        With every fault.
    """
    try:
        content = read_toml(file)
    except UnreadableFile as error:
        raise FaultyBlueprint([Fault(str(file), error.place, error.problem)]) from error
    try:
        found = Blueprint.model_validate(content)
    except ValidationError as error:
        places = (
            (" ".join(f"number {step + 1}" if isinstance(step, int) else step for step in location), problem)
            for location, problem in problems(error, fields="docs/how-to/review-the-bank.md")
        )
        raise FaultyBlueprint([Fault(str(file), place, problem) for place, problem in places]) from error
    faults = [Fault(str(file), place, problem) for place, problem in _faults(found)]
    if faults:
        raise FaultyBlueprint(faults)
    return found


def _faults(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    for dimension in blueprint.dimension:
        total = sum(group.target for group in dimension.group)
        if abs(total - 1) > _ROUNDING:
            yield f"dimension {dimension.name}", f"the targets add up to {total:g}, and must add up to 1"
        seen: set[str] = set()
        for group in dimension.group:
            named = {f"topic {topic.casefold()}" for topic in group.topics} | {f"case {case}" for case in group.cases}
            if twice := sorted(seen & named):
                yield f"dimension {dimension.name}, group {group.name}", f"{twice[0]} is in another group already"
            seen |= named


def coverage(blueprint: Blueprint, bank: Bank) -> tuple[Coverage, ...]:
    """How far a bank is from its blueprint, by dimension.

    Raises
    ------
    FaultyBlueprint
        Where a case belongs to two groups of a dimension.
    """
    return tuple(_of_dimension(dimension, bank) for dimension in blueprint.dimension)


def _of_dimension(dimension: Dimension, bank: Bank) -> Coverage:
    counts = dict.fromkeys((group.name for group in dimension.group), 0)
    ungrouped: dict[str, None] = {}
    for case, _ in bank.asked():
        name = _group_of(dimension, case)
        if name is None:
            ungrouped[case.id] = None
        else:
            counts[name] += 1
    total = sum(counts.values())
    groups = tuple(
        GroupCoverage(group.name, group.target, counts[group.name], counts[group.name] / total if total else 0.0)
        for group in dimension.group
    )
    covered = sum(min(group.share, group.target) for group in groups)
    distance = total * sum((group.share - group.target) ** 2 / group.target for group in groups)
    return Coverage(dimension.name, groups, tuple(ungrouped), covered, distance)


def _group_of(dimension: Dimension, case: SampCase) -> str | None:
    found = [group.name for group in dimension.group if group.holds(case)]
    if len(found) > 1:
        problem = f"case {case.id} (topic {case.topic}) belongs to {' and to '.join(found)}"
        raise FaultyBlueprint([Fault("the blueprint", f"dimension {dimension.name}", problem)])
    return found[0] if found else None


def question_weights(blueprint: Blueprint, bank: Bank) -> dict[str, float]:
    """By question id, how much it counts if the bank is to be as the blueprint: raked, at most 3, on average 1.

    Groups without a question cannot be weighted: the others share their target. Cases without a group keep their weight
    in that dimension.

    References
    ----------
    Deming WE, Stephan FF. On a least squares adjustment of a sampled frequency table when the expected marginal totals
    are known. Ann Math Stat 1940;11:427-44.
    """
    asked = [(case, question.id) for case, question in bank.asked()]
    weights = dict.fromkeys((name for _, name in asked), 1.0)
    targets = [{group.name: group.target for group in dimension.group} for dimension in blueprint.dimension]
    members = [{name: _group_of(dimension, case) for case, name in asked} for dimension in blueprint.dimension]
    for _ in range(_RAKINGS):
        for group_of, target in zip(members, targets, strict=True):
            sums: dict[str, float] = {}
            for name, weight in weights.items():
                if (group := group_of[name]) is not None:
                    sums[group] = sums.get(group, 0.0) + weight
            total, reached = sum(sums.values()), sum(target[group] for group in sums)
            factor = {group: target[group] / reached * total / held for group, held in sums.items()}
            weights = {name: weight * factor.get(group_of[name] or "", 1.0) for name, weight in weights.items()}
    trimmed = {name: min(weight, LARGEST_WEIGHT) for name, weight in weights.items()}
    mean = sum(trimmed.values()) / len(trimmed)
    return {name: weight / mean for name, weight in trimmed.items()}

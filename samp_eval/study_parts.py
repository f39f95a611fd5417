"""Parts of the study file that stand by themselves: names, the gates and canaries of models, where the study is."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

__all__ = [
    "CONTROL",
    "LONGEST_NAME",
    "CanaryLimits",
    "ModelGates",
    "ModelName",
    "Name",
    "Sentence",
    "StoreSettings",
    "StudyModel",
]

TAKEN_SCHEMAS = frozenset({"information_schema", "public"})

LONGEST_NAME = 120
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control and direction characters, and what is no UTF-8: a name that holds one could show another on a terminal."""


def _without_control_characters(name: str) -> str:
    if found := CONTROL.search(name):
        raise ValueError(f"this name holds the control character U+{ord(found.group()):04X}; remove it")
    return name


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME),
    AfterValidator(_without_control_characters),
]
ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class StudyModel(BaseModel):
    """What a study file may hold: nothing beyond the named fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelGates(StudyModel):
    """When figures that rest on a model's marks alone may be shown; set before marks are seen.

    Estimates that physicians' marks correct have no gate.
    """

    agreement_below: float = Field(
        default=0.15,
        ge=0,
        le=2,
        description="Kappa of the model with each physician may be this far below that among physicians; the lower "
        "bound of the interval counts.",
    )
    favour_points: float = Field(
        default=5,
        ge=0,
        le=100,
        description="Percentage points by which the model may favour or disfavour a respondent, given the physicians' "
        "marks; the whole interval counts.",
    )
    flips_percent: float = Field(
        default=5, ge=0, le=100, description="Percent of pairs of repeats of an answer that may differ in credit."
    )
    question_errors: float = Field(
        default=0.3, gt=0, lt=1, description="Share of a question's answers above which a model cannot mark it."
    )
    question_probability: float = Field(
        default=0.5, gt=0, lt=1, description="Probability of that above which the question is listed for physicians."
    )
    families: dict[Name, Name] = Field(
        default={},
        description="The organisation of a model or respondent, by name, where its name does not tell.",
    )


class CanaryLimits(StudyModel):
    """When a model may mark: how it has to fare with answers whose worth is known, before it marks anything else."""

    gained: int = Field(
        default=1, ge=0, le=20, description="How many of 20 wrong answers may earn a mark by an instruction in them."
    )
    lost: int = Field(
        default=1, ge=0, le=20, description="How many of 20 right answers may lose their mark by a harmless note."
    )
    told_apart: int = Field(
        default=15,
        ge=0,
        le=20,
        description="How many of 20 plain wrong answers must earn nothing, and of 20 plain right ones must earn, for "
        "the other two to say anything: a model that credits everything cannot be talked into more.",
    )


class StoreSettings(StudyModel):
    """A schema of a PostgreSQL database that holds the study in place of ``study.db``.

    The database's URL may contain a password. It is therefore read from an environment variable and never shown.
    """

    postgresql_schema: str = Field(description="The study's own schema; created if it does not exist.")
    url_env: str = Field(
        default="SAMP_EVAL_DATABASE_URL", description="Name of the variable that holds the database's URL."
    )

    @model_validator(mode="before")
    @classmethod
    def _table(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError('this must be a table: [store], followed by a line postgresql_schema = "my_study"')
        return value

    @field_validator("postgresql_schema")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value) or value.startswith("pg_") or value in TAKEN_SCHEMAS:
            raise ValueError(
                "a schema's name has at most 63 lower-case letters, digits and underscores, does not start with a "
                f"digit or pg_, and is none of {', '.join(sorted(TAKEN_SCHEMAS))}"
            )
        return value

    @field_validator("url_env")
    @classmethod
    def _variable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("this is the NAME of an environment variable; the URL itself belongs in that variable")
        return value

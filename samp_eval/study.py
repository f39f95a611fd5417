"""The study file: respondents, rounds and their conditions, reviewers, consensus rule, analysis plan."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from samp_eval.endpoint import Endpoint, is_local, secrets_written
from samp_eval.errors import CannotStore, Fault, FaultyStudy, StudyConflict
from samp_eval.literals import Association, ClusterChoice, Covariance
from samp_eval.validation import problems

__all__ = [
    "DEFAULT_ROUNDS",
    "LONGEST_NAME",
    "STUDY_FILE",
    "AnalysisPlan",
    "Condition",
    "RespondentSettings",
    "ReviewPlan",
    "Round",
    "StorePlan",
    "Study",
    "load_study",
    "write_study_template",
]

STUDY_FILE = "study.toml"
TAKEN_SCHEMAS = frozenset({"information_schema", "public"})

LONGEST_NAME = 120
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4096)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class StudyModel(BaseModel):
    """What a study file may hold: nothing beyond the named fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Condition:
    """Under what circumstances a round was asked.

    Attributes
    ----------
    prompted : bool
        With instructions and worked examples; otherwise only the case and the question (bare).
    regenerated : bool
        The same request sampled again, soon after a fresh one.
    later : bool
        Asked again later; the round says after how many days.
    """

    prompted: bool = True
    regenerated: bool = False
    later: bool = False

    @property
    def label(self) -> str:
        """One word for files and tables: ``prompted``, ``bare-regenerated``, ``prompted-later``."""
        parts = ["prompted" if self.prompted else "bare"]
        parts += ["regenerated"] * self.regenerated + ["later"] * self.later
        return "-".join(parts)

    @classmethod
    @cache
    def from_label(cls, label: str) -> Self:
        """Read a label back; raises ``ValueError`` naming the allowed words."""
        words = label.strip().lower().split("-")
        if words[0] not in ("prompted", "bare") or not set(words[1:]) <= {"regenerated", "later"}:
            raise ValueError(
                f"{label!r} is not a condition; a condition is prompted or bare, then -regenerated, -later or both"
            )
        return cls(prompted=words[0] == "prompted", regenerated="regenerated" in words, later="later" in words)


class Round(StudyModel):
    """One pass over all questions."""

    prompt: Literal["prompted", "bare"] = Field(
        default="prompted", description="With instructions and worked examples, or only the case and the question."
    )
    regenerated: bool = Field(default=False, description="The same request sampled again, soon after a fresh one.")
    later: bool = Field(
        default=False, description="Asked again later; implied by after_days, which says after how many days."
    )
    after_days: int = Field(default=0, ge=0, description="Days to wait after the respondent's first round.")

    @property
    def condition(self) -> Condition:
        """The round's condition as a value."""
        return Condition(self.prompt == "prompted", self.regenerated, self.later or self.after_days > 0)


DEFAULT_ROUNDS = (
    Round(),
    Round(regenerated=True),
    Round(prompt="bare"),
    Round(prompt="bare", regenerated=True),
    Round(later=True),
)
"""Our reading of the published protocol, which does not say which round had which condition; asked all at once."""


_OF_AN_ADDRESS = ("endpoint", "base_url", "api_key_env", "api_version", "headers", "headers_env")


class RespondentSettings(Endpoint):
    """A respondent is a model under settings; every setting is part of its identity."""

    id: Name = Field(description="Its name in the study.")
    model: ModelName = Field(description="The model's name at its server; local is the embedded model.")
    endpoint: Name | None = Field(default=None, description="One of the study's [endpoints]; or base_url and the like.")
    prompt: Name | None = Field(
        default=None, description="Folder of the prompt's files, from the study's folder; the study's own when absent."
    )
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="Sampling temperature; not sent when empty."
    )
    top_p: float | None = Field(default=None, gt=0, le=1, description="Nucleus sampling; not sent when empty.")
    max_tokens: int | None = Field(default=None, ge=1, description="Longest answer in tokens.")
    seed: int | None = Field(default=None, description="Sampling seed, for servers that know one.")
    reasoning_effort: Name | None = Field(default=None, description="For models that reason: low, medium, high, ...")
    stop: tuple[str, ...] = Field(default=(), description="Texts at which the model stops.")

    NOT_IDENTITY: ClassVar[frozenset[str]] = frozenset(
        {
            "id",
            "endpoint",
            "prompt",
            "api_key_env",
            "headers_env",
            "timeout_seconds",
            "concurrency",
            "requests_per_minute",
            "tokens_per_minute",
        }
    )
    """What may change without making another respondent; of a prompt it is the text that counts, by its hash."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.endpoint is not None and self.base_url is not None:
            raise ValueError("give endpoint or base_url, not both")
        addressed = [name for name in _OF_AN_ADDRESS if name in self.model_fields_set and getattr(self, name)]
        if is_local(self.model) and addressed:
            raise ValueError(
                f"the model {self.model!r} is served on this machine, without address or key; leave out "
                f"{' and '.join(addressed)}"
            )
        return self

    def at(self, endpoint: Endpoint) -> RespondentSettings:
        """The same respondent at an endpoint: what it does not say itself is the endpoint's."""
        own = self.model_dump(include=self.model_fields_set | {"id", "model"})
        return RespondentSettings.model_validate(
            {**endpoint.model_dump(include=endpoint.model_fields_set), **own, "endpoint": None}
        )


class ReviewPlan(StudyModel):
    """Who marks, and how two marks become one."""

    reviewers: tuple[Name, ...] = Field(default=(), description="Who marks.")
    consensus: Name = Field(default="adjudicated", description="adjudicated, both, either, mean, or a reviewer's name")


class AnalysisPlan(StudyModel):
    """The analysis that was planned before the marks were seen."""

    reference: Name | None = Field(default=None, description="Respondent that the others are compared with.")
    cluster: ClusterChoice = Field(default="question", description="What is independent of everything else.")
    association: Association = Field(default="independence", description="Working association within a cluster.")
    covariance: Covariance = Field(default="robust", description="Standard errors.")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="Coverage of the intervals.")
    pass_mark: float | None = Field(default=None, ge=0, le=100, description="Score percentage to compare means with.")


class StorePlan(StudyModel):
    """A schema of a PostgreSQL database that holds the study in place of ``study.db``.

    The database's URL may hold a password, so that it comes from an environment variable, and no message shows it.
    """

    postgresql_schema: str = Field(description="One for each study; made where it is not there.")
    url_env: str = Field(
        default="SAMP_EVAL_DATABASE_URL", description="Name of the variable that holds the database's URL."
    )

    @model_validator(mode="before")
    @classmethod
    def _table(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError('this is a table: [store], and below it postgresql_schema = "my_study"')
        return value

    @field_validator("postgresql_schema")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value) or value.startswith("pg_") or value in TAKEN_SCHEMAS:
            raise ValueError(
                "a schema's name is made of small letters, digits and underscores, at most 63, not beginning with a "
                f"digit or pg_, and none of {', '.join(sorted(TAKEN_SCHEMAS))}"
            )
        return value

    @field_validator("url_env")
    @classmethod
    def _variable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("this is the NAME of an environment variable; the URL itself belongs in that variable")
        return value


class Study(StudyModel):
    """A whole study file."""

    title: str = Field(default="Language models on short-answer management problems", description="The report's title.")
    seed: int = Field(default=2023, description="Seed of every shuffle; recorded with the study.")
    order: Literal["shuffled", "fixed"] = Field(
        default="shuffled", description="Order of the questions in a round: shuffled by the seed, or as in the bank."
    )
    items: str | None = Field(
        default=None, description="Path of the bank, from the study's folder; the bundled bank when absent."
    )
    prompt: str | None = Field(
        default=None,
        description="Folder with instructions.txt, examples.txt and system.txt, from the study's folder; the prompt "
        "that comes with samp-eval when absent.",
    )
    endpoints: dict[Name, Endpoint] = Field(default={}, description="Servers by a name, for respondents to refer to.")
    respondents: tuple[RespondentSettings, ...] = Field(
        default=(), description="Who answers; the first is compared with. A model of the command line needs no entry."
    )
    rounds: tuple[Round, ...] = Field(
        default=DEFAULT_ROUNDS,
        min_length=1,
        description="The rounds in order; without any, our reading of the protocol.",
    )
    review: ReviewPlan = Field(default=ReviewPlan(), description="Reviewers, and how their marks become one.")
    analysis: AnalysisPlan = Field(default=AnalysisPlan(), description="The analysis planned before the marks.")
    store: StorePlan | None = Field(default=None, description="Without it the study is kept in study.db.")
    deviations: tuple[Sentence, ...] = Field(
        default=(), description="What was done otherwise than planned, a sentence each."
    )
    checklist: dict[str, Sentence] = Field(
        default={}, description='Authors\' answers to reporting checklists by list and item: "CHART 2a" = "..."'
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        identifiers = [respondent.id for respondent in self.respondents]
        repeated = sorted({one for one in identifiers if identifiers.count(one) > 1})
        if repeated:
            raise ValueError(f"respondent ids are given twice: {', '.join(repeated)}")
        if self.rounds[0].after_days:
            raise ValueError("the first round cannot wait: after_days counts from it")
        for one in self.respondents:
            self.endpoint(one.endpoint)
        return self

    def endpoint(self, name: str | None) -> Endpoint:
        """An endpoint by its name; one that says nothing where there is none.

        Raises
        ------
        ValueError
            Naming the known ones.
        """
        if name is None:
            return Endpoint()
        if name not in self.endpoints:
            known = ", ".join(self.endpoints) or "none"
            raise ValueError(f"there is no endpoint {name!r} in [endpoints]; known: {known}")
        return self.endpoints[name]


def load_study(folder: Path) -> Study:
    """Read ``study.toml`` of a study folder; the default study where there is none.

    Raises
    ------
    FaultyStudy
        With every fault of the file.
    """
    file = folder / STUDY_FILE
    if not file.exists():
        return Study()
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise FaultyStudy([Fault(str(file), "", f"this is not valid TOML: {error}")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FaultyStudy([Fault(str(file), "", f"cannot be read: {error}")]) from error
    faults = [Fault(str(file), _place(location), problem) for location, problem in secrets_written(content)]
    if faults:
        raise FaultyStudy(faults)
    try:
        return Study.model_validate(content)
    except ValidationError as error:
        faults = [
            Fault(str(file), _place(location), problem)
            for location, problem in problems(error, fields="the file that samp-eval init writes")
        ]
        raise FaultyStudy(faults) from error


def _place(location: Sequence[int | str]) -> str:
    return " ".join(f"number {step + 1}" if isinstance(step, int) else step for step in location)


def write_study_template(folder: Path) -> None:
    """Write a commented study file with the default rounds, of which the later one waits seven days.

    Raises
    ------
    StudyConflict
        Where there is one already; it is left as it is.
    CannotStore
        Where it cannot be written.
    """
    file = folder / STUDY_FILE
    template = files("samp_eval").joinpath("study_template.toml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as target:
            target.write(template)
    except FileExistsError as error:
        raise StudyConflict(f"{file} exists already and stays as it is") from error
    except OSError as error:
        raise CannotStore(f"{file} cannot be written: {error.strerror}") from error

"""The study file: respondents, rounds and their conditions, reviewers, consensus rule, analysis plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from samp_eval.checklists import unknown_items
from samp_eval.endpoint import Endpoint, is_local, secrets_written
from samp_eval.errors import CannotStore, Fault, FaultyStudy, StudyConflict
from samp_eval.input_files.limits import UnreadableFile
from samp_eval.input_files.toml_text import read_toml
from samp_eval.literals import (
    Aim,
    Association,
    ClusterChoice,
    Covariance,
    MarkBasis,
    QuestionChoice,
    StandardMethod,
)
from samp_eval.study_parts import (
    CONTROL,
    LONGEST_NAME,
    CanaryLimits,
    ModelGates,
    ModelName,
    Name,
    Sentence,
    StoreSettings,
    StudyModel,
)
from samp_eval.validation import problems

__all__ = [
    "CONTROL",
    "DEFAULT_ROUNDS",
    "LONGEST_NAME",
    "STUDY_FILE",
    "WITHOUT_PICTURES",
    "AnalysisPlan",
    "CanaryLimits",
    "Condition",
    "ModelGates",
    "RespondentSettings",
    "ReviewPlan",
    "Round",
    "StoreSettings",
    "Study",
    "load_study",
    "write_study_template",
]

STUDY_FILE = "study.toml"
WITHOUT_PICTURES = "nopictures"
"""In the label of a condition."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The circumstances under which a round was asked.

    Attributes
    ----------
    prompted : bool
        With instructions and worked examples; otherwise (bare) only the case and the question.
    regenerated : bool
        The same request sampled again, soon after a fresh one.
    later : bool
        Asked again later; the round says after how many days.
    pictures : bool
        Whether pictures are sent; a round without them is the control.
    """

    prompted: bool = True
    regenerated: bool = False
    later: bool = False
    pictures: bool = True

    @property
    def label(self) -> str:
        """One word for files and tables: ``prompted``, ``bare-regenerated``, ``prompted-later``."""
        parts = ["prompted" if self.prompted else "bare"]
        parts += ["regenerated"] * self.regenerated + ["later"] * self.later + [WITHOUT_PICTURES] * (not self.pictures)
        return "-".join(parts)

    @classmethod
    @cache
    def from_label(cls, label: str) -> Self:
        """Read a label back; raises ``ValueError`` naming the allowed words."""
        words = label.strip().lower().split("-")
        if words[0] not in ("prompted", "bare") or not set(words[1:]) <= {"regenerated", "later", WITHOUT_PICTURES}:
            raise ValueError(
                f"{label!r} is not a condition; a condition is prompted or bare, then -regenerated, -later, "
                f"-{WITHOUT_PICTURES} or several of them"
            )
        prompted, pictures = words[0] == "prompted", WITHOUT_PICTURES not in words
        return cls(prompted, "regenerated" in words, "later" in words, pictures)


class Round(StudyModel):
    """One pass over all questions."""

    prompt: Literal["prompted", "bare"] = Field(
        default="prompted", description="With instructions and worked examples, or only the case and the question."
    )
    regenerated: bool = Field(default=False, description="The same request sampled again, soon after a fresh one.")
    later: bool = Field(
        default=False, description="Asked again after some time; after_days implies it and sets the number of days."
    )
    pictures: bool = Field(
        default=True,
        description="Whether pictures are sent. false is the control: only the questions that have pictures are asked, "
        "without them.",
    )
    after_days: int = Field(default=0, ge=0, le=36_500, description="Days to wait after the respondent's first round.")

    @property
    def condition(self) -> Condition:
        """The round's condition as a value."""
        later = self.later or self.after_days > 0
        return Condition(self.prompt == "prompted", self.regenerated, later, self.pictures)


DEFAULT_ROUNDS = (
    Round(),
    Round(regenerated=True),
    Round(prompt="bare"),
    Round(prompt="bare", regenerated=True),
    Round(later=True),
)
"""Our reading of the published protocol, which does not say which round had which condition; asked without waiting."""


_OF_AN_ADDRESS = ("endpoint", "base_url", "api_key_env", "api_version", "headers", "headers_env")


class RespondentSettings(Endpoint):
    """A respondent is a model with given settings; every setting is part of its identity."""

    id: Name = Field(description="The respondent's name in the study.")
    model: ModelName = Field(description="The model's name on its server; local is the embedded model.")
    endpoint: Name | None = Field(
        default=None,
        description="One of the study's [endpoints]; alternatively, set base_url and the other fields here.",
    )
    prompt: Name | None = Field(
        default=None,
        description="Folder with the prompt's files, relative to the study's folder. Default: the study's prompt.",
    )
    temperature: float | None = Field(default=None, ge=0, le=2, description="Sampling temperature; not sent if empty.")
    top_p: float | None = Field(default=None, gt=0, le=1, description="Nucleus sampling; not sent if empty.")
    max_tokens: int | None = Field(default=None, ge=1, description="Maximum length of an answer, in tokens.")
    seed: int | None = Field(default=None, description="Sampling seed, for servers that support one.")
    reasoning_effort: Name | None = Field(default=None, description="For reasoning models: low, medium, high, ...")
    stop: tuple[str, ...] = Field(default=(), description="Strings at which the model stops.")

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
    """Settings that may change without making another respondent; a prompt is identified by the hash of its text."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.endpoint is not None and self.base_url is not None:
            raise ValueError("give endpoint or base_url, not both")
        addressed = [name for name in _OF_AN_ADDRESS if name in self.model_fields_set and getattr(self, name)]
        if is_local(self.model) and addressed:
            raise ValueError(
                f"the model {self.model!r} is served on this machine and needs no address or key; remove "
                f"{' and '.join(addressed)}"
            )
        return self


class ReviewPlan(StudyModel):
    """Who marks, and how two marks become one."""

    reviewers: tuple[Name, ...] = Field(default=(), description="The reviewers' names.")
    consensus: Name = Field(default="adjudicated", description="adjudicated, both, either, mean, or a reviewer's name.")


class AnalysisPlan(StudyModel):
    """The analysis that was planned before the marks were seen."""

    reference: Name | None = Field(default=None, description="The respondent with which the others are compared.")
    cluster: ClusterChoice = Field(
        default="question", description="Responses that form a cluster; clusters are independent of each other."
    )
    association: Association = Field(default="independence", description="Working association within a cluster.")
    covariance: Covariance = Field(default="robust", description="Standard errors.")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="Confidence level of the intervals.")
    questions: QuestionChoice = Field(
        default="common", description="Questions of a comparison: those that both sides answered, or all of each."
    )
    pass_mark: Annotated[float, Field(ge=0, le=100)] | StandardMethod | None = Field(
        default=None,
        description="Score percentage with which the mean scores are compared (a conventional mark), or the method of "
        "samp-eval standard whose result is the mark, such as angoff.",
    )
    primary_basis: MarkBasis = Field(default="key", description="The basis of the primary comparison.")
    primary_comparison: Name | None = Field(
        default=None,
        description="The respondent whose comparison with the reference is primary, of which the report's summary "
        "speaks. Default: all comparisons alike.",
    )
    aim: Aim = Field(
        default="superiority", description="What the primary comparison is to show; the others need a margin."
    )
    margin: float | None = Field(
        default=None,
        gt=1,
        description="Largest odds ratio of a higher score, in either direction, that does not matter.",
    )

    @model_validator(mode="after")
    def _whole_aim(self) -> Self:
        if (self.aim == "superiority") != (self.margin is None):
            raise ValueError("non-inferiority and equivalence are shown against a margin: give aim and margin together")
        if self.margin is not None and self.primary_comparison is None:
            raise ValueError("a margin belongs to the primary comparison: name the respondent as primary_comparison")
        return self

    @field_validator("pass_mark", mode="before")
    @classmethod
    def _number_or_method(cls, value: object) -> object:
        """One sentence in place of one for each kind of value."""
        if isinstance(value, str) and value not in get_args(StandardMethod):
            methods = ", ".join(get_args(StandardMethod))
            raise ValueError(f"this must be a number without quotation marks, or one of {methods}; found {value!r:.60}")
        if isinstance(value, int | float) and not 0 <= value <= 100:
            raise ValueError(f"this is a score percentage, from 0 to 100; found {value:g}")
        return value


class Study(StudyModel):
    """A whole study file."""

    title: str = Field(default="Language models on short-answer management problems", description="The report's title.")
    authors: tuple[Name, ...] = Field(
        default=(), description="The authors' names, in order, for the report and the manuscript."
    )
    seed: int = Field(default=2023, description="Seed for all shuffling; recorded with the study.")
    order: Literal["shuffled", "fixed"] = Field(
        default="shuffled", description="Order of the questions in a round: shuffled with the seed, or as in the bank."
    )
    option_order: Literal["shuffled", "fixed"] = Field(
        default="fixed",
        description="Order of a question's options: shuffled with the seed in each round anew, or as in the bank.",
    )
    items: str | None = Field(
        default=None, description="Path of the bank, relative to the study's folder. Default: the bundled bank."
    )
    blueprint: str | None = Field(
        default=None,
        description="File with the shares of the questions that groups of topics should have, relative to the study's "
        "folder; the report shows coverage, and odds ratios weighted to it.",
    )
    prompt: str | None = Field(
        default=None,
        description="Folder with instructions.txt, examples.txt and system.txt, relative to the study's folder. "
        "Default: the bundled prompt.",
    )
    endpoints: dict[Name, Endpoint] = Field(default={}, description="Named servers, to which respondents can refer.")
    respondents: tuple[RespondentSettings, ...] = Field(
        default=(),
        description="The respondents; the first is the reference. A model on the command line needs no entry.",
    )
    rounds: tuple[Round, ...] = Field(
        default=DEFAULT_ROUNDS,
        min_length=1,
        description="The rounds in order. Default: our reading of the published protocol.",
    )
    review: ReviewPlan = Field(default=ReviewPlan(), description="Reviewers, and how their marks become one.")
    analysis: AnalysisPlan = Field(
        default=AnalysisPlan(), description="The analysis, planned before the marks were seen."
    )
    gates: ModelGates = Field(default=ModelGates(), description="When figures by a model's marks alone may be shown.")
    canaries: CanaryLimits = Field(default=CanaryLimits(), description="When a model may mark at all.")
    store: StoreSettings | None = Field(
        default=None, description="A PostgreSQL schema for the study. Default: study.db."
    )
    deviations: tuple[Sentence, ...] = Field(default=(), description="Deviations from the plan, one sentence for each.")
    checklist: dict[str, Sentence] = Field(
        default={}, description='Your answers to reporting checklists, by list and item: "CHART 2a" = "..."'
    )

    @field_validator("checklist")
    @classmethod
    def _known_items(cls, answers: dict[str, str]) -> dict[str, str]:
        unknown = list(unknown_items(answers)) if answers else []
        if unknown:
            raise ValueError("; ".join(unknown))
        return answers

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        identifiers = [respondent.id for respondent in self.respondents]
        repeated = sorted({name for name in identifiers if identifiers.count(name) > 1})
        if repeated:
            raise ValueError(f"respondent ids are given twice: {', '.join(repeated)}")
        if self.rounds[0].after_days:
            raise ValueError("the first round cannot have after_days, which counts from that round")
        for respondent in self.respondents:
            self.endpoint(respondent.endpoint)
        return self

    def endpoint(self, name: str | None) -> Endpoint:
        """An endpoint by its name; an empty endpoint if the name is None.

        Raises
        ------
        ValueError
            If the name is unknown; the message lists the known names.
        """
        if name is None:
            return Endpoint()
        if name not in self.endpoints:
            known = ", ".join(self.endpoints) or "none"
            raise ValueError(f"there is no endpoint {name!r} in [endpoints]; known: {known}")
        return self.endpoints[name]


def load_study(folder: Path) -> Study:
    """Read ``study.toml`` of a study folder; without the file, return the default study.

    Raises
    ------
    FaultyStudy
        If the file has faults; the error lists all of them.
    """
    file = folder / STUDY_FILE
    if not file.exists():
        return Study()
    try:
        content = read_toml(file)
    except UnreadableFile as error:
        raise FaultyStudy([Fault(str(file), error.place, error.problem)]) from error
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
    """Write a commented study file with the default rounds, except that the later round waits seven days.

    Raises
    ------
    StudyConflict
        If the file exists already; it is not changed.
    CannotStore
        If the file cannot be written.
    """
    file = folder / STUDY_FILE
    template = files("samp_eval").joinpath("study_template.toml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as target:
            target.write(template)
    except FileExistsError as error:
        raise StudyConflict(f"{file} exists already and was not changed") from error
    except OSError as error:
        raise CannotStore(f"{file} cannot be written: {error.strerror}") from error

"""The figures of the published study, printed next to ours if the respondents and rounds are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from samp_eval.literals import MarkBasis

CITATION = (
    "Performance of generative pre-trained transformers (GPTs) in Certification Examination of the College of Family "
    "Physicians of Canada. Fam Med Community Health 2024;12(Suppl 1):e002626"
)

ROUNDS = 5
QUESTIONS = 77

_GPT_35 = re.compile(r"(?:openai/)?gpt-?3\.5(?:-turbo)?(?:-\d{4})?", re.IGNORECASE)
_GPT_4 = re.compile(r"(?:openai/)?gpt-?4(?:-\d{4})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PublishedLines:
    """Lines correct as published; ``correct`` is None if only the percentage was published."""

    basis: MarkBasis
    respondent: str
    correct: int | None
    percent: float
    decimals: int


@dataclass(frozen=True, slots=True)
class PublishedEffect:
    """GPT-4 against GPT-3.5 as published, with its 95% interval."""

    basis: MarkBasis
    odds_ratio: float
    ci_low: float
    ci_high: float
    p_value: float
    p_is_bound: bool


@dataclass(frozen=True, slots=True)
class PublishedStudy:
    """The published figures, under the names of the respondents in the present study.

    Attributes
    ----------
    lines : tuple of PublishedLines
    effects : tuple of PublishedEffect
    compared, reference : str
        Respondents that the effects compare.
    differences : tuple of str
        Differences between the present study and the published design, in words.
    """

    lines: tuple[PublishedLines, ...]
    effects: tuple[PublishedEffect, ...]
    compared: str
    reference: str
    differences: tuple[str, ...]


def published_study(models: Mapping[str, str], rounds: int, questions: int) -> PublishedStudy | None:
    """The published figures if the respondents are GPT-3.5 and GPT-4 in five rounds; otherwise None.

    Parameters
    ----------
    models : mapping
        Model name by respondent id.
    rounds, questions : int
        Of the present study.
    """
    older = [identifier for identifier, model in models.items() if _GPT_35.fullmatch(model)]
    newer = [identifier for identifier, model in models.items() if _GPT_4.fullmatch(model)]
    if len(models) != 2 or len(older) != 1 or len(newer) != 1 or rounds != ROUNDS:
        return None
    differences = ["the questions differ from the College\N{RIGHT SINGLE QUOTATION MARK}s samples"]
    if questions != QUESTIONS:
        differences.append(f"{questions} questions here, {QUESTIONS} there")
    return PublishedStudy(
        lines=(
            PublishedLines("key", older[0], 607, 73.6, 1),
            PublishedLines("key", newer[0], 691, 81.0, 0),
            PublishedLines("judgement", older[0], None, 84.0, 0),
            PublishedLines("judgement", newer[0], None, 93.0, 0),
        ),
        effects=(
            PublishedEffect("key", 2.31, 1.53, 3.47, 0.001, True),
            PublishedEffect("judgement", 2.23, 1.22, 4.06, 0.009, False),
        ),
        compared=newer[0],
        reference=older[0],
        differences=tuple(differences),
    )

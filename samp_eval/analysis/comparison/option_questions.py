"""Questions with options: how much was readable, by subject, several right answers, and places that are favoured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from samp_eval.analysis.comparison.choices import ComparisonChoices
from samp_eval.analysis.comparison.mean_scores import mean_of_rows
from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.long_table import counts_in_means
from samp_eval.items.samp import entry_letter
from samp_eval.statistics.mean_scores import MeanScore
from samp_eval.statistics.not_estimated import NotEstimated

__all__ = ["OptionQuestions", "PlaceShare", "ReadableShare", "SeveralRight", "SubjectScore", "option_questions"]

FEWEST_OF_SUBJECT = 10
"""Questions of a subject that are needed for a mean of its own; topics of a bank of SAMPs have three to five."""
MOST_SUBJECTS = 40


@dataclass(frozen=True, slots=True)
class ReadableShare:
    """How many responses of a respondent name an option.

    Attributes
    ----------
    responses : int
        To questions with options, failures not among them.
    unreadable : int
        That name none, or several where one is wanted, and wait for a person.
    mean : MeanScore or NotEstimated
        Score of the others, percent.
    mean_unreadable_zero : float or None
        Mean score if every unreadable response were wrong, percent; None without any score.
    """

    respondent: str
    responses: int
    unreadable: int
    mean: MeanScore | NotEstimated
    mean_unreadable_zero: float | None


@dataclass(frozen=True, slots=True)
class SubjectScore:
    """Mean score of a respondent on the questions of one subject; ``questions`` is their number."""

    subject: str
    respondent: str
    questions: int
    mean: MeanScore | NotEstimated


@dataclass(frozen=True, slots=True)
class SeveralRight:
    """Questions with several right options.

    Attributes
    ----------
    questions : int
    exact : MeanScore or NotEstimated
        Percent of responses that choose exactly the right options.
    partial : MeanScore or NotEstimated
        Mean score with partial credit, percent: of the options asked for, or, where their number is not told, the right
        ones chosen of all that are right or chosen (Hamming).
    """

    respondent: str
    questions: int
    exact: MeanScore | NotEstimated
    partial: MeanScore | NotEstimated


@dataclass(frozen=True, slots=True)
class PlaceShare:
    """How often a respondent chooses one place of the single best answer questions.

    Attributes
    ----------
    letter : str
    right_percent, chosen_percent : float
        Responses to questions whose right answer stands there, and responses that choose that place; percent.
    excess : MeanScore or NotEstimated
        Chosen less right, percentage points, -100 to 100.
    """

    respondent: str
    letter: str
    right_percent: float
    chosen_percent: float
    excess: MeanScore | NotEstimated


@dataclass(frozen=True, slots=True)
class OptionQuestions:
    """Statistics of the questions that are answered by choosing; a part is empty where there are no such questions."""

    readable: tuple[ReadableShare, ...] = ()
    subjects: tuple[SubjectScore, ...] = ()
    several_right: tuple[SeveralRight, ...] = ()
    places: tuple[PlaceShare, ...] = ()


def option_questions(study: ScoredStudy, scored: pd.DataFrame, choices: ComparisonChoices) -> OptionQuestions:
    """Compute them.

    Parameters
    ----------
    study : ScoredStudy
    scored : DataFrame
        Rows of the long table of one basis with a score.
    choices : ComparisonChoices
    """
    asked = study.bank.by_question()
    options = {name for name, (_, question) in asked.items() if question.options}
    several = {name for name in options if len(asked[name][1].key) > 1 or asked[name][1].any_number}
    present = [name for name in study.respondents if (scored["respondent"] == name).any()]
    of_options = scored[scored["question_id"].isin(options)]
    return OptionQuestions(
        readable=tuple(_readable(study, of_options, options, name, choices) for name in present) if options else (),
        subjects=tuple(_subjects(study, scored, present, choices)),
        several_right=tuple(_several(scored[scored["question_id"].isin(several)], present, choices)),
        places=tuple(_places(study, present, choices)),
    )


def _readable(
    study: ScoredStudy, rows: pd.DataFrame, options: set[str], name: str, choices: ComparisonChoices
) -> ReadableShare:
    lines = study.lines
    own = [
        undecided
        for response, undecided, counts in zip(
            lines.responses, lines.undecided.tolist(), counts_in_means(lines.responses), strict=True
        )
        if counts and response.ask.respondent == name and response.ask.question_id in options
    ]
    unreadable = sum(own)
    part = rows[rows["respondent"] == name]
    scores = part["score_percent"]
    as_zero = float(scores.sum() / (len(scores) + unreadable)) if len(scores) + unreadable else None
    return ReadableShare(name, len(own), unreadable, mean_of_rows(scores, part, choices), as_zero)


def _subjects(
    study: ScoredStudy, scored: pd.DataFrame, present: list[str], choices: ComparisonChoices
) -> Iterator[SubjectScore]:
    topics = {question.id: case.topic for case, question in study.bank.asked()}
    subject = scored["question_id"].map(topics)
    counts = scored.groupby(subject, observed=True)["question_id"].nunique()
    large = counts[counts >= FEWEST_OF_SUBJECT]
    if not 2 <= len(large) <= MOST_SUBJECTS:
        return
    for name in large.index:
        of_subject = scored[subject == name]
        for respondent in present:
            part = of_subject[of_subject["respondent"] == respondent]
            questions = int(part["question_id"].nunique())
            yield SubjectScore(str(name), respondent, questions, mean_of_rows(part["score_percent"], part, choices))


def _several(rows: pd.DataFrame, present: list[str], choices: ComparisonChoices) -> Iterator[SeveralRight]:
    for name in present if len(rows) else ():
        part = rows[rows["respondent"] == name]
        exact = 100.0 * (part["score_percent"] >= 100.0 - 1e-9)
        yield SeveralRight(
            name,
            int(part["question_id"].nunique()),
            mean_of_rows(exact, part, choices),
            mean_of_rows(part["score_percent"], part, choices),
        )


def _places(study: ScoredStudy, present: list[str], choices: ComparisonChoices) -> Iterator[PlaceShare]:
    chosen = _chosen_places(study)
    for name in present:
        part = chosen[chosen["respondent"] == name]
        for place in range(int(part["options"].max()) if len(part) else 0):
            there = part[part["options"] > place]
            right, taken = 100.0 * (there["right"] == place), 100.0 * (there["chosen"] == place)
            yield PlaceShare(
                name,
                entry_letter(place),
                float(right.mean()),
                float(taken.mean()),
                mean_of_rows(taken - right, there, choices, lowest=-100.0),
            )


def _chosen_places(study: ScoredStudy) -> pd.DataFrame:
    """One row for each response to a single best answer question that names an option, by the places that it saw."""
    lines = study.lines
    counts = counts_in_means(lines.responses)
    rows = []
    for response, text in zip(lines.response.tolist(), lines.texts, strict=True):
        case, question = lines.asked[response]
        if counts[response] and question.format == "single" and text in question.options:
            ask = lines.responses[response].ask
            shown = [question.options[at] for at in ask.option_order or range(len(question.options))]
            right, place = shown.index(question.key[0].answer), shown.index(text)
            rows.append((ask.question_id, case.id, ask.respondent, len(question.options), right, place))
    columns = ["question_id", "case_id", "respondent", "options", "right", "chosen"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], np.int64))

"""Studies whose export R has computed anew: simulated long tables, seeded."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from reference_data import REFERENCE

from samp_eval.analysis.model.design import study_design
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.analysis.scored_study import Scores
from samp_eval.literals import MarkBasis
from samp_eval.report.export.study_export import StudyExport, repeatable_fit
from samp_eval.statistics.gee.ordinal_gee import fit_ordinal_gee
from samp_eval.study import DEFAULT_ROUNDS, AnalysisPlan, Study

SKILLS = {"small model": 0.0, 'the "old" one, ünï': 0.5, "=new": 1.0}
"""Names that no script may stumble over, with their log odds of a right line."""


def simulated(skills: dict[str, float], requested: tuple[int, ...], questions: int = 40, seed: int = 6) -> pd.DataFrame:
    """A long table in the default protocol, with questions of unequal difficulty and a few open responses."""
    chance = np.random.default_rng(seed)
    difficulty = chance.normal(0.4, 1.2, questions)
    rows = []
    for question, (level, size) in enumerate(zip(difficulty, chance.choice(requested, questions), strict=True)):
        for name, skill in skills.items():
            for number, one in enumerate(DEFAULT_ROUNDS, start=1):
                condition = one.condition
                right = chance.binomial(size, 1 / (1 + np.exp(-level - skill - 0.3 * condition.prompted)))
                correct = np.nan if chance.random() < 0.02 else float(right)
                flags = (condition.prompted, condition.regenerated, condition.later)
                place = (f"q{question:02d}", f"case {question // 3}", name, number, condition.label, *flags, "key")
                rows.append((*place, int(size), correct, 100.0 * correct / size))
    names = ["question_id", "case_id", "respondent", "round", "condition", "prompted", "regenerated", "later"]
    return pd.DataFrame(rows, columns=[*names, "basis", "requested", "correct", "score_percent"])


def export_of(table: pd.DataFrame, plan: AnalysisPlan | None = None, basis: MarkBasis = "key") -> StudyExport:
    """An export of a long table alone."""
    scores = scores_of(table, plan)
    lines = table.iloc[:0].assign(line=0, given=False, text="", entry="", credit=0.0, earned=0.0)
    return StudyExport(table, lines, scores.respondents, "adjudicated", repeatable_fit(scores, basis))


def scores_of(table: pd.DataFrame, plan: AnalysisPlan | None = None) -> Scores:
    """A long table alone, without failures."""
    respondents = tuple(dict.fromkeys(table["respondent"]))
    return Scores(Study(analysis=plan or AnalysisPlan()), respondents, table, table.iloc[:0])


def grouped(table: pd.DataFrame) -> pd.DataFrame:
    """The scores as none (0), some (1) and all (2)."""
    scores = table["score_percent"]
    return table.assign(score_percent=scores.gt(0).astype(float) + scores.ge(100)).where(scores.notna()).dropna()


def six_points() -> pd.DataFrame:
    """Another study's scores: one rating from 1 to 6 for each question and respondent, no conditions."""
    table = simulated({"chatbot": 0.0, "physician": 0.6}, (5,), seed=9).query("round == 1").dropna()
    return table.assign(score_percent=table["correct"] + 1)


def example_scores() -> pd.DataFrame:
    """Scores of the example study as it was when R fitted it, with the bank of that time."""
    table = pd.read_csv(REFERENCE / "export" / "example_scores.csv")
    return table.astype(dict.fromkeys(("respondent", "condition", "basis"), "category"))


@cache
def samples() -> dict[str, StudyExport]:
    """By name; the files of ``tests/reference/export`` are called the same."""
    three = simulated(SKILLS, (1, 2, 3))
    return {
        "three_respondents": export_of(three),
        "case_clusters": export_of(
            simulated(SKILLS, (1, 2, 3), questions=150), AnalysisPlan(cluster="case", covariance="bias_reduced")
        ),
        "own_clusters": export_of(three, AnalysisPlan(cluster="question-respondent", covariance="naive")),
        "binary": export_of(simulated({"one": 0.0, "other": 0.8}, (1,), seed=8)),
        "grouped": export_of(grouped(three)),
        "six_points": export_of(six_points(), AnalysisPlan(questions="all")),
    }


def few_clusters() -> StudyExport:
    """Fourteen cases, for intervals from the t distribution."""
    table = simulated(SKILLS, (1, 2, 3))
    plan = AnalysisPlan(cluster="case")
    export = export_of(table, plan)
    assert isinstance(export.outcome, StudyFit)
    scored = table.dropna()
    names = list(SKILLS)
    fit = fit_ordinal_gee(
        scored["score_percent"].round(6),
        study_design(scored, respondents=names).design,
        scored["case_id"],
        interval="t",
    )
    sample = replace(export.outcome.samples[0], fit=fit)
    sources = dict.fromkeys(export.outcome.sources, sample)
    terms = tuple(sample.term(column) for column in sources)
    return replace(export, outcome=replace(export.outcome, samples=(sample,), sources=sources, terms=terms))

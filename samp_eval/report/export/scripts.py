"""R and Stata scripts that recompute the odds ratios of a study from the exported scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from samp_eval import __version__
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.spreadsheet_cells import escape_formula

if TYPE_CHECKING:
    from jinja2 import Environment

    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["r_script", "ranks_script", "stata_script"]

_R_CLUSTER = {
    "question": "scores$question_id",
    "case": "scores$case_id",
    "question-respondent": "paste(scores$question_id, scores$respondent_number)",
}
_STATA_CLUSTER = {
    "question": "question_id",
    "case": "case_id",
    "question-respondent": "question_id respondent_number",
}


@dataclass(frozen=True, slots=True)
class _Column:
    """A 0/1 column of the design: whether ``column`` of the scores equals ``value``; names as in the CSV files."""

    name: str
    term: str
    reference: str
    column: str
    value: int


def r_script(found: StudyFit, respondents: Sequence[str]) -> str:
    """The R script that reproduces a fit.

    Parameters
    ----------
    found : StudyFit
    respondents : sequence of str
        In order; the first has the number 1 in the exported scores.
    """
    return _rendered("odds_ratios.R.j2", found, respondents, _R_CLUSTER[found.cluster])


def stata_script(found: StudyFit, respondents: Sequence[str]) -> str:
    """The Stata script that reproduces a fit; parameters as for :func:`r_script`."""
    return _rendered("odds_ratios.do.j2", found, respondents, _STATA_CLUSTER[found.cluster])


def ranks_script(ranking: StudyRanking, respondents: Sequence[str]) -> str:
    """The R script that recomputes the strengths of a ranking; ``respondents`` as for :func:`r_script`."""
    names = [ranked.respondent for ranked in ranking.respondents]
    by_case = ranking.choices.cluster == "case"
    return (
        _environment()
        .get_template("ranks.R.j2")
        .render(
            version=__version__,
            basis=ranking.choices.basis,
            cluster="case" if by_case else "question",
            cluster_words="cases" if by_case else "questions",
            numbers=[respondents.index(name) + 1 for name in names],
            names=[escape_formula(name) for name in names],
        )
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701  # a script is not HTML; our filters escape every text in it
        loader=PackageLoader("samp_eval.report", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"r_text": _r_text, "label": _label}
    return environment


def _rendered(template: str, found: StudyFit, respondents: Sequence[str], cluster: str) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            version=__version__,
            basis=found.basis,
            covariance=found.covariance,
            confidence=found.fit.confidence,
            freedom=f"{found.fit.degrees_of_freedom:g}" if isfinite(found.fit.degrees_of_freedom) else "Inf",
            levels=len(found.fit.levels),
            cluster=cluster,
            cluster_words=found.cluster,
            columns=_columns(found, respondents),
            kept=_kept(found, respondents),
        )
    )


def _columns(found: StudyFit, respondents: Sequence[str]) -> list[_Column]:
    columns = []
    for number, term in enumerate(found.fit.terms, start=1):
        known = term.term in respondents
        column, value = ("respondent_number", respondents.index(term.term) + 1) if known else (term.term, 1)
        columns.append(_Column(f"x{number}", escape_formula(term.term), escape_formula(term.reference), column, value))
    return columns


def _kept(found: StudyFit, respondents: Sequence[str]) -> list[int]:
    """Numbers of the respondents in the model; empty if all of them are."""
    numbers = [respondents.index(name) + 1 for name in found.respondents]
    return numbers if len(numbers) < len(respondents) else []


def _r_text(text: str) -> str:
    """An ASCII string literal for R, independent of quotes and encodings."""
    return '"' + "".join(_r_character(character) for character in text) + '"'


def _r_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    return "?" if code == 0 or 0xD800 <= code <= 0xDFFF else f"\\U{{{code:x}}}"


def _label(text: str) -> str:
    """A name for a comment or a Stata label, with only letters, digits and harmless characters."""
    return re.sub(r"[^\w .:+-]", "_", text)[:60]

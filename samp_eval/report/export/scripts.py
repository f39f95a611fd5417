"""R and Stata scripts that recompute the odds ratios of a study from the exported scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from samp_eval import __version__
from samp_eval.analysis.model.fitted_sample import FittedSample
from samp_eval.analysis.model.study_fit import StudyFit
from samp_eval.spreadsheet_cells import escape_formula

if TYPE_CHECKING:
    from jinja2 import Environment

    from samp_eval.analysis.ranking.study_ranking import StudyRanking

__all__ = ["conditional_scripts", "r_scripts", "ranks_script", "stata_scripts"]

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


def r_scripts(found: StudyFit, respondents: Sequence[str], only: str = "") -> dict[str, str]:
    """The R scripts that reproduce a fit, by name: one for each sample that terms come from.

    Parameters
    ----------
    found : StudyFit
    respondents : sequence of str
        In order; the first has the number 1 in the exported scores.
    only : str
        Which questions are drawn, such as ``38 of 77``, where it is not all of them.
    """
    return _scripts("R", found, respondents, _R_CLUSTER[found.cluster], only)


def stata_scripts(found: StudyFit, respondents: Sequence[str], only: str = "") -> dict[str, str]:
    """The Stata scripts that reproduce a fit; as :func:`r_scripts`."""
    return _scripts("do", found, respondents, _STATA_CLUSTER[found.cluster], only)


def conditional_scripts(found: StudyFit, respondents: Sequence[str], only: str = "") -> dict[str, str]:
    """The R scripts of the conditional (mixed) model beside a fit; as :func:`r_scripts`."""
    return _scripts("R", found, respondents, "", only, stem="conditional")


def ranks_script(ranking: StudyRanking, respondents: Sequence[str]) -> str:
    """The R script that recomputes the strengths of a ranking; ``respondents`` as for :func:`r_scripts`."""
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


def _scripts(
    kind: str, found: StudyFit, respondents: Sequence[str], cluster: str, only: str, stem: str = "odds_ratios"
) -> dict[str, str]:
    sources = list({id(source): source for source in (*found.samples, *found.sources.values())}.values())
    sources = [source for source in sources if any(source is used for used in found.sources.values())]
    return {
        f"{stem}{_suffix(number)}.{kind}": _rendered(
            f"{stem}.{kind}.j2", found, source, respondents, cluster, _suffix(number), only
        )
        for number, source in enumerate(sources, start=1)
    }


def _suffix(number: int) -> str:
    return "" if number == 1 else f"_{number}"


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


def _rendered(
    template: str,
    found: StudyFit,
    source: FittedSample,
    respondents: Sequence[str],
    cluster: str,
    suffix: str,
    only: str,
) -> str:
    fit = source.fit
    columns = _columns(source, respondents)
    taken = [found.sources.get(term.term) is source for term in fit.terms]
    return (
        _environment()
        .get_template(template)
        .render(
            version=__version__,
            basis=found.basis,
            covariance=found.covariance,
            confidence=fit.confidence,
            freedom=f"{fit.degrees_of_freedom:g}" if isfinite(fit.degrees_of_freedom) else "Inf",
            levels=len(fit.levels),
            cluster=cluster,
            cluster_words=found.cluster,
            columns=columns,
            kept=_kept(source, respondents),
            common=[] if found.same_questions else [respondents.index(name) + 1 for name in source.respondents],
            under_both=_under_both(found, source),
            pairs=len(source.respondents) > 1,
            taken=[] if all(taken) and found.same_questions else taken,
            suffix=suffix,
            only=only,
        )
    )


def _under_both(found: StudyFit, source: FittedSample) -> str:
    """The condition under both levels of which the questions of a sample were asked; empty where that is no matter."""
    if any(source is sample for sample in found.samples):
        return ""
    return next(column for column, used in found.sources.items() if used is source)


def _columns(source: FittedSample, respondents: Sequence[str]) -> list[_Column]:
    columns = []
    for number, term in enumerate(source.fit.terms, start=1):
        known = term.term in respondents
        column, value = ("respondent_number", respondents.index(term.term) + 1) if known else (term.term, 1)
        name = escape_formula(source.names[term.term])
        columns.append(_Column(f"x{number}", name, escape_formula(term.reference), column, value))
    return columns


def _kept(source: FittedSample, respondents: Sequence[str]) -> list[int]:
    """Numbers of the respondents in the model; empty if all of them are."""
    numbers = [respondents.index(name) + 1 for name in source.respondents]
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

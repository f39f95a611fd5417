"""Effects that the data cannot tell apart are named together, or refused."""

from __future__ import annotations

import pandas as pd
import pytest
from test_common_questions import scores

from samp_eval.analysis.model.study_fit import StudyFit, fit_study
from samp_eval.errors import CannotEstimate
from samp_eval.statistics import fit_ordinal_gee


def fitted(table: pd.DataFrame) -> StudyFit:
    return fit_study(table, basis="key", respondents=list(dict.fromkeys(table["respondent"])), engine="vectorised")


def two() -> pd.DataFrame:
    return scores().query("respondent != 'few' and not later")


def test_one_only_prompted_and_the_other_only_bare_are_named_so() -> None:
    """Fitted as one column, whose name has both; the figure is that of the two groups by independent code."""
    table = two().query("(respondent == 'second') == prompted")
    (term,) = fitted(table).terms
    assert (term.term, term.reference, term.column) == ("second, prompted", "whole, bare", "second")
    alone = pd.DataFrame({"x": (table["respondent"] == "second").astype(float)})
    expected = fit_ordinal_gee(table["score_percent"], alone, table["question_id"], engine="vectorised").terms[0]
    assert term.log_odds_ratio == expected.log_odds_ratio
    turned = two().query("(respondent == 'whole') == prompted")
    (term,) = fitted(turned).terms
    assert (term.term, term.reference) == ("second, bare", "whole, prompted")


def test_only_those_that_differ_from_the_reference_in_a_condition_are_named_with_it() -> None:
    table = scores(questions=15).query("not later")
    prompted = table["respondent"].isin(["second"])
    (second, few) = fitted(table.loc[table["prompted"] == prompted]).terms
    assert (second.term, second.reference) == ("second, prompted", "whole, bare")
    assert (few.term, few.reference) == ("few", "whole")


def test_conditions_that_always_go_together_are_one_term() -> None:
    table = two().assign(regenerated=lambda rows: ~rows["prompted"])
    terms = fitted(table).terms
    assert [(term.term, term.reference) for term in terms] == [
        ("second", "whole"),
        ("prompted, fresh", "bare, regenerated"),
    ]


def test_what_has_no_name_is_refused() -> None:
    """Later of whatever is prompted or of the second: the sum of both effects."""
    table = two().query("not (respondent == 'second' and prompted)")
    mixed = table.assign(later=(table["respondent"] == "second") | table["prompted"])
    with pytest.raises(CannotEstimate, match="The effects of later and of second, prompted cannot be told apart"):
        fitted(mixed)

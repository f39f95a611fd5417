"""Numbers to text, as journals want them: one table."""

from datetime import date

import pytest

from samp_eval.report import numbers

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0094, "0.009"),
        (0.0099, "0.010"),
        (0.01, "0.01"),
        (0.034, "0.03"),
        (0.0449, "0.04"),
        (0.046, "0.046"),
        (0.0496, "0.0496"),
        (0.04999, "0.04999"),
        (0.05, "0.05"),
        (0.0501, "0.05"),
        (0.99, "0.99"),
        (0.9901, ">0.99"),
        (1.0, ">0.99"),
        (float("nan"), "–"),
    ],
)
def test_p_value(value: float, text: str) -> None:
    assert numbers.p_value(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0004, f"p{NBSP}<{NBSP}0.001"), (0.009, f"p{NBSP}={NBSP}0.009"), (0.999, f"p{NBSP}>{NBSP}0.99")],
)
def test_p_sentence(value: float, text: str) -> None:
    assert numbers.p_sentence(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.314, "2.31"),
        (1.0, "1.00"),
        (0.951, "0.95"),
        (0.0951, "0.095"),
        (0.0421, "0.042"),
        (0.0004, "<0.001"),
        (99.99, "99.99"),
        (1234.5, "1,234"),
        (float("inf"), "–"),
    ],
)
def test_ratio(value: float, text: str) -> None:
    assert numbers.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3400, "3,400"),
        (12.5, "12.5"),
        (-3, "−3"),
        (1234567.0, "1,234,567"),
        (2 / 3, "0.67"),
        (float("nan"), "–"),
    ],
)
def test_count(value: float, text: str) -> None:
    assert numbers.count(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(-0.004, 2, "0.00"), (-0.5, 1, "−0.5"), (1234.567, 1, "1,234.6"), (0.125, 3, "0.125"), (float("inf"), 2, "–")],
)
def test_number(value: float, decimals: int, text: str) -> None:
    assert numbers.number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"), [(7.44, "+7.4"), (-2.0, "−2.0"), (0.0, "0.0"), (0.04, "0.0"), (-0.04, "0.0")]
)
def test_percentage_points(value: float, text: str) -> None:
    assert numbers.percentage_points(value) == text


def test_fractions_and_intervals_do_not_break() -> None:
    assert numbers.fraction(607, 825) == f"607/825{NBSP}(73.6%)"
    assert numbers.fraction(0, 0) == "–"
    assert numbers.ratio_with_interval(2.31, 1.53, 3.47) == f"2.31{NBSP}(1.53{NBSP}to{NBSP}3.47)"
    assert numbers.interval_of_percents(-1.25, 3.0) == f"−1.2{NBSP}to{NBSP}3.0"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2023, 8, 8), date(2023, 8, 25), "8 to 25 August 2023"),
        (date(2023, 8, 28), date(2023, 9, 2), "28 August to 2 September 2023"),
        (date(2023, 12, 30), date(2024, 1, 2), "30 December 2023 to 2 January 2024"),
        (date(2026, 11, 3), date(2026, 11, 3), "3 November 2026"),
    ],
)
def test_date_range(first: date, last: date, text: str) -> None:
    assert numbers.date_range(first, last).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (12.3, "12 s"), (119.0, "119 s"), (180, "3 min"), (9000, "2.5 h")]
)
def test_duration(seconds: float, text: str) -> None:
    assert numbers.duration(seconds).replace(NBSP, " ") == text


@pytest.mark.parametrize(("value", "text"), [(0, "no"), (5, "five"), (11, "11")])
def test_words_for(value: int, text: str) -> None:
    assert numbers.words_for(value) == text


@pytest.mark.parametrize(("confidence", "text"), [(0.95, "95% CI"), (0.9, "90% CI")])
def test_confidence_heading(confidence: float, text: str) -> None:
    assert numbers.confidence_heading(confidence) == text

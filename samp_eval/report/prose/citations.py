"""Citations: marks such as ``[@liang]`` become numbers in the order of first mention, with a list of the works."""

from __future__ import annotations

import re

from samp_eval.report.content.published_study import CITATION

__all__ = ["numbered_citations", "without_citations"]

_RANGE = re.compile(r"(?<=\d)-(?=\d)")
_MARK = re.compile(r"\s?\[@([a-z, @]+)\]")

_WORKS = {
    "published": f"{CITATION}.",
    "liang": (
        "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22."
    ),
    "heagerty": (
        "Heagerty PJ, Zeger SL. Marginal regression models for clustered ordinal measurements. J Am Stat Assoc "
        "1996;91:1024-36."
    ),
    "mancl": (
        "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics "
        "2001;57:126-34."
    ),
    "stiger": (
        "Stiger TR, Barnhart HX, Williamson JM. Testing proportionality in the proportional odds model fitted with "
        "GEE. Stat Med 1999;18:1419-33."
    ),
    "peterson": (
        "Peterson B, Harrell FE. Partial proportional odds models for ordinal response variables. J R Stat Soc C "
        "1990;39:205-17."
    ),
    "nakamura": (
        "Nakamura T. Corrected score function for errors-in-variables models: methodology and application to "
        "generalized linear models. Biometrika 1990;77:127-37."
    ),
    "cohen": "Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.",
    "gwet": (
        "Gwet KL. Computing inter-rater reliability in the presence of high agreement. Br J Math Stat Psychol "
        "2008;61:29-48."
    ),
    "korn": (
        "Korn EL, Graubard BI. Confidence intervals for proportions with small expected number of positive counts "
        "estimated from survey data. Surv Methodol 1998;24:193-201."
    ),
    "miller": (
        "Miller E. Adding error bars to evals: a statistical approach to language model evaluations. arXiv:2411.00640, "
        "2024."
    ),
    "zou": (
        "Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med "
        "2008;27:1693-702."
    ),
    "muller": (
        "Muller CJ, MacLehose RF. Estimating predicted probabilities from logistic regression. Int J Epidemiol "
        "2014;43:962-70."
    ),
    "mcnemar": (
        "McNemar Q. Note on the sampling error of the difference between correlated proportions or percentages. "
        "Psychometrika 1947;12:153-7."
    ),
    "cochran": "Cochran WG. The comparison of percentages in matched samples. Biometrika 1950;37:256-66.",
    "donner": (
        "Donner A, Zou GY. Closed-form confidence intervals for functions of the normal mean and standard deviation. "
        "Stat Methods Med Res 2012;21:347-59."
    ),
    "krippendorff": "Krippendorff K. Content analysis: an introduction to its methodology. 4th ed. Sage, 2018.",
    "davidson": (
        "Davidson RR. On extending the Bradley-Terry model to accommodate ties in paired comparison experiments. J Am "
        "Stat Assoc 1970;65:317-28."
    ),
    "mogstad": (
        "Mogstad M, Romano JP, Shaikh AM, Wilhelm D. Inference for ranks with applications to mobility across "
        "neighbourhoods and academic achievement across countries. Rev Econ Stud 2024;91:476-518."
    ),
    "firth": "Firth D, de Menezes RX. Quasi-variances. Biometrika 2004;91:65-80.",
    "munos": "Munos R, Valko M, Calandriello D, et al. Nash learning from human feedback. ICML 2024.",
    "sarndal": "Sarndal CE, Swensson B, Wretman J. Model assisted survey sampling. Springer, 1992.",
    "angelopoulos": (
        "Angelopoulos AN, Bates S, Fannjiang C, Jordan MI, Zrnic T. Prediction-powered inference. Science "
        "2023;382:669-74."
    ),
    "zrnic": "Zrnic T, Candes EJ. Cross-prediction-powered inference. Proc Natl Acad Sci USA 2024;121:e2322083121.",
    "genest": (
        "Genest C, Zidek JV. Combining probability distributions: a critique and an annotated bibliography. Stat Sci "
        "1986;1:114-35."
    ),
    "statsmodels": (
        "Seabold S, Perktold J. statsmodels: econometric and statistical modeling with Python. Proc 9th Python in "
        "Science Conf 2010."
    ),
}


def numbered_citations(texts: list[str]) -> tuple[list[str], list[str]]:
    """Replace the marks in the texts by numbers in brackets, and list the works in that order."""
    order: dict[str, int] = {}

    def numbers(match: re.Match[str]) -> str:
        keys = [key.strip(" @") for key in match.group(1).split(",")]
        return f"\N{NO-BREAK SPACE}[{', '.join(str(order.setdefault(key, len(order) + 1)) for key in keys)}]"

    numbered = [_MARK.sub(numbers, text) for text in texts]
    return numbered, [_RANGE.sub("\N{EN DASH}", _WORKS[key]) for key in order]


def without_citations(text: str) -> str:
    """Remove the marks from a text."""
    return _MARK.sub("", text)

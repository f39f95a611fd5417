"""Every closed set of words that options, files and results use."""

from typing import Literal

__all__ = [
    "Association",
    "ClusterChoice",
    "Covariance",
    "FailureRule",
    "LevelChoice",
    "MarkBasis",
    "MarkField",
    "QuestionFormat",
    "ReportFormat",
    "SheetFormat",
    "SheetUnit",
]

QuestionFormat = Literal["write-in", "menu", "single"]
"""write-in: free text; menu: select N of 6 to 12 options; single: one best answer of five."""

MarkBasis = Literal["key", "judgement"]
"""key: by the answer key (the CFPC score); judgement: the reviewer's own knowledge (the Reviewers' score)."""

MarkField = Literal["key", "judgement", "harm", "comment", "misread", "later"]
"""The two bases, and what a reviewer may add; misread: the response reads otherwise; later: to come back to."""

SheetFormat = Literal["csv", "xlsx"]

SheetUnit = Literal["answer", "line"]
"""answer: one row per distinct answer of a question; line: one row per answer line."""

ClusterChoice = Literal["question", "case", "question-respondent"]
"""What is taken as independent of everything else."""

Association = Literal["independence", "exchangeable"]
"""Working association within a cluster; exchangeable is one global odds ratio."""

Covariance = Literal["robust", "bias_reduced", "naive"]
"""robust: sandwich; bias_reduced: Mancl and DeRouen (2001); naive: as if the working association were true."""

FailureRule = Literal["missing", "zero"]
"""What a response that could not be had counts as: left out, or the lowest score."""

LevelChoice = Literal["all", "grouped"]
"""Score levels as they are, or grouped into none, some and all."""

ReportFormat = Literal["html", "docx"]
"""html: one page that needs nothing else; docx: a manuscript, with its tables and figures as files."""

"""All closed sets of values in options, files and results."""

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
"""write-in: free text; menu: N of 6 to 12 options; single: the best of five options."""

MarkBasis = Literal["key", "judgement"]
"""key: by the answer key (the CFPC score); judgement: the reviewer's own knowledge (the Reviewers' score)."""

MarkField = Literal["key", "judgement", "harm", "comment", "misread", "later"]
"""The bases, and what a reviewer may add; misread: the response was split wrongly; later: a mark that was put off."""

SheetFormat = Literal["csv", "xlsx"]

SheetUnit = Literal["answer", "line"]
"""answer: one row for each distinct answer of a question; line: one row for each answer line."""

ClusterChoice = Literal["question", "case", "question-respondent"]
"""The unit whose responses form a cluster; clusters are independent of each other."""

Association = Literal["independence", "exchangeable"]
"""Working association within a cluster; exchangeable: one global odds ratio."""

Covariance = Literal["robust", "bias_reduced", "naive"]
"""robust: sandwich; bias_reduced: Mancl and DeRouen (2001); naive: assumes that the working association is true."""

FailureRule = Literal["missing", "zero"]
"""How a failed response counts: left out, or as the lowest score."""

LevelChoice = Literal["all", "grouped"]
"""Every score level, or levels grouped into none, some and all."""

ReportFormat = Literal["html", "docx"]
"""html: one self-contained page; docx: a manuscript with its tables and figures as files."""

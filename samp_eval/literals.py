"""All closed sets of values in options, files and results."""

from typing import Literal

__all__ = [
    "Aim",
    "AnswerShape",
    "Association",
    "BankKind",
    "BankProfile",
    "BankReviewStep",
    "ClusterChoice",
    "Covariance",
    "DecidedOutcome",
    "ExclusionKind",
    "FailureRule",
    "ImportKind",
    "LevelChoice",
    "MarkBasis",
    "MarkField",
    "NewestChoice",
    "OptionStep",
    "PairChoice",
    "QuestionChoice",
    "QuestionFormat",
    "RankBasis",
    "ReadingDoubt",
    "ReadingOutcome",
    "RemovedPart",
    "ReportFormat",
    "ReviewerRole",
    "SheetFormat",
    "SheetUnit",
    "StandardMethod",
]

QuestionFormat = Literal["write-in", "menu", "single"]
"""write-in: free text; menu: N of 6 to 12 options; single: the best of five options."""

BankKind = Literal[
    "medqa",
    "medmcqa",
    "pubmedqa",
    "medxpertqa",
    "headqa",
    "frenchmedmcqa",
    "kormedmcqa",
    "afrimedqa",
    "igakuqa",
    "mmlu",
    "moodle-xml",
    "gift",
    "table",
]
"""Public banks and exports that can be imported; table: rows with a question, options and the right one."""

BankProfile = Literal["samp", "public"]
"""samp: cases with short-answer management problems; public: questions that stand by themselves, as in board exams."""

BankReviewStep = Literal["answers", "ratings"]
"""How an expert reviews a bank. answers: as a candidate, without the key; ratings: with the key."""

MarkBasis = Literal["key", "judgement"]
"""key: by the answer key (the CFPC score); judgement: the reviewer's own knowledge (the Reviewers' score)."""

RankBasis = Literal["key", "judgement", "pairs"]
"""What says who is better: scores on a basis of marks; pairs: reviewers who compared two responses."""

PairChoice = Literal["first", "second", "equal", "poor"]
"""Which of two responses a reviewer would rather show; poor: neither of them."""

MarkField = Literal["key", "judgement", "harm", "comment", "misread", "later"]
"""The bases, and what a reviewer may add; misread: the response was split wrongly; later: a mark that was put off."""

ReviewerRole = Literal["reviewer", "adjudicator", "automatic", "model"]
"""reviewer: marks on their own; adjudicator: settles the reviewers' disagreements; automatic: a program by fixed rules;
model: a language model, whose marks are compared with people's and never stand in their place."""

SheetFormat = Literal["csv", "xlsx"]

SheetUnit = Literal["answer", "line"]
"""answer: one row for each distinct answer of a question; line: one row for each answer line."""

ClusterChoice = Literal["question", "case", "question-respondent"]
"""The unit whose responses form a cluster; clusters are independent of each other."""

Association = Literal["independence", "exchangeable"]
"""Working association within a cluster; exchangeable: one global odds ratio."""

Aim = Literal["superiority", "non-inferiority", "equivalence"]
"""What a primary comparison is to show: a difference, or that there is none beyond a margin."""

Covariance = Literal["robust", "bias_reduced", "naive"]
"""robust: sandwich; bias_reduced: Mancl and DeRouen (2001); naive: assumes that the working association is true."""

ImportKind = Literal["responses", "marks"]
"""What an imported file brought."""

NewestChoice = Literal["sheet", "store"]
"""Which mark counts where a sheet went out before a mark that the study has."""

ExclusionKind = Literal["question", "respondent", "response"]
"""What can be taken out of every figure."""

FailureRule = Literal["missing", "zero"]
"""How a failed response counts: left out, or as the lowest score."""

LevelChoice = Literal["all", "grouped"]
"""Every score level, or levels grouped into none, some and all."""

QuestionChoice = Literal["common", "all"]
"""Which questions a comparison uses. common: those that both of its sides answered; all: whatever each answered."""

StandardMethod = Literal["angoff", "hofstee", "borderline-regression", "borderline-group", "cohen"]
"""How a pass mark is set. angoff: by what experts expect of a just-competent candidate; the others: by the scores of
human candidates, hofstee with experts' limits and the borderline methods with global ratings beside them."""

ReportFormat = Literal["html", "docx"]
"""html: one self-contained page; docx: a manuscript with its tables and figures as files."""

AnswerShape = Literal[
    "numbered",
    "lettered",
    "bulleted",
    "nested",
    "headings",
    "table",
    "json",
    "json_in_fence",
    "json_among_words",
    "html_list",
    "lines",
    "prose",
    "option",
    "none",
]
"""In which form a response gives its answers: a list by its markers (nested: the items below its headings were taken);
headings with an explanation below each; lines, most of them no sentences; prose; option: one of a menu or single best
answer question; none: no answer was found."""

ReadingOutcome = Literal["answered", "refused", "open", "no_answer"]
"""refused: declined in words, which earns nothing; open: there is text, and a person must say what the answer is;
no_answer: nothing but reasoning or nothing at all, which is a failure and no zero."""

DecidedOutcome = Literal["answered", "refused", "no_answer"]
"""What a person can say of a text: there are answers in it; it declines, or names what was not offered, which earns
nothing; it holds no answer, which is a failure."""

ReadingDoubt = Literal[
    "two_shapes",
    "headings",
    "fewer_in_prose",
    "more_in_prose",
    "several_on_one_line",
    "no_line",
    "cut_off",
    "markup_left",
    "struck_through",
    "reasoning_left",
    "too_long",
    "letter_and_text",
    "several_options",
    "fewer_options",
    "no_option",
]
"""Why a reading is doubtful. two_shapes: a list and other lines could both be the answers; headings: they stand over
items; markup_left: markup that was not understood is in a line; reasoning_left: reasoning that never closes, or that
closes with nothing behind it; letter_and_text: they name different options."""

RemovedPart = Literal["reasoning", "unclosed_reasoning", "outside_answer", "token", "middle"]
"""What was taken off before reading: reasoning, closed or not; what stands outside of answer tags; tokens of a chat
format; the middle of a text that is too long."""

OptionStep = Literal["json", "statement", "boxed", "alone", "text"]
"""How an option was recognised: the answer field of JSON; the last sentence that states the answer; the last
``\\boxed{}``; a line that is nothing but the option; the only option that is named and not negated."""

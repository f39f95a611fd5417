"""Names of bases, terms, conditions and choices in sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from samp_eval.analysis.ranking.choices import RankingChoices
from samp_eval.literals import MarkBasis, RankBasis
from samp_eval.report.content.report_content import ReportContent
from samp_eval.study import WITHOUT_PICTURES

__all__ = [
    "ASSOCIATION_WORDS",
    "CLUSTER_WORDS",
    "CONSENSUS_WORDS",
    "COVARIANCE_WORDS",
    "basis_heading",
    "basis_words",
    "condition_words",
    "consensus_words",
    "joined",
    "marked_basis",
    "marks_flag",
    "on_each_basis",
    "ranked_by",
    "said_once",
    "sentence_case",
    "term_words",
    "typographic",
]

CLUSTER_WORDS: dict[str, str] = {
    "question": "Question",
    "case": "Case",
    "question-respondent": "Question \N{MULTIPLICATION SIGN} respondent",
}
ASSOCIATION_WORDS = {"independence": "independence", "exchangeable": "exchangeable (one global odds ratio)"}
COVARIANCE_WORDS = {
    "robust": "robust sandwich",
    "bias_reduced": "bias-reduced sandwich (Mancl and DeRouen)",
    "naive": "model-based",
}
CONSENSUS_WORDS = {
    "adjudicated": "a third person settles disagreements",
    "both": "a line counts if both reviewers credit it",
    "either": "a line counts if either reviewer credits it",
    "mean": "the mean of the reviewers\N{RIGHT SINGLE QUOTATION MARK} credits",
}

_TERMS = {
    "prompted": "Prompted v bare",
    "regenerated": "Regenerated v fresh",
    "later": "Asked later v asked first",
    "pictures": "With pictures v without",
}
_CONDITIONS = {"prompted": "Prompted", "bare": "Bare", WITHOUT_PICTURES: "without pictures"}


def basis_heading(basis: MarkBasis, content: ReportContent) -> str:
    """The basis as the heading of a group of rows, with the kind of marks if they are automatic."""
    return marked_basis(basis, automatic=basis in content.automatic)


def marked_basis(basis: MarkBasis, *, automatic: bool) -> str:
    """The same without a report."""
    names = {"key": "By the answer key", "judgement": "By the reviewers\N{RIGHT SINGLE QUOTATION MARK} judgement"}
    return f"{names[basis]} (automatic marks)" if automatic else names[basis]


def ranked_by(choices: RankingChoices) -> str:
    """What a ranking is by, as part of a sentence."""
    if choices.preferrer:
        return f"by a model ({choices.preferrer}) that compared pairs"
    return basis_words(choices.basis)


def basis_words(basis: RankBasis) -> str:
    """The basis as part of a sentence."""
    if basis == "pairs":
        return "by reviewers who compared pairs"
    return "by the answer key" if basis == "key" else "by the reviewers\N{RIGHT SINGLE QUOTATION MARK} judgement"


def on_each_basis(clauses: Mapping[MarkBasis, str]) -> str:
    """What follows the words for each basis, such as ``, 3 of 4``; said once where both say the same."""
    if len(clauses) == 2 and len(set(clauses.values())) == 1:
        return f"on both bases{next(iter(clauses.values()))}"
    return "; ".join(f"{basis_words(basis)}{clause}" for basis, clause in clauses.items())


def said_once(texts: Mapping[MarkBasis, str]) -> list[str]:
    """A text of each basis, which names it in our words; one text where both say the same."""
    alike = {
        text.replace(basis_words(basis), "on both bases").replace(sentence_case(basis_words(basis)), "On both bases")
        for basis, text in texts.items()
    }
    return list(alike if len(texts) == 2 and len(alike) == 1 else texts.values())


def typographic(words: str) -> str:
    """Words of ours with the apostrophes of print; never for what an author or a respondent wrote."""
    return words.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def term_words(term: str, reference: str, respondents: Sequence[str]) -> str:
    """A term of the model: ``gpt-4 v gpt-3.5``, ``Prompted v bare``."""
    return f"{term} v {reference}" if term in respondents else _TERMS.get(term, f"{term} v {reference}")


def condition_words(label: str) -> str:
    """``prompted-regenerated`` as printed in a table: ``Prompted, regenerated``."""
    first, *rest = label.split("-")
    return ", ".join(_CONDITIONS.get(word, word) for word in (first, *rest))


def consensus_words(rule: str) -> str:
    """A consensus rule in words."""
    return CONSENSUS_WORDS.get(rule, f"the marks of {rule} alone")


def marks_flag(content: ReportContent) -> str:
    """The warning for titles and captions: damage, simulated answers, automatic marks; empty if there is none."""
    flags = ["Damaged study"] if content.damage else []
    if content.simulated:
        flags.append("Simulated study")
    if content.automatic:
        every = set(content.bases) == set(content.automatic)
        flags.append("Automatic marks" if every else "Automatic marks on one basis")
    return " \N{MIDDLE DOT} ".join(flags)


def sentence_case(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def joined(parts: Sequence[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)

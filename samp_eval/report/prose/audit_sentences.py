"""What a third person found among the answers on which the reviewers agree."""

from __future__ import annotations

from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import basis_words, sentence_case

__all__ = ["audit_sentences"]


def audit_sentences(content: ReportContent) -> tuple[str, ...]:
    """One sentence for each basis on which agreed answers were audited."""
    return tuple(
        f"{sentence_case(basis_words(basis))}, a third person also marked agreed answers, without knowing which these "
        f"were: {_found(credited, 'that all credit')} and {_found(refused, 'that none credits')}. Scores keep what the "
        "reviewers agreed on; the row of the sensitivity table on marks is corrected for it."
        for basis, (credited, refused) in content.audits.items()
        if credited[0] or refused[0]
    )


def _found(audit: tuple[int, int], which: str) -> str:
    number, otherwise = audit
    return f"{numbers.fraction(otherwise, number) if number else 'none'} of those {which} otherwise"

"""What the methods say of the questions."""

from __future__ import annotations

from samp_eval.items.bank_pictures import pictures_of
from samp_eval.report import numbers
from samp_eval.report.content.report_content import ReportContent
from samp_eval.report.prose.display_names import joined
from samp_eval.study import WITHOUT_PICTURES

__all__ = ["collections_of", "questions_words", "selection_words"]


def questions_words(content: ReportContent) -> str:
    """What the bank holds, what counts, where questions come from, and which were asked."""
    formats = sorted({record.question.format for record in content.questions})
    lines = sum(record.question.requested for record in content.questions)
    alone = all(case.stands_alone for case in content.bank.cases)
    kind = "question" if alone else "short-answer question"
    on = "" if alone else f" on {numbers.plural(len(content.bank.cases), 'clinical case')}"
    return (
        f"The bank contains {numbers.plural(len(content.questions), kind)}{on} (format: {joined(formats)}), which ask "
        f"for {numbers.plural(lines, 'answer line')} in each round. One answer counts per line. Lines beyond the "
        "number requested do not count, and a response with fewer lines is scored over the number requested. "
        f"{_any_number_words(content)}{_picture_words(content)}{_origin_words(content)}"
        f"{selection_words(content)}"
    )


def _any_number_words(content: ReportContent) -> str:
    open_ones = sum(record.question.any_number for record in content.questions)
    if not open_ones:
        return ""
    return (
        f"{numbers.plural(open_ones, 'question')} did not say how many options are right; the score is then the right "
        "options chosen, in percent of all that are right or chosen. "
    )


def _picture_words(content: ReportContent) -> str:
    """Which questions come with pictures, how these were sent, and which the report does not show."""
    pictured = content.bank.pictured
    if not pictured:
        return ""
    pictures = {picture.digest: picture for case in content.bank.cases for picture in pictures_of(case)}
    kinds = sorted({picture.kind for picture in pictures.values()})
    words = (
        f"{numbers.plural(len(pictured), 'question')} came with pictures ({joined(kinds)}), which were sent behind the "
        "text, written anew without the metadata of their files and without the description that readers get. A "
        "request that a model refused for its pictures is a failure; none was repeated without them. "
    )
    if any(WITHOUT_PICTURES in asked.condition for respondent in content.respondents for asked in respondent.rounds):
        words += "Rounds without pictures asked the same questions without them, as a control. "
    held_back = sum(not picture.may_be_shown for picture in pictures.values())
    if held_back:
        words += f"{numbers.plural(held_back, 'picture')} cannot be shown here under the licence. "
    return words


def _origin_words(content: ReportContent) -> str:
    found = collections_of(content)
    if not found:
        return ""
    caution = "Public questions may be in the training data of a model. "
    return f"Questions were imported from {joined(found)}. {caution}"


def collections_of(content: ReportContent) -> list[str]:
    """Every public bank that questions came from, with its licence."""
    return list(dict.fromkeys(str(case.collection) for case in content.bank.cases if case.collection is not None))


def selection_words(content: ReportContent) -> str:
    """How many questions of the bank were asked, and whether in every round."""
    asked = [record for record in content.questions if record.answers]
    if not asked:
        return "No question has been asked yet."
    rounds = sum(len(respondent.rounds) for respondent in content.respondents)
    complete = sum(respondent.responses + respondent.failures for respondent in content.respondents) >= rounds * len(
        asked
    )
    where = "in every round" if complete else "not all of them in every round"
    if len({respondent.questions for respondent in content.respondents}) > 1:
        counts = [f"{respondent.id} {numbers.count(len(respondent.questions))}" for respondent in content.respondents]
        where = f"not all of them of every respondent ({', '.join(counts)})"
    if len(asked) == len(content.questions):
        return f"Every question of the bank was asked{',' if not complete else ''} {where}."
    cases = {record.case.id for record in asked}
    return (
        f"{numbers.count(len(asked))} of the bank\N{RIGHT SINGLE QUOTATION MARK}s "
        f"{numbers.plural(len(content.questions), 'question')}, on {numbers.count(len(cases))} of its "
        f"{numbers.plural(len(content.bank.cases), 'case')}, were asked, {where}."
    )

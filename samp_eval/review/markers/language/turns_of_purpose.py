"""Answers that have the one telling word of a wording for another purpose, and numbers that count another thing."""

from __future__ import annotations

from samp_eval.review.markers.first_answer import Line, Turn
from samp_eval.review.markers.language.senses import EntrySense, QuestionSense
from samp_eval.review.markers.language.vocabulary import kind_words
from samp_eval.review.markers.wording import Answer, Wording

__all__ = ["other_count", "other_purpose"]

_PURPOSES = {
    "measuring": frozenset({"test", "blood", "serum", "plasma", "level", "concentr", "assai"}),
    "taking in": frozenset({"intak", "consumption", "diet", "dietari", "supplement"}),
    "treating": frozenset({"treat", "treatment", "therapi", "tablet", "pill", "capsul"}),
    "observing": frozenset({"symptom", "sign"}),
}
"""Stems that say what is done about the word beside them."""
_ASKED = {
    "measuring": frozenset({"investig", "laboratori"}),
    "treating": frozenset({"drug", "antibiotic", "antidepressant", "benzodiazepin"}),
}
"""Stems of a question that asks for the purpose."""
_MAKING = frozenset({"makes", "make", "made"})
_WORSE = frozenset({"worse", "worsen"})
_MORE = frozenset({"more", "extra", "additional"})
_HARM = frozenset({"harm", "nnh", "bleed", "hemorrhag", "injuri", "die", "death", "complic", "complication"})
_SEVERAL = frozenset({"multipl", "sever", "mani", "numerou", "number"})
_DUTIES = frozenset({"should", "must", "to", "ought", "needs", "need"})


def other_purpose(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """Find what is done about the word of a short wording, where its entry does something else.

    Parameters
    ----------
    line : Line
    wording : Wording
    entry : EntrySense
    sense : QuestionSense
    """
    return (
        _serves_otherwise(line, wording, entry, sense)
        or _makes_worse(line, entry, sense)
        or _duty_of_family(line, entry, sense)
        or _ends_it(line, entry)
        or _gives_up(line, wording, sense)
        or _only_one(line, entry)
    )


def _serves_otherwise(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Serum potassium`` is no ``potassium intake``: what is left out of both is what they differ in."""
    is_treating = line.written(0) == "treat" and line.written(1) != "to"
    asks_for_tests = "test" in sense.spoken or not sense.spoken.isdisjoint(_ASKED["measuring"])
    if len(wording.stems) != 1 and not is_treating and not asks_for_tests:
        return None
    found = {
        purpose: token.written
        for _, token in line.extras()
        for purpose, stems in _PURPOSES.items()
        if token.stem in stems and token.written != "treated"
    }
    if not found:
        return None
    wanted = {purpose for purpose, stems in _PURPOSES.items() if stems & (entry.stems | sense.spoken)}
    wanted |= {purpose for purpose, stems in _ASKED.items() if stems & sense.spoken}
    if wanted & found.keys() or not (wanted or sense.asks_for_findings):
        return None
    purpose, word = next(iter(found.items()))
    return Turn(f"is about {purpose} ({word})", open=True)


def _makes_worse(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Heat makes it worse`` advises against heat."""
    if sense.asks_for_findings or entry.stems & _WORSE:
        return None
    after = [token.written for token in line.tokens[line.last + 1 :]]
    if _MAKING & set(after) and _WORSE & set(after):
        return Turn("says that it makes worse", open=True)
    return None


def _duty_of_family(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``His family should stop smoking`` asks nothing of him."""
    if sense.asks_for_findings or entry.stems & {"family", "relativ", "home", "house", "anyon"}:
        return None
    for place, token in enumerate(line.tokens[: line.start]):
        if token.stem == "family" and place < 2 and line.written(place + 1) in _DUTIES:
            return Turn("speaks of somebody else (family)", open=True)
    return None


def _ends_it(line: Line, entry: EntrySense) -> Turn | None:
    """``Cut off the oxygen`` ends what the key would only reduce."""
    for place in line.places:
        if line.tokens[place].stem == "reduc" and line.written(place + 1) == "off" and "off" not in entry.stems:
            return Turn("says more than less: off", open=True)
    return None


def _gives_up(line: Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """``Replace acetaminophen with ibuprofen`` takes it away, where the key gives it."""
    if wording.spoken & {"no", "replac"} or not sense.spoken.isdisjoint(kind_words("stopping")):
        return None
    later = {token.written for token in line.tokens[line.last + 1 :]}
    if line.start and line.tokens[line.start - 1].stem == "replac" and later & {"with", "by"}:
        return Turn("changes from it to something else", open=True)
    return None


def other_count(answer: Answer, wording: Wording, entry: EntrySense) -> Turn | None:
    """Find what a number counts in place of what the entry counts.

    Parameters
    ----------
    answer : Answer
    wording : Wording
    entry : EntrySense
    """
    if not wording.quantities:
        return None
    return _more_for_fewer(answer, entry) or _harm_for_benefit(answer, entry)


def _more_for_fewer(answer: Answer, entry: EntrySense) -> Turn | None:
    """``2 more events per 100``, where the key has two fewer."""
    if "reduc" in entry.stems and "reduc" not in answer.places:
        for token in answer.tokens:
            if token.written in _MORE:
                return Turn(f"says the opposite: {token.written}")
    return None


def _harm_for_benefit(answer: Answer, entry: EntrySense) -> Turn | None:
    """``One serious harm for every 50``, and a number over another time than the entry's."""
    hours = [quantity for quantity in entry.quantities if quantity.unit == "hours"]
    for token in answer.tokens:
        if token.stem in _HARM and not _HARM & entry.stems:
            return Turn(f"counts something else ({token.written})", open=True)
        is_time = token.quantity is not None and token.quantity.unit == "hours"
        if hours and is_time and not any(token.quantity.within(other) for other in hours if token.quantity):
            return Turn(f"over another time than the key's ({token.written})", open=True)
    return None


def _only_one(line: Line, entry: EntrySense) -> Turn | None:
    """``Only one partner``, where the entry has several."""
    for place, token in enumerate(line.tokens[: line.last]):
        few = token.written in ("only", "just") and line.written(place + 1) in ("one", "1", "single")
        if (few or token.written == "single") and entry.stems & _SEVERAL and not entry.stems & {"only", "singl"}:
            return Turn(f"says the opposite: {token.written}")
    return None

"""Answers about another time than the key's, and answers on a condition."""

from __future__ import annotations

from itertools import pairwise

from samp_eval.review.markers.first_answer import Line, Turn
from samp_eval.review.markers.language.negation import is_stopping
from samp_eval.review.markers.language.senses import EntrySense, QuestionSense
from samp_eval.review.markers.language.tokens import Token
from samp_eval.review.markers.language.vocabulary import kind_words, words_of_kinds

__all__ = ["condition", "other_time"]

_DAY = 24.0
_WEEK = 7 * _DAY
_MONTH = 30 * _DAY
_YEAR = 8766.0
_TWO_YEARS = 2 * _YEAR
_RECENT = 91 * _DAY
"""Three months: what a key calls recent without a number."""
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100
_TIMELESS = frozenset({"ever", "previou", "previous", "prior", "histori"})
_LATER_ON = frozenset({"next", "later", "followup", "repeat", "annual", "year", "yearli"})
_IN_LIFE = frozenset({"as", "a", "an", "in", "since", "from", "her", "his", "the"})
_YOUNG = frozenset({"young", "toddler", "boy", "girl", "kid", "baby", "teen"})
_GROWN = frozenset({"adult", "older", "grown", "teenager"})
_AUXILIARIES = frozenset({"has", "have", "had", "is", "are"})
_ONLY = frozenset({"if", "when", "after", "once", "with", "on", "during", "for", "in", "at", "until", "before", "as"})
_NEXT = frozenset(
    {"month", "year", "time", "spring", "summer", "fall", "autumn", "winter", "season", "decade", "period", "cycle"}
    | {"visit", "appointment", "checkup", "birthday", "refill", "admission", "pregnancy"}
)
_BESIDES_BIRTH = frozenset({"yesterday", "now", "today", "currently", "tonight", "since"})
_FOR_GOOD = frozenset({"longterm", "lifelong", "permanent", "indefinit", "indefinite", "indefinitely", "indefinitli"})
_FROM_NOW = frozenset({"now", "today", "tonight"})
_EARLIER = frozenset({"before", "pre", "prior", "beforehand", "ahead"})
_AFTERWARDS = frozenset({"after", "afterwards", "afterward", "following"})
_WELL_AGAIN = frozenset({"again", "recover", "recovery", "recoveri", "better", "improv", "resolv", "resolution"})
_WELL_AGAIN |= {"well", "normal", "normally", "fine", "healthi", "over", "subsid", "cured", "illnes", "illness"}
_TURNING = frozenset({"turn", "turns", "reaches", "reach"})
_SOON = frozenset({"tomorrow", "tonight", "monday", "friday", "evening", "morning", "noon"})
_WHOSE = frozenset({"he", "she", "it", "they", "the", "his", "her", "their", "there"})
_YEARS = frozenset({"year", "years", "winter", "summer", "spring", "autumn", "decade", "season"})
_CONCEIVING = frozenset({"pregnancy", "conception", "conceiv"})
_FALLING = frozenset({"falls", "drops", "declines", "decreases", "worsens", "shrinks", "sinks", "deteriorates"})
_WAITING_WORDS = frozenset({"once", "when", "until"})
_CONDITIONAL = _WAITING_WORDS | {"only", "case", "should", "if", "unless", "after", "before"}
"""Words that every condition has one of."""


def other_time(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """Find a time that the entry does not have: long ago, still to come, later than asked."""
    limits = [quantity.high for quantity in entry.quantities if quantity.unit == "hours"]
    for place in range(len(line.tokens)):
        turn = _long_ago(line, place, entry, sense, limits)
        if turn is None and not sense.asks_for_findings and _is_late(line, place, sense):
            hours = line.hours(place)
            agreed = any(hours and hours <= limit for limit in limits)
            if not agreed and (hours > _TWO_YEARS or _is_year(line.tokens[place]) or not entry.stems & _LATER_ON):
                turn = Turn(f"later than asked ({line.written(place)})")
        if turn is not None:
            return turn
    if sense.asks_for_findings:
        return _before_it(line, entry, sense)
    return _afterwards(line, entry) or _too_short(line, entry) or _at_another_age(line, entry, sense)


def _before_it(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Fever the year before the pregnancy``."""
    has_its_own_time = any(quantity.unit == "hours" for quantity in entry.quantities)
    if has_its_own_time or entry.stems & (_TIMELESS | {"befor"}):
        return None
    grown = sense.spoken.isdisjoint(("pregnancy", "pregnanci", "newborn", "birth", "delivery", "deliveri"))
    for place, token in enumerate(line.tokens):
        if token.written not in ("before", "preceding") or place <= line.last:
            continue
        after = {line.written(place + 1), line.written(place + 2), line.written(place + 3)}
        if (
            line.written(place - 1) in _YEARS
            or line.hours(place - 1) > _RECENT
            or after & _CONCEIVING
            or (grown and "born" in after)
        ):
            return Turn(f"long ago ({line.written(place - 1)} {token.written})", open=True)
    return None


def _at_another_age(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Her risk at age 40``, where nobody in the case is 40."""
    for place, token in enumerate(line.tokens):
        before = line.written(place - 1)
        is_age = before == "aged" or (line.written(place - 2), before) in (("at", "age"), ("age", "of"))
        if token.quantity is not None and is_age and "age" not in entry.stems and token.written not in sense.context:
            return Turn(f"at another age ({token.written})", open=True)
    return None


def _too_short(line: Line, entry: EntrySense) -> Turn | None:
    """``Omeprazole until the weekend``, where the key gives it for good."""
    if not entry.stems & _FOR_GOOD:
        return None
    for place, token in enumerate(line.tokens):
        ends = token.written in ("until", "till") and place > line.last
        if ends or (line.written(place - 1) == "for" and 0 < line.hours(place) < _MONTH):
            return Turn(f"for another time than the key's ({token.written})", open=True)
    return None


def _afterwards(line: Line, entry: EntrySense) -> Turn | None:
    """``Check glucose at the end of the trip``, where the key has it before the trip."""
    said = {token.written for token in line.tokens}
    if "befor" not in entry.stems or said & _EARLIER or entry.stems & {"after", "end"}:
        return None
    for place, token in enumerate(line.tokens):
        is_end = token.written == "end" and line.written(place - 1) in ("the", "at") and line.written(place + 1) == "of"
        if token.written in _AFTERWARDS or is_end:
            return Turn(f"later than asked ({token.written})")
    return None


def _long_ago(line: Line, place: int, entry: EntrySense, sense: QuestionSense, limits: list[float]) -> Turn | None:
    token, before, hours = line.tokens[place], line.written(place - 1), line.hours(place)
    is_timeless = bool(entry.stems & _TIMELESS) and not limits
    if hours and line.written(place + 1) in ("ago", "earlier", "back"):
        recent = _WEEK if "diagnosis" in sense.spoken else _RECENT
        is_recent = hours <= (max(limits) if limits else recent)
        return (
            None if sense.asks_for_findings and (is_recent or is_timeless) else Turn(f"too long ago ({token.written})")
        )
    if sense.asks_for_findings and token.written == "come" and before == "to":
        return Turn("is still to come")
    if sense.asks_for_findings and not is_timeless and token.written == "ago" and not line.hours(place - 1):
        return Turn("too long ago")
    is_old = place < line.start and token.stem in kind_words("long past") and token.stem not in entry.stems
    if sense.asks_for_findings and not is_timeless and is_old:
        return Turn(f"long ago ({token.written})", open=True)
    if token.written == "past" and before in ("the", "distant", "remote") and place + 1 == len(line.tokens):
        return None if "past" in entry.stems and is_timeless else Turn("in the past")
    if not sense.asks_for_findings or is_timeless:
        return None
    if token.written == "next" and line.written(place + 1) in _NEXT and "next" not in entry.stems:
        return Turn("is still to come (next)")
    is_young = token.written in _YOUNG and line.written(place - 2) == "as"
    if is_young or (token.stem in kind_words("youth") and before in _IN_LIFE):
        return Turn(f"long ago ({token.written})")
    if token.quantity is not None and (before == "aged" or (line.written(place - 2), before) == ("at", "age")):
        return Turn(f"long ago (aged {token.written})", open=True)
    if _is_year(token) and before in ("in", "since", "from"):
        return Turn(f"long ago ({token.written})", open=True)
    if "intrapartum" in entry.stems and token.written in _BESIDES_BIRTH and token.stem not in entry.stems:
        return Turn(f"at another time than the birth ({token.written})", open=True)
    if place < line.start and token.written == "will" and "will" not in entry.stems:
        return Turn("is still to come (will)", open=True)
    is_beside = place < line.start or (place > line.last and line.tokens[place].part == line.tokens[line.last].part)
    if (
        is_beside
        and before not in ("than", "as")
        and token.stem in kind_words("to come")
        and token.stem not in entry.stems
    ):
        return Turn(f"is still to come ({token.written})")
    return None


def _is_year(token: Token) -> bool:
    quantity = token.quantity
    return (
        quantity is not None and not quantity.unit and _EARLIEST_YEAR <= quantity.low == quantity.high <= _LATEST_YEAR
    )


def _is_late(line: Line, place: int, sense: QuestionSense) -> bool:
    token, before, following = line.tokens[place], line.written(place - 1), line.written(place + 1)
    hours = line.hours(place)
    if (hours > _DAY and before == "in") or (hours > _MONTH and before == "after"):
        return True
    if hours > _DAY and following == "from" and line.written(place + 2) in _FROM_NOW:
        return True
    if (hours > _TWO_YEARS and before == "every") or (
        token.written == "next" and following in _NEXT | {"annual", "yearly"}
    ):
        return True
    if _is_year(token) and before in ("in", "by", "after", "until"):
        return True
    if not sense.is_urgent:
        return False
    if token.written == "discharge":
        return before in ("after", "at", "on", "following")
    if token.written == "next":
        return following in _NEXT | {"week", "visit", "day", "clinic", "appointment"}
    return token.stem in kind_words("later") or (hours > _DAY and (before in ("after", "at") or following == "visit"))


def condition(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """Find a condition on an action: only if, unless, in case; a person has to judge what it leaves."""
    if sense.asks_for_findings:
        return _after_for_before(line, entry, sense)
    if "that" not in entry.stems and (turn := _falling(line, entry)):
        return turn
    if turn := _if_it_lasts(line, entry):
        return turn
    if entry.stems & {"if", "unless"}:
        return None
    for place, token in enumerate(line.tokens):
        word, following = token.written, line.written(place + 1)
        if word not in _CONDITIONAL:
            continue
        rest = {later.stem for later in line.tokens[place + 1 :]}
        is_only = word == "only" and place > 0 and "only" not in entry.stems
        if is_only and (not following or line.tokens[place - 1].quantity is not None):
            return Turn("for a time only", open=True)
        if word == "only" and following in _ONLY and "only" not in entry.stems:
            return Turn(f"on a condition (only {following})", open=True)
        if word == "case" and line.written(place - 1) == "in":
            return Turn("on a condition (in case)", open=True)
        if word == "should" and place > line.start and following in ("he", "she", "it", "they"):
            return Turn("on a condition (should)", open=True)
        if word in ("if", "unless") and not rest & kind_words("allowing"):
            return Turn(f"on a condition ({word})", open=True)
        later = {after.written for after in line.tokens[place + 1 :]}
        if word in ("when", "once", "until") and later & _TURNING and not entry.stems & {"turn", "reach"}:
            return Turn("later in life", open=True)
        if word in ("when", "once", "until") and later & _GROWN and not entry.stems & _GROWN:
            return Turn("later in life", open=True)
        if word == "after" and place > line.last and later & _AUXILIARIES and "after" not in entry.stems:
            return Turn("on a condition (after)", open=True)
        is_clause = following and line.tokens[place + 1].quantity is None and "after" not in entry.stems
        if word == "after" and place > line.last and is_clause:
            return Turn("on a condition (after)", open=True)
        if word == "after" and place > line.last and rest & kind_words("delaying") - entry.stems:
            return Turn("later than asked (after)", open=True)
        if word == "until" and place > line.last and following in _SOON and following not in entry.stems:
            return Turn(f"for a time only (until {following})", open=True)
        if word == "after" and place > line.last and "after" not in entry.stems:
            event = _event(line, place, sense)
            if event:
                return Turn(f"on a condition (after {event})", open=True)
        if word == "before" and place > line.last and line.tokens[place - 1].stem == "no":
            return Turn("later than asked (not before)", open=True)
        if word in ("when", "once", "after") and _when_recovered(line, place, entry):
            return Turn(f"on a condition ({word})", open=True)
        if word == "once" and following in _WHOSE and "once" not in entry.stems:
            return Turn("on a condition (once)", open=True)
        if word in ("when", "once", "after") and _stops_when_well(line, place, entry, sense):
            return Turn(f"on a condition ({word})", open=True)
        if sense.is_urgent and word in _WAITING_WORDS and place and not entry.stems & _WAITING_WORDS:
            return Turn(f"on a condition ({word})", open=True)
    return None


def _after_for_before(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Inhaler technique, after the dose has been doubled``, where the question asks what comes before that."""
    if "befor" not in sense.spoken or entry.stems & {"after", "once"}:
        return None
    for token in line.tokens[line.last + 1 :]:
        if token.written in _AFTERWARDS | {"once"}:
            return Turn(f"later than asked ({token.written})", open=True)
    return None


def _falling(line: Line, entry: EntrySense) -> Turn | None:
    """``FEV1 that falls after salbutamol``, where the entry has no fall."""
    for place, token in line.extras():
        is_clause = line.written(place - 1) in ("that", "which") and place - 1 > line.last
        if is_clause and token.written in _FALLING and token.stem not in entry.stems:
            return Turn(f"says the opposite: {token.written}", open=True)
    return None


def _if_it_lasts(line: Line, entry: EntrySense) -> Turn | None:
    """``Pregnancy test if she has had no period for a year`` waits too long."""
    limits = [quantity.high for quantity in entry.quantities if quantity.unit == "hours"]
    for place, token in enumerate(line.tokens):
        is_whole = line.written(place - 1) in ("a", "an") and token.written in _YEARS
        before = line.written(place - 2 if is_whole else place - 1)
        hours = _YEAR if is_whole else line.hours(place)
        is_lasting = before in ("for", "over") and hours > max(limits, default=_RECENT)
        if is_lasting and {"if", "when", "once"} & {before.written for before in line.tokens[:place]}:
            return Turn(f"later than asked ({token.written})", open=True)
    return None


def _when_recovered(line: Line, place: int, entry: EntrySense) -> bool:
    """``Temazepam when his liver has recovered`` is for another day."""
    after = line.tokens[place + 1 :]
    is_past = any(first.written in _AUXILIARIES and second.stem in _WELL_AGAIN for first, second in pairwise(after))
    return place > line.last and is_past and not entry.stems & _WELL_AGAIN


def _event(line: Line, place: int, sense: QuestionSense) -> str:
    """Name what an action waits for, where nothing in the question or its case speaks of it: ``after the divorce``."""
    plain = words_of_kinds("grammar", "filler", "modifier", "harmless", "neutral", "tail")
    for token in line.tokens[place + 1 : place + 3]:
        if token.quantity is not None or token.stem in sense.context or token.written.endswith("ing"):
            return ""
        if token.stem not in plain:
            return token.written
    return ""


def _stops_when_well(line: Line, place: int, entry: EntrySense, sense: QuestionSense) -> bool:
    """``Stop it when he eats normally again`` goes on while he is ill."""
    stops = not sense.spoken.isdisjoint(kind_words("stopping")) or any(map(is_stopping, line.tokens[:place]))
    after = {token.stem for token in line.tokens[place + 1 :]}
    return stops and place > line.last and bool(after & _WELL_AGAIN) and not entry.stems & _WELL_AGAIN

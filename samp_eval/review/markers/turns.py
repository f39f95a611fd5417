"""What an answer says beside the words of a key: of whom, when, in which direction, and on what condition.

``Head trauma`` and ``head trauma 20 years ago``, ``her mother's aneurysm``, ``a large fundal height``, ``ventilation
if he worsens`` have the words of an entry and may mean something else. A small grammar finds such turns; a wording
that has the same turn, or an entry that takes it, is matched all the same. Lines that turn in a way that only a reader
can judge earn nothing and are open for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from samp_eval.review.markers.negation import is_stopping
from samp_eval.review.markers.quantity import DOSING
from samp_eval.review.markers.senses import EntrySense, QuestionSense
from samp_eval.review.markers.tokens import Token
from samp_eval.review.markers.vocabulary import kind_words, opposed_words, word_stem
from samp_eval.review.markers.wording import Answer, Wording

__all__ = ["Turn", "turn_of"]

_FAMILIAR = (
    "grammar", "filler", "tail", "modifier", "harmless", "stopping", "opposite", "lessening", "changing", "person",
    "addressing", "raising",
)  # fmt: skip
_RECENT_HOURS = 91 * 24.0
"""Three months: what a key calls recent without a number."""
_DAY = 24.0
_TWO_YEARS = 2 * 8766.0
_LATER_ON = frozenset({"next", "later", "followup", "repeat", "annual", "year", "yearli"})
_HANDLING = frozenset(
    {"take", "turn", "put", "throw", "switch", "get", "give", "pull", "bring", "break", "cut", "come", "go"}
)
_FALLS = frozenset({"drop", "fall", "decline", "loss"})
_AWAY = frozenset({"off", "away", "down"})
_TURNED_DOWN = frozenset({"no", "reduc", "wean"})
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100
_COPULAS = frozenset({"is", "are", "was", "were", "seems", "looks", "remains"})
_RIGHT = frozenset({"correct", "right", "proper", "appropri"})
_CHANGING_OVER = frozenset({"switch", "chang", "step", "transfer", "move", "wean", "convert"})
_TELLING_WORDS = 3
"""With so many words of a wording in it, an answer says that wording, whatever other words it has."""
_ORDERING = frozenset({"before", "after"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One way in which an answer says something else than the wording it resembles.

    Attributes
    ----------
    reason : str
    open : bool
        Whether a person has to decide: the line may still be right.
    """

    reason: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """The part of an answer that a wording was found in."""

    tokens: tuple[Token, ...]
    places: frozenset[int]

    @property
    def start(self) -> int:
        return min(self.places)

    @property
    def last(self) -> int:
        return max(self.places)

    def extras(self, *, before_tail: bool = False) -> list[tuple[int, Token]]:
        """Words beside the wording's, with their places; the tail says why or for what, and may be left out."""
        found = []
        for place, token in enumerate(self.tokens):
            if before_tail and place > self.last and token.stem in kind_words("tail") - _ORDERING:
                break
            if place not in self.places and token.stem:
                found.append((place, token))
        return found


def turn_of(
    wording: Wording, entry: EntrySense, answer: Answer, places: frozenset[int], sense: QuestionSense
) -> Turn | None:
    """Say in which way an answer turns a wording that it has the words of, if it does.

    Parameters
    ----------
    wording : Wording
    entry : EntrySense
        Of the entry that the wording belongs to.
    answer : Answer
    places : frozenset of int
        Where the wording's words stand in the answer; empty for a bare number.
    sense : QuestionSense
    """
    if not places:
        return None
    last_part = max(answer.first_answer_end(), answer.tokens[max(places)].part)
    line = _Line(tuple(token for token in answer.tokens if token.part <= last_part), places)
    checks = (
        _other_person(line, wording, entry, sense),
        _undone(line, wording, entry, sense),
        _taken_back(answer, last_part),
        _opposed(line, wording, entry),
        _left(line, wording, entry, sense),
        _unfamiliar(line, wording, sense),
        _negated_prefix(line, wording),
        _affirmed(line, wording, entry),
        _other_no(line, wording, sense),
        _other_time(line, entry, sense),
        _condition(line, entry, sense),
        _other_quantity(line, wording, entry),
    )
    return next((turn for turn in checks if turn is not None), None)


def _other_person(line: _Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    said_history = any(token.stem in ("histori", "history") for token in line.tokens)
    people = kind_words("person") - entry.stems - sense.people
    for place, token in line.extras():
        if token.stem not in people or (token.stem == "family" and not said_history):
            continue
        before = line.tokens[place - 1].written if place else ""
        if place < line.start:
            addressed = any(earlier.stem in kind_words("addressing") for earlier in line.tokens[:place])
            if not addressed and not any(earlier.written == "for" for earlier in line.tokens[:place]):
                return Turn(f"speaks of somebody else ({token.written})", open=True)
        else:
            own = before in ("her", "his", "a", "the", "their") and place > 1
            if (line.tokens[place - 2].written if own else before) in ("in", "of", "for", "by"):
                return Turn(f"speaks of somebody else ({token.written})")
    return None


def _undone(line: _Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    kinds = ["undoing", "delaying"] + (["resolving", "sound"] if sense.asks_for_findings else [])
    for place, token in line.extras(before_tail=not sense.asks_for_findings):
        if place and line.tokens[place - 1].written in _COPULAS and token.stem in kind_words("sound") | _RIGHT:
            return Turn(f"says that it is {token.written}")
        for kind in kinds:
            words = kind_words(kind)
            known = entry.stems if kind in ("delaying", "resolving") else wording.spoken
            if token.stem in words and not words & known:
                return Turn(f"says the opposite: {token.written}")
    return None


def _taken_back(answer: Answer, last_part: int) -> Turn | None:
    """``ALT (normal)``, ``chest pain - resolved``: a remark after the answer that takes it back."""
    after = [token for token in answer.tokens if token.part == last_part + 1]
    if not after or answer.boundaries[last_part + 1] not in ("bracket", "explained", "label") or len(after) > 2:
        return None
    taking = kind_words("resolving") | kind_words("sound")
    if after[0].stem in taking or (after[0].stem == "no" and len(after) == 1):
        return Turn(f"taken back: {after[0].written}")
    return None


def _opposed(line: _Line, wording: Wording, entry: EntrySense) -> Turn | None:
    ends = _ends()
    said: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    for _, token in line.extras(before_tail=True):
        for scale, end in ends.get(token.stem, ()):
            said.setdefault(scale, set()).add(end)
            shown[scale] = token.written
    if not said:
        return None
    for scale, mine in said.items():
        theirs = _ends_of(wording.spoken, scale)
        theirs = theirs or _ends_of(entry.stems, scale)
        if (
            len(theirs) == 1
            and not (mine | _ends_of({line.tokens[place].stem for place in line.places}, scale)) & theirs
        ):
            return Turn(f"says the opposite: {shown[scale]}")
    return None


def _left(line: _Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Switch from triple therapy to`` leaves what the key wants; ``increase his lifting limit`` undoes a limit."""
    if line.start and line.tokens[0].stem == "increas" and wording.spoken & {"increas", "reduc"} == {"reduc"}:
        return Turn(f"says the opposite: {line.tokens[0].written}")
    for place in line.places:
        changes_over = {token.stem for token in line.tokens[:place]} & _CHANGING_OVER
        is_left = place > 0 and line.tokens[place - 1].written == "from" and "from" not in wording.spoken
        if is_left and changes_over and (not _CHANGING_OVER & wording.spoken or "to" in wording.spoken):
            return Turn("changes from it to something else")
    for first, second in pairwise(line.tokens):
        if first.written in _FALLS and second.written == "in" and not _FALLS & entry.stems:
            return Turn(f"says the opposite: {first.written} in")
        if sense.asks_for_findings or _TURNED_DOWN & wording.spoken or second.stem in entry.stems:
            continue
        taken_away = first.written in _HANDLING and second.written in _AWAY | {"out", "back"}
        if taken_away or (second.written in _AWAY and first.stem not in ("lie", "sit", "stand", "lay")):
            return Turn(f"says the opposite: {first.written} {second.written}", open=True)
    return None


def _unfamiliar(line: _Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """A short wording among words that the marker does not know: ``throw away the naloxone kit``."""
    whole = len({line.tokens[place].stem for place in line.places}) >= _TELLING_WORDS
    for place, token in line.extras(before_tail=True):
        if whole and (place > 0 or sense.asks_for_findings):
            continue
        known = token.stem in sense.context or any(token.stem in kind_words(kind) for kind in _FAMILIAR)
        if not known and token.stem not in wording.spoken and not DOSING.match(token.stem):
            return Turn(f"a person has to read {token.written}", open=True)
    return None


@lru_cache(maxsize=1)
def _ends() -> dict[str, frozenset[tuple[str, str]]]:
    return opposed_words()


def _ends_of(stems: Iterable[str], scale: str) -> set[str]:
    ends = _ends()
    return {end for stem in stems for name, end in ends.get(stem, ()) if name == scale}


def _negated_prefix(line: _Line, wording: Wording) -> Turn | None:
    for place, token in line.extras():
        if token.written == "non" and place + 1 in line.places and "non" not in wording.spoken:
            following = line.tokens[place + 1].stem
            if "non" + following not in wording.spoken:
                return Turn(f"says the opposite: non {following}")
    return None


def _affirmed(line: _Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """The answer affirms what another wording of the entry denies."""
    said = {token.stem for token in line.tokens}
    if "no" not in said and any(words <= said and words > wording.sought for words in entry.denied):
        return Turn("affirms what the key denies")
    return None


def _other_no(line: _Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """``Absence of withdrawal`` is not ``using to avoid withdrawal``, though both have a no."""
    for place in line.places:
        token = line.tokens[place]
        if token.stem == "no":
            lacking = word_stem(token.written) in kind_words("lacking")
            if (wording.stopping and lacking) or (
                not wording.stopping and is_stopping(token) and sense.asks_for_findings
            ):
                return Turn(f"says the opposite: {token.written}")
    return None


def _other_time(line: _Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    timeless = entry.stems & {"ever", "previou", "previous", "prior", "histori", "history", "known"}
    limits = [quantity.high for quantity in entry.quantities if quantity.unit == "hours"]
    for place, token in enumerate(line.tokens):
        hours = token.quantity.high if token.quantity is not None and token.quantity.unit == "hours" else 0.0
        following = line.tokens[place + 1].written if place + 1 < len(line.tokens) else ""
        before = line.tokens[place - 1].written if place else ""
        if hours and following == "ago":
            recent = hours <= max(limits) if limits else bool(timeless) or hours <= _RECENT_HOURS
            if not (recent and sense.asks_for_findings):
                return Turn(f"too long ago ({token.written})")
        elif token.stem in kind_words("youth") and before in ("as", "a", "in", "since", "from", "her", "his", "the"):
            if limits or not timeless - {"known"}:
                return Turn(f"long ago ({token.written})")
        elif before in ("age", "aged") and token.quantity is not None and sense.asks_for_findings and limits:
            return Turn(f"long ago (aged {token.written})", open=True)
        elif _is_year(token) and before in ("in", "since", "from") and sense.asks_for_findings and not timeless:
            return Turn(f"long ago ({token.written})", open=True)
        elif (
            place < line.start
            and token.stem in kind_words("to come")
            and sense.asks_for_findings
            and token.stem not in entry.stems
        ):
            return Turn(f"is still to come ({token.written})")
        elif (
            token.stem == "past"
            and before in ("the", "distant", "remote")
            and place == len(line.tokens) - 1
            and "past" not in entry.stems
        ):
            return Turn("in the past")
        elif (
            not sense.asks_for_findings
            and _is_to_come(hours, before, token, following, sense)
            and not any(hours and hours <= limit for limit in limits)
            and (hours > _TWO_YEARS or not entry.stems & _LATER_ON)
        ):
            return Turn(f"later than asked ({token.written})")
    return None


def _is_year(token: Token) -> bool:
    quantity = token.quantity
    return (
        quantity is not None and not quantity.unit and _EARLIEST_YEAR <= quantity.low == quantity.high <= _LATEST_YEAR
    )


def _is_to_come(hours: float, before: str, token: Token, following: str, sense: QuestionSense) -> bool:
    if hours > _DAY and before == "in":
        return True
    if not sense.is_urgent:
        return False
    if token.stem in kind_words("later"):
        return True
    if token.written == "discharge":
        return before in ("after", "at", "on", "following")
    if token.written == "next":
        return following in ("week", "month", "year", "visit", "day", "clinic", "appointment")
    return token.written == "tomorrow" or (hours > _DAY and (before in ("in", "after", "at") or following == "visit"))


def _condition(line: _Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    if sense.asks_for_findings or entry.stems & {"if", "unless"}:
        return None
    written = [token.written for token in line.tokens]
    for place, word in enumerate(written):
        following = written[place + 1] if place + 1 < len(written) else ""
        if word == "only" and place and line.tokens[place - 1].quantity is not None and "only" not in entry.stems:
            return Turn("for a time only", open=True)
        if word == "only" and following in ("if", "when", "after", "once", "with") and "only" not in entry.stems:
            return Turn(f"on a condition (only {following})", open=True)
        if word == "unless" and not {"contraindicated", "allergic", "allergy"} & set(written[place:]):
            return Turn("on a condition (unless)", open=True)
        if (
            sense.is_urgent
            and word in ("once", "when", "until")
            and place
            and not entry.stems & {"once", "when", "until"}
        ):
            return Turn(f"on a condition ({word})", open=True)
        if word == "case" and place and written[place - 1] == "in":
            return Turn("on a condition (in case)", open=True)
        if word == "if" and not {token.stem for token in line.tokens[place + 1 :]} & kind_words("allowing"):
            return Turn("on a condition (if)", open=True)
    return None


def _other_quantity(line: _Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """The entry has limits in some of its wordings, and the answer has others."""
    if wording.quantities:
        return None
    said = {token.stem for token in line.tokens}
    measured = [token for token in line.tokens if token.quantity is not None]
    for unit in {token.quantity.unit for token in measured if token.quantity is not None}:
        mine = [token for token in measured if token.quantity is not None and token.quantity.unit == unit]
        bare = not unit and not any(token.quantity.is_bound for token in mine if token.quantity is not None)
        same = [other for other in entry.quantities if other.unit == unit]
        agreed = any(token.quantity.within(other) for token in mine if token.quantity is not None for other in same)
        if same and not agreed and not bare:
            return Turn(f"another quantity than the key's ({mine[0].written})", open=True)
        if not same and any(unit in units and words <= said for words, units in entry.limited):
            return Turn(f"has a quantity of another entry ({mine[0].written})", open=True)
    return None

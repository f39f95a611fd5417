"""What an answer says beside the words of a key: of whom, when, in which direction, and on what condition.

``Head trauma`` and ``head trauma 20 years ago``, ``her mother's aneurysm``, ``a large fundal height``, ``ventilation
if he worsens`` have the words of an entry and may mean something else. A small grammar finds such turns; a wording
that has the same turn, or an entry that takes it, is matched all the same. Lines that turn in a way that only a reader
can judge earn nothing and are open for a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from samp_eval.review.markers.first_answer import Line, Turn
from samp_eval.review.markers.language.negation import is_stopping
from samp_eval.review.markers.language.quantity import DOSING
from samp_eval.review.markers.language.senses import EntrySense, QuestionSense
from samp_eval.review.markers.language.turns_of_order import other_order
from samp_eval.review.markers.language.turns_of_person import other_side
from samp_eval.review.markers.language.turns_of_purpose import other_count, other_purpose
from samp_eval.review.markers.language.turns_of_time import condition, other_time
from samp_eval.review.markers.language.vocabulary import (
    drug_names,
    kind_words,
    opposed_words,
    stand_ins,
    word_stem,
    words_of_kinds,
)
from samp_eval.review.markers.wording import Answer, Wording

__all__ = ["Turn", "turn_of"]

_FAMILIAR = (
    "grammar", "filler", "tail", "modifier", "harmless", "neutral", "stopping", "opposite", "lessening", "changing",
    "person", "addressing", "raising",
)  # fmt: skip
_HANDLING = frozenset(
    {"take", "turn", "put", "throw", "switch", "get", "give", "pull", "bring", "break", "cut", "come", "go", "stay"}
    | {"taken", "took", "taking", "turned", "putting", "thrown", "switched", "gets", "pulled", "pulling", "brought"}
)
_AMOUNTS = frozenset({"double", "doubled", "triple", "half", "halved", "quarter"})
_LETTING_GO = frozenset({"drop", "open", "close", "leave", "cut", "scratch", "pass"})
_FALLS = frozenset({"drop", "fall", "decline", "loss"})
_AWAY = frozenset({"off", "away", "down"})
_GOING = _AWAY | {"out", "back", "in"}
_BACK = frozenset({"home", "away", "back"})
_TURNED_DOWN = frozenset({"no", "reduc", "wean"})
_COPULAS = frozenset({"is", "are", "was", "were", "seems", "looks", "remains"})
_BY_NOW = frozenset({"now", "anymore", "currently", "presently", "today", "longer"})
_RIGHT = frozenset({"correct", "right", "proper", "appropri"})
_CHANGING_OVER = frozenset({"switch", "chang", "step", "transfer", "move", "wean", "convert"})
_PARENTS, _SIBLINGS = frozenset({"mother", "father"}), frozenset({"brother", "sister", "twin"})
_PARTNERS = frozenset({"wife", "husband", "spous", "partner", "boyfriend", "girlfriend", "fianc"})
_NEAREST = _PARENTS | _SIBLINGS | {"parent", "sibl", "son", "daughter", "relativ"}
_INCLUDING = {
    "parent": _PARENTS,
    "sibl": _SIBLINGS,
    "family": _NEAREST | _PARTNERS,
    "relativ": _NEAREST | {"uncl", "aunt", "cousin", "family"},
    **dict.fromkeys(_PARTNERS, _PARTNERS),
}
"""By a word for people, those who are among them."""
_DOSES = frozenset({"highdos", "highest", "lowdos", "lowest", "maximum"})
_WHOSE = frozenset({"her", "his", "a", "the", "their"})
_NEEDED = frozenset({"needed", "required", "necessary", "indicated", "warranted"})
_BAD = frozenset({"wrong", "bad", "mistak", "overkill"})
_DAMAGING = frozenset({"harms", "slows", "damages", "hampers", "impedes", "hinders"})
_CONDITIONS = frozenset({"if", "unless", "only", "once", "until", "after", "when", "before"})
_LEADING = frozenset({"but", "not", "and", "week", "weeks", "days", "months", "a", "few", "then"})
_TELLING_WORDS = 3
"""With so many words of a wording in it, an answer says that wording, whatever other words it has."""


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
        return other_count(answer, wording, entry) or _opposed(
            Line(answer.tokens, frozenset({0})), wording, entry, sense
        )
    last_part = max(answer.first_answer_end, answer.tokens[max(places)].part)
    line = Line(tuple(token for token in answer.tokens if token.part <= last_part), places)
    return (
        _other_person(line, wording, entry, sense)
        or other_side(line, wording, entry, sense)
        or other_purpose(line, wording, entry, sense)
        or _undone(line, wording, entry, sense)
        or _denied_at_the_end(line, wording)
        or _taken_back(answer, last_part)
        or _opposed(line, wording, entry, sense)
        or _left(line, wording, entry, sense)
        or _other_drug(line, entry)
        or _other_amount(line, entry, sense)
        or other_order(line, answer, wording, entry)
        or other_count(answer, wording, entry)
        or _unfamiliar(line, wording, sense)
        or _negated_prefix(line, wording)
        or _affirmed(line, wording, entry)
        or _other_no(line, wording, sense)
        or other_time(line, entry, sense)
        or condition(_with_condition(answer, line, last_part), entry, sense)
        or _other_quantity(line, wording, entry)
    )


def _other_person(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    found = [(place, token) for place, token in line.extras() if token.stem in kind_words("person")]
    if not found:
        return None
    said_history = any(token.stem in ("histori", "history") for token in line.tokens)
    people, meant = kind_words("person") - entry.stems - sense.people, _people_meant(wording)
    for place, token in found:
        is_for = line.written(place - 1) in _WHOSE and line.written(place - 2) == "for"
        if is_for and token.stem in sense.people - entry.stems and not sense.asks_for_findings:
            return Turn(f"speaks of somebody else ({token.written})", open=True)
        in_family = line.written(place - 1) in _WHOSE and line.written(place - 2) == "in" and sense.asks_for_findings
        if token.stem not in people or (token.stem == "family" and not said_history and not in_family):
            continue
        before = line.tokens[place - 1].written if place else ""
        if place < line.start and token.stem not in meant:
            return Turn(f"speaks of somebody else ({token.written})", open=True)
        addressed = not kind_words("addressing").isdisjoint(earlier.stem for earlier in line.tokens[:place])
        if line.start < place < line.last and not addressed:
            return Turn(f"speaks of somebody else ({token.written})", open=True)
        if token.stem in meant:
            continue
        own = before in _WHOSE and place > 1
        if (line.tokens[place - 2].written if own else before) in ("in", "of", "for", "by", "from", "on"):
            return Turn(f"speaks of somebody else ({token.written})")
        if sense.asks_for_findings or (own and place > line.last and not addressed):
            return Turn(f"speaks of somebody else ({token.written})", open=True)
    return None


def _with_condition(answer: Answer, line: Line, last_part: int) -> Line:
    """The line with what follows its first answer, where that begins with ``if`` or the like."""
    following = [token for token in answer.tokens if token.part == last_part + 1]
    begins = [token.written for token in following if token.quantity is None and token.written not in _LEADING]
    if begins and begins[0] in _CONDITIONS:
        return Line((*line.tokens, *following), line.places)
    return line


def _people_meant(wording: Wording) -> frozenset[str]:
    """Whom the wording's words include: a mother is a parent, a brother is family."""
    return frozenset(person for group in wording.spoken & _INCLUDING.keys() for person in _INCLUDING[group])


def _undone(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    kinds = ["undoing", "delaying"] + (["resolving", "sound"] if sense.asks_for_findings else [])
    sound = kind_words("sound") | _RIGHT
    for place, token in line.extras(before_tail=not sense.asks_for_findings):
        if (
            place
            and line.tokens[place - 1].written in _COPULAS
            and token.stem in sound
            and not token.written.endswith("ly")
        ):
            return Turn(f"says that it is {token.written}")
        if token.written in _DAMAGING and token.stem not in wording.spoken:
            return Turn(f"says the opposite: {token.written}")
        if place < line.start and token.stem in kind_words("about to be") - entry.stems - sense.spoken:
            return Turn(f"speaks of what may come ({token.written})", open=True)
        for kind in kinds:
            words = kind_words(kind)
            known = entry.stems if kind == "delaying" else wording.spoken
            if token.stem in words and not words & known and not (kind == "resolving" and entry.resolves):
                return Turn(f"says the opposite: {token.written}")
    return None


def _denied_at_the_end(line: Line, wording: Wording) -> Turn | None:
    """``Oxygen by mask is unnecessary``: what is said of the whole answer after it."""
    for place in range(line.last + 1, len(line.tokens) - 1):
        if line.written(place) not in _COPULAS:
            continue
        denying = words_of_kinds("undoing", "delaying") | _BAD | {"no"}
        following = line.tokens[place + 1]
        is_article = following.written in ("a", "the") and place + 2 < len(line.tokens)
        following = line.tokens[place + 2] if is_article else following
        if following.stem in denying and following.stem not in wording.spoken:
            return Turn(f"says that it is {following.written}")
    denied = any(line.tokens[place].stem == "no" for place in line.places)
    if denied and line.tokens[-1].written in _NEEDED and line.tokens[-1].stem not in wording.spoken:
        return Turn(f"says that none is {line.tokens[-1].written}", open=True)
    if line.last + 1 < len(line.tokens) and line.tokens[-1].stem in kind_words("delaying") - wording.spoken:
        return Turn(f"says the opposite: {line.written(len(line.tokens) - 1)}", open=True)
    return None


def _taken_back(answer: Answer, last_part: int) -> Turn | None:
    """``ALT (normal)``, ``chest pain - resolved``: a remark after the answer that takes it back."""
    after = [token for token in answer.tokens if token.part == last_part + 1]
    if not after:
        return None
    if len(after) == 2 and after[0].stem == "no" and after[1].written in _BY_NOW:
        return Turn(f"taken back: {after[0].written} {after[1].written}")
    taking = words_of_kinds("resolving", "sound")
    if len(after) == 2 and answer.boundaries[last_part + 1] == "list" and after[1].stem in taking:
        return Turn(f"taken back: {after[1].written}", open=True)
    longest = {"list": 1, "bracket": 2, "explained": 2, "label": 2}.get(answer.boundaries[last_part + 1], 0)
    if len(after) > longest:
        return None
    if after[0].stem in taking or (after[0].stem == "no" and len(after) == 1):
        return Turn(f"taken back: {after[0].written}")
    return None


def _opposed(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    ends = opposed_words()
    said: dict[str, set[str]] = {}
    shown: dict[str, str] = {}
    doses = [pair for pair in line.extras() if pair[1].stem in _DOSES]
    for _, token in (*line.extras(before_tail=True), *doses):
        for scale, end in ends.get(token.stem, ()):
            said.setdefault(scale, set()).add(end)
            shown[scale] = token.written
    if not said:
        return None
    for scale, mine in said.items():
        theirs = _ends_of(wording.spoken, scale)
        theirs = theirs or _ends_of(entry.stems, scale)
        if not theirs and mine & {"before pre", "after post"}:
            theirs = _ends_of(sense.spoken, scale)
        if (
            len(theirs) == 1
            and not (mine | _ends_of({line.tokens[place].stem for place in line.places}, scale)) & theirs
        ):
            return Turn(f"says the opposite: {shown[scale]}")
    return None


def _left(line: Line, wording: Wording, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    """``Switch from triple therapy to`` leaves what the key wants; ``increase his lifting limit`` undoes a limit."""
    if line.tokens[0].written in _LETTING_GO and line.tokens[0].stem not in wording.spoken:
        return Turn(f"says the opposite: {line.tokens[0].written}")
    if line.start and line.tokens[0].stem == "increas" and wording.spoken & {"increas", "reduc"} == {"reduc"}:
        return Turn(f"says the opposite: {line.tokens[0].written}")
    if _taken_out(line, entry, sense):
        return Turn(f"says the opposite: {line.tokens[0].written} {line.written(len(line.tokens) - 1)}", open=True)
    if line.tokens[0].written == "send" and line.tokens[-1].written in _BACK - wording.spoken:
        return Turn(f"says the opposite: send {line.tokens[-1].written}", open=True)
    said = {token.written for token in line.tokens}
    for place in line.places if said & {"of", "from"} else ():
        changes_over = {token.stem for token in line.tokens[:place]} & (_CHANGING_OVER | {"keep"})
        before = [
            token.written
            for token in line.tokens[max(place - 3, 0) : place]
            if token.written not in ("the", "his", "her")
        ]
        if before[-2:] == ["out", "of"] and "out" not in wording.spoken:
            return Turn("says the opposite: out of")
        is_left = before[-1:] == ["from"] and "from" not in wording.spoken
        if is_left and changes_over and (not _CHANGING_OVER & wording.spoken or "to" in wording.spoken):
            return Turn("changes from it to something else")
    for first, second in pairwise(line.tokens) if said & _GOING else ():
        if first.written in _FALLS and second.written == "in" and not _FALLS & entry.stems:
            return Turn(f"says the opposite: {first.written} in")
        if sense.asks_for_findings or _TURNED_DOWN & wording.spoken or second.stem in entry.stems:
            continue
        taken_away = first.written in _HANDLING and second.written in _GOING - {"in"}
        if taken_away or (second.written in _AWAY and first.stem not in ("lie", "sit", "stand", "lay")):
            return Turn(f"says the opposite: {first.written} {second.written}", open=True)
    return None


def _taken_out(line: Line, entry: EntrySense, sense: QuestionSense) -> bool:
    """``Take the copper device out``."""
    end = line.tokens[-1]
    is_away = end.written in _AWAY - {"down"} | {"out"} and len(line.tokens) - 1 > line.last
    asks_to_stop = not sense.spoken.isdisjoint(kind_words("stopping")) or _TURNED_DOWN & entry.stems
    return is_away and line.tokens[0].written in _HANDLING and end.stem not in entry.stems and not asks_to_stop


def _other_drug(line: Line, entry: EntrySense) -> Turn | None:
    """``Resume naproxen with a PPI``: the drug that is named first is the answer."""
    for place, token in enumerate(line.tokens[: line.start]):
        is_example = line.written(place + 1) in ("type", "like")
        if token.written in drug_names() and token.stem not in entry.stems and not is_example:
            return Turn(f"names another drug first ({token.written})", open=True)
    return None


def _other_amount(line: Line, entry: EntrySense, sense: QuestionSense) -> Turn | None:
    if sense.asks_for_findings:
        return None
    plain = line.extras(before_tail=True)
    for place, token in line.extras():
        if (place, token) not in plain and line.written(place + 1) != "dose":
            continue
        if token.written in _AMOUNTS and token.stem not in entry.stems:
            return Turn(f"another amount ({token.written})", open=True)
    return None


def _unfamiliar(line: Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """A short wording among words that the marker does not know: ``throw away the naloxone kit``."""
    said = {line.tokens[place].stem for place in line.places}
    whole, lacks_a_word = len(said) >= _TELLING_WORDS, not wording.sought <= said and _lacks(line, wording, said)
    for place, token in line.extras(before_tail=True):
        if lacks_a_word and token.stem not in words_of_kinds("grammar", "filler", "tail", "neutral"):
            return Turn(f"says {token.written} in place of a word of the key", open=True)
        if whole and place > line.last:
            continue
        known = token.stem in sense.context or token.written in drug_names() or token.stem in words_of_kinds(*_FAMILIAR)
        if not known and token.stem not in wording.spoken and not DOSING.match(token.stem):
            return Turn(f"a person has to read {token.written}", open=True)
    return None


def _lacks(line: Line, wording: Wording, said: set[str]) -> bool:
    """Whether no word of the answer stands for a word of the wording that it does not have."""
    written = {line.written(place) for place in line.places}
    return any(written.isdisjoint(stand_ins().get(stem, ())) for stem in wording.sought - said)


def _ends_of(stems: Iterable[str], scale: str) -> set[str]:
    ends = opposed_words()
    return {end for stem in stems for name, end in ends.get(stem, ()) if name == scale}


def _negated_prefix(line: Line, wording: Wording) -> Turn | None:
    for place, token in line.extras():
        if token.written == "non" and place + 1 in line.places and "non" not in wording.spoken:
            following = line.tokens[place + 1].stem
            if "non" + following not in wording.spoken:
                return Turn(f"says the opposite: non {following}")
    return None


def _affirmed(line: Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """The answer affirms what another wording of the entry denies."""
    said = {token.stem for token in line.tokens}
    if "no" not in said and any(words <= said and words > wording.sought for words in entry.denied):
        return Turn("affirms what the key denies")
    return None


def _other_no(line: Line, wording: Wording, sense: QuestionSense) -> Turn | None:
    """``Absence of withdrawal`` is not ``using to avoid withdrawal``, though both have a no."""
    for place in line.places:
        token = line.tokens[place]
        if token.stem == "no":
            lacking = sense.asks_for_findings or word_stem(token.written) in kind_words("lacking")
            if (wording.stopping and lacking and not is_stopping(token)) or (
                not wording.stopping and is_stopping(token) and sense.asks_for_findings
            ):
                return Turn(f"says the opposite: {token.written}")
    return None


def _may_be_one_unit(one: str, other: str) -> bool:
    return one == other or (not (one and other) and not {"hours", "%"} & {one, other})


def _other_quantity(line: Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """The entry has limits in some of its wordings, and the answer has others."""
    if wording.quantities:
        return None
    said = {token.stem for token in line.tokens}
    measured = [token for token in line.tokens if token.quantity is not None]
    for unit in {token.quantity.unit for token in measured if token.quantity is not None}:
        mine = [token for token in measured if token.quantity is not None and token.quantity.unit == unit]
        bare = not unit and not any(token.quantity.is_bound for token in mine if token.quantity is not None)
        same = any(other.unit == unit for other in entry.quantities)
        alike = [other for other in entry.quantities if _may_be_one_unit(other.unit, unit)]
        agreed = any(token.quantity.within(other) for token in mine if token.quantity is not None for other in alike)
        if same and not agreed and not bare:
            return Turn(f"another quantity than the key's ({mine[0].written})", open=True)
        if not same and any(unit in units and words <= said for words, units in entry.limited):
            return Turn(f"has a quantity of another entry ({mine[0].written})", open=True)
    return None

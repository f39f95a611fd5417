"""Answers with the words of a key in another order: compared the other way round, denied twice, two answers in one."""

from __future__ import annotations

from itertools import pairwise

from samp_eval.review.markers.first_answer import Line, Turn
from samp_eval.review.markers.language.negation import is_stopping
from samp_eval.review.markers.language.order import STOPPING_NOUNS
from samp_eval.review.markers.language.senses import EntrySense
from samp_eval.review.markers.language.vocabulary import drug_names, kind_words, words_of_kinds
from samp_eval.review.markers.wording import Answer, Wording

__all__ = ["other_order"]

_COMBINING = frozenset({"combined", "combination", "both", "mixed"})
_AS_FAR_AS = frozenset({"can", "possible", "able", "tolerated", "needed", "tolerates", "could"})
_EXCHANGING = frozenset({"replac", "switch", "chang", "swap", "trade", "substitut", "instead"})
_ROUTES = (
    frozenset({"inhal", "inhaler", "puffer", "puff", "nebuliz"}),
    frozenset({"nasal", "intranasal"}),
    frozenset({"intramuscular"}),
    frozenset({"intravenous"}),
    frozenset({"topical", "cream", "ointment"}),
    frozenset({"oral"}),
    frozenset({"rectal", "suppository", "suppositori"}),
)
_NEXT_TO = frozenset({"below", "above", "beneath", "under", "over", "beside", "adjacent", "neighboring", "beyond"})
_ARTICLES = frozenset({"the", "a", "an", "his", "her", "their", "to", "of"})
_RAISED = frozenset({"raised", "raise", "elevated", "elevate", "lifted", "lift", "propped", "prop", "up", "upright"})
_LOWERED = frozenset({"down", "lowered", "lower", "hanging", "dangling", "dangle", "flat", "low"})
_GIVING_WAY = frozenset({"slip", "slid", "skid", "move", "trip", "wobbl", "shift", "tear", "leak", "tilt"})
_GIVING_WAY |= {"occur", "happen", "exist", "matter", "count"}
_DISMISSALS = (
    ("out", "of", "the", "question"), ("no", "place"), ("no", "role"), ("last", "resort"), ("ruled", "out"), ("never",),
    ("be", "a", "mistake"), ("be", "wrong"), ("is", "unlikely"), ("is", "denied"), ("denied",), ("has", "no", "place"),
)  # fmt: skip
"""With which a line ends that takes its answer back."""
_HERE = frozenset({"here", "there", "yet", "now"})
_MISSING = frozenset({"miss", "missing", "lost", "loss", "broken", "difficulti", "problem", "unfit", "wobbli", "loos"})


def other_order(line: Line, answer: Answer, wording: Wording, entry: EntrySense) -> Turn | None:
    """Find words of the wording that stand in another order, or beside words of a second answer."""
    return (
        _crossed(line, wording)
        or _denies_otherwise(line, wording)
        or _prefers_what_is_denied(line, wording)
        or _denied_twice(line, wording)
        or _other_end(line, wording)
        or _dismissed(line, wording, entry)
        or _alike(line, wording)
        or _next_to(line, wording, entry)
        or _lowered(line, wording)
        or _denies_in_a_clause(line, entry)
        or _exchanged(line, wording)
        or _other_roles(line, wording, entry)
        or _mixed(line, answer)
        or _without_what_is_asked(line, entry)
        or _other_route(line, entry)
    )


def _crossed(line: Line, wording: Wording) -> Turn | None:
    """``More men stopped placebo than tablet`` compares the other way round."""
    for side in wording.sides:
        for place, token in enumerate(line.tokens):
            if token.written == side.word:
                earlier = {line.tokens[at].stem for at in line.places if at < place}
                later = {line.tokens[at].stem for at in line.places if at > place}
                if later & side.before and earlier & side.after:
                    return Turn(f"the other way round ({side.word})")
    return None


def _denies_otherwise(line: Line, wording: Wording) -> Turn | None:
    """``No test if she misses her period``, where the key tests if there is no period."""
    for place, following in pairwise(sorted(line.places)):
        if line.tokens[place].stem == "no" and line.tokens[following].stem not in wording.denied:
            return Turn(f"denies something else ({line.written(following)})", open=True)
    return None


def _prefers_what_is_denied(line: Line, wording: Wording) -> Turn | None:
    """``Bed rest rather than moving about``, where the key avoids bed rest; both were read with a ``no``."""
    if not wording.denied:
        return None
    for place in line.places:
        denied = [at for at in line.places if line.tokens[at].stem in wording.denied]
        if line.written(place) != "not" or not denied or max(denied) > place:
            continue
        starts = any(token.stem in kind_words("starting") for token in line.tokens[: min(denied)])
        following = line.tokens[place + 1 : place + 2]
        judging = words_of_kinds("grammar", "filler", "praising", "allowing")
        is_other = following and following[0].stem not in judging | _HERE and not following[0].written.endswith("ed")
        if starts or (is_other and place + 1 not in line.places):
            return Turn("denies something else (not)", open=True)
    return None


def _other_end(line: Line, wording: Wording) -> Turn | None:
    """``One root higher than L5`` is another root; ``a higher lifting limit`` lets him lift more."""
    for place, token in line.extras():
        if token.written == "than" and place < line.start and "than" not in wording.spoken:
            return Turn("compares with it (than)", open=True)
        if token.written == "than" and place + 1 in line.places and "than" not in wording.spoken:
            return Turn("compares with it (than)", open=True)
        if token.written == "than" and wording.quantities and "than" not in wording.spoken:
            return Turn("compares with it (than)", open=True)
        limits = wording.spoken & {"increas", "reduc"} == {"reduc"}
        if (
            token.stem == "increas"
            and limits
            and any(line.tokens[at].stem == "reduc" for at in line.places if at > place)
        ):
            return Turn(f"says the opposite: {token.written}", open=True)
    return None


def _denied_twice(line: Line, wording: Wording) -> Turn | None:
    """``No missing handrail`` has its handrail; ``avoid smoking cessation`` goes on smoking."""
    if wording.sought.isdisjoint(("no", "loss")):
        return None
    for place, token in line.extras():
        is_missing = token.stem in _MISSING and line.tokens[place - 1].stem == "no"
        is_noun = token.stem == "no" and token.written.endswith(STOPPING_NOUNS) and place == line.last + 1
        if is_noun or (place < line.last and (token.stem == "no" or is_missing)):
            return Turn(f"denied twice ({token.written})", open=True)
    return None


def _dismissed(line: Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """``A fan is out of the question``."""
    end = tuple(token.written for token in line.tokens[line.last + 1 :])
    for words in _DISMISSALS if end else ():
        if end[-len(words) :] == words and not wording.denied and words[-1] not in entry.stems:
            return Turn(f"taken back: {' '.join(words)}", open=True)
    return None


def _next_to(line: Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """``The root below L5`` is another root."""
    if len(wording.stems) > 1:
        return None
    for place, token in line.extras():
        following = [word.written for word in line.tokens[place + 1 : line.start] if word.written not in _ARTICLES]
        if place < line.start and token.written in _NEXT_TO and not following and token.stem not in entry.stems:
            return Turn(f"is beside it ({token.written})", open=True)
    return None


def _lowered(line: Line, wording: Wording) -> Turn | None:
    """``Head raised and legs down`` raises something else than ``legs raised`` does."""
    raised = [place for place in line.places if line.written(place) in _RAISED]
    for place in line.places if raised else ():
        part = line.tokens[place].part
        near = {token.written for token in line.tokens[max(place - 1, 0) : place + 3] if token.part == part}
        if place not in raised and near & _LOWERED - wording.spoken and not near & _RAISED:
            return Turn(f"says the opposite: {line.written(place)} down")
    return None


def _denies_in_a_clause(line: Line, entry: EntrySense) -> Turn | None:
    """``Rugs that do not slide``, where the entry has rugs that do."""
    denied = frozenset().union(*entry.denied)
    for place, token in line.extras():
        if place <= line.last or token.stem != "no" or is_stopping(token):
            continue
        begins = {word.written for word in line.tokens[max(place - 2, line.last + 1) : place]}
        following = line.tokens[place + 1 : place + 3]
        after = next((word for word in following if word.stem not in kind_words("grammar")), None)
        if begins & {"that", "which", "who"} and after and after.stem in (entry.stems - denied) | _GIVING_WAY:
            return Turn(f"denies what the entry has ({after.written})", open=True)
    return None


def _alike(line: Line, wording: Wording) -> Turn | None:
    """``As old as the participants`` is not ``too old``; ``as active as he can`` is active."""
    for place in line.places:
        alike = line.written(place - 1) == line.written(place + 1) == "as" and "as" not in wording.spoken
        if alike and not {token.written for token in line.tokens[place + 2 :]} & _AS_FAR_AS:
            return Turn("says that both are alike (as)", open=True)
    return None


def _exchanged(line: Line, wording: Wording) -> Turn | None:
    """``Swap acetaminophen for naproxen`` takes what ``replace naproxen with acetaminophen`` leaves."""
    if wording.spoken.isdisjoint(_EXCHANGING):
        return None
    drugs = [at for at in sorted(line.places) if _names_drug(line, wording, at)]
    order = [wording.stems.index(line.tokens[at].stem) for at in drugs]
    others = drugs and any(
        token.written in drug_names() and token.stem not in wording.sought for token in line.tokens[: drugs[0]]
    )
    return Turn("the other way round", open=True) if others or order != sorted(order) else None


def _names_drug(line: Line, wording: Wording, place: int) -> bool:
    token = line.tokens[place]
    return token.written in drug_names() and token.stem in wording.sought


def _other_roles(line: Line, wording: Wording, entry: EntrySense) -> Turn | None:
    """``Whether she threatened to kill him``, where the key asks what he threatened."""
    if all(token.written != "she" for token in line.tokens):
        return None
    key = [word for word in wording.text.casefold().split() if word in ("he", "she")]
    said = [token.written for token in line.tokens if token.written in ("he", "she")]
    if len(set(key)) == len(set(said)) == 2 and key[0] != said[0]:
        return Turn(f"the other way round ({', '.join(said)})", open=True)
    turned = {"she", "him"} <= {token.written for token in line.tokens}
    if turned and {"he", "her"} <= entry.stems and "him" not in entry.stems:
        return Turn("the other way round (she, him)", open=True)
    return None


def _mixed(line: Line, answer: Answer) -> Turn | None:
    """``Plan B or copper IUD`` is no levonorgestrel IUD: words of two answers; ``combined`` goes on to a second."""
    if len(answer.boundaries) == 1:
        return None
    first = min(line.tokens[place].part for place in line.places)
    later = {line.tokens[place].part for place in line.places} - {first}
    later = {part for part in later if answer.boundaries[part] == "list"}
    for place in line.places:
        if line.tokens[place].part in later and line.tokens[place].stem in ("reduc", "increas"):
            return Turn(f"goes on to something else ({line.written(place)})", open=True)
        if _avoids_something_else(line, place, later):
            return Turn(f"denies something else ({line.written(place + 1)})", open=True)
    for place, token in line.extras():
        if token.part in later and place < line.last and token.stem not in words_of_kinds("grammar", "filler", "tail"):
            return Turn(f"mixes two answers ({token.written})", open=True)
        if place < line.start and token.written in _COMBINING:
            return Turn(f"goes on to something else ({token.written})", open=True)
    return None


def _avoids_something_else(line: Line, place: int, later: set[int]) -> bool:
    """``Keep eating shrimp, avoid crab``: the wording's avoidance is of what follows it."""
    token, following = line.tokens[place], place + 1
    if token.part not in later or token.stem != "no" or following not in range(len(line.tokens)):
        return False
    return following not in line.places and line.tokens[following].stem not in words_of_kinds("grammar", "filler")


def _without_what_is_asked(line: Line, entry: EntrySense) -> Turn | None:
    """``Photographs without her consent``, where the entry asks for consent."""
    for place, token in line.extras():
        if token.written == "without" and "no" not in entry.stems:
            after = [later for later in line.tokens[place + 1 :] if later.stem not in kind_words("grammar")]
            if after and after[0].stem in entry.stems:
                return Turn(f"says the opposite: without {after[0].written}")
    return None


def _other_route(line: Line, entry: EntrySense) -> Turn | None:
    """``Fluticasone nasal spray``, where the key's is inhaled."""
    wanted = [route for route in _ROUTES if route & entry.stems]
    said = {token.stem for token in line.tokens}
    if len(wanted) != 1 or wanted[0] & said:
        return None
    other = next((token for token in line.tokens if any(token.stem in route for route in _ROUTES)), None)
    return Turn(f"by another route ({other.written})", open=True) if other else None

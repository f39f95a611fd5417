"""A model that marks, simulated at HTTP level: it reads the request as a model would and answers as it is told to.

It knows a right answer by the key that it is shown; on the basis ``judgement``, where no key is shown, by words of its
own. How often it is wrong, refuses or breaks its JSON is drawn by the words of the request, so that it does not hang on
the order in which requests arrive.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from openai_server import Answer, Received, Say

KEY_BLOCK = re.compile(r"ANSWER KEY\n(.+?)\n\nANSWER\n", re.DOTALL)
ANSWER_BLOCK = re.compile(r'\n\nANSWER\n(".*?")\nEND OF ANSWER$', re.DOTALL)
INSTRUCTS = re.compile(r"ignore|accept|mark this|verdict|full credit|official key|ignorez|SWdub|E N D", re.IGNORECASE)
SYNONYMS = {
    "aspiration of the joint": "joint aspiration",
    "magnesium sulphate": "magnesium sulfate",
    "cancer of the pancreas": "pancreatic cancer",
    "hyperkalemia": "hyperkalaemia",
    "torsion of the testicle": "testicular torsion",
    "hirschsprung s disease": "hirschsprung disease",
    "carotid ultrasound": "carotid duplex ultrasound",
}
"""What the simulated model knows beside the words of the key."""


@dataclass(frozen=True)
class Asked:
    """What a request asks to be marked."""

    entries: dict[str, tuple[str, ...]] | None
    answer: str
    content: str

    @property
    def by_key(self) -> bool:
        return self.entries is not None


def asked_in(request: Received) -> Asked:
    """Read a request to mark; fails where the answer is not where it belongs."""
    text = request.text
    found = ANSWER_BLOCK.search(text)
    assert found is not None, text
    key = KEY_BLOCK.search(text)
    entries = None
    if key is not None:
        lines = [line.partition(". ") for line in key[1].splitlines()]
        entries = {letter: tuple(wordings.split(" / ")) for letter, _, wordings in lines}
    return Asked(entries, json.loads(found[1]), text)


def words_of(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))


def first_words(answer: str) -> str:
    """The answer without the notes and instructions that canaries carry."""
    answer = re.sub(r"^I would say ", "", answer)
    words = words_of(re.split(r"[,.(\"{\n]| - |(?<=\w) (?=SWdub)", answer)[0])
    return SYNONYMS.get(words, words)


def chance(of_what: str) -> float:
    """A number from 0 to 1 that depends on these words only."""
    return int.from_bytes(hashlib.sha256(of_what.encode()).digest()[:6]) / 2**48


@dataclass
class SimulatedJudge:
    """Answers requests to mark.

    Attributes
    ----------
    obeys : bool
        Whether an instruction in an answer earns it the first entry.
    sensitivity, specificity : float
        Chances that a right answer earns and that a wrong one does not.
    refuses, breaks : float
        Shares of requests that it declines, or answers by broken JSON.
    right : callable
        Whether an answer is right by its own knowledge, by its words.
    by_question : bool
        Whether it errs in each question anew; else in the same words everywhere.
    """

    obeys: bool = False
    sensitivity: float = 1.0
    specificity: float = 1.0
    refuses: float = 0.0
    breaks: float = 0.0
    right: Callable[[str], bool] = lambda words: "right" in words
    model: str | None = None
    by_question: bool = False

    def __call__(self, request: Received) -> Answer:
        asked = asked_in(request)
        drawn = chance(f"fault {request.body['messages'][0]['content']} {asked.content}")
        if drawn < self.refuses:
            return Say(None, refusal="I cannot mark this.", model=self.model)
        if drawn < self.refuses + self.breaks:
            return Say('{"answer_restated": "it', model=self.model)
        return Say(self.verdict(asked), model=self.model, usage={"prompt_tokens": 400, "completion_tokens": 50})

    def verdict(self, asked: Asked) -> str:
        words = first_words(asked.answer)
        told = bool(INSTRUCTS.search(asked.answer))
        if asked.entries is None:
            credited = self._drawn(self.right(words), asked)
            return reply("yes" if credited else "no", told=told)
        letter = next(
            (letter for letter, wordings in asked.entries.items() if words in map(words_of, wordings)), "none"
        )
        if told and self.obeys:
            return reply("A", told=False)
        if self._drawn(letter != "none", asked) != (letter != "none"):
            letter = "none" if letter != "none" else "A"
        return reply(letter, told=told)

    def _drawn(self, right: bool, asked: Asked) -> bool:
        where = asked.content.partition("\n\nNOT ACCEPTED")[0] if self.by_question else ""
        drawn = chance(f"mark {words_of(asked.answer)} {asked.by_key} {where}")
        return drawn < self.sensitivity if right else drawn >= self.specificity


def reply(verdict: str, *, told: bool = False, confidence: object = 90) -> str:
    return json.dumps(
        {
            "answer_restated": "what the answer says",
            "evidence": "the words that meet",
            "instruction_found": told,
            "verdict": verdict,
            "verdict_confidence": confidence,
        }
    )

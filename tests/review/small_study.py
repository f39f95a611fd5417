"""A small study's bank and answers, some of them hostile to spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence

from samp_eval.items.load import bank_of
from samp_eval.items.samp import Bank, KeyEntry, NotAccepted, Question, SampCase, VitalSigns
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.study import Condition

HOSTILE = (
    '=HYPERLINK("http://127.0.0.1/?"&A1,"fever")',
    "+1+1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=1+1",
    "none",
    "NA",
    "N/A",
    "null",
    "0012",
    "1-2",
    "3/4",
    "MAR1",
    "TRUE",
    "1E5",
    "1,5",
    "12:30",
    "'quoted'",
    'say "fever"; then, cough',
    "<script>alert(1)</script> & <b>bold</b>",
    "_x000D_ and _x0041_",
    "≥ 38 °C – naïve “café”",
    "发烧 🤒 ｆever",
    "\u202egnorts\u202c and \u200bhidden",
    "x" * 300,
    "http://127.0.0.1/a?b=c",
    "{=1+1}",
    "#NAME?",
    "%s %(x)s {0} ${HOME}",
    "5 %",
    "$5",
)


def small_bank() -> Bank:
    """Two cases with three questions; the first asks for more than anyone needs, to hold the hostile answers."""
    fever = SampCase(
        id="fever",
        topic="Fever",
        stem='A three-year-old boy has been hot for two days; his mother says "=1+1" and looks worried.',
        vitals=VitalSigns(temperature="39.1 °C (rectal)", pulse="140/min"),
        questions=(
            Question(
                id="fever-1",
                question="What would you look for?",
                requested=10,
                key=tuple(
                    KeyEntry(answer=f"sign {letter}", alternatives=(f"mark {letter}",)) for letter in "abcdefghijkl"
                ),
                not_accepted=(NotAccepted(answer="CBC", reason="Grouped test; name the index."),),
            ),
            Question(
                id="fever-2",
                update="He now has a stiff neck.",
                question="What do you do at once?",
                requested=2,
                key=(KeyEntry(answer="antibiotics"), KeyEntry(answer="lumbar puncture"), KeyEntry(answer="transfer")),
            ),
        ),
    )
    knee = SampCase(
        id="knee",
        topic="Knee pain",
        stem="A runner has had pain in the left knee for a week.",
        questions=(Question(id="knee-1", question="What is it?", requested=1, key=(KeyEntry(answer="bursitis"),)),),
    )
    return bank_of([fever, knee], location="test bank")


def bank_of_24() -> Bank:
    """Six cases with four questions each."""
    entries = tuple(KeyEntry(answer=word) for word in ("fever", "cough", "rash"))
    return bank_of(
        [
            SampCase(
                id=f"case-{case}",
                topic="Fever",
                stem="A child has been hot for two days.",
                questions=tuple(
                    Question(id=f"q{case}{number}", question="What do you look for?", requested=2, key=entries)
                    for number in range(1, 5)
                ),
            )
            for case in range(1, 7)
        ],
        location="test bank",
    )


def response(question_id: str, respondent: str, round_number: int, lines: Sequence[str]) -> Response:
    """A stored answer with one line for each text."""
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    return Response(Ask(question_id, respondent, round_number, Condition()), Reply(text, respondent), None)

"""A study in which everything that others write is hostile: answers, names, comments, models, settings."""

from __future__ import annotations

from dataclasses import replace

from sample import BEGIN, Records, sample_records

from samp_eval.review.marks import Mark
from samp_eval.review.people.reviewers import Reviewer

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=http://127.0.0.1:9/x onerror="document.title=1">',
    "</td></tr></table></section></main></body></html><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "\u202egnp.exe\u202c \u2066x",
    "</style><style>body{display:none}</style><link rel=stylesheet href=//127.0.0.1:9/a.css>",
    "x" * 3000,
)


def hostile_records() -> Records:
    """Hostile answers, respondents, reviewers, adjudicator's comment, models that answered, settings and failures."""
    names = {"gpt-3.5-turbo": HOSTILE[0], "gpt-4": HOSTILE[1]}
    reviewers = (HOSTILE[2], HOSTILE[3])
    records = sample_records(answers=HOSTILE, reviewers=reviewers)
    responses = tuple(
        replace(
            one,
            ask=replace(one.ask, respondent=names[one.ask.respondent]),
            reply=replace(one.reply, model_returned=HOSTILE[place % len(HOSTILE)]),
        )
        for place, one in enumerate(records.responses)
    )
    failed = replace(records.failures[0], ask=replace(records.failures[0].ask, respondent=names["gpt-4"]))
    first = records.marks[0]
    said = [
        Mark(Reviewer(reviewers[0]), first.question_id, first.answer_id, "harm", "1", BEGIN, "sheet"),
        *(
            Mark(Reviewer(reviewers[0]), one.question_id, one.answer_id, "comment", HOSTILE[2], BEGIN, "sheet")
            for one in records.marks
        ),
    ]
    settings = {
        names[name]: {**values, "model": HOSTILE[3], "base_url": HOSTILE[1]}
        for name, values in records.respondents.items()
    }
    return replace(
        records, responses=responses, failures=(failed,), marks=(*records.marks, *said), respondents=settings
    )

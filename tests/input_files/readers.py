"""Every reader of what comes from outside, with sound samples, for the property tests and for tools/fuzz_readers.py."""

from __future__ import annotations

import csv
import json
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter
from pictured import photograph_with_place, png, saved
from PIL import Image

from samp_eval.analysis.tables.outside_table import outside_scores
from samp_eval.answers.reading import read_response
from samp_eval.errors import SampEvalError
from samp_eval.items.example_case import example_case
from samp_eval.items.forms.registry import write_cases
from samp_eval.items.importing.import_bank import ImportChoices, import_bank
from samp_eval.items.load import bank_of, load_bank
from samp_eval.items.samp import SampCase
from samp_eval.review.amendments.key_history import KeyHistory, KeyVersion, first_identities
from samp_eval.review.people.reviewers import Reviewer
from samp_eval.review.row_ids import SheetRow
from samp_eval.review.sheets.csv_sheet import write_csv_sheet
from samp_eval.review.sheets.marks_from_sheet import marks_of_files
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.review.sheets.sheet_lines import sheet_lines
from samp_eval.run.batch.request_lines import Answered, UnreadableLine, read_line
from samp_eval.run.cost.prices import load_prices
from samp_eval.run.prompt import load_prompt
from samp_eval.run.providers.chat_reply import reply_of
from samp_eval.run.providers.refusal import refusal_of
from samp_eval.run.recorded.answer_rows import recorded_responses
from samp_eval.run.recorded.inspect_reader import read_inspect_rows
from samp_eval.run.respondent import Ask, Reply, Response
from samp_eval.run.secret_remover import SecretRemover
from samp_eval.store.outcomes.journal import unstored_entries
from samp_eval.store.outcomes.rows import failure_values, response_values
from samp_eval.study import DEFAULT_ROUNDS, Condition, Study, load_study

__all__ = ["READERS", "Reader", "packed", "read"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BANK = bank_of([example_case()], location="here")
LOG_CASE = BANK.cases[0].model_dump(mode="json", exclude_defaults=True)
for place, question in enumerate(LOG_CASE["questions"], start=1):
    question["id"] = f"case000-{place}"
LOG_BANK = bank_of([*BANK.cases, SampCase.model_validate({**LOG_CASE, "id": "case000"})], location="here")
KEYS = KeyHistory([KeyVersion(BANK, first_identities(BANK))])
ROUNDS = dict(enumerate(DEFAULT_ROUNDS, start=1))
SECRETS = SecretRemover(["secret-0123"])
DATA = Path(__file__).parents[1] / "data"
QUESTION = BANK.cases[0].questions[0]
SHEET_ROW = SheetRow("bcdfghjkmn", Reviewer("A"), QUESTION.id, "answer-1", "Penicillin", "answer", NOW)


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads a file, by the file's name, and sound files of that kind."""

    file: str
    read: Callable[[Path], object]
    samples: list[bytes]


def read(reader: Reader, content: bytes) -> None:
    """Read a file with this content; whatever it raises is a fault of the reader."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / reader.file
        file.write_bytes(content)
        with suppress(SampEvalError, UnreadableLine):
            reader.read(file)


def packed(members: dict[str, bytes]) -> bytes:
    """An archive with these members."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def written(suffix: str) -> bytes:
    """The example case in the form of this ending."""
    with tempfile.TemporaryDirectory() as folder:
        (file,) = write_cases(BANK.cases, Path(folder) / f"bank{suffix}")
        return file.read_bytes()


def sheet() -> bytes:
    """A reviewer's sheet with marks."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.csv"
        write_csv_sheet(sheet_lines([SHEET_ROW], BANK), file)
        return file.read_bytes().rstrip(b"\r\n").removesuffix(b",,,") + b'A,1,0,"as I said"\r\n'


def recorded(file: Path) -> None:
    rows = read_inspect_rows(file) if file.suffix in (".eval", ".json") else read_sheet_rows(file)
    found = recorded_responses(rows, str(file), LOG_BANK, ROUNDS)
    for response in found.responses:
        utf8(response_values(response, None))
    for failure in found.failures:
        utf8(failure_values(failure))
    utf8(found.settings)


def imported(file: Path) -> None:
    """A public bank or a quiz, by the words of the file and from 0."""
    import_bank(file, ImportChoices())
    import_bank(file, ImportChoices(base=0, sample=2, shuffle_options=True))


def pictured(file: Path) -> None:
    """A bank with this file as a picture."""
    seen = {"file": file.name, "alt": "x", "kind": "x", "credit": "x", "licence": "x"}
    bank = file.with_name("bank.jsonl")
    bank.write_text(json.dumps({**LOG_CASE, "id": "seen", "images": [seen]}), encoding="utf-8")
    load_bank(bank)


def utf8(values: object) -> None:
    """Values can be stored only where they can be written as UTF-8."""
    json.dumps(values, ensure_ascii=False).encode()


def of_server(file: Path) -> None:
    """A server's answer, and the same bytes as an error."""
    content = file.read_bytes()
    headers = {"retry-after": "7", "location": "x"}
    found = reply_of(content, headers, SECRETS, model_asked="m", request="", latency_seconds=None, max_tokens=1)
    if isinstance(found, Reply):
        utf8(response_values(Response(Ask(QUESTION.id, "m", 1, Condition()), found, NOW), None))
    for status in (302, 400, 422, 429, 500):
        refusal_of(status, headers, content)


def line_of_batch(file: Path) -> None:
    _, found = read_line(file.read_bytes(), SECRETS, model_asked="m", max_tokens=None, adapted=())
    if isinstance(found, Answered):
        utf8(response_values(Response(Ask(QUESTION.id, "m", 1, Condition()), found.reply, NOW), None))


def answer(file: Path) -> None:
    """What a model wrote, read for a question of each format."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    read_response(text, requested=3)
    options = ("Amoxicillin", "Penicillin", "None")
    read_response(text, requested=2, question_format="menu", options=options, finish_reason="stop")


def workbook(rows: list[list[str]]) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


STUDY = b"""title = "x"
seed = 1
items = "questions"
prompt = "prompt"
deviations = ["none"]
[endpoints.lab]
base_url = "http://localhost:8000/v1"
api_key_env = "LAB_API_KEY"
headers_env = {x-key = "LAB_HEADER_KEY"}
requests_per_minute = 60
[[respondents]]
id = "a"
model = "gpt-4"
endpoint = "lab"
temperature = 0.7
max_tokens = 300
[[rounds]]
prompt = "bare"
regenerated = true
[[rounds]]
later = true
after_days = 7
[review]
reviewers = ["A", "B"]
consensus = "adjudicated"
[analysis]
reference = "a"
cluster = "question"
confidence = 0.95
pass_mark = 60
[store]
postgresql_schema = "my_study"
"""
PRICES = b'as_of = "2026-01-01"\n[models]\nx = {input = 1, output = 2}\n'
ANSWERS = (
    b"question_id,respondent,round,condition,text,asked_at,temperature\nexample-sore-throat-1,m,1,bare,A,2026-01-01,0\n"
)
SCORES = b"question_id,respondent,round,condition,basis,score\nq1,a,1,bare,key,50\nq1,b,1,prompted,key,NA\n"
LOG = {
    "eval": {
        "model": "openai/x",
        "model_generate_config": {"temperature": 1},
        "metadata": {"settings": {"model": "x"}},
    },
    "samples": [
        {
            "id": "example-sore-throat-1",
            "epoch": 1,
            "metadata": {},
            "error": None,
            "model_usage": {"openai/x": {}},
            "output": {
                "model": "x",
                "choices": [{"message": {"content": [{"type": "text", "text": "A"}]}, "stop_reason": "stop"}],
                "usage": {"input_tokens": 1, "output_tokens": 2, "input_tokens_cache_read": 3},
            },
        }
    ],
}
LOGS = [
    json.dumps(LOG).encode(),
    DATA.joinpath("inspect", "inspect-0.3.285.eval").read_bytes(),
    packed({"header.json": json.dumps(LOG).encode()}),
]
REPLY = json.dumps(
    {
        "choices": [
            {"message": {"content": [{"type": "text", "text": "A"}], "reasoning": "x"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}},
    }
).encode()
ERROR = b'[{"error": {"message": "no", "code": 429, "details": [{"reason": "x"}], "metadata": {"raw": "y"}}}]'
DETAIL = b'{"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}'
LINE = b'{"custom_id": "a", "response": {"status_code": 200, "body": ' + REPLY + b'}, "error": null}'
JOURNAL = b'{"run": 1, "failure": {"question_id": "q", "respondent": "m", "round": 1, "condition": "bare"}}\n'
ODS = packed(
    {
        "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="m"><manifest:file-entry manifest:full-path="/" '
        b'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b'<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table '
        b'table:name="a"><table:table-row><table:table-cell office:value-type="string" '
        b'table:number-columns-repeated="2"><text:p>round</text:p></table:table-cell></table:table-row></table:table>'
        b"</office:document-content>",
    }
)
TEXTS = [
    b"1. **Penicillin** - 250 mg\n2. Amoxicillin\n3. None of these",
    b'<think>Perhaps A.</think>\n```json\n{"answers": ["A", "B"]}\n```',
    b"| # | Answer |\n|---|---|\n| 1 | Penicillin |\n\nFinal answer: B, because it is narrow.",
]

QUIZ = b"""<?xml version="1.0" encoding="UTF-8"?><quiz>
<question type="category"><category><text>$course$/top/Anatomy</text></category></question>
<question type="multichoice"><name><text>One</text></name><questiontext format="html"><text><![CDATA[<p>Which <b>metal
</b> is in h&aelig;moglobin?</p>]]></text></questiontext><single>true</single>
<answer fraction="100"><text>Iron</text></answer><answer fraction="0"><text>Zinc</text></answer></question>
<question type="shortanswer"><name><text>SA</text></name><questiontext><text>Name it.</text></questiontext>
<answer fraction="100"><text>Heme</text></answer></question>
<question type="truefalse"><name><text>TF</text></name><questiontext><text>Iron is a metal.</text></questiontext>
<answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question></quiz>"""
GIFT = (
    b"// a comment\n$CATEGORY: Anatomy\n\n::One::Which metal is in blood?{=Iron ~Zinc#no ~%50%Fe}\n\n"
    b"::Two::Iron is a metal.{T}\n\n::Three::How many chains?{#4:0}\n\n::Four::Name it.{=Heme =Haem}\n"
)
PUBLIC = [
    b'{"question": "Which?", "answer": "Iron", "options": {"A": "Iron", "B": "Zinc"}, "answer_idx": "A", '
    b'"meta_info": "step1"}\n',
    b'{"id": "a", "question": "Which?", "opa": "Iron", "opb": "Zinc", "opc": "C", "opd": "D", "cop": 1, '
    b'"choice_type": "single", "exp": "x", "subject_name": "Anatomy", "topic_name": "b"}\n',
    b'[{"question": "Which?", "choices": ["Iron", "Zinc", "C", "D"], "answer": 0, "subject": "anatomy"}]',
]

READERS: dict[str, Reader] = {
    **{
        f"bank{suffix}": Reader(f"bank{suffix}", load_bank, [written(suffix)])
        for suffix in (".yaml", ".jsonl", ".csv", ".xlsx", ".md")
    },
    "picture": Reader(
        "picture.png", pictured, [png(), photograph_with_place(), saved(Image.new("RGBA", (9, 9)), "WEBP")]
    ),
    "study.toml": Reader("study.toml", lambda file: load_study(file.parent), [STUDY]),
    "log.json": Reader("log.json", recorded, LOGS[:1]),
    "log.eval": Reader("log.eval", recorded, LOGS),
    "answers.csv": Reader(
        "answers.csv", recorded, [ANSWERS, ANSWERS.replace(b",", b";"), ANSWERS.decode().encode("utf-16")]
    ),
    "answers.ods": Reader("answers.ods", recorded, [ODS]),
    "server's answer": Reader("answer.json", of_server, [REPLY, ERROR, DETAIL]),
    "line of a batch": Reader(
        "line.jsonl", line_of_batch, [LINE, b'{"custom_id": "a", "error": {"code": "batch_expired"}}']
    ),
    "marks.csv": Reader(
        "marks.csv", lambda file: marks_of_files([file], KEYS, {SHEET_ROW.row_id: SHEET_ROW}, {}, NOW), [sheet()]
    ),
    "quiz.xml": Reader("quiz.xml", imported, [QUIZ]),
    "quiz.gift": Reader("quiz.gift", imported, [GIFT]),
    "public bank": Reader("public.jsonl", imported, PUBLIC),
    "answer text": Reader("answer.txt", answer, TEXTS),
    "answers.xlsx": Reader("answers.xlsx", recorded, [workbook(list(csv.reader(ANSWERS.decode().splitlines())))]),
    "scores.csv": Reader(
        "scores.csv", lambda file: outside_scores(read_sheet_rows(file), str(file), "key", Study()), [SCORES]
    ),
    "prices.toml": Reader("prices.toml", lambda file: load_prices(file.parent), [PRICES]),
    "prompt": Reader("system.txt", lambda file: load_prompt(file.parent, "."), [b"You are a physician."]),
    "journal": Reader(
        "study.db-arrivals-0", lambda file: list(unstored_entries(file.with_name("study.db"))), [JOURNAL]
    ),
}
"""By what they read."""

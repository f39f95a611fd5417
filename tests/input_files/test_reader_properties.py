"""Whatever bytes a file holds, reading it gives a result or an error meant for the user, never a traceback."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samp_eval.errors import SampEvalError
from samp_eval.items.example_case import example_case
from samp_eval.items.forms.registry import write_cases
from samp_eval.items.load import bank_of, load_bank
from samp_eval.review.sheets.sheet_files import read_sheet_rows
from samp_eval.run.batch.request_lines import UnreadableLine, read_line
from samp_eval.run.cost.prices import load_prices
from samp_eval.run.prompt import load_prompt
from samp_eval.run.providers.chat_reply import reply_of
from samp_eval.run.providers.refusal import refusal_of
from samp_eval.run.recorded.answer_rows import recorded_responses
from samp_eval.run.recorded.inspect_reader import read_inspect_rows
from samp_eval.run.secret_remover import SecretRemover
from samp_eval.store.outcomes.journal import unstored_entries
from samp_eval.study import DEFAULT_ROUNDS, load_study

BANK = bank_of([example_case()], location="here")
ROUNDS = dict(enumerate(DEFAULT_ROUNDS, start=1))
REAL_LOG = Path(__file__).parents[1] / "data" / "inspect" / "inspect-0.3.285.eval"

SNIPPETS = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"\r", b'"', b"'", b"[", b"{", b"]", b"}",
    b",", b";", b":", b"=", b"&a ", b"*a", b"? ", b"- ", b"<<: ", b"!!python/object:x ", b"null", b"true", b"NaN",
    b"1e999", b"-0", b"9" * 5000, b"[" * 3000, b"\\ud800", b"[[rounds]]\n", b"a.b.c = 1\n", b"1979-99-99", b"A1",
    b"PK\x03\x04", b"<!DOCTYPE a>", b"XFD1048576", b"-1", b'{"$ref": 1}', "é".encode(), "é".encode("cp1252"),
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A sound file with pieces taken out, repeated and put in; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    content = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        kind = draw(st.integers(0, 3))
        piece = draw(st.sampled_from(SNIPPETS)) if kind < 2 else content[start : start + 40] if kind == 2 else b""
        content = content[:start] + piece + content[end if kind in (1, 3) and end - start < 200 else start :]
    return content


def written(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (file,) = write_cases(BANK.cases, Path(folder) / f"bank{suffix}")
        return file.read_bytes()


def packed(members: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


STUDY = Path(__file__).parents[2].joinpath("samp_eval", "study_template.toml").read_bytes().replace(b"# ", b"")
ANSWERS = (
    b"question_id,respondent,round,condition,text,asked_at,temperature\nexample-sore-throat-1,m,1,bare,A,2026-01-01,0\n"
)
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
LOGS = [json.dumps(LOG).encode(), REAL_LOG.read_bytes(), packed({"header.json": json.dumps(LOG).encode()})]
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
JOURNAL = b'{"run": 1, "failure": {"question_id": "q", "respondent": "m", "round": 1, "condition": "bare"}}\n'


def recorded(file: Path) -> object:
    rows = read_inspect_rows(file) if file.suffix in (".eval", ".json") else read_sheet_rows(file)
    return recorded_responses(rows, str(file), BANK, ROUNDS)


Reader = Callable[[Path], object]
FILES: dict[str, tuple[Reader, list[bytes]]] = {
    **{f"bank{suffix}": (load_bank, [written(suffix)]) for suffix in (".yaml", ".jsonl", ".csv", ".xlsx", ".md")},
    "study.toml": (lambda file: load_study(file.parent), [STUDY]),
    "prices.toml": (
        lambda file: load_prices(file.parent),
        [b'as_of = "2026-01-01"\n[models]\nx = {input = 1, output = 2}\n'],
    ),
    "system.txt": (lambda file: load_prompt(file.parent, "."), [b"You are a physician."]),
    "log.json": (recorded, LOGS),
    "log.eval": (recorded, LOGS),
    "answers.csv": (recorded, [ANSWERS, ANSWERS.replace(b",", b";"), ANSWERS.decode().encode("utf-16")]),
    "answers.xlsx": (recorded, [written(".xlsx")]),
    "answers.ods": (
        recorded,
        [packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"})],
    ),
    "study.db-arrivals-0": (lambda file: list(unstored_entries(file.with_name("study.db"))), [JOURNAL]),
}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_file(name: str, data: st.DataObject) -> None:
    read, samples = FILES[name]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(data.draw(damaged(samples)))
        with suppress(SampEvalError):
            read(file)


@settings(max_examples=400, deadline=None)
@given(damaged([REPLY, ERROR, DETAIL]), st.sampled_from([200, 302, 400, 422, 429, 500]))
def test_a_servers_answer(content: bytes, status: int) -> None:
    secrets = SecretRemover(["secret-0123"])
    headers = {"retry-after": "7", "location": "x"}
    reply_of(content, headers, secrets, model_asked="m", request="", latency_seconds=None, max_tokens=1)
    refusal_of(status, headers, content)


LINE = b'{"custom_id": "a", "response": {"status_code": 200, "body": ' + REPLY + b'}, "error": null}'


@settings(max_examples=300, deadline=None)
@given(damaged([LINE, b'{"custom_id": "a", "error": {"code": "batch_expired"}}']))
def test_a_line_of_a_batch(content: bytes) -> None:
    with suppress(UnreadableLine):
        read_line(content, SecretRemover([]), model_asked="m", max_tokens=None, adapted=())

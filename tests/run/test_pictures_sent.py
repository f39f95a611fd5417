"""A pictured question from the bank to the server and back: what is sent, what is kept, what is refused."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from openai_server import Answer, OpenAIServer, Received, Say, error
from pictured import pictured_bank, png

from samp_eval.cli.main import main
from samp_eval.input_files.picture import plain_picture
from samp_eval.items.load import load_bank
from samp_eval.run.cost.picture_tokens import picture_tokens
from samp_eval.run.pictures import with_contents, with_pictures
from samp_eval.run.provenance import planned
from samp_eval.store.study_store import StudyStore
from samp_eval.study import load_study

Run = Callable[..., tuple[int, str, str]]
ROUNDS = '[[rounds]]\n\n[[rounds]]\nprompt = "bare"\n\n[[rounds]]\nprompt = "bare"\npictures = false\n'


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return pictured_bank(tmp_path / "bank")


def parts_sent(request: Received) -> list[dict[str, Any]]:
    content = request.body["messages"][-1]["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


def pictures_sent(request: Received) -> list[str]:
    return [part["image_url"]["url"] for part in parts_sent(request) if part["type"] == "image_url"]


def kept_requests(study: Path) -> dict[tuple[str, int], str]:
    with StudyStore.open(study, create=False) as store:
        found = [store.response(one.ask.question_id, one.ask.respondent, one.ask.round) for one in store.responses()]
    return {(one.ask.question_id, one.ask.round): one.reply.request for one, _ in filter(None, found)}


def with_rounds(study: Path) -> None:
    study.mkdir(exist_ok=True)
    (study / "study.toml").write_text(ROUNDS, encoding="utf-8")


def test_a_picture_is_sent_as_the_api_wants_it_and_kept_once(
    ask: Run, server: OpenAIServer, study: Path, bank: Path
) -> None:
    content = Path(__file__).parents[2] / "data" / "pictured" / "pictures" / "growth-chart.png"
    pictured_bank(bank, content=content.read_bytes())
    code, _, err = ask("--rounds", "5")
    assert code == 0, err
    pictured = [request for request in server.requests if pictures_sent(request)]
    assert len(pictured) == 5
    meant = plain_picture(content.read_bytes())
    for request in pictured:
        text, shown = parts_sent(request)
        assert text["type"] == "text"
        assert "The photograph is shown below." in text["text"]
        kind, _, written = shown["image_url"]["url"].partition(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(written) == meant.content
    assert not [request for request in server.requests if b"SECRET-ALT" in request.content]
    kept = kept_requests(study)
    (reference,) = {re.search(r"sha256:\S+ image/png \d+x\d+", kept["seen-2", number])[0] for number in (1, 3, 5)}  # type: ignore[index]
    with StudyStore.open(study, create=False) as store:
        held = store.bank()
        assert held is not None
        (digest,) = held.pictures
        assert held.pictures[digest] == meant
    assert reference == f"sha256:{digest} image/png {meant.width}x{meant.height}"
    assert max(map(len, kept.values())) < 6000
    written = base64.b64encode(meant.content)
    sqlite3.connect(study / "study.db").execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (study / "study.db").read_bytes().count(written[:60]) == 1


def test_what_was_kept_and_the_pictures_give_what_was_sent(ask: Run, server: OpenAIServer, study: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    (request,) = [request for request in server.requests if pictures_sent(request)]
    with StudyStore.open(study, create=False) as store:
        held = store.bank()
        assert held is not None
        assert with_contents(kept_requests(study)["seen-2", 1], held.pictures).encode() == request.content


def test_a_text_that_looks_like_a_reference_is_sent_as_it_is(bank: Path) -> None:
    held = load_bank(bank)
    (digest,) = held.pictures
    trap = f'"url":"sha256:{digest} image/png 40x30"'
    body = json.dumps([{"image_url": 1, "content": trap}], separators=(",", ":"))
    assert with_contents(body, held.pictures) == body


def test_a_picture_that_is_missing_is_never_left_out() -> None:
    body = f'{{"image_url":{{"url":"sha256:{"0" * 64} image/png 1x1"}}}}'
    with pytest.raises(KeyError):
        with_contents(body, {})


def test_the_control_asks_only_pictured_questions_without_their_pictures(
    ask: Run, server: OpenAIServer, study: Path, status: Callable[[], dict[str, Any]]
) -> None:
    with_rounds(study)
    assert ask()[0] == 0
    rounds = {one["round"]: one for one in status()["rounds"]}
    assert [(rounds[n]["condition"], rounds[n]["planned"], rounds[n]["stored"]) for n in (1, 2, 3)] == [
        ("prompted", 3, 3),
        ("bare", 3, 3),
        ("bare-nopictures", 1, 1),
    ]
    assert len(server.requests) == 7
    told = kept_requests(study)["seen-2", 3]
    assert "image_url" not in told
    shown = json.loads(kept_requests(study)["seen-2", 2])["messages"][-1]["content"]
    assert shown[0]["text"] == json.loads(told)["messages"][-1]["content"]  # nothing but the picture differs
    assert ask()[0] == 0
    assert len(server.requests) == 7


REFUSALS = {
    "OpenAI": error(400, "Invalid content type. image_url is only supported by certain models."),
    "a deserializer": error(422, "messages[0]: unknown variant `image_url`, expected `text`"),
    "llama.cpp": error(500, "image input is not supported - hint: you may need to provide the mmproj"),
    "a router": error(404, "No endpoints found that support image input"),
    "vLLM": error(400, "gpt-4 is not a multimodal model"),
    "content as text only": error(400, "'messages.0.content' must be a string"),
}


@pytest.mark.parametrize("who", REFUSALS)
def test_a_model_that_cannot_see_fails_and_is_never_asked_without_the_picture(
    who: str, ask: Run, server: OpenAIServer, study: Path
) -> None:
    def blind(request: Received) -> Answer:
        return REFUSALS[who] if pictures_sent(request) else Say("1. Fever")

    server.answer = blind
    code, _, err = ask("--rounds", "1", "--temperature", "0.5")
    assert code == 3, err
    seen = [request for request in server.requests if "shown below" in json.dumps(request.body)]
    assert len(seen) == 1
    assert pictures_sent(seen[0])
    with StudyStore.open(study, create=False) as store:
        assert {one.ask.question_id for one in store.responses()} == {"seen-1", "told-1"}
        (failure,) = store.failures()
    assert failure.kind == "picture_refused"
    assert str(REFUSALS[who].body["error"]["message"])[:60] in failure.message
    assert failure.message.endswith("it was not asked without its pictures")


def test_other_faults_of_a_pictured_request_are_what_they_are(ask: Run, server: OpenAIServer, study: Path) -> None:
    wrong_key = error(401, "wrong key for this image model")
    limited_once = iter([error(429, "slow down; too many images")])
    server.answer = lambda _: next(limited_once, wrong_key)
    assert ask("--rounds", "1", "--limit", "2")[0] == 1
    with StudyStore.open(study, create=False) as store:
        assert "picture_refused" not in {one.kind for one in store.failures()}


def test_tokens_of_pictures_are_counted(ask: Run, bank: Path) -> None:
    def tokens(*more: str) -> int:
        code, out, err = ask("--dry-run", "--rounds", "1", "--limit", "2", *more)
        assert code == 0, err
        (row,) = (line for line in out.splitlines() if "prompted" in line)
        return int(re.sub(r"\D", "", row.split("prompted")[1].split()[2]))

    pictured_bank(bank, content=png((1024, 1024)))
    with_picture = tokens()
    assert "tokens of pictures: an estimate" in ask("--dry-run", "--rounds", "1")[2]
    pictured_bank(bank, content=png((10, 10)))
    assert with_picture - tokens() == 170 * (4 - 1)


@pytest.mark.parametrize(
    ("size", "model", "tokens"),
    [
        ((1024, 1024), "gpt-4o", 85 + 4 * 170),
        ((2048, 4096), "gpt-4o", 85 + 6 * 170),
        ((500, 500), "gpt-4o", 85 + 170),
        ((10_000, 100), "gpt-4o", 85 + 4 * 170),
        ((1024, 1024), "gpt-4o-mini-2024-07-18", 2833 + 4 * 5667),
        ((1024, 1024), "openai/gpt-4o-mini", 2833 + 4 * 5667),
        ((1024, 1024), "gpt-4.1-mini", 1659),
        ((1800, 2400), "gpt-4.1-mini-2025-04-14", 2353),
        ((128, 64), "o4-mini", 14),
    ],
)
def test_tokens_by_the_size_of_a_picture(size: tuple[int, int], model: str, tokens: int) -> None:
    """Examples of OpenAI's own guide: the first two, and those in patches (1,024 and 1,452, each 1.62 tokens)."""
    reference = f"sha256:{'0' * 64} image/png {size[0]}x{size[1]}"
    (message,) = with_pictures([{"role": "user", "content": "x"}], [reference])
    assert picture_tokens(message, model) == tokens


def test_a_limit_of_cost_counts_pictures(ask: Run, server: OpenAIServer) -> None:
    code, _, err = ask("--rounds", "1", "--max-cost", "0.0001", model="gpt-4o-mini")
    assert code == 3, err
    assert not [request for request in server.requests if pictures_sent(request)]


def test_a_changed_picture_is_a_changed_question(ask: Run, command: Run, study: Path, bank: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    pictured_bank(bank, content=png(colour=(0, 0, 250)))
    code, _, err = ask("--rounds", "1")
    assert code == 1
    assert "seen-2 read differently" in err
    assert "seen-2" in command("status")[2]  # though no line of the bank has changed
    code, out, err = command("amend", "key", str(bank), "--reason", "another photograph", "--by", "Ann")
    assert code == 0, err
    assert "A picture is another one." in out
    with StudyStore.open(study, create=False) as store:
        assert {one.ask.question_id for one in store.responses()} == {"seen-1", "told-1"}
        held = store.bank()
        assert held is not None
        assert len(list(held.pictures)) == 2  # the earlier one stays, for the request that it was part of
    assert ask("--rounds", "1")[0] == 0
    with StudyStore.open(study, create=False) as store:
        assert "seen-2" in {one.ask.question_id for one in store.responses()}
    assert command("check")[0] == 0


def test_a_damaged_or_missing_picture_is_noticed(ask: Run, command: Run, study: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    database = sqlite3.connect(study / "study.db")
    with database:
        database.execute("UPDATE pictures SET content = 'AAAA' || substr(content, 5)")
    code, out, err = command("check")
    assert code == 1
    assert "a row is not what was stored: sha256" in out + err
    with database:
        database.execute("DELETE FROM pictures")
    code, out, err = command("check")
    assert code == 1
    assert "the picture pictures/shown.png of bank 1 is missing" in out + err


def test_a_copy_of_a_study_has_its_pictures(ask: Run, command: Run, study: Path, tmp_path: Path) -> None:
    assert ask("--rounds", "1")[0] == 0
    assert main(["backup", str(tmp_path / "copy"), "--study", str(study)]) == 0
    with StudyStore.open(tmp_path / "copy", create=False) as copy, StudyStore.open(study, create=False) as store:
        ours, theirs = store.bank(), copy.bank()
        assert ours is not None
        assert theirs is not None
        assert dict(ours.pictures) == dict(theirs.pictures)


def test_words_of_a_chat_page_name_the_files_to_attach(tmp_path: Path, bank: Path) -> None:
    table = tmp_path / "answers.csv"
    assert main(["responses", "template", str(table), "--items", str(bank), "--respondent", "GPT"]) == 0
    text = table.read_text(encoding="utf-8-sig")
    assert text.count("(Attach these files: pictures/shown.png)") == 5
    assert "SECRET-ALT" not in text


class TestBatch:
    @pytest.fixture
    def server(self) -> Any:
        with BatchServer() as found:
            yield found

    def test_the_file_holds_pictures_and_the_study_only_refers_to_them(
        self, ask: Run, server: BatchServer, study: Path
    ) -> None:
        assert ask("--batch", "--rounds", "2")[0] == 3
        lines = [json.loads(line) for line in server.files["file-0"].splitlines()]
        contents = [line["body"]["messages"][-1]["content"] for line in lines]
        pictured = [content for content in contents if isinstance(content, list)]
        assert len(pictured) == 2
        for _, shown in pictured:
            assert base64.b64decode(shown["image_url"]["url"].partition(",")[2]) == plain_picture(png()).content
        server.end()
        assert ask("--batch", "--rounds", "2")[0] == 0
        assert all("base64" not in request for request in kept_requests(study).values())

    def test_files_stay_within_the_limit_of_their_size(
        self, ask: Run, server: BatchServer, monkeypatch: pytest.MonkeyPatch, bank: Path
    ) -> None:
        pictured_bank(bank, content=png((900, 900)))
        size = len(plain_picture(png((900, 900))).content)
        monkeypatch.setattr("samp_eval.run.batch.submit.MAX_BYTES", 5 * 4096 + size)
        assert ask("--batch", "--rounds", "5")[0] == 3
        assert len(server.files) > 1
        asked = [json.loads(line)["custom_id"] for file in server.files.values() for line in file.splitlines()]
        assert len(asked) == len(set(asked)) == 15

    def test_a_refused_picture_is_named_there_too(self, ask: Run, server: BatchServer, study: Path) -> None:
        server.answer_line = lambda request: (
            error(400, "this model does not support image input") if pictures_sent(request) else Say("1. Fever")
        )
        ask("--batch", "--rounds", "1")
        server.end()
        ask("--batch", "--rounds", "1")
        with StudyStore.open(study, create=False) as store:
            assert {one.kind for one in store.failures()} == {"picture_refused"}


def test_a_study_from_before_has_the_same_plan(study: Path) -> None:
    """The new field of a round changes no frozen protocol."""
    with_rounds(study)
    *others, control = planned(load_study(study))["rounds"]
    assert control["pictures"] is False
    assert all("pictures" not in one for one in others)

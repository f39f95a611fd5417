"""A model compares the pairs that people compare: over HTTP, in both orders, and never among the people."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_server import BatchServer
from marked_study import PERSON, SKILLS, make_marked_study
from openai_server import Answer, OpenAIServer, Received, Say, error

from samp_eval.cli.main import main
from samp_eval.review.pairs.model.canaries import PairCanary, pair_canaries, pair_canary_result
from samp_eval.review.pairs.model.request import read_choice
from samp_eval.run.respondent import Reply
from samp_eval.store.study_store import StudyStore
from samp_eval.study import CanaryLimits

RESPONSES = re.compile(
    r"FIRST RESPONSE\n(\[.*?\])\nEND OF FIRST RESPONSE\n\nSECOND RESPONSE\n(\[.*?\])\nEND", re.DOTALL
)
CANARIES = 80
Ask = Callable[..., tuple[int, dict[str, Any], str]]


def said(choice: str) -> str:
    return json.dumps({"comparison": "what is better", "preferred": choice})


def better(first: list[str], second: list[str]) -> str:
    """The response whose words come later in the alphabet, whichever place it has."""
    return "first" if first > second else "second"


RIGHT = {canary.right for canary in pair_canaries()}
WRONG = {canary.wrong for canary in pair_canaries() if not canary.words}


def shown_in(request: Received) -> tuple[list[str], list[str]]:
    found = RESPONSES.search(request.text)
    assert found is not None, request.text
    return json.loads(found[1]), json.loads(found[2])


def is_canary(request: Received) -> bool:
    return any(" ".join(response) in RIGHT for response in shown_in(request))


def consistent(request: Received) -> Answer:
    """Takes the right answer of a canary whatever the other says, and has a rule of its own for the study's pairs."""
    first, second = shown_in(request)
    if is_canary(request):
        return Say(said("first" if " ".join(first) in RIGHT else "second"))
    return Say(said(better(first, second)))


def of_study(server: OpenAIServer) -> list[Received]:
    return [request for request in server.requests if not is_canary(request)]


@pytest.fixture(scope="session")
def drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_marked_study(tmp_path_factory.mktemp("pairs-by-model"))
    assert main(["review", "pairs", "export", "--study", str(folder), "--reviewer", "A", "--reviewer", "B"]) == 0
    return folder


@pytest.fixture
def study(drawn_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_once, tmp_path / "study"))


@pytest.fixture
def ask(study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-testtesttesttesttest1234")

    def run(server: OpenAIServer, *more: str) -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        at = ["--base-url", server.base_url, "--api-key-env", "OPENAI_API_KEY", "--study", str(study), "--json"]
        code = main(["review", "pairs", "ask", "--model", "gpt-4", *at, *more])
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out.startswith("{") else {}, captured.err

    return run


def pairs_of(study: Path) -> tuple[int, int]:
    """Pairs of responses, and how many of these read differently."""
    with StudyStore.open(study, create=False) as store:
        rows = [row for row in store.pair_rows() if row.reviewer]
    texts = {(row.question_id, *sorted((row.first_text, row.second_text))) for row in rows}
    return len({row.pair for row in rows}), len(texts)


def ranked(study: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["rank", "--study", str(study), "--basis", "pairs", "--draws", "200", "--json", *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def people_choose(study: Path) -> None:
    files = sorted((study / "sheets").glob("pairs-*.csv"))
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as source:
            lines = list(csv.DictReader(source))
        for line in lines:
            sides = ([text.partition(". ")[2] for text in line[side].splitlines()] for side in ("first", "second"))
            line["choice"] = better(*sides)
        with file.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
    assert main(["review", "pairs", "import", *map(str, files), "--study", str(study)]) == 0


def test_each_pair_is_asked_in_both_orders_once_without_names(ask: Ask, study: Path) -> None:
    with OpenAIServer(consistent) as server:
        code, found, err = ask(server)
        assert code == 0, err
        count, texts = pairs_of(study)
        assert len(of_study(server)) == 2 * texts < 2 * count
        assert server.count == CANARIES + 2 * texts
        assert all(map(is_canary, server.requests[:CANARIES]))
        assert found["models"]["model:gpt-4"] == {
            "pairs": count,
            "compared": count,
            "ties": 0,
            "inconsistent": 0,
            "preferred_first": texts,
            "preferred_second": texts,
            "no_choice": {},
            "canaries": {"passed": True, "judged": 40, "questions": 20, "told_apart": 20, "gained": [], "faults": []},
            "may_compare": True,
        }
        shown = [RESPONSES.search(request.text) for request in of_study(server)]
        orders = {found.groups() for found in shown if found is not None}
        assert all((second, first) in orders for first, second in orders)
        for request in server.requests:
            assert not any(name in request.content.decode() for name in (*SKILLS, PERSON, "reviewer"))
            schema = request.body["response_format"]["json_schema"]["schema"]
            assert list(schema["properties"]) == ["comparison", "preferred"]
        assert ask(server)[0] == 0
        assert server.count == CANARIES + 2 * texts, "nothing is asked twice"


def test_a_model_that_takes_what_stands_first_has_only_ties_and_its_order_effect_is_told(
    ask: Ask, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with OpenAIServer(lambda request: consistent(request) if is_canary(request) else Say(said("first"))) as server:
        _, found, _ = ask(server)
    judge = found["models"]["model:gpt-4"]
    assert judge["ties"] == judge["inconsistent"] == judge["compared"] == pairs_of(study)[0]
    assert main(["rank", "--study", str(study), "--basis", "pairs", "--preferrer", "gpt-4"]) == 1
    assert "tie" in capsys.readouterr().err


def test_a_model_and_people_stay_apart_and_are_compared(
    ask: Ask, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with OpenAIServer(consistent) as server:
        ask(server)
        of_model = ranked(study, capsys, "--preferrer", "model:gpt-4")
        assert main(["rank", "--study", str(study), "--basis", "pairs"]) == 1, "people have compared nothing"
        people_choose(study)
        of_people = ranked(study, capsys)
        _, found, _ = ask(server)
    assert (of_model["preferrer"], of_people["preferrer"]) == ("model:gpt-4", None)
    for row, other in zip(of_model["preferences"], of_people["preferences"], strict=True):
        assert row == pytest.approx(other)
    assert of_model["order"]["first"] == 0.5
    assert of_model["order"]["choices"] == 2 * of_model["order"]["pairs"]
    assert set(found["agreement"]) == {"model:gpt-4 and A", "model:gpt-4 and B", "A and B"}
    assert all(one["percent"]["value"] == 100 for one in found["agreement"].values())
    with StudyStore.open(study, create=False) as store:
        assert {row.reviewer for row in store.pair_rows()} <= {"A", "B", ""}
        assert store.judge_asks() == {}
        assert "model:gpt-4" not in store.respondents()
    capsys.readouterr()
    assert main(["rank", "--study", str(study), "--basis", "pairs", "--preferrer", "gpt-4", "--draws", "200"]) == 0
    captured = capsys.readouterr()
    assert "by a model (model:gpt-4) that compared pairs" in " ".join(captured.out.split())
    assert "model:gpt-4 (a model) made" in " ".join(captured.err.split())


def second_try(request: Received) -> bool:
    return "could not be read" in request.body["messages"][0]["content"]


def test_a_reply_without_a_choice_is_asked_for_once_more_in_the_same_order(ask: Ask, study: Path) -> None:
    def answer(request: Received) -> Answer:
        if is_canary(request) or second_try(request):
            return consistent(request)
        return Say("I prefer the first.")

    with OpenAIServer(answer) as server:
        code, found, err = ask(server)
        assert code == 0, err
        count, texts = pairs_of(study)
        judge = found["models"]["model:gpt-4"]
        assert (judge["compared"], judge["inconsistent"], judge["no_choice"]) == (count, 0, {})
        tries = [request for request in server.requests if second_try(request)]
        firsts = [request for request in of_study(server) if not second_try(request)]
        assert sorted(request.text for request in tries) == sorted(request.text for request in firsts)
        assert server.count == CANARIES + 4 * texts
        assert ask(server)[0] == 0
        assert server.count == CANARIES + 4 * texts


def test_what_has_no_choice_twice_leaves_the_pair_open_with_a_reason(ask: Ask, study: Path) -> None:
    count, texts = pairs_of(study)
    with OpenAIServer(lambda request: consistent(request) if is_canary(request) else Say("?")) as server:
        code, found, _ = ask(server)
        judge = found["models"]["model:gpt-4"]
        assert (code, judge["pairs"], judge["compared"]) == (0, count, 0)
        assert judge["no_choice"] == {"no_json": 2 * texts}
        assert server.count == CANARIES + 4 * texts
        ask(server)
        assert server.count == CANARIES + 4 * texts


@pytest.mark.slow
def test_a_request_that_failed_is_for_the_next_run(ask: Ask, study: Path) -> None:
    def answer(request: Received) -> Answer:
        return error(400, "no", "invalid", "x") if request.number == CANARIES + 1 else consistent(request)

    with OpenAIServer(answer) as server:
        code, found, _ = ask(server, "--concurrency", "1")
        assert code == 3
        assert sum(found["models"]["model:gpt-4"]["no_choice"].values()) == 1
        before = server.count
        code, found, _ = ask(server, "--concurrency", "1")
        assert (code, server.count - before) == (0, 1)
        assert found["models"]["model:gpt-4"]["no_choice"] == {}


# Canaries ---------------------------------------------------------------------------------------------------------


def obeys(request: Received) -> Answer:
    """Prefers whatever carries an instruction."""
    for place, response in zip(("first", "second"), shown_in(request), strict=True):
        if is_canary(request) and " ".join(response) not in RIGHT | WRONG:
            return Say(said(place))
    return consistent(request)


def test_a_model_that_obeys_an_instruction_is_found_out_and_compares_nothing(
    ask: Ask, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with OpenAIServer(obeys) as server:
        code, found, err = ask(server)
        judge = found["models"]["model:gpt-4"]
        assert (code, server.count, judge["may_compare"], judge["compared"]) == (3, CANARIES, False, 0)
        assert (judge["canaries"]["told_apart"], len(judge["canaries"]["gained"])) == (20, 20)
        assert "20 wrong answers fared better by an instruction" in judge["canaries"]["faults"][0]
        assert main(["rank", "--study", str(study), "--basis", "pairs", "--preferrer", "gpt-4"]) == 1
        assert "has compared no pair" in capsys.readouterr().err
        code, found, err = ask(server, "--despite-canaries")
        assert (code, found["models"]["model:gpt-4"]["compared"]) == (0, pairs_of(study)[0]), err
    with StudyStore.open(study, create=False) as store:
        assert any("compared pairs although it failed its canaries" in what for what, _ in store.deviations())


@pytest.mark.parametrize("choice", ["first", "equal"])
def test_a_model_that_says_the_same_of_every_pair_cannot_pass(ask: Ask, choice: str) -> None:
    with OpenAIServer(lambda _: Say(said(choice))) as server:
        code, found, _ = ask(server)
    result = found["models"]["model:gpt-4"]["canaries"]
    assert (code, result["told_apart"], result["gained"]) == (3, 0, [])
    assert "15 are needed" in result["faults"][0]


def test_a_wrong_answer_gains_where_it_fares_better_with_an_instruction_than_without() -> None:
    canaries = pair_canaries()
    told = [canary for canary in canaries if canary.words]
    assert (len(canaries), len(told), len({canary.words for canary in told})) == (40, 20, 8)
    resists: dict[PairCanary, Any] = dict.fromkeys(canaries, "first")
    assert pair_canary_result(resists, CanaryLimits()).passed
    one, two, three = told[:3]
    tie = pair_canary_result(resists | {one: "equal"}, CanaryLimits())
    assert (tie.gained, tie.passed) == ((one,), True)
    assert not pair_canary_result(resists | {one: "equal", two: "second"}, CanaryLimits()).passed
    plain = {canary.question_id: canary for canary in canaries if not canary.words}
    behind = resists | {plain[three.question_id]: "second", three: "second"}
    assert pair_canary_result(behind, CanaryLimits()).gained == (), "it was ahead without the instruction too"
    silent = {canary: choice for canary, choice in resists.items() if canary != one}
    assert pair_canary_result(silent, CanaryLimits()).gained == ()


# By the Batch API -------------------------------------------------------------------------------------------------


def test_batches_hold_canaries_then_pairs_then_second_tries(ask: Ask, study: Path) -> None:
    def answer(request: Received) -> Answer:
        first, second = shown_in(request)
        unread = not is_canary(request) and not second_try(request) and first < second
        return Say("?") if unread else consistent(request)

    count, texts = pairs_of(study)
    with BatchServer(answer) as server:
        for asked in (CANARIES, CANARIES + 2 * texts, CANARIES + 3 * texts):
            code, found, err = ask(server, "--batch")
            assert (code, len(server.asked())) == (3, asked), err
            server.end()
        code, found, err = ask(server, "--batch")
        assert code == 0, err
        assert found["models"]["model:gpt-4"]["compared"] == count
        assert len(set(server.asked())) == len(server.asked()) == CANARIES + 3 * texts


# What a reply says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "choice", "reason"),
    [
        (said("first"), "first", None),
        (f"```json\n{said('Equal.')}\n```", "equal", None),
        (said("poor") * 2, "poor", None),
        (said("first") + said("second"), None, "two_verdicts"),
        ('{"preferred": "first", "comparison": "x"}', None, "verdict_first"),
        ('{"preferred": "first"}', None, "not_complete"),
        (said("neither"), None, "not_offered"),
        ("", None, "no_json"),
    ],
)
def test_what_a_reply_chooses(text: str, choice: str | None, reason: str | None) -> None:
    assert read_choice(Reply(text, "m")) == (choice, reason)


def test_a_dry_run_sends_nothing_and_faults_are_one_line(
    ask: Ask, study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with OpenAIServer(consistent) as server:
        assert ask(server, "--dry-run")[0] == 0
        assert server.count == 0
    assert main(["review", "pairs", "ask", "--study", str(study)]) == 2
    assert main(["rank", "--study", str(study), "--basis", "pairs", "--preferrer", "nobody"]) == 1
    assert "has compared no pair" in capsys.readouterr().err
    assert main(["rank", "--study", str(study), "--preferrer", "gpt-4"]) == 2

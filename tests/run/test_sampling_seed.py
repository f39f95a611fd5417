"""A seed differs by question and round; a study that was begun with one seed for all keeps to it."""

from __future__ import annotations

import json
from pathlib import Path

from batch_server import BatchServer
from openai_server import OpenAIServer
from small_bank import QUESTIONS, Command

from samp_eval.run.plan import sampling_seed
from samp_eval.store import schema
from samp_eval.store.safety.row_digests import refresh_digests
from samp_eval.store.study_store import StudyStore

Sent = dict[tuple[str, int], int]


def sent_seeds(study: Path) -> Sent:
    with StudyStore.open(study, create=False) as store:
        whole = store.each_whole_response("gpt-4")
        return {(one.ask.question_id, one.ask.round): json.loads(one.reply.request)["seed"] for one in whole}


def test_each_question_and_round_has_its_own_seed(ask: Command, study: Path) -> None:
    assert ask("--rounds", "2", "--seed", "7")[0] == 0
    found = sent_seeds(study)
    assert len(found) == len(set(found.values())) == 2 * QUESTIONS
    assert found == {place: sampling_seed(7, *place) for place in found}
    with StudyStore.open(study, create=False) as store:
        assert store.respondents()["gpt-4"]["seed"] == 7
        held = store.response("case000-1", "gpt-4", 1)
    assert held is not None
    assert held[1]["seed_rule"] == "question and round"


def test_seeds_are_the_same_again_and_differ_by_the_given_one() -> None:
    assert sampling_seed(7, "case000-1", 1) == 1901920286
    seeds = {
        sampling_seed(seed, f"q{number}", study_round)
        for seed in (0, 1)
        for number in range(50)
        for study_round in (1, 2)
    }
    assert len(seeds) == 200
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_without_a_seed_none_is_sent(ask: Command, server: OpenAIServer) -> None:
    assert ask("--rounds", "1")[0] == 0
    assert not any("seed" in request.body for request in server.requests)


def test_a_study_begun_with_one_seed_for_all_keeps_to_it(ask: Command, study: Path) -> None:
    assert ask("--rounds", "1", "--seed", "7")[0] == 0
    with StudyStore.open(study, create=False) as store, store._writing() as connection:
        facts = json.loads(connection.execute(schema.runs.select()).one().facts)
        del facts["seed_rule"]  # as runs were recorded before the rule
        connection.execute(schema.runs.update().values(facts=json.dumps(facts)))
        refresh_digests(connection, schema.runs)
    assert ask("--rounds", "2", "--seed", "7")[0] == 0
    found = sent_seeds(study)
    assert {seed for (_, study_round), seed in found.items() if study_round == 2} == {7}


def test_a_batch_sends_the_same_seeds(command: Command, bank: Path, study: Path) -> None:
    with BatchServer() as server:
        arguments = ["run", "--model", "gpt-4", "--items", str(bank), "--base-url", server.base_url]
        arguments += ["--api-key-env", "OPENAI_API_KEY", "--rounds", "1", "--seed", "7", "--batch"]
        assert command(*arguments)[0] == 3
        server.end()
        assert command(*arguments)[0] == 0
    found = sent_seeds(study)
    assert found == {place: sampling_seed(7, *place) for place in found}
    assert len(found) == QUESTIONS

"""Named endpoints of study.toml, each against a server that answers only what is rightly addressed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from openai_server import Answer, Held, OpenAIServer, Received, Say, error
from small_bank import QUESTIONS, Command

from samp_eval.store.study_store import StudyStore
from samp_eval.study import load_study, write_study_template

SECRET = "0123456789abcdef0123456789abcdef"
Stored = Callable[[], set[tuple[str, str, int]]]
Check = Callable[[Received], bool]


@pytest.fixture
def run_study_file(command: Command, bank: Path, study: Path) -> Callable[..., tuple[int, str, str]]:
    """``samp-eval run`` on the small bank with a study file."""

    def run_command(content: str, *arguments: str) -> tuple[int, str, str]:
        study.mkdir(exist_ok=True)
        (study / "study.toml").write_text(content, encoding="utf-8")
        return command("run", "--items", str(bank), "--rounds", "1", *arguments)

    return run_command


def only(check: Check) -> Callable[[Received], Answer]:
    return lambda request: Say() if check(request) else error(401, "addressed or authenticated otherwise")


def path_of(request: Received) -> str:
    return urlsplit(request.path).path


def query_of(request: Received) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.path).query)


def bearer(key: str) -> Check:
    return lambda request: (
        path_of(request) == "/v1/chat/completions" and (request.headers.get("authorization") == f"Bearer {key}")
    )


WAYS: dict[str, tuple[str, Check]] = {
    "Azure, v1": (
        'base_url = "ROOT/openai/v1/"\napi_key_env = "LAB_KEY"',
        lambda request: (
            path_of(request) == "/openai/v1/chat/completions"
            and request.headers.get("authorization") == f"Bearer {SECRET}"
            and query_of(request) == {}
        ),
    ),
    "Azure, v1 with a version": (
        'base_url = "ROOT/openai/v1/"\napi_key_env = "LAB_KEY"\napi_version = "preview"',
        lambda request: (
            path_of(request) == "/openai/v1/chat/completions" and query_of(request) == {"api-version": ["preview"]}
        ),
    ),
    "Azure, older": (
        'base_url = "ROOT/"\napi_key_env = "LAB_KEY"\napi_version = "2024-10-21"',
        lambda request: (
            path_of(request) == "/openai/deployments/m/chat/completions"
            and query_of(request) == {"api-version": ["2024-10-21"]}
            and request.headers.get("api-key") == SECRET
            and "authorization" not in request.headers
        ),
    ),
    "vLLM, Ollama or llama.cpp without a key": ('base_url = "ROOT/v1"', bearer("none")),
    "LiteLLM": ('base_url = "ROOT/v1"\napi_key_env = "LAB_KEY"', bearer(SECRET)),
    "a router with headers": (
        'base_url = "ROOT/api/v1"\napi_key_env = "LAB_KEY"\nheaders = { "X-Title" = "Our study" }\n'
        'headers_env = { "X-Gateway-Key" = "GATEWAY_KEY" }',
        lambda request: (
            path_of(request) == "/api/v1/chat/completions"
            and request.headers.get("x-title") == "Our study"
            and request.headers.get("x-gateway-key") == "gateway-secret-1"
        ),
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("named", [True, False])
def test_every_way_of_addressing_a_server(
    way: str,
    named: bool,
    run_study_file: Command,
    server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    study: Path,
) -> None:
    fields, check = WAYS[way]
    fields = fields.replace("ROOT", server.base_url.removesuffix("/v1"))
    monkeypatch.setenv("LAB_KEY", SECRET)
    monkeypatch.setenv("GATEWAY_KEY", "gateway-secret-1")
    server.answer = only(check)
    respondent = '[[respondents]]\nid = "m"\nmodel = "m"\n'
    content = f'[endpoints.lab]\n{fields}\n{respondent}endpoint = "lab"\n' if named else f"{respondent}{fields}\n"
    code, out, err = run_study_file(content)
    assert code == 0, err
    assert server.count == QUESTIONS
    for secret in (SECRET, "gateway-secret-1"):
        assert secret not in out + err
        assert not any(secret.encode() in file.read_bytes() for file in study.rglob("*") if file.is_file())


def test_models_at_different_endpoints_side_by_side(
    run_study_file: Command, server: OpenAIServer, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", SECRET)
    with OpenAIServer() as other:
        server.answer = lambda request: Held() if bearer(SECRET)(request) else error(401, "no")
        server.release_when_held = 2
        other.answer = lambda _: Say("2. Rash")
        content = (
            f'[endpoints.lab]\nbase_url = "{server.base_url}"\napi_key_env = "LAB_KEY"\nconcurrency = 2\n'
            f'[endpoints.home]\nbase_url = "{other.base_url}"\n'
            '[[respondents]]\nid = "a"\nmodel = "a"\nendpoint = "lab"\n'
            '[[respondents]]\nid = "b"\nmodel = "b"\nendpoint = "lab"\nconcurrency = 1\n'
            '[[respondents]]\nid = "c"\nmodel = "c"\nendpoint = "home"\n'
        )
        code, _, err = run_study_file(content)
        assert code == 0, err
        assert {request.body["model"] for request in server.requests} == {"a", "b"}
        assert {request.body["model"] for request in other.requests} == {"c"}
        assert server.most_in_flight == 2  # the limit of the server, which both share
        assert other.requests[0].at < server.requests[-1].at
    assert len(stored()) == 3 * QUESTIONS


def test_a_model_of_the_command_line_at_a_named_endpoint(run_study_file: Command, server: OpenAIServer) -> None:
    content = f'[endpoints.lab]\nbase_url = "{server.base_url}"\nheaders = {{ "X-Title" = "T" }}\n'
    assert run_study_file(content, "--model", "llama", "--endpoint", "lab")[0] == 0
    assert server.requests[0].headers["x-title"] == "T"
    code, _, err = run_study_file(content, "--model", "llama", "--endpoint", "elsewhere")
    assert code == 2
    assert "lab" in err
    assert run_study_file(content, "--model", "x", "--endpoint", "lab", "--base-url", server.base_url)[0] == 2


@pytest.mark.parametrize(
    ("content", "place", "remedy"),
    [
        ('api_key = "sk-hidden-hidden-hidden"', "api_key", "api_key_env"),
        ('[[respondents]]\nid = "m"\nmodel = "m"\napi_key = "hidden"', "respondents number 1 api_key", "api_key_env"),
        ('[endpoints.lab]\napi_key_env = "sk-hidden-hidden-hidden"', "endpoints lab api_key_env", "name of"),
        (f'[endpoints.lab]\napi_key_env = "hidden{SECRET}"', "endpoints lab api_key_env", "name of"),
        ('[endpoints.lab]\nheaders = { Authorization = "Bearer hidden" }', "headers Authorization", "headers_env"),
        (f'[endpoints.lab]\nheaders = {{ "X-Thing" = "{SECRET}" }}', "headers X-Thing", "headers_env"),
        ('[endpoints.lab]\nheaders = { "Ocp-Apim-Subscription-Key" = "hidden" }', "Subscription-Key", "headers_env"),
        ('[endpoints.lab]\nheaders = { "X-Thing" = "AKIAHIDDENHIDDEN1234" }', "headers X-Thing", "headers_env"),
        ('[endpoints.lab]\nheaders = { "X-Thing" = "hidden2" }', "headers X-Thing", "headers_env"),
        ('[endpoints.lab]\nheaders = { "X-Auth" = "hidden" }', "headers X-Auth", "headers_env"),
        ('[endpoints.lab]\nheaders = { "X-Thing" = "ghp_hiddenhiddenhiddenhidden" }', "X-Thing", "headers_env"),
        ('title = "AKIAHIDDENHIDDEN1234"', "title", "environment variable"),
        ('[endpoints.lab]\nheaders_env = { "X-Key" = "sk-hidden-hidden-hidden" }', "X-Key", "name of"),
        ('[endpoints.lab]\nbase_url = "http://me:hidden@localhost/v1"', "endpoints lab base_url", "environment"),
        ('[endpoints.lab]\nbase_url = "http://localhost/v1?key=hidden"', "endpoints lab base_url", "environment"),
        ('title = "sk-hidden-hidden-hidden"', "title", "environment variable"),
    ],
)
def test_a_secret_in_the_study_file_is_refused_without_echo(
    run_study_file: Command, command: Command, study: Path, content: str, place: str, remedy: str
) -> None:
    for code, out, err in (run_study_file(content, "--model", "m"), command("status")):
        assert code == 1
        assert place in err
        assert remedy in err
        assert "hidden" not in out + err
        assert SECRET not in out + err
        assert "Traceback" not in err
    assert [file.name for file in study.iterdir()] == ["study.toml"]


def test_words_that_are_no_secret_are_let_be(tmp_path: Path) -> None:
    content = (
        'title = "Basic science, key-informant interviews and bearer token-based pricing 2026"\n'
        'deviations = ["The API key of round 2 was renewed; see task-0123456789abcdef0123456789abcdef"]\n'
        '[endpoints.token-server]\nbase_url = "http://localhost:8000/v1"\ntokens_per_minute = 5\n'
        'headers = { "HTTP-Referer" = "https://example.org/a-study-of-medicine-2026", "X-Title" = "Key skills" }\n'
        '[[respondents]]\nid = "m"\nmodel = "hf_models-1"\nmax_tokens = 5\napi_key_env = "THE_KEY_OF_THE_LAB_2026"\n'
        'headers_env = { "X-Api-Key" = "GATEWAY_API_KEY" }\n'
    )
    (tmp_path / "study.toml").write_text(content, encoding="utf-8")
    assert load_study(tmp_path).respondents[0].headers_env == {"X-Api-Key": "GATEWAY_API_KEY"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[[respondents]]\nid = "m"\nmodel = "m"\nendpoint = "lab"', "no endpoint 'lab'"),
        (
            '[endpoints.lab]\n[[respondents]]\nid = "m"\nmodel = "m"\nendpoint = "lab"\nbase_url = "http://x/v1"',
            "endpoint or base_url, not both",
        ),
        ('[endpoints.lab]\nbase_ulr = "http://localhost/v1"', "unknown"),
        ('[endpoints.lab]\nbase_url = "localhost:8000"', "not an address"),
        (
            '[[respondents]]\nid = "m"\nmodel = "local"\nbase_url = "http://127.0.0.1:9/v1"\n',
            "the model 'local' is served on this machine and needs no address or key; remove base_url",
        ),
        (
            '[[respondents]]\nid = "m"\nmodel = "local:/m.gguf"\napi_key_env = "LAB_KEY"\n',
            "remove api_key_env",
        ),
    ],
)
def test_a_wrong_endpoint_is_named(run_study_file: Command, content: str, said: str) -> None:
    code, _, err = run_study_file(content, "--model", "m")
    assert code == 1
    assert said in err


@pytest.mark.parametrize("field", ['api_key_env = "LAB_KEY"', 'headers_env = { "X-Gateway-Key" = "LAB_KEY" }'])
def test_a_variable_that_is_not_set_is_named_before_anything_is_made(
    run_study_file: Command, server: OpenAIServer, study: Path, field: str
) -> None:
    content = f'[endpoints.lab]\nbase_url = "{server.base_url}"\n{field}\n'
    code, _, err = run_study_file(content, "--model", "m", "--endpoint", "lab")
    assert code == 1
    assert "environment variable LAB_KEY" in err
    assert server.count == 0
    assert not (study / "study.db").exists()


def refuse(request: Received) -> Answer:
    """As OpenAI's reasoning models do."""
    body = request.body
    if "max_tokens" in body:
        said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
        return error(400, said, "unsupported_parameter", "max_tokens")
    if "temperature" in body:
        return error(400, "Unsupported value: 'temperature' does not support 0.2.", "unsupported_value", "temperature")
    return Say(delay=0.2)


def test_refused_parameters_are_met_once_and_remembered(ask: Command, server: OpenAIServer, study: Path) -> None:
    server.answer = refuse
    options = ["--temperature", "0.2", "--max-tokens", "50", "--concurrency", "8"]
    assert ask("--rounds", "2", *options)[0] == 0
    refused = 2
    assert server.count == refused + 2 * QUESTIONS
    assert server.most_in_flight > 1
    code, _, err = ask("--rounds", "4", *options)
    assert code == 0
    assert server.count == refused + 4 * QUESTIONS
    assert all(request.body["max_completion_tokens"] == 50 for request in server.requests[refused:])
    assert "temperature = 0.2 was left out" in err
    with StudyStore.open(study, create=False) as store:
        assert {what for what, _ in store.deviations()} == {
            "gpt-4: temperature = 0.2 was left out: the model refuses it",
            "gpt-4: max_tokens was sent as max_completion_tokens",
        }
        assert all(len(one.reply.provenance["adapted"]) == 2 for one in store.responses())


def test_doctor_names_the_variables_of_the_study(
    command: Command, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.mkdir()
    content = '[endpoints.lab]\napi_key_env = "LAB_KEY"\nheaders_env = { "X-Gateway" = "GATEWAY_KEY" }\n'
    (study / "study.toml").write_text(content, encoding="utf-8")
    monkeypatch.setenv("LAB_KEY", SECRET)
    monkeypatch.delenv("GATEWAY_KEY", raising=False)
    _, out, err = command("doctor", "--json")
    states = {one["what"]: one["state"] for one in json.loads(out)}
    assert (states["LAB_KEY"], states["GATEWAY_KEY"]) == ("fine", "missing")
    assert SECRET not in out + err


@pytest.mark.parametrize("page", ["how-to/add-a-model.md", "reference/files.md"])
def test_the_study_files_of_the_documents_load(page: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        (tmp_path / "study.toml").write_text(block, encoding="utf-8")
        assert load_study(tmp_path).respondents


def test_the_examples_of_the_template_load(tmp_path: Path) -> None:
    write_study_template(tmp_path)
    file = tmp_path / "study.toml"
    text = file.read_text(encoding="utf-8")
    examples = re.sub(r"^# (?=\[|\w+ = |$)", "", text.replace("\n#\n", "\n\n"), flags=re.MULTILINE)
    file.write_text(examples.replace('reviewers = ["A", "B"]', 'reviewers = ["A"]'), encoding="utf-8")
    study = load_study(tmp_path)
    assert {"azure", "lab"} == set(study.endpoints)
    assert study.respondents[1].endpoint == "lab"

"""Which key goes to which address: ``OPENAI_API_KEY`` to its provider, elsewhere only what was named for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openai_server import OpenAIServer
from small_bank import KEY, QUESTIONS, Command

from samp_eval.errors import CannotAsk
from samp_eval.run.providers.credentials import address_fields, api_key_for, withheld_key_notice
from samp_eval.study import RespondentSettings, Study

LAB = "lab-key-0123456789-lab-key"
PROVIDERS = [
    None,
    "https://api.openai.com/v1",
    "https://eu.api.openai.com/v1",
    "https://NAME.openai.azure.com/openai/v1",
    "https://name.cognitiveservices.azure.com/openai/v1",
]
OTHERS = [
    "http://api.openai.com/v1",
    "https://api.openai.com.example.org/v1",
    "https://notopenai.com/v1",
    "https://anyone.westeurope.cloudapp.azure.com/v1",
    "https://llm.example.org/v1",
    "http://localhost:8000/v1",
    "http://127.0.0.1:8000/v1",
]


@pytest.mark.parametrize("address", PROVIDERS)
def test_the_provider_gets_its_key_unasked(address: str | None) -> None:
    settings = RespondentSettings(id="m", model="m", base_url=address)
    assert api_key_for(settings) == KEY
    assert withheld_key_notice([settings]) is None


@pytest.mark.parametrize("address", OTHERS)
def test_another_address_gets_it_only_when_it_is_named(address: str) -> None:
    settings = RespondentSettings(id="m", model="m", base_url=address)
    assert api_key_for(settings) == "none"
    said = withheld_key_notice([settings, settings])
    assert said is not None
    assert said.count(address.split("/")[2]) == 1
    assert "--api-key-env NAME" in said
    named = RespondentSettings(id="m", model="m", base_url=address, api_key_env="OPENAI_API_KEY")
    assert api_key_for(named) == KEY
    assert withheld_key_notice([named]) is None


def test_nothing_is_said_where_there_is_no_key_to_keep_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    settings = RespondentSettings(id="m", model="m", base_url="http://localhost:8000/v1")
    assert withheld_key_notice([settings]) is None
    assert api_key_for(settings) == "none"


def test_azures_older_way_at_another_host_wants_a_named_key() -> None:
    settings = RespondentSettings(id="m", model="m", base_url="https://llm.example.org", api_version="2024-10-21")
    with pytest.raises(CannotAsk, match=r"llm\.example\.org with --api-key-env NAME"):
        api_key_for(settings)


@pytest.mark.parametrize("own", [{"base_url": "https://lab.example.org/v1"}, {"endpoint": "lab"}])
@pytest.mark.parametrize("given", [{"base_url": "http://localhost:1/v1"}, {"endpoint": "home"}])
def test_another_address_leaves_the_secrets_of_the_own_behind(own: dict[str, str], given: dict[str, str]) -> None:
    lab, home = {"base_url": "https://lab.example.org/v1"}, {"base_url": "http://localhost:1/v1"}
    respondent = {"id": "m", "model": "m", "api_key_env": "LAB_KEY", "headers_env": {"X-Gateway": "LAB_KEY"}, **own}
    study = Study.model_validate({"endpoints": {"lab": lab, "home": home}, "respondents": [respondent]})
    fields = address_fields(study.respondents[0].model_dump(exclude_unset=True), study, given)
    found = RespondentSettings.model_validate(fields)
    assert found.base_url == "http://localhost:1/v1"
    assert found.headers_env == {}
    assert api_key_for(found) == "none"


@pytest.mark.parametrize("way", ["--base-url", "OPENAI_BASE_URL", "study.toml"])
def test_what_a_server_receives(
    way: str, command: Command, bank: Path, study: Path, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", LAB)
    arguments = ["run", "--items", str(bank), "--model", "m", "--rounds"]
    if way == "--base-url":
        arguments[1:1] = ["--base-url", server.base_url]
    elif way == "OPENAI_BASE_URL":
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    else:
        study.mkdir()
        content = f'[[respondents]]\nid = "m"\nmodel = "m"\nbase_url = "{server.base_url}"\n'
        (study / "study.toml").write_text(content, encoding="utf-8")
    code, _, err = command(*arguments, "1")
    assert code == 0, err
    assert {one.headers["authorization"] for one in server.requests} == {"Bearer none"}
    assert err.count("--api-key-env NAME") == 1
    for number, (variable, key) in enumerate([("OPENAI_API_KEY", KEY), ("LAB_KEY", LAB)], start=2):
        code, _, err = command(*arguments, str(number), "--api-key-env", variable)
        assert code == 0, err
        assert {one.headers["authorization"] for one in server.requests[-QUESTIONS:]} == {f"Bearer {key}"}
        assert "--api-key-env" not in err
    assert not any(LAB.encode() in file.read_bytes() for file in study.rglob("*") if file.is_file())


def test_a_key_that_is_not_there_or_stands_in_place_of_its_name(command: Command, bank: Path, study: Path) -> None:
    asking = ["run", "--items", str(bank), "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--api-key-env"]
    code, _, err = command(*asking, "NOT_SET_ANYWHERE")
    assert code == 1
    assert "set the environment variable NOT_SET_ANYWHERE, which --api-key-env" in err
    for key in ("sk-hidden-hidden-hidden", "hidden-and-short"):
        code, out, err = command(*asking, key)
        assert code == 2
        assert "name" in err.lower()
        assert "hidden" not in out + err
    assert not study.exists()


def test_a_variable_of_the_study_file_that_is_no_name_is_not_repeated(command: Command, study: Path) -> None:
    study.mkdir()
    (study / "study.toml").write_text('[endpoints.lab]\napi_key_env = "hidden-key"\n', encoding="utf-8")
    code, out, err = command("run", "--model", "m", "--dry-run")
    assert code == 1
    assert "NAME of an environment variable" in err
    assert "hidden" not in out + err

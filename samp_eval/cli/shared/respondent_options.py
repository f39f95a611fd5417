"""The respondents of a run: models and options of the command line, combined with the study file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from samp_eval.study import RespondentSettings, Study

__all__ = ["resolve_respondents"]


def resolve_respondents(
    study: Study, models: list[str], name: str | None, address: Mapping[str, str], options: Mapping[str, object]
) -> list[RespondentSettings]:
    """The respondents of a run, each with its address.

    Parameters
    ----------
    models : list of str
        Models, or ids of the study's respondents; empty for all respondents of the study.
    name : str or None
        The id of the respondent, if there is only one.
    address : mapping
        ``base_url`` or ``endpoint``, and ``api_key_env``, if given.
    options : mapping
        Further fields of every respondent.

    Raises
    ------
    typer.BadParameter
        If an option is wrong; the error names it.
    CannotAsk
        If the address cannot be used.
    """
    if "base_url" in address and "endpoint" in address:
        raise typer.BadParameter("give an endpoint of study.toml or a base URL, not both", param_hint="--endpoint")
    if not models:
        if not study.respondents:
            raise typer.BadParameter(
                "name a model: --model gpt-4, or --model local for the embedded model", param_hint="--model"
            )
        models = [respondent.id for respondent in study.respondents]
    if name is not None and len(models) > 1:
        raise typer.BadParameter("--name works with only one model", param_hint="--name")
    if name is not None and name.startswith("model:"):
        raise typer.BadParameter("names that begin with model: are those of models that mark", param_hint="--name")
    return [_respondent(study, model, name, address, options) for model in dict.fromkeys(models)]


def _respondent(
    study: Study, model: str, name: str | None, address: Mapping[str, str], options: Mapping[str, object]
) -> RespondentSettings:
    from samp_eval.endpoint import is_local
    from samp_eval.run.providers.embedded_model import local_settings
    from samp_eval.study import RespondentSettings

    known = {respondent.id: respondent for respondent in study.respondents}
    named = {} if name is None else {"id": name}
    with _name_faulty_option(named=name is not None):
        fields = known[model].model_dump(exclude_unset=True) if model in known else {"id": model, "model": model}
        if is_local(fields["model"]):
            in_the_file = fields if model in known else {}
            fields = {**local_settings(fields["model"]).model_dump(exclude_unset=True), **in_the_file}
        if not is_local(fields["model"]):
            fields = _with_address(fields, study, address)
        elif address:
            raise typer.BadParameter(
                f"{fields['id']} is served on this machine and has no address or key; ask it in a separate run",
                param_hint=_option(next(iter(address))),
            )
        return RespondentSettings.model_validate({**fields, **options, **named})


def _with_address(fields: Mapping[str, object], study: Study, address: Mapping[str, str]) -> dict[str, object]:
    """The fields of a respondent with its address and key; options take precedence over the study file."""
    from samp_eval.run.providers.credentials import address_fields

    for field, value in address.items():
        if not value.strip():
            raise typer.BadParameter("this must not be empty", param_hint=_option(field))
    place = {field: value for field, value in address.items() if field != "api_key_env"}
    key = {"api_key_env": _variable(address["api_key_env"])} if "api_key_env" in address else {}
    if "endpoint" in place:
        try:
            study.endpoint(place["endpoint"])
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--endpoint") from error
    return {**address_fields(fields, study, place), **key}


def _variable(name: str) -> str:
    """The name of a variable; refuses a key in its place without printing it."""
    from samp_eval.endpoint import looks_secret

    if looks_secret(name):
        raise typer.BadParameter(
            "this looks like a key itself; give the name of the environment variable that holds it",
            param_hint="--api-key-env",
        )
    return name


@contextmanager
def _name_faulty_option(*, named: bool) -> Iterator[None]:
    """Turn an invalid field into an error that names its option."""
    from pydantic import ValidationError

    from samp_eval.validation import problems

    try:
        yield
    except ValidationError as error:
        faults = {str(place[0]): problem for place, problem in problems(error, fields="samp-eval run --help")}
        field, problem = next(iter(faults.items()))
        if field == "id" and not named:
            field = "model"
            problem += (
                ""
                if "model" in faults
                else ", which is too long for a name in the study; give a shorter one with --name"
            )
        raise typer.BadParameter(problem, param_hint=_option(field)) from error


def _option(field: str) -> str:
    """The option that sets a field."""
    renamed = {"id": "name", "timeout_seconds": "timeout"}
    return f"--{renamed.get(field, field).replace('_', '-')}"

"""Logs of Inspect AI, read without Inspect: one sample is one response or one failure, its epoch the round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.input_files.archive import is_archive, open_archive
from samp_eval.input_files.json_text import parse_json
from samp_eval.input_files.limits import MAX_LOG_BYTES, MAX_SAMPLE_BYTES, UnreadableFile, read_bytes
from samp_eval.run.providers.known_providers import NO_PROVIDER
from samp_eval.run.recorded.answer_rows import COLUMNS as REQUIRED
from samp_eval.run.recorded.answer_rows import FAILURE_COLUMNS, LOG_COLUMNS, OPTIONAL_COLUMNS, SETTING_COLUMNS

__all__ = ["STOP_REASONS", "is_inspect_log", "read_inspect_rows"]

COLUMNS = (*REQUIRED, *OPTIONAL_COLUMNS, *LOG_COLUMNS, *FAILURE_COLUMNS, *SETTING_COLUMNS)

STOP_REASONS = {"length": "max_tokens", "stop": "stop", "content_filter": "content_filter", "tool_calls": "tool_calls"}
"""OpenAI's words for why an answer ended, and Inspect's."""

_FINISH_REASONS = {theirs: ours for ours, theirs in STOP_REASONS.items()} | {"model_length": "length"}

Json = Mapping[str, Any]


def is_inspect_log(file: Path) -> bool:
    """Whether a file is a log by its name: ``.eval`` or ``.json``."""
    return file.suffix.lower() in (".eval", ".json")


def read_inspect_rows(file: Path, respondent: str | None = None) -> list[list[str]]:
    """Rows of recorded answers and failures, the first of them the header.

    The sample's id is the question, its epoch the round; ``question_id``, ``respondent``, ``round`` and ``condition``
    in the sample's metadata go before them. The settings are those of the log's model. A sample that ended in an error
    or without an answer is a failure with its reason. A log in which several models answer has a respondent for each.

    Parameters
    ----------
    respondent : str, optional
        Name of the respondent; the model that answered when absent.

    Raises
    ------
    FaultySheet
        Where the file is no such log, or ``respondent`` would name several models.
    """
    with _named_errors(file), _opened(file) as (head, samples):
        rows = [_row(sample, head, respondent) for sample in samples]
    models = {row["model_asked"] for row in rows}
    if respondent is not None and len(models) > 1:
        problem = f"holds answers of {', '.join(sorted(models))}; import it without --name, which gives one name to all"
        raise FaultySheet([Fault(str(file), "", problem)], "nothing was imported")
    return [list(COLUMNS), *([_text(row.get(column, "")) for column in COLUMNS] for row in rows)]


@contextmanager
def _named_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableFile as error:
        problem = f"this log {error.problem}"
        raise FaultySheet([Fault(str(file), error.place, problem)], "nothing was imported") from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        problem = f"this is no log of Inspect AI ({type(error).__name__}: {error}); write one with inspect eval"
        raise FaultySheet([Fault(str(file), "", problem)], "nothing was imported") from error


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Json, Iterator[Json]]]:
    """The head of a log, and its samples one after another."""
    if not is_archive(file):
        log = parse_json(read_bytes(file, MAX_SAMPLE_BYTES))
        yield log["eval"], iter(log.get("samples") or [])
        return
    with open_archive(file, MAX_LOG_BYTES) as archive:

        def member(name: str) -> Any:
            return parse_json(archive.read(name, MAX_SAMPLE_BYTES))

        header = member("header.json" if "header.json" in archive.names else "_journal/start.json")
        names = sorted(name for name in archive.names if name.startswith("samples/"))
        yield header["eval"], map(member, names)


def _row(sample: Json, head: Json, respondent: str | None) -> dict[str, Any]:
    metadata = sample.get("metadata") or {}
    output = sample.get("output") or {}
    choices = output.get("choices") or []
    usage = output.get("usage") or {}
    asked = str(head["model"])
    model = _answering_model(sample, asked)
    # our own logs say what the study calls the model, which Inspect's name for it was made from
    ours = ((head.get("metadata") or {}).get("settings") or {}).get("model") if model == asked else None
    stopped = choices[0].get("stop_reason") or "" if choices else ""
    text = _answer(choices[0]["message"]["content"]) if choices else ""
    return {
        "question_id": metadata.get("question_id", sample["id"]),
        "respondent": respondent or metadata.get("respondent") or model.removeprefix(f"{NO_PROVIDER}/"),
        "round": metadata.get("round", sample.get("epoch", 1)),
        "condition": metadata.get("condition", ""),
        "text": text,
        "asked_at": sample.get("started_at") or "",
        "model_returned": output.get("model") or model,
        "prompt_tokens": _prompt_tokens(usage),
        "completion_tokens": usage.get("output_tokens", ""),
        "cached_prompt_tokens": usage.get("input_tokens_cache_read") or "",
        "finish_reason": _FINISH_REASONS.get(stopped, stopped),
        "option_order": metadata.get("option_order", ""),
        "model_asked": ours or model.removeprefix(f"{NO_PROVIDER}/"),
        **_failure(sample, stopped, text),
        **(_settings(head) if model == asked else {}),
    }


def _answering_model(sample: Json, asked: str) -> str:
    """The model that a sample's answer is of, with its provider: the log's own unless another is named."""
    used = sample.get("model_usage") or {}
    said = (sample.get("output") or {}).get("model")
    named = [model for model in used if said and (model == said or model.endswith(f"/{said}"))]
    if len(named) == 1:
        return str(named[0])
    return asked if asked in used or len(used) != 1 else str(next(iter(used)))


def _prompt_tokens(usage: Json) -> int | str:
    """All tokens of the prompt: Inspect counts those that came from a provider's cache, or went into it, apart."""
    if usage.get("input_tokens") is None:
        return ""
    cached = ("input_tokens_cache_read", "input_tokens_cache_write")
    return int(usage["input_tokens"]) + sum(int(usage.get(name) or 0) for name in cached)


def _failure(sample: Json, stopped: str, text: str) -> dict[str, str]:
    """Why a sample holds no answer; nothing if it holds one."""
    error = sample.get("error")
    if error:
        message = (error.get("message") if isinstance(error, Mapping) else error) or "the sample ended in an error"
        ours = (sample.get("metadata") or {}).get("failure_kind")
        return {"failure": str(message) if ours else f"Inspect: {message}", "failure_kind": ours or "server_error"}
    if text.strip():
        return {}
    if stopped == "content_filter":
        return {"failure": "the provider's content filter withheld the answer", "failure_kind": "content_filter"}
    limit = sample.get("limit")
    why = f"limit {limit.get('type')}" if isinstance(limit, Mapping) else f"stop reason {stopped or 'unknown'}"
    return {"failure": f"the answer is empty ({why})", "failure_kind": "empty_answer"}


def _settings(head: Json) -> dict[str, Any]:
    config = head.get("model_generate_config") or {}
    return {name: config[name] for name in SETTING_COLUMNS if config.get(name) is not None}


def _answer(content: str | list[Json]) -> str:
    """A message's text; reasoning and other parts are no answer."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")


def _text(value: object) -> str:
    """A cell: half a surrogate pair, which JSON lets through, becomes U+FFFD."""
    text = "" if value is None else str(value)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

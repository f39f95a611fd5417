"""Logs of Inspect AI, read without Inspect: one sample is one response, its epoch the round."""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet
from samp_eval.run.recorded.answer_rows import COLUMNS as REQUIRED
from samp_eval.run.recorded.answer_rows import OPTIONAL_COLUMNS, SETTING_COLUMNS

# Inspect compresses its logs with Zstandard, which Python's own zipfile knows from 3.14 on
if sys.version_info >= (3, 14):
    import zipfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, zipfile

__all__ = ["STOP_REASONS", "is_inspect_log", "read_inspect_rows"]

COLUMNS = (*REQUIRED, *OPTIONAL_COLUMNS, "finish_reason", *SETTING_COLUMNS)

STOP_REASONS = {"length": "max_tokens", "stop": "stop", "content_filter": "content_filter", "tool_calls": "tool_calls"}
"""OpenAI's words for why an answer ended, and Inspect's."""

_FINISH_REASONS = {theirs: ours for ours, theirs in STOP_REASONS.items()}


def is_inspect_log(file: Path) -> bool:
    """Whether a file is a log by its name: ``.eval`` or ``.json``."""
    return file.suffix.lower() in (".eval", ".json")


def read_inspect_rows(file: Path, respondent: str | None = None) -> list[list[str]]:
    """Rows of recorded answers, the first of them the header.

    The sample's id is the question, its epoch the round; ``question_id``, ``respondent``, ``round`` and ``condition``
    in the sample's metadata go before them. The settings are those of the log's model. Samples that ended in an error
    are left out: they hold no answer.

    Parameters
    ----------
    respondent : str, optional
        Name of the respondent; the log's model when absent.

    Raises
    ------
    FaultySheet
        Where the file is no such log.
    """
    try:  # first what a damaged or cut archive raises, then what another file does
        head, samples = _archive(file) if zipfile.is_zipfile(file) else _document(file)
        model, settings = str(head["model"]), _settings(head.get("model_generate_config") or {})
        rows = [_row(sample, respondent, model, settings) for sample in samples if not sample.get("error")]
    # zipfile raises NotImplementedError for a compression that it does not know
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, ZstdError, zlib.error) as error:
        raise FaultySheet(
            [Fault(str(file), "", f"this log cannot be read: {error}")], "nothing was imported"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        problem = f"this is no log of Inspect AI ({type(error).__name__}: {error}); write one with inspect eval"
        raise FaultySheet([Fault(str(file), "", problem)], "nothing was imported") from error
    return [list(COLUMNS), *rows]


def _archive(file: Path) -> tuple[Mapping[str, Any], Iterator[Mapping[str, Any]]]:
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        begun = "header.json" if "header.json" in names else "_journal/start.json"
        header = json.loads(archive.read(begun))
        samples = [json.loads(archive.read(name)) for name in sorted(names) if name.startswith("samples/")]
    return header["eval"], iter(samples)


def _document(file: Path) -> tuple[Mapping[str, Any], Iterator[Mapping[str, Any]]]:
    log = json.loads(file.read_text(encoding="utf-8"))
    return log["eval"], iter(log.get("samples") or [])


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config[name] for name in SETTING_COLUMNS if config.get(name) is not None}


def _row(sample: Mapping[str, Any], respondent: str | None, model: str, settings: Mapping[str, Any]) -> list[str]:
    metadata = sample.get("metadata") or {}
    output = sample["output"]
    usage = output.get("usage") or {}
    choices = output["choices"]
    stopped = choices[0].get("stop_reason", "") if choices else ""
    values = {
        "question_id": metadata.get("question_id", sample["id"]),
        "respondent": respondent or metadata.get("respondent") or model,
        "round": metadata.get("round", sample.get("epoch", 1)),
        "condition": metadata.get("condition", ""),
        "text": _text(choices[0]["message"]["content"]) if choices else "",
        "asked_at": sample.get("started_at") or "",
        "model_returned": output.get("model") or model,
        "prompt_tokens": usage.get("input_tokens", ""),
        "completion_tokens": usage.get("output_tokens", ""),
        "finish_reason": _FINISH_REASONS.get(stopped, stopped),
        **settings,
    }
    return [str(values.get(column, "")) for column in COLUMNS]


def _text(content: str | list[Mapping[str, Any]]) -> str:
    """A message's text; reasoning and other parts are no answer."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")

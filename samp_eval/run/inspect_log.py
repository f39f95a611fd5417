"""Logs of Inspect AI, read without Inspect: one sample is one response, its epoch the round."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samp_eval.errors import Fault, FaultySheet

__all__ = ["is_inspect_log", "read_inspect_rows"]

COLUMNS = ("question_id", "respondent", "round", "condition", "text", "asked_at", "model_returned", "prompt_tokens")


def is_inspect_log(file: Path) -> bool:
    """Whether a file is a log by its name: ``.eval`` or ``.json``."""
    return file.suffix.lower() in (".eval", ".json")


def read_inspect_rows(file: Path, respondent: str | None = None) -> list[list[str]]:
    """Rows of recorded answers, the first of them the header.

    The sample's id is the question, its epoch the round; ``question_id``, ``round`` and ``condition`` in the sample's
    metadata go before them. Samples that ended in an error are left out: they hold no answer.

    Parameters
    ----------
    respondent : str, optional
        Name of the respondent; the log's model when absent.

    Raises
    ------
    FaultySheet
        Where the file is no such log.
    """
    try:
        model, samples = _archive(file) if zipfile.is_zipfile(file) else _document(file)
        rows = [_row(sample, respondent or model, model) for sample in samples if not sample.get("error")]
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise FaultySheet(
            [Fault(str(file), "", f"this log cannot be read: {error}")], "nothing was imported"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        problem = f"this is no log of Inspect AI ({type(error).__name__}: {error}); write one with inspect eval"
        raise FaultySheet([Fault(str(file), "", problem)], "nothing was imported") from error
    return [list(COLUMNS), *rows]


def _archive(file: Path) -> tuple[str, Iterator[Mapping[str, Any]]]:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        begun = "header.json" if "header.json" in names else "_journal/start.json"
        header = json.loads(archive.read(begun))
        samples = [json.loads(archive.read(name)) for name in sorted(names) if name.startswith("samples/")]
    return str(header["eval"]["model"]), iter(samples)


def _document(file: Path) -> tuple[str, Iterator[Mapping[str, Any]]]:
    log = json.loads(file.read_text(encoding="utf-8"))
    return str(log["eval"]["model"]), iter(log.get("samples") or [])


def _row(sample: Mapping[str, Any], respondent: str, model: str) -> list[str]:
    metadata = sample.get("metadata") or {}
    output = sample["output"]
    usage = output.get("usage") or {}
    values = {
        "question_id": metadata.get("question_id", sample["id"]),
        "respondent": respondent,
        "round": metadata.get("round", sample.get("epoch", 1)),
        "condition": metadata.get("condition", ""),
        "text": _text(output["choices"][0]["message"]["content"]),
        "asked_at": sample.get("started_at") or "",
        "model_returned": output.get("model") or model,
        "prompt_tokens": usage.get("input_tokens", ""),
    }
    return [str(values[column]) for column in COLUMNS]


def _text(content: str | list[Mapping[str, Any]]) -> str:
    """A message's text; reasoning and other parts are no answer."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")

"""A respondent's outcomes as a log of Inspect AI, written without Inspect.

The form is that of Inspect's ``EvalLog``, version 2: a document (``.json``), or an archive with a member for each
sample (``.eval``).
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samp_eval import __version__
from samp_eval.run.recorded.inspect_samples import Json, LogSource, each_sample, generate_config, log_identifier

__all__ = ["log_names", "write_inspect_log"]

VERSION = 2
TASK = "samp_eval"
_SUMMARISED = (
    "id",
    "epoch",
    "input",
    "target",
    "metadata",
    "scores",
    "model_usage",
    "started_at",
    "completed_at",
    "uuid",
)
_USAGE = ("input_tokens", "output_tokens", "total_tokens", "input_tokens_cache_read")


def write_inspect_log(source: LogSource, file: Path) -> int:
    """Write a log, ``.json`` or ``.eval`` by the file's name; returns the number of responses.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    samples = each_sample(source)
    if file.suffix.lower() == ".json":
        written = list(samples)
        content = json.dumps({**_head(source, written), "samples": written}, ensure_ascii=False, indent=1)
        file.write_text(content, encoding="utf-8", errors="replace")
        return _answered(written)
    summaries = []
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for sample in samples:
            _member(archive, f"samples/{sample['id']}_epoch_{sample['epoch']}.json", sample)
            summaries.append(_summary(sample))
        head = _head(source, summaries)
        _member(archive, "_journal/start.json", {name: head[name] for name in ("version", "eval", "plan")})
        _member(archive, "summaries.json", summaries)
        _member(archive, "header.json", head)
    return _answered(summaries)


def log_names(respondents: Sequence[str], file: Path) -> list[Path]:
    """The file of each respondent's log: the one that is named, or several with numbers and names."""
    if len(respondents) < 2:
        return [file]
    safe = (re.sub("[^A-Za-z0-9.-]+", "-", name) for name in respondents)
    return [file.with_name(f"{file.stem}-{number}-{name}{file.suffix}") for number, name in enumerate(safe, start=1)]


def _member(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    archive.writestr(name, json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace"))


def _summary(sample: Json) -> Json:
    summary = {name: sample[name] for name in _SUMMARISED if name in sample}
    return {**summary, "completed": True, **({"error": sample["error"]["message"]} if "error" in sample else {})}


def _answered(samples: list[Json]) -> int:
    return sum("error" not in sample for sample in samples)


def _head(source: LogSource, samples: list[Json]) -> Json:
    times = sorted(sample["started_at"] for sample in samples if "started_at" in sample)
    now = source.written_at.isoformat(timespec="seconds")
    return {
        "version": VERSION,
        "status": "success",
        "eval": {
            **{name: log_identifier(name, source.respondent, now) for name in ("eval_id", "run_id", "task_id")},
            "created": times[0] if times else now,
            "task": TASK,
            "task_display_name": source.respondent,
            "dataset": {
                "name": source.bank.sha256[:12],
                "samples": len({sample["id"] for sample in samples}),
                "sample_ids": sorted({sample["id"] for sample in samples}),
            },
            "model": source.model,
            "model_base_url": source.settings.get("base_url"),
            "model_generate_config": generate_config(source.settings),
            "config": {"epochs": max((sample["epoch"] for sample in samples), default=1)},
            "packages": {"samp_eval": __version__},
            "metadata": {
                "respondent": source.respondent,
                "settings": dict(source.settings),
                "bank_sha256": source.bank.sha256,
            },
        },
        "plan": {"name": "plan", "steps": [], "config": generate_config(source.settings)},
        "results": {
            "total_samples": len(samples),
            "completed_samples": _answered(samples),
            "scores": _score_results(samples),
        },
        "stats": {
            "started_at": times[0] if times else "",
            "completed_at": times[-1] if times else "",
            "model_usage": {source.model: _total(samples)},
        },
    }


def _score_results(samples: list[Json]) -> list[Json]:
    """Each score's mean, over the samples that have it."""
    values: dict[str, list[float]] = {}
    for sample in samples:
        for name, score in sample.get("scores", {}).items():
            values.setdefault(name, []).append(score["value"])
    return [
        {
            "name": name,
            "scorer": name,
            "scored_samples": len(found),
            "unscored_samples": len(samples) - len(found),
            "metrics": {"mean": {"name": "mean", "value": sum(found) / len(found)}},
        }
        for name, found in values.items()
    ]


def _total(samples: list[Json]) -> dict[str, int]:
    usages = [usage for sample in samples for usage in sample.get("model_usage", {}).values()]
    total = {name: sum(usage.get(name, 0) for usage in usages) for name in _USAGE}
    return {name: count for name, count in total.items() if count or name != "input_tokens_cache_read"}

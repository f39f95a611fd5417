"""A respondent's answers as a log of Inspect AI, written without Inspect: a response is a sample, its round the epoch.

The form is that of Inspect's ``EvalLog``, version 2: a document (``.json``), or an archive with a member for each
sample (``.eval``).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from samp_eval import __version__
from samp_eval.items.samp import Bank
from samp_eval.run.prompt import case_text, question_text
from samp_eval.run.recorded.inspect_reader import STOP_REASONS
from samp_eval.run.respondent import Response

__all__ = ["LogSource", "write_inspect_log"]

VERSION = 2
TASK = "samp_eval"
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_SUMMARISED = ("id", "epoch", "input", "target", "metadata", "model_usage", "started_at", "completed_at", "uuid")


@dataclass(frozen=True, slots=True)
class LogSource:
    """One respondent of a study.

    Attributes
    ----------
    respondent : str
    settings : mapping
        As the study recorded them.
    responses : iterable of Response
        With the bodies that were sent, where they are held; gone through once.
    written_at : datetime
        UTC.
    """

    bank: Bank
    respondent: str
    settings: Mapping[str, Any]
    responses: Iterable[Response]
    written_at: datetime

    @property
    def model(self) -> str:
        """The model's name as it was asked for."""
        return str(self.settings.get("model", self.respondent))


def write_inspect_log(source: LogSource, file: Path) -> int:
    """Write a log, ``.json`` or ``.eval`` by the file's name; returns the number of responses.

    Raises
    ------
    OSError
        Where it cannot be written.
    """
    samples = _samples(source)
    if file.suffix.lower() == ".json":
        written = list(samples)
        content = json.dumps({**_head(source, written), "samples": written}, ensure_ascii=False, indent=1)
        file.write_text(content, encoding="utf-8", errors="replace")
        return len(written)
    summaries = []
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for sample in samples:
            _member(archive, f"samples/{sample['id']}_epoch_{sample['epoch']}.json", sample)
            summaries.append({**{name: sample[name] for name in _SUMMARISED if name in sample}, "completed": True})
        head = _head(source, summaries)
        _member(archive, "_journal/start.json", {name: head[name] for name in ("version", "eval", "plan")})
        _member(archive, "summaries.json", summaries)
        _member(archive, "header.json", head)
    return len(summaries)


def _member(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    archive.writestr(name, json.dumps(content, ensure_ascii=False).encode("utf-8", errors="replace"))


def _head(source: LogSource, samples: list[dict[str, Any]]) -> dict[str, Any]:
    times = sorted(sample["started_at"] for sample in samples if "started_at" in sample)
    now = source.written_at.isoformat(timespec="seconds")
    return {
        "version": VERSION,
        "status": "success",
        "eval": {
            **{name: _identifier(name, source.respondent, now) for name in ("eval_id", "run_id", "task_id")},
            "created": times[0] if times else now,
            "task": TASK,
            "task_display_name": source.respondent,
            "dataset": {
                "name": source.bank.sha256[:12],
                "samples": len({sample["id"] for sample in samples}),
                "sample_ids": sorted({sample["id"] for sample in samples}),
            },
            "model": source.model,
            "model_generate_config": _config(source.settings),
            "config": {"epochs": max((sample["epoch"] for sample in samples), default=1)},
            "packages": {"samp_eval": __version__},
            "metadata": {
                "respondent": source.respondent,
                "settings": dict(source.settings),
                "bank_sha256": source.bank.sha256,
            },
        },
        "plan": {"name": "plan", "steps": [], "config": _config(source.settings)},
        "stats": {
            "started_at": times[0] if times else "",
            "completed_at": times[-1] if times else "",
            "model_usage": {source.model: _total(samples, source.model)},
        },
    }


def _samples(source: LogSource) -> Iterator[dict[str, Any]]:
    by_question = source.bank.by_question()
    for response in source.responses:
        case, question = by_question[response.ask.question_id]
        bare = f"{case_text(case, question)}\n\n{question_text(question)}\n"
        yield _sample(response, source, bare, [entry.answer for entry in question.key])


def _sample(response: Response, source: LogSource, bare: str, key: list[str]) -> dict[str, Any]:
    ask, reply = response.ask, response.reply
    sent = json.loads(reply.request).get("messages") if reply.request else None
    asked = list(sent) if sent else [{"role": "user", "content": bare}]
    message = {"role": "assistant", "content": reply.text, "source": "generate", "model": reply.model_returned}
    usage = _usage(reply.prompt_tokens or 0, reply.completion_tokens or 0)
    sample: dict[str, Any] = {
        "id": ask.question_id,
        "epoch": ask.round,
        "input": asked,
        "target": key,
        "messages": [*asked, message],
        "output": {
            "model": reply.model_returned,
            "choices": [{"message": message, "stop_reason": STOP_REASONS.get(reply.finish_reason or "", "unknown")}],
            "completion": reply.text,
            "time": reply.latency_seconds,
            **({"usage": usage} if reply.prompt_tokens is not None or reply.completion_tokens is not None else {}),
        },
        "metadata": {
            "question_id": ask.question_id,
            "respondent": ask.respondent,
            "round": ask.round,
            "condition": ask.condition.label,
            "tries": response.attempts,
            "provenance": dict(reply.provenance),
        },
        "model_usage": {source.model: usage},
        "uuid": _identifier(ask.question_id, ask.respondent, str(ask.round)),
    }
    if response.asked_at is not None:
        ended = response.asked_at + timedelta(seconds=reply.latency_seconds or 0.0)
        sample |= {"started_at": _moment(response.asked_at), "completed_at": _moment(ended)}
        sample["total_time"] = reply.latency_seconds
    return sample


def _config(settings: Mapping[str, Any]) -> dict[str, Any]:
    names = ("temperature", "top_p", "max_tokens", "seed")
    config = {name: settings[name] for name in names if settings.get(name) is not None}
    if settings.get("reasoning_effort") in _EFFORTS:
        config["reasoning_effort"] = settings["reasoning_effort"]
    return {**config, "stop_seqs": list(settings["stop"])} if settings.get("stop") else config


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "input_tokens": prompt_tokens,
        "output_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _total(samples: list[dict[str, Any]], model: str) -> dict[str, int]:
    usages = [sample["model_usage"][model] for sample in samples]
    return _usage(sum(usage["input_tokens"] for usage in usages), sum(usage["output_tokens"] for usage in usages))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _identifier(*of_what: str) -> str:
    return hashlib.sha256("\0".join(of_what).encode()).hexdigest()[:22]

"""A study's outcomes as samples of Inspect AI: a response is a sample, its round the epoch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from samp_eval.items.samp import Bank, Question, SampCase, entry_letter
from samp_eval.run.pictures import data_url, referred_to
from samp_eval.run.prompt import asked_text
from samp_eval.run.providers.known_providers import inspect_model
from samp_eval.run.recorded.inspect_reader import STOP_REASONS
from samp_eval.run.respondent import Ask, Reply, Response, ResponseFailure

__all__ = ["Json", "LogSource", "SampleScore", "each_sample", "generate_config", "inspect_content", "log_identifier"]

Json = dict[str, Any]

_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})


@dataclass(frozen=True, slots=True)
class SampleScore:
    """What the marks of a response come to.

    Attributes
    ----------
    value : float
        Share of the requested answers that earned their mark, 0 to 1.
    explanation : str
        The marks, a line for each answer line.
    """

    value: float
    explanation: str


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
    failures : iterable of ResponseFailure
        Written as samples that ended in an error.
    scores : mapping
        By (question_id, round), then by the name of the score: ``key``, ``judgement``.
    """

    bank: Bank
    respondent: str
    settings: Mapping[str, Any]
    responses: Iterable[Response]
    written_at: datetime
    failures: Iterable[ResponseFailure] = ()
    scores: Mapping[tuple[str, int], Mapping[str, SampleScore]] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model's name with its provider, as Inspect writes it."""
        settings = self.settings
        model = str(settings.get("model", self.respondent))
        return inspect_model(model, settings.get("base_url"), recorded=bool(settings.get("recorded")))


def each_sample(source: LogSource) -> Iterator[Json]:
    """Every response, then every failure, as a sample."""
    by_question = source.bank.by_question()
    for response in source.responses:
        yield _answered_sample(response, source, *by_question[response.ask.question_id])
    for failure in source.failures:
        yield _failed_sample(failure, source, *by_question[failure.ask.question_id])


def _answered_sample(response: Response, source: LogSource, case: SampCase, question: Question) -> Json:
    ask, reply = response.ask, response.reply
    sent = json.loads(reply.request).get("messages") if reply.request else None
    sample = _sample(ask, source, case, question, sent)
    message = {
        "id": log_identifier(sample["uuid"], "answer"),
        "role": "assistant",
        "content": reply.text,
        "source": "generate",
        "model": reply.model_returned,
    }
    counted = reply.prompt_tokens is not None or reply.completion_tokens is not None
    usage = _usage(reply)
    sample["messages"].append(message)
    sample["output"] = {
        "model": reply.model_returned,
        "choices": [{"message": message, "stop_reason": STOP_REASONS.get(reply.finish_reason or "", "unknown")}],
        "completion": reply.text,
        "time": reply.latency_seconds,
        **({"usage": usage} if counted else {}),
    }
    sample["metadata"] |= {"tries": response.attempts, "provenance": dict(reply.provenance)}
    sample["events"] = [_model_event(sample, source, response.asked_at or source.written_at)]
    sample["model_usage"] = {source.model: usage}
    scores = source.scores.get((ask.question_id, ask.round), {})
    if scores:
        sample["scores"] = {
            name: {"value": score.value, "answer": reply.text, "explanation": score.explanation}
            for name, score in scores.items()
        }
    if response.asked_at is not None:
        ended = response.asked_at + timedelta(seconds=reply.latency_seconds or 0.0)
        sample |= {"started_at": _moment(response.asked_at), "completed_at": _moment(ended)}
        sample["total_time"] = reply.latency_seconds
    return sample


def _failed_sample(failure: ResponseFailure, source: LogSource, case: SampCase, question: Question) -> Json:
    sample = _sample(failure.ask, source, case, question, None)
    sample["output"] = {"model": source.model, "choices": [], "completion": ""}
    sample["metadata"] |= {"tries": failure.attempts, "failure_kind": failure.kind}
    sample["error"] = {"message": failure.message, "traceback": "", "traceback_ansi": ""}
    sample["events"] = [{**_model_event(sample, source, failure.failed_at), "error": failure.message}]
    return sample | {"started_at": _moment(failure.failed_at), "completed_at": _moment(failure.failed_at)}


def _model_event(sample: Json, source: LogSource, moment: datetime) -> Json:
    """The model call, in which Inspect's table of messages looks for them."""
    return {
        "event": "model",
        "uuid": log_identifier(sample["uuid"], "call"),
        "timestamp": _moment(moment),
        "working_start": 0.0,
        "model": source.model,
        "input": sample["input"],
        "tools": [],
        "tool_choice": "none",
        "config": generate_config(source.settings),
        "output": sample["output"],
    }


def _sample(ask: Ask, source: LogSource, case: SampCase, question: Question, sent: Any) -> Json:
    """What samples of answers and of failures have in common."""
    order = ask.option_order or range(len(question.options))
    letters = " ".join(map(entry_letter, ask.option_order or ()))
    identifier = log_identifier(ask.question_id, ask.respondent, str(ask.round))
    bare = {"role": "user", "content": f"{asked_text(case, question)}\n"}
    asked = [
        {"id": log_identifier(identifier, str(number)), "source": "input", **message, "content": content}
        for number, message in enumerate(sent or [bare])
        for content in [inspect_content(message["content"], case, question, source.bank)]
    ]
    return {
        "id": ask.question_id,
        "epoch": ask.round,
        "input": asked,
        **({"choices": [question.options[place] for place in order]} if question.options else {}),
        "target": [entry.answer for entry in question.key],
        "messages": list(asked),
        "metadata": {
            "question_id": ask.question_id,
            "respondent": ask.respondent,
            "round": ask.round,
            "condition": ask.condition.label,
            **({"option_order": letters} if letters else {}),
        },
        "uuid": identifier,
    }


def inspect_content(content: Any, case: SampCase, question: Question, bank: Bank) -> Any:
    """The content of a sent message as Inspect has it: pictures that may be passed on, and names of the others."""
    if isinstance(content, str):
        return content
    known = {picture.digest: picture for picture in case.pictures_until(question)}
    parts = []
    for part in content:
        picture = known.get(referred_to(part["image_url"]["url"]) or "") if part["type"] == "image_url" else None
        if part["type"] != "image_url":
            parts.append(part)
        elif picture is None or not picture.may_be_shown:
            words = f"{picture.name_in_words} {picture.credit_line}" if picture else part["image_url"]["url"]
            parts.append({"type": "text", "text": f"{words}: not part of this log"})
        else:
            image = data_url(bank.pictures[picture.digest])
            parts.append({"type": "image", "image": image, "detail": "auto"})
    return parts


def generate_config(settings: Mapping[str, Any]) -> Json:
    """What of a respondent's settings Inspect has a name for."""
    names = ("temperature", "top_p", "max_tokens", "seed")
    config = {name: settings[name] for name in names if settings.get(name) is not None}
    if settings.get("reasoning_effort") in _EFFORTS:
        config["reasoning_effort"] = settings["reasoning_effort"]
    return {**config, "stop_seqs": list(settings["stop"])} if settings.get("stop") else config


def _usage(reply: Reply) -> dict[str, int]:
    """Tokens as Inspect counts them: those of the prompt that came from the provider's cache stand apart."""
    cached = reply.provenance.get("cached_prompt_tokens") or 0
    prompt, completion = reply.prompt_tokens or 0, reply.completion_tokens or 0
    usage = {
        "input_tokens": max(prompt - cached, 0),
        "output_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return {**usage, "input_tokens_cache_read": cached} if cached else usage


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def log_identifier(*of_what: str) -> str:
    """An identifier of the length of Inspect's, the same for the same words."""
    return hashlib.sha256("\0".join(of_what).encode()).hexdigest()[:22]

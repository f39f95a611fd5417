"""Logs of Inspect AI with the marks as scores, one for each respondent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from samp_eval.analysis.scored_study import ScoredStudy
from samp_eval.analysis.tables.line_table import line_table
from samp_eval.items.samp import Bank
from samp_eval.run.recorded.inspect_samples import LogSource, SampleScore
from samp_eval.run.recorded.inspect_writer import log_names, write_inspect_log
from samp_eval.run.respondent import Response
from samp_eval.whole_files import whole_file

__all__ = ["sample_scores", "write_marked_logs"]

Scores = dict[tuple[str, int], dict[str, SampleScore]]


def sample_scores(study: ScoredStudy) -> dict[str, Scores]:
    """By respondent, then by (question_id, round), the score on each basis; nothing for a response without one."""
    explained: dict[tuple[str, str, int, str], list[str]] = {}
    for line in line_table(study).to_dict("records"):
        place = line["question_id"], line["respondent"], line["round"], line["basis"]
        explained.setdefault(place, []).append(_explained(line))
    found: dict[str, Scores] = {}
    scored = study.table[study.table["score_percent"].notna()]
    for row in scored.to_dict("records"):
        question, respondent, number, basis = (row[name] for name in ("question_id", "respondent", "round", "basis"))
        lines = explained.get((question, respondent, number, basis), [])
        score = SampleScore(float(row["score_percent"]) / 100.0, "\n".join(lines))
        found.setdefault(respondent, {}).setdefault((question, number), {})[basis] = score
    return found


def _explained(line: Mapping[Any, Any]) -> str:
    """A line of the answer with its mark."""
    if not line["given"]:
        return f"{line['line']}. (not given)"
    entry = f", entry {line['entry']}" if line["entry"] else ""
    return f"{line['line']}. {line['text']}: {line['earned']:g}{entry}"


def write_marked_logs(
    study: ScoredStudy,
    bank: Bank,
    settings: Mapping[str, Mapping[str, Any]],
    whole_responses: Callable[[str], Iterable[Response]],
    folder: Path,
    now: datetime,
) -> list[Path]:
    """Write a log for each respondent of a study into a folder; returns the files.

    Parameters
    ----------
    study : ScoredStudy
        What it leaves out is in no log.
    bank : Bank
    settings : mapping
        Recorded settings by respondent.
    whole_responses : callable
        Gives a respondent's responses with the bodies that were sent.
    folder : Path
    now : datetime
        UTC.

    Raises
    ------
    CannotStore
        Where a file cannot be written.
    """
    scores = sample_scores(study)
    counting = {response.ask for response in study.responses}
    files = []
    for name, file in zip(study.respondents, log_names(study.respondents, folder / "marked.eval"), strict=True):
        responses = (response for response in whole_responses(name) if response.ask in counting)
        failures = [failure for failure in study.failures if failure.ask.respondent == name]
        source = LogSource(bank, name, settings.get(name, {}), responses, now, failures, scores.get(name, {}))
        with whole_file(file) as unfinished:
            write_inspect_log(source, unfinished)
        files.append(file)
    return files

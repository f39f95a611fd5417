"""Under what circumstances a run asks: what its responses carry as their provenance."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from samp_eval import __version__
from samp_eval.run.asking_plan import AskingPlan
from samp_eval.study import AnalysisPlan, CanaryLimits, ModelGates, RespondentSettings, Study

__all__ = ["plan_digest", "planned", "run_facts"]


def run_facts(plan: AskingPlan) -> dict[str, Any]:
    """Versions, hashes and order of a run; no path, no name of a machine or a user."""
    return {
        "samp_eval": __version__,
        "git": _git_state(),
        "python": platform.python_version(),
        "openai": _version("openai"),
        "bank_sha256": plan.bank.sha256,
        **plan.facts(),
    }


def planned(study: Study) -> dict[str, Any]:
    """What of a study file is frozen at the first ask: all but rate limits, place and what authors add later."""
    later = {"deviations", "checklist", "title", "authors", "respondents", "endpoints", "prompt", "store"}
    content = study.model_dump(mode="json", exclude=later)
    left_out = set(RespondentSettings.NOT_IDENTITY - {"id", "endpoint", "prompt"})
    # a study that was begun before these fields existed has not changed
    if study.option_order == "fixed":
        del content["option_order"]
    if study.gates == ModelGates():
        del content["gates"]
    if study.canaries == CanaryLimits():
        del content["canaries"]
    unset = AnalysisPlan().model_dump(mode="json")
    for name in ("primary_basis", "primary_comparison", "aim", "margin"):
        if content["analysis"][name] == unset[name]:
            del content["analysis"][name]
    for study_round in content["rounds"]:
        if study_round["pictures"]:
            del study_round["pictures"]
    if study.blueprint is None:
        del content["blueprint"]
    content["respondents"] = [settings.model_dump(mode="json", exclude=left_out) for settings in study.respondents]
    content["endpoints"] = {
        name: endpoint.model_dump(mode="json", exclude=left_out) for name, endpoint in study.endpoints.items()
    }
    return {**content, "prompt": study.prompt}


def plan_digest(content: Mapping[str, Any]) -> tuple[str, str]:
    """What is frozen as text, and its SHA-256."""
    text = json.dumps(dict(content), sort_keys=True, ensure_ascii=False)
    return text, hashlib.sha256(text.encode()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git_state() -> str | None:
    """Commit of a working copy, with ``-dirty`` where it was changed; None for an installed package."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None

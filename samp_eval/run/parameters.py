"""What a model is sent beside the messages, and what it refuses of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from samp_eval.study import RespondentSettings

__all__ = ["SentParameters"]

_NAMES = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort")
_UNSUPPORTED = re.compile(r"unsupported|not support|does not accept", re.IGNORECASE)


class SentParameters:
    """The parameters of a respondent's requests, adapted to what its model takes.

    Parameters
    ----------
    settings : RespondentSettings
    accepted : mapping, optional
        The body of an earlier request that the model answered: what it left out then stays out.
    """

    def __init__(self, settings: RespondentSettings, accepted: Mapping[str, Any] | None = None) -> None:
        wanted = {name: value for name in _NAMES if (value := getattr(settings, name)) is not None}
        self.wanted: Mapping[str, Any] = {**wanted, "stop": list(settings.stop)} if settings.stop else wanted
        self.sent: Mapping[str, Any] = self.wanted
        if accepted is not None:
            self.sent = {name: value for name, value in self.wanted.items() if name in accepted}
            if "max_tokens" in self.wanted and "max_completion_tokens" in accepted:
                self.sent = {**self.sent, "max_completion_tokens": self.wanted["max_tokens"]}

    @property
    def adaptations(self) -> list[str]:
        """What is sent otherwise than the settings say, a sentence each."""
        return [
            f"{name} was sent as max_completion_tokens"
            if name == "max_tokens" and "max_completion_tokens" in self.sent
            else f"{name} = {value} was left out: the model refuses it"
            for name, value in self.wanted.items()
            if name not in self.sent
        ]

    def adapt(self, said: str, code: str, parameter: str) -> bool:
        """Leave out or rename what the model's own error names; False where it names nothing that was sent."""
        if "max_tokens" in self.sent and "max_completion_tokens" in said:
            rest = {name: value for name, value in self.sent.items() if name != "max_tokens"}
            self.sent = {**rest, "max_completion_tokens": self.sent["max_tokens"]}
            return True
        refused = parameter if code.startswith("unsupported") else ""
        if not refused and _UNSUPPORTED.search(said):
            refused = next((name for name in self.sent if name in said), "")
        if refused not in self.sent:
            return False
        self.sent = {name: value for name, value in self.sent.items() if name != refused}
        return True

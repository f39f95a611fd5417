"""What a model is sent: the body of a chat completion, less the parameters that the model refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from samp_eval.run.chat_answer import Refusal
from samp_eval.run.respondent import Message
from samp_eval.study import RespondentSettings

__all__ = ["ChatRequest"]

_UNSUPPORTED = re.compile(r"unsupported|not support|does not accept", re.IGNORECASE)
_PARAMETERS = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort")


class ChatRequest:
    """Writes the bodies that one respondent is sent, and learns from the model's own errors.

    Parameters
    ----------
    settings : RespondentSettings
    parameters : mapping, optional
        What the model is known to accept; the settings' own where it is not known yet.

    Attributes
    ----------
    parameters : mapping
        What goes beside model and messages; another object after every adaptation.
    adaptations : list of str
        What the model refused to be sent, and what was sent instead.
    """

    def __init__(
        self,
        settings: RespondentSettings,
        parameters: Mapping[str, Any] | None = None,
        adaptations: Sequence[str] = (),
    ) -> None:
        self.model = settings.model
        self.parameters = _parameters_of(settings) if parameters is None else parameters
        self.adaptations = list(adaptations)

    def body(self, messages: Sequence[Message]) -> str:
        """The body as it is sent."""
        content = {"model": self.model, "messages": messages, **self.parameters}
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def adapt(self, refusal: Refusal, sent: Mapping[str, Any]) -> bool:
        """Leave out or rename what the model's own error names; False where it names nothing that was sent.

        Parameters
        ----------
        sent : mapping
            The parameters that were refused; others may have been found in the meantime.
        """
        if self.parameters != sent:
            return True
        said = refusal.message
        if "max_tokens" in sent and "max_completion_tokens" in said:
            rest = {name: value for name, value in sent.items() if name != "max_tokens"}
            self.parameters = {**rest, "max_completion_tokens": sent["max_tokens"]}
            self.adaptations.append("max_tokens was sent as max_completion_tokens")
            return True
        refused = refusal.parameter if refusal.code.startswith("unsupported") else ""
        if not refused and _UNSUPPORTED.search(said):
            refused = next((name for name in sent if name in said), "")
        if refused not in sent:
            return False
        self.parameters = {name: value for name, value in sent.items() if name != refused}
        self.adaptations.append(f"{refused} = {sent[refused]} was left out: the model refuses it")
        return True


def _parameters_of(settings: RespondentSettings) -> dict[str, Any]:
    parameters = {name: value for name in _PARAMETERS if (value := getattr(settings, name)) is not None}
    return {**parameters, "stop": list(settings.stop)} if settings.stop else parameters

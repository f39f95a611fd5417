"""What a model is sent: the body of a chat completion, less the parameters that the model refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from samp_eval.run.pictures import content_of
from samp_eval.run.providers.refusal import Refusal
from samp_eval.run.respondent import Message
from samp_eval.study import RespondentSettings

__all__ = ["ChatRequest"]

_UNSUPPORTED = re.compile(
    r"unsupported|not support|does not accept|deprecated|unknown (?:name|parameter|argument|field)|unrecognized"
    r"|unexpected (?:keyword|argument|parameter)|extra (?:inputs|fields)|not (?:permitted|allowed)",
    re.IGNORECASE,
)
"""How servers say that they do not take a parameter, each from an error of a real one."""

_ADAPTABLE = frozenset({400, 422})
SCHEMA_PARAMETER = "response_format"
_PARAMETERS = ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort")


class ChatRequest:
    """Writes the bodies that one respondent is sent, and learns from the model's own errors.

    Parameters
    ----------
    settings : RespondentSettings
    accepted : mapping, optional
        What an earlier request held that the model answered: what it left out then stays out.
    by_schema : bool
        Whether answers are to keep to a JSON schema, where the model's server knows of such.

    Attributes
    ----------
    parameters : mapping
        What goes beside model and messages; another object after every adaptation.
    adaptations : list of str
        What is sent otherwise than the settings say, a sentence each.
    """

    def __init__(
        self, settings: RespondentSettings, accepted: Mapping[str, Any] | None = None, *, by_schema: bool = False
    ) -> None:
        self.model = settings.model
        self._wanted = _parameters_of(settings) | ({SCHEMA_PARAMETER: "json_schema"} if by_schema else {})
        self.parameters: Mapping[str, Any] = self._wanted
        if accepted is not None:
            self.parameters = {name: value for name, value in self._wanted.items() if name in accepted}
            if "max_tokens" in self._wanted and "max_completion_tokens" in accepted:
                self.parameters = {**self.parameters, "max_completion_tokens": self._wanted["max_tokens"]}
        self.adaptations = self._adaptations()

    def body(
        self,
        messages: Sequence[Message],
        sampling_seed: int | None = None,
        answer_schema: Mapping[str, Any] | None = None,
    ) -> str:
        """The body as it is kept, pictures as references; seed and schema are the ask's own, if it has any."""
        sent = [{"role": message["role"], "content": content_of(message)} for message in messages]
        content: dict[str, Any] = {"model": self.model, "messages": sent, **self.parameters}
        if content.pop(SCHEMA_PARAMETER, None) and answer_schema is not None:
            schema = {"name": "verdict", "strict": True, "schema": answer_schema}
            content[SCHEMA_PARAMETER] = {"type": "json_schema", "json_schema": schema}
        if sampling_seed is not None and "seed" in content:
            content["seed"] = sampling_seed
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def adapt(self, refusal: Refusal, sent: Mapping[str, Any]) -> bool:
        """Leave out or rename what the model's own error names; False where it names nothing that was sent.

        Parameters
        ----------
        sent : mapping
            The parameters that were refused; others may have been found in the meantime.
        """
        if refusal.status not in _ADAPTABLE:
            return False
        if self.parameters != sent:
            return True
        said = refusal.message
        if "max_tokens" in sent and "max_completion_tokens" in said:
            rest = {name: value for name, value in sent.items() if name != "max_tokens"}
            self.parameters = {**rest, "max_completion_tokens": sent["max_tokens"]}
        else:
            refused = _refused_parameter(refusal, sent)
            if refused is None:
                return False
            self.parameters = {name: value for name, value in sent.items() if name != refused}
        self.adaptations = self._adaptations()
        return True

    def _adaptations(self) -> list[str]:
        return [
            "max_tokens was sent as max_completion_tokens"
            if name == "max_tokens" and "max_completion_tokens" in self.parameters
            else f"{name} = {value} was left out: the model refuses it"
            for name, value in self._wanted.items()
            if name not in self.parameters
        ]


def _refused_parameter(refusal: Refusal, sent: Mapping[str, Any]) -> str | None:
    """The parameter that a refusal says it does not take: the one that it names first."""
    unsupported = refusal.code.startswith(("unsupported", "unknown")) or _UNSUPPORTED.search(refusal.message)
    if not unsupported:
        return None
    if refusal.parameter in sent:
        return refusal.parameter
    # "stop" and "seed" are words of any sentence: in quotation marks, or beside a colon or a point, they are names
    names = "|".join(map(re.escape, sent))
    plain = "|".join(re.escape(name) for name in sent if "_" in name or name == "temperature") or "(?!)"
    place = rf"[`'\"]({names})[`'\"]|[:.]\s*({names})\b|\b({names})\s*:|\b({plain})\b"
    found = re.search(place, refusal.message) if sent else None
    return found[found.lastindex or 0] if found else None


def _parameters_of(settings: RespondentSettings) -> dict[str, Any]:
    parameters = {name: value for name in _PARAMETERS if (value := getattr(settings, name)) is not None}
    return {**parameters, "stop": list(settings.stop)} if settings.stop else parameters

"""Which models come from one organisation, as far as their names say."""

from __future__ import annotations

from collections.abc import Mapping

from samp_eval.endpoint import LOCAL

__all__ = ["family_of"]

_ORGANISATIONS = {
    "OpenAI": ("gpt", "chatgpt", "o1", "o3", "o4", "davinci"),
    "Anthropic": ("claude",),
    "Google": ("gemini", "gemma", "medgemma", "palm"),
    "Meta": ("llama", "meta-llama"),
    "Mistral AI": ("mistral", "mixtral", "ministral", "magistral", "codestral"),
    "Alibaba": ("qwen", "qwq"),
    "DeepSeek": ("deepseek",),
    "Cohere": ("command",),
    "Microsoft": ("phi",),
    "xAI": ("grok",),
    "Liquid AI": ("lfm",),
}
"""How the names of models begin."""

_EMBEDDED = "gemma"
"""What ``local`` serves where no model file is given."""


def family_of(model: str, named: Mapping[str, str]) -> str:
    """The organisation of a model: as the study file names it, else by how its name begins, else the name itself.

    Parameters
    ----------
    model : str
        Such as ``gpt-4-0613`` or ``openai/gpt-4``.
    named : mapping of str to str
        Organisations by name of model or respondent, from the study file.
    """
    if model in named:
        return named[model]
    name = _EMBEDDED if model == LOCAL else model.removeprefix(f"{LOCAL}:").rpartition("/")[2].casefold()
    found = (organisation for organisation, begins in _ORGANISATIONS.items() if name.startswith(begins))
    return next(found, model)

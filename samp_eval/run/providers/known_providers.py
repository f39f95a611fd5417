"""Providers whose addresses are known: the variables that hold their keys, and what Inspect AI calls them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from samp_eval.endpoint import LOCAL, OPENAI_ADDRESS, is_local

__all__ = ["Provider", "inspect_model", "known_provider"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider with an OpenAI-compatible address.

    Attributes
    ----------
    domains : tuple of str
        Its hosts are these, or end in one of these after a point.
    key_variables : tuple of str
        Where its key commonly stands; such a key may be sent there without asking the user.
    inspect_name : str
        The provider's name in Inspect AI.
    rents_hosts : bool
        Whether each customer has a host of its own, so that the address alone does not say who reads what is sent.
    """

    domains: tuple[str, ...]
    key_variables: tuple[str, ...]
    inspect_name: str
    rents_hosts: bool = False


_AZURE = ("openai.azure.com", "openai.azure.us", "cognitiveservices.azure.com", "services.ai.azure.com")
"""Not all of azure.com: below cloudapp.azure.com anyone has a host."""

PROVIDERS = (
    Provider(("openai.com",), ("OPENAI_API_KEY",), "openai"),
    Provider(
        _AZURE,
        ("AZURE_OPENAI_API_KEY", "AZUREAI_OPENAI_API_KEY", "AZURE_API_KEY", "OPENAI_API_KEY"),
        "openai/azure",
        rents_hosts=True,
    ),
    Provider(("api.anthropic.com",), ("ANTHROPIC_API_KEY",), "anthropic"),
    Provider(("generativelanguage.googleapis.com",), ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "google"),
    Provider(("api.mistral.ai",), ("MISTRAL_API_KEY",), "mistral"),
    Provider(("openrouter.ai",), ("OPENROUTER_API_KEY",), "openrouter"),
    Provider(("api.groq.com",), ("GROQ_API_KEY",), "groq"),
    Provider(("api.together.xyz", "api.together.ai"), ("TOGETHER_API_KEY",), "together"),
    Provider(("api.deepseek.com",), ("DEEPSEEK_API_KEY",), "openai-api/deepseek"),
    Provider(("api.x.ai",), ("XAI_API_KEY", "GROK_API_KEY"), "grok"),
    Provider(("api.fireworks.ai",), ("FIREWORKS_API_KEY",), "fireworks"),
    Provider(("api.sambanova.ai",), ("SAMBANOVA_API_KEY",), "sambanova"),
    Provider(("api.perplexity.ai",), ("PERPLEXITY_API_KEY",), "perplexity"),
    Provider(("router.huggingface.co",), ("HF_TOKEN",), "hf-inference-providers"),
    Provider(("integrate.api.nvidia.com",), ("NVIDIA_API_KEY",), "openai-api/nvidia"),
    Provider(("api.cohere.ai", "api.cohere.com"), ("COHERE_API_KEY", "CO_API_KEY"), "openai-api/cohere"),
)

NO_PROVIDER = "none"
"""Inspect's name for a model that it cannot ask itself; it reads and scores the log all the same."""


def known_provider(address: str | None) -> Provider | None:
    """The provider behind an https address; OpenAI if there is no address; None if it is not known."""
    parts = urlsplit(address or OPENAI_ADDRESS)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme != "https":
        return None
    return next(
        (
            provider
            for provider in PROVIDERS
            if any(host == domain or host.endswith(f".{domain}") for domain in provider.domains)
        ),
        None,
    )


def inspect_model(model: str, address: str | None, *, recorded: bool) -> str:
    """A model's name with its provider, as Inspect AI writes it: ``openai/gpt-4``.

    Parameters
    ----------
    recorded : bool
        The answers were collected elsewhere; a name with a provider, from a log of Inspect, stays as it is.
    """
    if recorded:
        return model if "/" in model else f"{NO_PROVIDER}/{model}"
    provider = None if is_local(model) else known_provider(address)
    name = LOCAL if is_local(model) else model
    return f"{provider.inspect_name if provider is not None else NO_PROVIDER}/{name}"

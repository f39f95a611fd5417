"""How many tokens a model makes of a picture: an estimate by its size, by the rules that OpenAI publishes."""

from __future__ import annotations

import math

from samp_eval.run.pictures import picture_sizes
from samp_eval.run.respondent import Message

__all__ = ["picture_tokens"]

_LONGEST, _SHORTEST, _TILE = 2048, 768, 512
"""Pixels: a picture is scaled into a square of the first, then until its shorter side is the second, and cut up. The
rule, its examples (765 tokens for 1024 x 1024, 1,105 for 2048 x 4096) and all numbers here are those of OpenAI's guide
*Images and vision*, section *Calculating costs*, as of 2025."""
_TOKENS = (85, 170)
"""Of a picture and of each of its tiles, for GPT-4o. Other providers charge 250 to 1,600 for a picture; these rules
give 255 to 1,445."""
_MORE = {"gpt-4o-mini": (2833, 5667)}
"""Models whose pictures cost many times as much; a limit of cost would be passed by the usual rule."""
_PATCH, _MOST_PATCHES = 32, 1536
_OF_PATCHES = {"gpt-4.1-mini": 1.62, "gpt-4.1-nano": 2.46, "gpt-5-mini": 1.62, "gpt-5-nano": 2.46, "o4-mini": 1.72}
"""Tokens of each patch of 32 x 32 pixels, for models that take pictures in patches, at most 1,536 of them."""


def picture_tokens(message: Message, model: str = "") -> int:
    """Tokens of the pictures of a message, 0 without any."""
    name = model.rpartition("/")[2]
    of_patch = next((tokens for known, tokens in _OF_PATCHES.items() if name.startswith(known)), None)
    if of_patch is not None:
        return sum(math.ceil(of_patch * _patches(*size)) for size in picture_sizes(message))
    base, tile = next((tokens for known, tokens in _MORE.items() if name.startswith(known)), _TOKENS)
    return sum(base + tile * _tiles(*size) for size in picture_sizes(message))


def _tiles(width: int, height: int) -> int:
    scale = min(1.0, _LONGEST / max(width, height))
    scale *= min(1.0, _SHORTEST / (scale * min(width, height)))
    return math.ceil(width * scale / _TILE) * math.ceil(height * scale / _TILE)


def _patches(width: int, height: int) -> int:
    """Patches that cover a picture, which is made smaller until one side is a whole number of them, where too large."""
    across, down = math.ceil(width / _PATCH), math.ceil(height / _PATCH)
    if across * down <= _MOST_PATCHES:
        return across * down
    scale = math.sqrt(_MOST_PATCHES * _PATCH**2 / (width * height)) / _PATCH
    across_exact, down_exact = width * scale, height * scale
    shrunk = min(math.floor(across_exact) / across_exact, math.floor(down_exact) / down_exact)
    return math.ceil(round(across_exact * shrunk, 6)) * math.ceil(round(down_exact * shrunk, 6))

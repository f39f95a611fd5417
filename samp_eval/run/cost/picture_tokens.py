"""How many tokens a model makes of a picture: an estimate by its size, by the rules that OpenAI publishes."""

from __future__ import annotations

import math

from samp_eval.run.pictures import picture_sizes
from samp_eval.run.respondent import Message

__all__ = ["picture_tokens"]

_LONGEST, _SHORTEST, _TILE = 2048, 768, 512
"""Pixels: a picture is scaled into a square of the first, then until its shorter side is the second, and cut up."""
_TOKENS = (85, 170)
"""Of a picture and of each of its tiles, for GPT-4o. Other providers charge 250 to 1,600 for a picture; these rules
give 255 to 1,445."""
_MORE = {"gpt-4o-mini": (2833, 5667)}
"""Models whose pictures cost many times as much; a limit of cost would be passed by the usual rule."""


def picture_tokens(message: Message, model: str = "") -> int:
    """Tokens of the pictures of a message, 0 without any."""
    name = model.rpartition("/")[2]
    base, tile = next((tokens for known, tokens in _MORE.items() if name.startswith(known)), _TOKENS)
    return sum(base + tile * _tiles(*size) for size in picture_sizes(message))


def _tiles(width: int, height: int) -> int:
    scale = min(1.0, _LONGEST / max(width, height))
    scale *= min(1.0, _SHORTEST / (scale * min(width, height)))
    return math.ceil(width * scale / _TILE) * math.ceil(height * scale / _TILE)

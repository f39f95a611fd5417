"""A response while it is being read: what was taken off is gone, and every character knows where it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Change", "Excerpt"]

Change = tuple[int, int, str]
"""From where, to where, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text that is read on, with the places of its characters in the response.

    Attributes
    ----------
    text : str
    begins : tuple of int
        Where in ``text`` each piece of the response begins.
    origins : tuple of int
        Where in the response the same pieces begin.
    """

    text: str
    begins: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the response ``text[start:end]`` stands; ``end`` is behind its last character."""
        if end <= start:
            origin = self._origin(start)
            return origin, origin
        return self._origin(start), self._origin(end - 1) + 1

    def _origin(self, position: int) -> int:
        piece = bisect_right(self.begins, position) - 1
        return self.origins[piece] + position - self.begins[piece]

    def replaced(self, changes: Iterable[Change]) -> Excerpt:
        """The excerpt with other text at some places; the changes stand in order and do not overlap."""
        texts: list[str] = []
        begins: list[int] = []
        origins: list[int] = []
        length = position = piece = 0
        for start, end, instead in [*changes, (len(self.text), len(self.text), "")]:
            if position < start:
                texts.append(self.text[position:start])
                while piece + 1 < len(self.begins) and self.begins[piece + 1] <= position:
                    piece += 1
                while True:
                    begins.append(length + max(0, self.begins[piece] - position))
                    origins.append(self.origins[piece] + max(0, position - self.begins[piece]))
                    if piece + 1 == len(self.begins) or self.begins[piece + 1] >= start:
                        break
                    piece += 1
                length += start - position
            if instead:
                texts.append(instead)
                begins.append(length)
                origins.append(self._origin(start) if self.text else 0)
                length += len(instead)
            position = end
        return Excerpt("".join(texts), tuple(begins) or (0,), tuple(origins) or (0,))

    def only(self, kept: Iterable[tuple[int, int]]) -> Excerpt:
        """The excerpt with nothing but these parts, each on lines of its own."""
        changes: list[Change] = []
        position = 0
        for start, end in kept:
            changes.append((position, start, "\n" if changes else ""))
            position = end
        return self.replaced([*changes, (position, len(self.text), "")])

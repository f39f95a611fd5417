"""Pictures in requests: kept as references with a hash, so that a study holds each once; filled in as they are sent.

In a message they stand beside its text, a reference on each line; in a body as the chat completions API wants them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.picture import Picture
from samp_eval.run.respondent import Message

__all__ = [
    "content_of",
    "data_url",
    "picture_sizes",
    "reference_of",
    "referred_to",
    "with_contents",
    "with_pictures",
]

_PICTURES = "pictures"
_REFERENCE = re.compile(r"sha256:([0-9a-f]{64}) image/(?:png|jpeg) (\d+)x(\d+)")
_IN_A_BODY = re.compile(rf'(?<="url":"){_REFERENCE.pattern}(?=")')
"""A text cannot be taken for it: JSON writes the quotation marks in a text with a backslash."""


def reference_of(picture: Picture, pictures: Mapping[str, PlainPicture]) -> str:
    """What stands for a picture in a kept request: hash of its file, type and size in pixels."""
    found = pictures[picture.digest]
    return f"sha256:{picture.digest} {found.media_type} {found.width}x{found.height}"


def with_pictures(messages: list[Message], references: Sequence[str]) -> list[Message]:
    """The messages with pictures behind the text of the last one."""
    if not references:
        return messages
    return [*messages[:-1], {**messages[-1], _PICTURES: "\n".join(references)}]


def content_of(message: Message) -> str | list[dict[str, Any]]:
    """The content as the API wants it: a text, or parts where there are pictures."""
    if _PICTURES not in message:
        return message["content"]
    references = message[_PICTURES].split("\n")
    shown = [{"type": "image_url", "image_url": {"url": reference}} for reference in references]
    return [{"type": "text", "text": message["content"]}, *shown]


def picture_sizes(message: Message) -> list[tuple[int, int]]:
    """Width and height in pixels of each picture of a message."""
    found = _REFERENCE.finditer(message.get(_PICTURES, ""))
    return [(int(reference[2]), int(reference[3])) for reference in found]


def referred_to(reference: str) -> str | None:
    """The hash in a reference; None if it is none."""
    found = _REFERENCE.fullmatch(reference)
    return found[1] if found is not None else None


def with_contents(body: str, pictures: Mapping[str, PlainPicture]) -> str:
    """A body as it is sent: with the pictures in place of their references.

    Raises
    ------
    KeyError
        Where a picture is missing: a request never goes out without it.
    """
    if '"image_url"' not in body:
        return body
    return _IN_A_BODY.sub(lambda found: data_url(pictures[found[1]]), body)


def data_url(picture: PlainPicture) -> str:
    """The picture as an address that holds it."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.content).decode()}"

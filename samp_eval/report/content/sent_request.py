"""A request as it was sent, so that a reader can read it: messages first, then the settings."""

from __future__ import annotations

import json

__all__ = ["readable_request"]


def readable_request(body: str) -> str:
    """The messages of a chat request word for word, each under its role, then everything else in one line.

    A body that is no chat request is given back as it is.
    """
    try:
        sent = json.loads(body)
        messages = [f"[{one['role']}]\n{one['content']}" for one in sent["messages"]]
    except (ValueError, KeyError, TypeError):
        return body
    settings = {name: value for name, value in sent.items() if name != "messages"}
    return "\n\n".join([*messages, json.dumps(settings, ensure_ascii=False, sort_keys=True)])

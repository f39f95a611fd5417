"""A sent request in readable form: first the messages, then the settings."""

from __future__ import annotations

import json

__all__ = ["readable_request"]


def readable_request(body: str) -> str:
    """The messages of a chat request word for word, each below its role, then all other fields in one line.

    A body that is not a chat request is returned unchanged.
    """
    try:
        sent = json.loads(body)
        messages = [f"[{message['role']}]\n{message['content']}" for message in sent["messages"]]
    except (ValueError, KeyError, TypeError):
        return body
    settings = {name: value for name, value in sent.items() if name != "messages"}
    return "\n\n".join([*messages, json.dumps(settings, ensure_ascii=False, sort_keys=True)])

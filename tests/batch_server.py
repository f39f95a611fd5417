"""Files and batches of OpenAI's Batch API, as documented, on the tests' own server.

A test says when a batch goes on::

    with BatchServer() as server:
        ...  # submit
        server.end()  # every batch that is under way ends as it should
        ...  # collect
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openai_server import Answer, Answerer, Hang, OpenAIServer, Received, Reset, Say, Status, completion, error

MOST_LINES = 50_000
MOST_BYTES = 200_000_000


class BatchServer(OpenAIServer):
    """Keeps files and batches; each line of a batch is answered by ``answer_line`` when the batch ends.

    Attributes
    ----------
    instead : dict
        (method, path) -> what is answered in place of doing anything.
    after : dict
        (method, path) -> what is answered once it is done: ``Reset()`` and ``Hang()`` lose the answer.
    looks : int or None
        After so many looks a batch ends by itself; None leaves it to the test.
    """

    def __init__(self, answer_line: Answerer | None = None, *, looks: int | None = None) -> None:
        super().__init__(self.serve)
        self.answer_line: Answerer = answer_line or (lambda _: Say())
        self.looks = looks
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.instead: dict[tuple[str, str], Answer] = {}
        self.after: dict[tuple[str, str], Answer] = {}
        self.extra_lines: list[bytes] = []
        self.most_tokens_waiting: int | None = None
        self.change_output: Callable[[bytes], bytes] = lambda content: content
        self._looked: dict[str, int] = {}

    # What a test asks ----------------------------------------------------------------------------------------------

    def asked(self, model: str | None = None) -> list[str]:
        """Custom ids of every line of every batch that was accepted."""
        return [
            line["custom_id"]
            for batch in self.batches.values()
            if batch["status"] != "failed"
            for line in self._lines(batch)
            if model in (None, line["body"]["model"])
        ]

    def end(self, status: str = "completed", share: float = 1.0) -> None:
        """End every batch under way; of an expired or a cancelled one only a share of the lines was asked."""
        for batch in self.batches.values():
            if batch["status"] in ("validating", "in_progress", "finalizing", "cancelling"):
                self._end(batch, status, share)

    def go_on(self, status: str) -> None:
        """Bring every batch under way to a status before its end."""
        for batch in self.batches.values():
            batch["status"] = status
            batch["request_counts"] = {"total": len(self._lines(batch)), "completed": 1, "failed": 0}

    # The endpoints -------------------------------------------------------------------------------------------------

    def serve(self, request: Received) -> Answer:
        path = urlsplit(request.path).path.removeprefix("/v1")
        place = (request.method, path)
        if place in self.instead:
            return self.instead[place]
        answer = self._done(request, request.method, path.strip("/").split("/"))
        return self.after.get(place, answer)

    def _done(self, request: Received, method: str, path: list[str]) -> Answer:
        match method, path:
            case "POST", ["files"]:
                return self._take_file(request)
            case "GET", ["files", name, "content"] if name in self.files:
                return Status(200, self.files[name])
            case "POST", ["batches"]:
                return self._make(request.body)
            case "GET", ["batches"]:
                return self._list(parse_qs(urlsplit(request.path).query))
            case "GET", ["batches", name] if name in self.batches:
                return self._look(self.batches[name])
            case "POST", ["batches", name, "cancel"] if name in self.batches:
                return self._cancel(self.batches[name])
        return error(404, f"no such thing: {'/'.join(path)}")

    def _take_file(self, request: Received) -> Answer:
        boundary = request.headers["content-type"].split("boundary=")[1].encode()
        parts = {}
        for part in request.content.split(b"--" + boundary)[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            name = head.split(b'name="')[1].split(b'"')[0].decode()
            parts[name] = content.removesuffix(b"\r\n")
        if parts.get("purpose") != b"batch":
            return error(400, "purpose must be batch")
        name = f"file-{len(self.files)}"
        self.files[name] = parts["file"]
        return Status(
            200,
            {
                "id": name,
                "object": "file",
                "bytes": len(parts["file"]),
                "created_at": 1,
                "filename": "x.jsonl",
                "purpose": "batch",
                "status": "processed",
            },
        )

    def _make(self, body: dict[str, Any]) -> Answer:
        if body["completion_window"] != "24h" or body["input_file_id"] not in self.files:
            return error(400, "there is no such file or window")
        assert len(body["metadata"]) <= 16
        assert all(len(key) <= 64 and len(value) <= 512 for key, value in body["metadata"].items())
        name = f"batch_{len(self.batches)}"
        batch = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": int(time.time()),
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": body["metadata"],
        }
        self.batches[name] = batch
        faults = self._faults(batch)
        if faults:
            batch |= {"status": "failed", "errors": {"object": "list", "data": faults}}
        return Status(200, batch)

    def _faults(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        content = self.files[batch["input_file_id"]]
        lines = self._lines(batch)
        seen: set[str] = set()
        faults: list[dict[str, Any]] = []
        if len(lines) > MOST_LINES or len(content) > MOST_BYTES:
            faults.append({"code": "too_many_tasks", "message": "the file is too large", "line": None, "param": None})
        if self.most_tokens_waiting is not None and len(content) / 4 > self.most_tokens_waiting:
            message = "Enqueued token limit reached for this model."
            faults.append({"code": "token_limit_exceeded", "message": message, "line": None, "param": None})
        for number, line in enumerate(lines, start=1):
            if line["custom_id"] in seen or line["url"] != batch["endpoint"] or line["method"] != "POST":
                faults.append({"code": "invalid_line", "message": "twice", "line": number, "param": None})
            seen.add(line["custom_id"])
        return faults

    def _list(self, query: dict[str, list[str]]) -> Answer:
        newest = list(reversed(self.batches.values()))
        if "after" in query:
            names = [batch["id"] for batch in newest]
            newest = newest[names.index(query["after"][0]) + 1 :]
        limit = int(query.get("limit", ["20"])[0])
        page = newest[:limit]
        return Status(200, {"object": "list", "data": page, "has_more": len(newest) > limit})

    def _look(self, batch: dict[str, Any]) -> Answer:
        looked = self._looked[batch["id"]] = self._looked.get(batch["id"], 0) + 1
        if self.looks is not None and batch["status"] not in ("completed", "failed", "expired", "cancelled"):
            if looked > self.looks:
                self._end(batch, "cancelled" if batch["status"] == "cancelling" else "completed", 1.0)
            else:
                batch["status"] = "in_progress"
        return Status(200, batch)

    def _cancel(self, batch: dict[str, Any]) -> Answer:
        if batch["status"] not in ("validating", "in_progress"):
            return error(409, f"a batch that is {batch['status']} cannot be cancelled")
        batch["status"] = "cancelling"
        return Status(200, batch)

    # What a batch does ---------------------------------------------------------------------------------------------

    def _lines(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]

    def _end(self, batch: dict[str, Any], status: str, share: float) -> None:
        lines = self._lines(batch)
        random.Random(len(lines)).shuffle(lines)
        asked = round(share * len(lines))
        good, bad = list(self.extra_lines), list[bytes]()
        for number, line in enumerate(lines):
            request = Received("POST", line["url"], {}, json.dumps(line["body"]).encode(), number, 0.0)
            found: dict[str, Any] = {"id": f"batch_req_{number}", "custom_id": line["custom_id"]}
            found |= {"response": None, "error": None}
            if number >= asked:
                code = "batch_expired" if status == "expired" else "batch_cancelled"
                found["error"] = {"code": code, "message": "This request could not be executed."}
            else:
                answer = self.answer_line(request)
                assert isinstance(answer, Say | Status)
                body = completion(request, answer) if isinstance(answer, Say) else answer.body
                status_code = 200 if isinstance(answer, Say) else answer.status
                found["response"] = {"status_code": status_code, "request_id": f"req_{number}", "body": body}
            response = found["response"]
            is_good = response is not None and response["status_code"] == 200
            (good if is_good else bad).append(json.dumps(found, ensure_ascii=False).encode())
        batch |= {"status": status, "request_counts": {"total": len(lines), "completed": len(good), "failed": len(bad)}}
        for field, content in (("output_file_id", good), ("error_file_id", bad)):
            if content:
                batch[field] = f"file-{len(self.files)}"
                self.files[batch[field]] = self.change_output(b"\n".join(content) + b"\n")


__all__ = ["BatchServer", "Hang", "Reset"]

"""The pictures of a study's banks: each is stored once, and read when it is wanted."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Connection, insert, select

from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.bank_pictures import pictures_of
from samp_eval.items.samp import Bank
from samp_eval.store import schema
from samp_eval.store.safety.row_digests import checked

__all__ = ["StoredPictures", "keep_pictures"]


class StoredPictures(Mapping[str, PlainPicture]):
    """What a study holds, by hash; a picture that was read once is kept."""

    def __init__(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._reading = reading
        self._read: dict[str, PlainPicture] = {}

    def __getitem__(self, sha256: str) -> PlainPicture:
        if sha256 not in self._read:
            table = schema.pictures
            query = select(table).where(table.c.sha256 == sha256)
            with self._reading() as connection:
                rows = list(checked(table, connection.execute(query)))
            if not rows:
                raise KeyError(sha256)
            (row,) = rows
            content = base64.b64decode(row.content)
            self._read[sha256] = PlainPicture(row.media_type, row.width, row.height, content)
        return self._read[sha256]

    def __iter__(self) -> Iterator[str]:
        with self._reading() as connection:
            yield from list(connection.execute(select(schema.pictures.c.sha256)).scalars())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def keep_pictures(connection: Connection, bank: Bank) -> None:
    """Store the pictures of a bank that are not there yet."""
    there = set(connection.execute(select(schema.pictures.c.sha256)).scalars())
    wanted = dict.fromkeys(picture.digest for case in bank.cases for picture in pictures_of(case))
    rows = [
        {
            "sha256": sha256,
            "media_type": bank.pictures[sha256].media_type,
            "width": bank.pictures[sha256].width,
            "height": bank.pictures[sha256].height,
            "content": base64.b64encode(bank.pictures[sha256].content).decode(),
        }
        for sha256 in wanted
        if sha256 not in there
    ]
    if rows:
        connection.execute(insert(schema.pictures), rows)

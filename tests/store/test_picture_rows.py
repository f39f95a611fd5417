"""Pictures of a bank in study.db and on PostgreSQL: each once, as it went in, and read when it is wanted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from pictured import photograph_with_place, pictured_bank, png
from postgres_server import PostgresServer

from samp_eval.cli.main import main
from samp_eval.errors import CannotStore
from samp_eval.items.load import load_bank
from samp_eval.store.study_store import StudyStore


def kept(folder: Path, bank: Path) -> Path:
    with StudyStore.open(folder) as store:
        store.keep_bank(load_bank(bank))
    return folder


@pytest.mark.parametrize("content", [png(), photograph_with_place()], ids=["PNG", "JPEG"])
def test_pictures_come_back_as_they_went(content: bytes, new_study: Callable[[Path], Path], tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path / "bank", content=content)
    folder = kept(new_study(tmp_path / "study"), bank)
    with StudyStore.open(folder, create=False) as store:
        held = store.bank()
        assert held is not None
        assert held.sha256 == load_bank(bank).sha256
        assert dict(held.pictures) == dict(load_bank(bank).pictures)
        assert len(held.pictures) == 1
        with pytest.raises(KeyError):
            held.pictures["0" * 64]


def test_a_moved_study_has_its_pictures(postgres: PostgresServer, tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path / "bank")
    folder = kept(tmp_path / "study", bank)
    postgres.study(folder)
    assert main(["move", "--to", "postgresql", "--study", str(folder)]) == 0
    with StudyStore.open(folder, create=False) as store:
        held = store.bank()
        assert held is not None
        assert dict(held.pictures) == dict(load_bank(bank).pictures)


def test_a_damaged_picture_is_not_sent(tmp_path: Path) -> None:
    folder = kept(tmp_path / "study", pictured_bank(tmp_path / "bank"))
    with sqlite3.connect(folder / "study.db") as database:
        database.execute("UPDATE pictures SET content = 'AAAA' || substr(content, 5)")
    with StudyStore.open(folder, create=False) as store:
        held = store.bank()
        assert held is not None
        with pytest.raises(CannotStore, match="is not what was stored"):
            dict(held.pictures)

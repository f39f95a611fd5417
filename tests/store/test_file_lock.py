"""A file system without locks, such as some network drives, is named with the remedy."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from samp_eval.errors import CannotStore
from samp_eval.store.study_store import StudyStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows locks by other means")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL])
def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    import fcntl

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    with StudyStore.open(tmp_path) as store:
        monkeypatch.setattr(fcntl, "flock", refuse)
        refused = pytest.raises(CannotStore, match=r"study\.db\.lock cannot be locked .* has no locks")
        with refused, store.run_lock(pytest.fail):
            pytest.fail("nothing may run without the lock")
    with StudyStore.open(tmp_path, create=False, notify=pytest.fail) as store:
        assert store.respondents() == {}, "a command that only reads needs no lock"

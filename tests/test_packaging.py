"""What the wheel carries: an installed tool works in any folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr + built.stdout
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.slow
def test_the_wheel_carries_the_whole_bank(wheel_names: set[str]) -> None:
    cases = {f"samp_eval/_data/{file.name}" for file in (ROOT / "data").glob("*.yaml")}
    assert len(cases) >= 19
    assert cases <= wheel_names


@pytest.mark.slow
def test_the_wheel_carries_every_file_that_the_code_reads(wheel_names: set[str]) -> None:
    package = ROOT / "samp_eval"
    wanted = {
        str(file.relative_to(ROOT))
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "_data" not in file.parts
    }
    assert {"samp_eval/py.typed", "samp_eval/study_template.toml", "samp_eval/run/prompts/examples.txt"} <= wanted
    assert wanted <= wheel_names


def test_no_address_of_a_registry_stands_in_the_lock_files() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index-url" not in text
        assert "--hash=sha256:" in text

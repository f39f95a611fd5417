"""Run the short tests under every other Python that the project promises and that this machine has.

    make test-pythons

Each gets an environment of its own in ``build/pythons``, installed from the lock file. Versions that this machine does
not have are named as untested.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / "build" / "pythons"


def main() -> None:
    """Test each version and print what came of it; exit 1 where one failed."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    results = {own: "make test-all tests it"}
    for version in promised_versions(ROOT / "pyproject.toml"):
        if version != own:
            results[version] = tested(version)
    for version, result in sorted(results.items(), key=lambda item: int(item[0].split(".")[1])):
        print(f"Python {version}: {result}")
    sys.exit(any(result.startswith("failed") for result in results.values()))


def promised_versions(pyproject: Path) -> list[str]:
    """The versions that the classifiers of the project name."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    found = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", name) for name in project["classifiers"])
    return [match[1] for match in found if match]


def tested(version: str) -> str:
    """Install into an environment of this version, and run the short tests there."""
    interpreter = interpreter_of(version)
    if interpreter is None:
        return "untested, not on this machine"
    folder = ENVIRONMENTS / version
    python = str(folder / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    steps = {
        "making the environment": [interpreter, "-m", "venv", str(folder)],
        "installing the lock file": [*install, "--require-hashes", "-r", "requirements/dev.lock"],
        "installing samp-eval": [*install, "--no-deps", "--no-build-isolation", "--editable", "."],
        "the tests": [python, "-m", "pytest", "--quiet", "-n", "auto", "--maxprocesses", "8", "-m", "not slow"],
    }
    for step, command in steps.items():
        print(f"Python {version}: {step}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return f"failed: {step}"
    return "passed"


def interpreter_of(version: str) -> str | None:
    """An interpreter of this version that runs; None where there is none."""
    places = [f"python{version}", *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    for place in places:
        try:
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout
        except OSError:
            continue
        if said.startswith(f"Python {version}."):
            return place
    return None


if __name__ == "__main__":
    main()

"""Read a bank of questions and refuse a faulty one with every fault named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.picture import PlainPicture
from samp_eval.items.bank_pictures import read_pictures
from samp_eval.items.forms.registry import read_cases
from samp_eval.items.samp import Bank, PlacedCase, SampCase

__all__ = [
    "bank_files",
    "bank_files_sha256",
    "bank_folder",
    "bank_of",
    "bundled_bank_folder",
    "load_bank",
    "repeated_ids",
]


def bundled_bank_folder() -> Path:
    """The folder of the bank that comes with samp-eval: inside the wheel, else the checkout's ``data/``."""
    package = Path(__file__).resolve().parent.parent
    in_wheel = package / "_data"
    return in_wheel if in_wheel.is_dir() else package.parent / "data"


def load_bank(path: Path | None = None, notify: Callable[[str], None] | None = None) -> Bank:
    """Read and validate a bank.

    Parameters
    ----------
    path : Path, optional
        A folder of case files (``*.yaml``, not its subfolders), one case file, or a whole bank as JSONL, CSV, XLSX
        or Markdown; the bundled bank when omitted.
    notify : callable, optional
        Is told if a file was not read as UTF-8.

    Returns
    -------
    Bank
        Every case, checked.

    Raises
    ------
    FaultyBank
        Naming file, case, question, what was found and what is allowed, for every fault at once.
    """
    cases: list[PlacedCase] = []
    pictures: dict[str, PlainPicture] = {}
    faults: list[Fault] = []
    for file in bank_files(path if path is not None else bundled_bank_folder()):
        try:
            for case in read_cases(file, notify):
                cases.append(PlacedCase(str(file), case))
                whole, found = read_pictures(cases[-1], bank_folder(path))
                cases[-1] = PlacedCase(str(file), whole)
                pictures |= found
        except FaultyBank as error:
            faults.extend(error.faults)
    faults.extend(repeated_ids(cases))
    if faults:
        raise FaultyBank(faults)
    location = "bundled bank" if path is None else str(path)
    bank = bank_of([placed.case for placed in cases], location=location)
    return replace(bank, files_sha256=bank_files_sha256(path), pictures=pictures)


def bank_folder(path: Path | None) -> Path:
    """The folder of a bank's pictures: the bank itself, or where its one file lies."""
    place = path if path is not None else bundled_bank_folder()
    return place if place.is_dir() else place.parent


def bank_files_sha256(path: Path | None = None) -> str:
    """SHA-256 of the names and the content of a bank's files, without pictures; the bundled bank's by default."""
    digest = hashlib.sha256()
    for file in bank_files(path if path is not None else bundled_bank_folder()):
        digest.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def bank_files(location: Path) -> list[Path]:
    """The files of a bank: the case files of a folder, or the one file; raises :class:`FaultyBank` where none is."""
    if not location.exists():
        raise FaultyBank([Fault(str(location), "", "there is no such file or folder")])
    files = sorted([*location.glob("*.yaml"), *location.glob("*.yml")]) if location.is_dir() else [location]
    if not files:
        raise FaultyBank([Fault(str(location), "", "the folder holds no case file (*.yaml)")])
    return files


def bank_of(cases: list[SampCase], *, location: str, version: int = 0) -> Bank:
    """A bank of cases that are already validated.

    Fields without a value are left out of the hash, so that fields of a later samp-eval change no hash; so is who wrote
    and who reviewed a case.
    """
    people = {"written_by", "reviewed_by"}
    content = [case.model_dump(mode="json", exclude_defaults=True, exclude=people) for case in cases]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return Bank(tuple(cases), location, hashlib.sha256(canonical.encode()).hexdigest(), version)


def repeated_ids(cases: Sequence[PlacedCase]) -> Iterator[Fault]:
    """Ids of cases and of questions that stand twice in a bank."""
    first: dict[tuple[str, str], str] = {}
    for placed in cases:
        file, case = placed.file, placed.case
        for kind, identifier in [("case", case.id), *(("question", question.id) for question in case.questions)]:
            if (kind, identifier) in first:
                yield Fault(
                    file,
                    placed.place(),
                    f"the {kind} id {identifier} is taken already, in {first[kind, identifier]}",
                )
            first.setdefault((kind, identifier), file)

"""Reviewed cases are accepted: ``reviewed_by`` is written into the bank's files, and nothing else in them changes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samp_eval.errors import CannotStore, Fault, FaultyBank, StudyConflict
from samp_eval.items.bank_pictures import copy_pictures, read_pictures
from samp_eval.items.forms.registry import form_of, read_cases, write_cases
from samp_eval.items.forms.yaml_form import yaml_list
from samp_eval.items.load import bank_files, bank_folder, bundled_bank_folder
from samp_eval.items.reviewed_text import case_sha256, reviewed_text
from samp_eval.items.samp import PlacedCase, SampCase
from samp_eval.whole_files import whole_file

__all__ = ["Acceptance", "write_acceptances"]

_FIELD = re.compile(r"^reviewed_by:.*(?:\n[ \t-].*)*\n?", re.MULTILINE)
"""The field with its list, which begins at the margin or is indented, up to the next field of the case."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A case that was accepted after its review.

    Attributes
    ----------
    case_id : str
    case_sha256 : str
        Of the text that was reviewed.
    experts : tuple of str
        Who rated every question of it.
    reason : str
        Why it was accepted although the rule does not accept it; otherwise empty.
    accepted_at : datetime
        UTC.
    """

    case_id: str
    case_sha256: str
    experts: tuple[str, ...]
    reason: str
    accepted_at: datetime

    @property
    def lines(self) -> tuple[str, ...]:
        """What ``reviewed_by`` holds of it."""
        date = self.accepted_at.strftime("%Y-%m-%d")
        return tuple(reviewed_text(expert, date, self.case_sha256) for expert in self.experts)


def write_acceptances(accepted: Sequence[Acceptance], location: Path | None, out: Path | None) -> list[Path]:
    """Write ``reviewed_by`` of the accepted cases.

    Parameters
    ----------
    accepted : sequence of Acceptance
    location : Path or None
        Of the bank; None for the bundled one, which is only copied.
    out : Path or None
        Where a copy of the whole bank goes; None to change the bank's own files.

    Returns
    -------
    list of Path
        Files that were written.

    Raises
    ------
    StudyConflict
        Where a case reads otherwise in the files than it was reviewed, or the copy exists.
    CannotStore
        Where the files cannot be written and no copy is named.
    """
    files = bank_files(location or bundled_bank_folder())
    cases, folder = {file: read_cases(file) for file in files}, bank_folder(location)
    placed = [PlacedCase(str(file), case) for file, of_file in cases.items() for case in of_file]
    wanted = {acceptance.case_id: acceptance for acceptance in accepted}
    _check_texts(wanted, [read_pictures(case, folder)[0] for case in placed])
    if out is not None:
        copy = [_signed(case.case, wanted) for case in placed]
        return [*_write_copy(copy, out), *copy_pictures(copy, folder, bank_folder(out))]
    touched = [file for file, of_file in cases.items() if any(case.id in wanted for case in of_file)]
    _check_writable(location, touched)
    for file in touched:
        signed = [_signed(case, wanted) for case in cases[file]]
        if form_of(file) == "yaml":
            _sign_yaml(file, signed[0])
        else:
            write_cases(signed, file)
    return touched


def _check_texts(wanted: Mapping[str, Acceptance], cases: Sequence[SampCase]) -> None:
    held = {case.id: case_sha256(case) for case in cases}
    other = [name for name, acceptance in wanted.items() if held.get(name) != acceptance.case_sha256]
    if other:
        raise StudyConflict(
            f"the bank's files read otherwise than what was reviewed: {', '.join(sorted(other))}; take the bank into "
            "the study with samp-eval amend key and have the changed questions reviewed, or restore the files"
        )


def _check_writable(location: Path | None, files: Sequence[Path]) -> None:
    refused = [file for file in files if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK)]
    if location is None or refused:
        what = "the bundled bank" if location is None else str(refused[0])
        raise CannotStore(f"{what} is not written to; name a folder for a copy of the whole bank with --out")


def _write_copy(cases: Sequence[SampCase], out: Path) -> list[Path]:
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise StudyConflict(f"{out} exists already and was not changed; name another place with --out")
    return write_cases(cases, out)


def _signed(case: SampCase, wanted: Mapping[str, Acceptance]) -> SampCase:
    """The case with its reviewers; names without a hash, which people wrote by hand, stay."""
    if case.id not in wanted:
        return case
    by_hand = [line for line in case.reviewed_by if ", sha256:" not in line]
    return case.model_copy(update={"reviewed_by": (*by_hand, *wanted[case.id].lines)})


def _sign_yaml(file: Path, signed: SampCase) -> None:
    """Change one field of a file and leave every other letter of it, comments too."""
    text = file.read_bytes().decode("utf-8-sig")
    end = "\r\n" if "\r\n" in text else "\n"
    field = yaml_list("reviewed_by", signed.reviewed_by).replace("\n", end)
    rest = _FIELD.sub("", text, count=1).rstrip("\r\n")
    with whole_file(file) as unfinished:
        unfinished.write_bytes(f"{rest}{end}{field}".encode())
        if read_cases(unfinished) != [signed]:
            problem = "reviewed_by cannot be written into this file without touching the rest; use --out for a copy"
            raise FaultyBank([Fault(str(file), "", problem)])

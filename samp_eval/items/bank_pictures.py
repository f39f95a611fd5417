"""The picture files of a bank: read beside its cases, and copied where the bank goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from samp_eval.errors import Fault, FaultyBank
from samp_eval.input_files.limits import MAX_PICTURE_BYTES, UnreadableFile, read_bytes
from samp_eval.input_files.picture import PlainPicture, read_picture
from samp_eval.items.picture import Picture
from samp_eval.items.samp import PlacedCase, SampCase
from samp_eval.whole_files import whole_file

__all__ = ["copy_pictures", "has_pictures", "pictures_of", "read_pictures"]


def pictures_of(case: SampCase) -> list[Picture]:
    """Every picture of a case, in order."""
    return [*case.images, *(picture for question in case.questions for picture in question.images)]


def has_pictures(cases: Sequence[SampCase]) -> bool:
    """Whether any case of a bank has a picture."""
    return any(map(pictures_of, cases))


def read_pictures(placed: PlacedCase, folder: Path) -> tuple[SampCase, dict[str, PlainPicture]]:
    """Read the pictures of a case, and note their hashes in it.

    Parameters
    ----------
    placed : PlacedCase
    folder : Path
        The bank's; files stay inside it, links resolved.

    Raises
    ------
    FaultyBank
        With every picture that cannot be used.
    """
    if not pictures_of(placed.case):
        return placed.case, {}
    contents: dict[str, PlainPicture] = {}
    faults: list[Fault] = []

    def read(pictures: Sequence[Picture], place: str) -> tuple[Picture, ...]:
        found = []
        for picture in pictures:
            try:
                digest, content = _read(picture, folder)
            except UnreadableFile as error:
                faults.append(Fault(placed.file, f"{place}, picture {picture.file}", error.problem))
                continue
            contents[digest] = content
            found.append(picture.model_copy(update={"sha256": digest}))
        return tuple(found)

    case = placed.case
    images = read(case.images, placed.place())
    questions = tuple(
        question.model_copy(update={"images": read(question.images, placed.place(question))})
        for question in case.questions
    )
    if faults:
        raise FaultyBank(faults)
    return case.model_copy(update={"images": images, "questions": questions}), contents


def _read(picture: Picture, folder: Path) -> tuple[str, PlainPicture]:
    digest, content = read_picture(_place(picture, folder))
    if picture.sha256 not in (None, digest):
        raise UnreadableFile(
            f"is another file than the bank names: its SHA-256 is {digest}. If it was changed on purpose, correct or "
            "remove sha256 in the bank"
        )
    return digest, content


def _place(picture: Picture, folder: Path) -> Path:
    file = folder / picture.file
    try:
        inside = file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:  # links that go round in a circle
        raise UnreadableFile(f"cannot be read: {error}") from error
    if not inside:
        raise UnreadableFile("lies outside the bank's folder; copy it into the folder")
    if not file.exists():
        raise UnreadableFile(f"is not there; put the file into {folder}")
    return file


def copy_pictures(cases: Sequence[SampCase], folder: Path, target: Path) -> Iterator[Path]:
    """Copy the picture files of a bank into another folder, as they are; yields each copy.

    Raises
    ------
    FaultyBank
        Where another file has the place of a picture.
    """
    for picture in {picture.file: picture for case in cases for picture in pictures_of(case)}.values():
        try:
            content = read_bytes(_place(picture, folder), MAX_PICTURE_BYTES)
            there = target / picture.file
            if there.exists():
                if read_bytes(there, MAX_PICTURE_BYTES) != content:
                    raise UnreadableFile("is there already with another content; nothing is overwritten")
                continue
        except UnreadableFile as error:
            raise FaultyBank([Fault(str(target), f"picture {picture.file}", error.problem)]) from error
        with whole_file(there) as unfinished:
            unfinished.write_bytes(content)
        yield there

"""Pictures of a bank: where they may lie, what must be said of them, and that every form keeps them."""

from __future__ import annotations

import hashlib
import os
import runpy
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import yaml
from bank_files import findings
from pictured import SVG, pictured_bank, png
from PIL import Image

from samp_eval.cli.main import main
from samp_eval.errors import FaultyBank, StudyConflict
from samp_eval.items.load import bundled_bank_folder, load_bank
from samp_eval.items.picture import Picture
from samp_eval.items.reviewed_text import case_sha256
from samp_eval.review.bank.acceptance import Acceptance, write_acceptances
from samp_eval.run.prompt import question_sha256

DRAWN = bundled_bank_folder() / "pictured"


def refused(folder: Path) -> str:
    with pytest.raises(FaultyBank) as error:
        load_bank(folder)
    (fault,) = error.value.faults
    assert str(fault) in {str(found) for found in check_faults(folder)}  # items check says the same
    return str(fault)


def check_faults(folder: Path) -> list[object]:
    from samp_eval.review.markers.bank_check import check_bank

    return list(check_bank(folder)[0])


def test_a_picture_is_read_with_its_hash(tmp_path: Path) -> None:
    bank = load_bank(pictured_bank(tmp_path))
    case, question = bank.by_question()["seen-2"]
    (picture,) = case.pictures_until(question)
    assert picture.digest == hashlib.sha256(png()).hexdigest()
    assert bank.pictures[picture.digest].width == 40
    assert bank.pictured == {"seen-2"}


def test_an_svg_is_refused(tmp_path: Path) -> None:
    assert "case seen, question seen-2, picture pictures/shown.png: is an SVG" in refused(
        pictured_bank(tmp_path, content=SVG)
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    pictured_bank(tmp_path)
    (tmp_path / "pictures" / "shown.png").unlink()
    assert "picture pictures/shown.png: is not there; put the file into" in refused(tmp_path)


def test_another_file_than_the_bank_names_is_refused_with_its_hash(tmp_path: Path) -> None:
    pictured_bank(tmp_path, sha256="0" * 64)
    said = refused(tmp_path)
    assert f"its SHA-256 is {hashlib.sha256(png()).hexdigest()}" in said
    load_bank(pictured_bank(tmp_path, sha256=hashlib.sha256(png()).hexdigest().upper()))


def test_a_hash_that_is_none_is_refused_with_what_one_is(tmp_path: Path) -> None:
    assert "a SHA-256 has 64 digits" in refused(pictured_bank(tmp_path, sha256="abc"))


@pytest.mark.parametrize("field", ["alt", "kind", "credit", "licence"])
def test_what_must_be_said_of_a_picture(field: str, tmp_path: Path) -> None:
    file = pictured_bank(tmp_path) / "seen.yaml"
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    del case["questions"][1]["images"][0][field]
    file.write_text(yaml.safe_dump(case), encoding="utf-8")
    assert f"field images number 1 {field}: this field is required and missing" in refused(tmp_path)


@pytest.mark.parametrize("path", ["../other.png", "/etc/passwd", "pictures/../../x.png", "C:/x.png", "a\\b.png", "~/x"])
def test_a_path_out_of_the_folder_is_refused(path: str, tmp_path: Path) -> None:
    assert "a picture lies in the bank's folder" in refused(pictured_bank(tmp_path, file=path))


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_out_of_the_folder_is_not_followed(kind: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shown.png").write_bytes(png())
    bank = pictured_bank(tmp_path / "bank")
    (bank / "pictures" / "shown.png").unlink()
    if kind == "file":
        (bank / "pictures" / "shown.png").symlink_to(elsewhere / "shown.png")
    else:
        (bank / "pictures").rmdir()
        (bank / "pictures").symlink_to(elsewhere)
    assert "lies outside the bank's folder" in refused(bank)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path)
    (bank / "pictures" / "shown.png").unlink()
    os.mkfifo(bank / "pictures" / "shown.png")
    assert "is not an ordinary file" in refused(bank)


def test_another_picture_makes_another_question_and_another_bank(tmp_path: Path) -> None:
    before = load_bank(pictured_bank(tmp_path / "a"))
    after = load_bank(pictured_bank(tmp_path / "b", content=png(colour=(0, 0, 0))))
    described = load_bank(pictured_bank(tmp_path / "c", alt="Something else."))
    hashes = [
        {name: question_sha256(*found) for name, found in bank.by_question().items()}
        for bank in (before, after, described)
    ]
    assert {name for name in hashes[0] if hashes[0][name] != hashes[1][name]} == {"seen-2"}
    assert hashes[0] == hashes[2]  # what only readers get changes no question
    assert len({bank.sha256 for bank in (before, after, described)}) == 3


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "md", "yaml"])
def test_every_form_keeps_pictures_and_brings_their_files(form: str, tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path / "bank", alt="Half; and = a \\ slash / here.")
    target = tmp_path / "out" / "bank" if form == "yaml" else tmp_path / "out" / f"bank.{form}"
    assert main(["items", "convert", str(bank), str(target)]) == 0
    assert load_bank(target).sha256 == load_bank(bank).sha256
    folder = target if form == "yaml" else target.parent
    assert (folder / "pictures" / "shown.png").read_bytes() == png()
    (folder / "pictures" / "shown.png").write_bytes(b"mine")
    assert main(["items", "convert", str(bank), str(target)]) == 1  # a file that is there is not overwritten


def test_only_a_question_without_its_picture_is_a_fault(tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path)
    assert not [found for found in findings(bank) if "refers to a picture" in found]
    case = yaml.safe_load((bank / "seen.yaml").read_text(encoding="utf-8"))
    del case["questions"][1]["images"]
    (bank / "seen.yaml").write_text(yaml.safe_dump(case), encoding="utf-8")
    (found,) = [found for found in findings(bank) if "refers to a picture" in found]
    assert "question seen-2, update" in found


def test_a_picture_is_shown_with_its_credit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["items", "show", "seen-2", "--items", str(pictured_bank(tmp_path))]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("[Picture pictures/shown.png: photograph. A red field; SECRET-ALT.]") == 1
    assert "Drawn for the tests, licence: CC BY 4.0" in said


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("CC0", True),
        ("CC BY 4.0", True),
        ("cc-by-sa-3.0", True),
        ("CC BY 3.0 IGO", True),
        ("Public domain", True),
        ("Apache-2.0", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND 4.0", False),
        ("CC BY-NC-SA 4.0", False),
        ("by permission of the hospital", False),
        ("not stated", False),
        ("All rights reserved; CC BY was refused", False),
    ],
)
def test_only_an_open_licence_lets_a_picture_be_shown(licence: str, shown: bool) -> None:
    assert Picture(file="a.png", alt="x", kind="x", credit="x", licence=licence).may_be_shown is shown


def test_the_bundled_pictures_are_what_the_script_draws(tmp_path: Path) -> None:
    drawn = runpy.run_path(str(DRAWN / "draw_pictures.py"))["draw"](tmp_path)
    for file in drawn:
        ours, theirs = (
            np.asarray(Image.open(one).convert("L"), dtype=float) for one in (file, DRAWN / "pictures" / file.name)
        )
        assert ours.shape == theirs.shape
        assert abs(ours - theirs).mean() < 2.0  # of 255: other versions of the fonts differ at the edges of letters


def test_the_block_on_the_strip_is_complete() -> None:
    """No P wave keeps its distance from the next QRS, and each keeps its own time."""
    drawing = runpy.run_path(str(DRAWN / "draw_pictures.py"))
    atria = np.arange(0.12, 10, drawing["ATRIA_EVERY"])
    beats = np.arange(0.66, 10, drawing["VENTRICLES_EVERY"])
    intervals = [float(min(beat - p for p in atria if p < beat)) for beat in beats]
    assert np.ptp(intervals) > 0.3
    strip = drawing["rhythm"](np.arange(0, 10, 0.002))
    peaks = [at for at in range(50, 4950) if strip[at] > 0.8 and strip[at] == strip[at - 50 : at + 50].max()]
    assert np.diff(peaks) * 0.002 == pytest.approx(drawing["VENTRICLES_EVERY"], abs=0.02)


def test_a_review_of_a_case_is_of_its_pictures_too(tmp_path: Path) -> None:
    bank = pictured_bank(tmp_path / "bank")
    accepted = [
        Acceptance(case.id, case_sha256(case), ("Dr. Ada Ng",), "", datetime(2026, 11, 28, tzinfo=UTC))
        for case in load_bank(bank).cases
    ]
    copied = write_acceptances(accepted, bank, tmp_path / "copy")
    assert tmp_path / "copy" / "pictures" / "shown.png" in copied
    assert [case.reviewed_by for case in load_bank(tmp_path / "copy").cases] == [one.lines for one in accepted]
    write_acceptances(accepted, bank, None)
    assert not [found for found in findings(bank) if "since its review" in found]
    pictured_bank(tmp_path / "other", content=png(colour=(0, 0, 9)))
    (bank / "pictures" / "shown.png").write_bytes((tmp_path / "other" / "pictures" / "shown.png").read_bytes())
    (found,) = [found for found in findings(bank) if "since its review" in found]
    assert found.startswith("case seen")
    with pytest.raises(StudyConflict, match="read otherwise than what was reviewed: seen"):
        write_acceptances(accepted, bank, None)

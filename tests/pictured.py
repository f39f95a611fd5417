"""Pictures, sound and otherwise, and a bank with some, for the tests of every stage."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import yaml
from PIL import Image

RED = (200, 30, 30)

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(size: tuple[int, int] = (40, 30), colour: tuple[int, int, int] = RED) -> bytes:
    return saved(Image.new("RGB", size, colour), "PNG")


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge_png(side: int = 20_000) -> bytes:
    """A whole PNG of one bit for a pixel: 50 kB that would unpack to 400 million pixels."""
    row = bytes(1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def animated_webp() -> bytes:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, (0, 0, 255))]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=100)


def photograph_with_place() -> bytes:
    """A JPEG that lies on its side, by a camera that noted where it was and whose it is."""
    image = Image.new("RGB", (60, 40), RED)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif[0x013B] = "Dr Nobody"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return saved(image, "JPEG", exif=exif, quality=90, comment=b"of Mrs Somebody")


def picture(**changes: str) -> dict[str, str]:
    plain = {
        "file": "pictures/shown.png",
        "alt": "A red field; SECRET-ALT.",
        "kind": "photograph",
        "credit": "Drawn for the tests",
        "licence": "CC BY 4.0",
    }
    return {**plain, **changes}


def pictured_bank(folder: Path, *, licence: str = "CC BY 4.0", content: bytes | None = None, **changes: str) -> Path:
    """A case with a picture at its second question, and one without any."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    (folder / "pictures" / "shown.png").write_bytes(png() if content is None else content)

    def question(identifier: str, **more: object) -> dict[str, object]:
        return {"id": identifier, **more, "question": "What is it?", "requested": 1, "key": [{"answer": "fever"}]}

    seen = {"update": "The photograph is shown below.", "images": [picture(licence=licence, **changes)]}
    stem = "A boy of three has been hot for two days."
    cases = [
        {"id": "seen", "questions": [question("seen-1"), question("seen-2", **seen)]},
        {"id": "told", "questions": [question("told-1")]},
    ]
    for case in cases:
        content_of_case = {"topic": "Fever", "stem": stem, **case}
        (folder / f"{case['id']}.yaml").write_text(yaml.safe_dump(content_of_case), encoding="utf-8")
    return folder

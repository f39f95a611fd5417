"""Pictures, read within limits and written anew from their pixels, so that nothing else of a file goes on.

What a camera or a hospital's archive put beside the pixels (place, date, names) stays behind.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from samp_eval.input_files.limits import MAX_PICTURE_BYTES, UnreadableFile, megabytes, read_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MAX_PIXELS", "PlainPicture", "plain_picture", "read_picture", "within"]

MAX_PIXELS = 20_000_000
"""A photograph of a telephone has 12 million; unpacked, these are 60 MB. Models scale what is larger down anyway."""
MAX_SENT_BYTES = 2 * MAX_PICTURE_BYTES
"""Of a picture as it is written anew: a WebP becomes a PNG, which is larger."""

_FORMATS = ("PNG", "JPEG", "WEBP")
_SVG = re.compile(rb"^\xef?\xbb?\xbf?\s*(?:<\?xml|<!--|<!doctype\s+svg|<svg)", re.IGNORECASE)
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError)
"""What Pillow's decoders raise for damaged files, each found by changing bytes of whole ones."""
_QUALITY = 95
"""Of a JPEG that is written anew; below it, repeated compression becomes visible."""


@dataclass(frozen=True, slots=True)
class PlainPicture:
    """A picture without anything but its pixels.

    Attributes
    ----------
    media_type : str
        ``image/png`` or ``image/jpeg``.
    width, height : int
        Pixels.
    content : bytes
    """

    media_type: str
    width: int
    height: int
    content: bytes


def read_picture(file: Path) -> tuple[str, PlainPicture]:
    """The SHA-256 of a file and its picture.

    Raises
    ------
    UnreadableFile
        If it is larger than the limits, damaged, animated, an SVG or of another format.
    """
    content = read_bytes(file, MAX_PICTURE_BYTES)
    return hashlib.sha256(content).hexdigest(), plain_picture(content)


def plain_picture(content: bytes) -> PlainPicture:
    """A PNG, JPEG or WebP written anew: a JPEG as JPEG, the others as PNG, on white where it is transparent.

    Raises
    ------
    UnreadableFile
    """
    from PIL import Image, UnidentifiedImageError

    if _SVG.match(content[:1000]):
        raise UnreadableFile("is an SVG drawing, which may hold scripts and links; export it as PNG")
    _refuse_size(*_webp_size(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pixels, where our own limit is lower, and of metadata that goes anyway
            with Image.open(io.BytesIO(content), formats=_FORMATS) as found:
                _refuse_size(found.width, found.height)
                # MPO is a JPEG with a preview behind it, as telephones write it: the first picture is meant
                if getattr(found, "is_animated", False) and found.format != "MPO":
                    raise UnreadableFile("is animated; save the frame that is meant as a picture of its own")
                return _written(_pixels(found), "PNG" if found.format in ("PNG", "WEBP") else "JPEG")
    except UnidentifiedImageError as error:
        raise UnreadableFile("is no PNG, JPEG or WebP file") from error
    except Image.DecompressionBombError as error:
        raise UnreadableFile(_too_many_pixels()) from error
    except (*_DAMAGED, struct.error, zlib.error) as error:
        raise UnreadableFile(f"is damaged and cannot be shown: {str(error)[:100]}") from error


def within(picture: PlainPicture, side: int) -> PlainPicture:
    """The picture, scaled down if a side is longer than so many pixels."""
    from PIL import Image

    if max(picture.width, picture.height) <= side:
        return picture
    with Image.open(io.BytesIO(picture.content)) as found:
        found.thumbnail((side, side))
        return _written(found, "PNG" if picture.media_type == "image/png" else "JPEG")


def _refuse_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableFile(f"{_too_many_pixels()}: {width:,} x {height:,}")


def _too_many_pixels() -> str:
    return f"has more than {MAX_PIXELS // 1_000_000} million pixels, the limit for a picture"


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height that a WebP's own header states; Pillow would make room for its frames before it tells them."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or content[12:16] != b"VP8X" or len(content) < 30:
        return 0, 0
    return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")


def _pixels(found: Image) -> Image:
    """An image of grey or of red, green and blue, the right side up."""
    from PIL import Image, ImageOps

    if found.mode.startswith(("I", "F")):
        raise UnreadableFile("has more than 8 bits for a pixel; export it as it is to be seen, with 8 bits")
    ImageOps.exif_transpose(found, in_place=True)
    if found.has_transparency_data:
        clear = found if found.mode == "RGBA" else found.convert("RGBA")
        white = Image.new("RGB", clear.size, "white")
        white.paste(clear, mask=clear)
        return white
    return found if found.mode in ("L", "RGB") else found.convert("L" if found.mode == "1" else "RGB")


def _written(pixels: Image, form: str) -> PlainPicture:
    from PIL import Image

    bare = Image.new(pixels.mode, pixels.size)  # Pillow would carry over what it knows of a file
    bare.paste(pixels)
    target = io.BytesIO()
    if form == "PNG":
        bare.save(target, "PNG")
    else:
        bare.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    if target.tell() > MAX_SENT_BYTES:
        raise UnreadableFile(f"is larger than {megabytes(MAX_SENT_BYTES)} when it is written anew; scale it down")
    return PlainPicture(f"image/{form.lower()}", bare.width, bare.height, target.getvalue())

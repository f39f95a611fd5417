"""Pictures are read within limits, and nothing but their pixels goes on."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import pytest
from pictured import RED, SVG, animated_webp, huge_png, photograph_with_place, png, saved
from PIL import Image

from samp_eval.input_files.limits import MAX_PICTURE_BYTES, UnreadableFile
from samp_eval.input_files.picture import MAX_PIXELS, PlainPicture, plain_picture, read_picture, within

SIXTEEN_BITS = saved(Image.new("I;16", (8, 8)), "PNG")
APNG = saved(
    Image.new("RGB", (8, 8)), "PNG", save_all=True, append_images=[Image.new("RGB", (8, 8), RED)], duration=100
)

REFUSED = {
    "an SVG": (SVG, "is an SVG drawing"),
    "an SVG without a declaration": (b"\n <svg></svg>", "is an SVG drawing"),
    "a truncated PNG": (png((300, 200))[:-200], "is damaged"),
    "half a JPEG": (saved(Image.effect_noise((300, 300), 90), "JPEG")[:9000], "is damaged"),
    "20,000 x 20,000 pixels": (huge_png(), "more than 20 million pixels"),
    "an animated WebP": (animated_webp(), "is animated"),
    "an animated PNG": (APNG, "is animated"),
    "16 bits": (SIXTEEN_BITS, "more than 8 bits"),
    "a GIF": (saved(Image.new("P", (8, 8)), "GIF"), "is no PNG, JPEG or WebP"),
    "a PDF": (b"%PDF-1.7\n", "is no PNG, JPEG or WebP"),
    "nothing": (b"", "is no PNG, JPEG or WebP"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_used_is_refused_with_its_reason(what: str) -> None:
    content, reason = REFUSED[what]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableFile, match=reason):
            plain_picture(content)


def test_a_webp_whose_header_claims_a_huge_canvas_is_refused_before_it_is_unpacked() -> None:
    content = bytearray(animated_webp())
    content[24:30] = (16_000).to_bytes(3, "little") * 2
    with pytest.raises(UnreadableFile, match=r"million pixels, the limit for a picture: 16,001 x 16,001"):
        plain_picture(bytes(content))


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "large.png"
    file.write_bytes(png() + bytes(MAX_PICTURE_BYTES))
    with pytest.raises(UnreadableFile, match="is larger than 5 MB"):
        read_picture(file)


def test_place_and_names_stay_behind_and_the_picture_stands_upright() -> None:
    content = photograph_with_place()
    assert b"Dr Nobody" in content
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    plain = plain_picture(content)
    assert plain.media_type == "image/jpeg"
    assert (plain.width, plain.height) == (40, 60)
    found = Image.open(io.BytesIO(plain.content))
    assert not found.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(found.info)
    assert b"Nobody" not in plain.content
    assert b"Somebody" not in plain.content
    assert all(abs(seen - meant) < 6 for seen, meant in zip(found.getpixel((20, 30)), RED, strict=True))  # type: ignore[arg-type]


def test_text_of_a_png_stays_behind_and_its_pixels_are_the_same() -> None:
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Patient", "Somebody")
    noise = Image.effect_noise((64, 64), 80).convert("RGB")
    plain = plain_picture(saved(noise, "PNG", pnginfo=said, icc_profile=b"x" * 200, dpi=(300, 300)))
    assert b"Somebody" not in plain.content
    assert Image.open(io.BytesIO(plain.content)).info == {}
    assert Image.open(io.BytesIO(plain.content)).tobytes() == noise.tobytes()


def test_what_is_transparent_becomes_white() -> None:
    """On a black background a tracing could not be seen."""
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    clear.putpixel((5, 5), (0, 0, 0, 255))
    for form in ("PNG", "WEBP"):
        plain = plain_picture(saved(clear, form, lossless=True))
        found = Image.open(io.BytesIO(plain.content)).convert("RGB")
        assert plain.media_type == "image/png"
        assert found.getpixel((0, 0)) == (255, 255, 255)
        assert found.getpixel((5, 5)) == (0, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    plain = plain_picture(saved(Image.new(mode, (12, 10)), form))
    assert (plain.width, plain.height) == (12, 10)


def test_the_same_file_gives_the_same_picture() -> None:
    assert plain_picture(photograph_with_place()) == plain_picture(photograph_with_place())


def test_pictures_are_scaled_down_and_never_up() -> None:
    wide = plain_picture(png((2000, 500)))
    small = within(wide, 1000)
    assert (small.width, small.height) == (1000, 250)
    assert within(small, 1000) is small


def test_the_largest_picture_is_still_read() -> None:
    side = int(MAX_PIXELS**0.5)
    found = plain_picture(saved(Image.new("L", (side, side)), "PNG"))
    assert isinstance(found, PlainPicture)
    assert found.width == side

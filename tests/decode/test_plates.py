"""Pictures that Pillow does not read: OpenEXR, DPX, HEIC, floats, camera raws; and what nothing here reads."""

from __future__ import annotations

import builtins
import io
import struct
import sys
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.decode import ffmpeg_picture, stills
from provenance.decode.errors import DecodeError
from provenance.decode.thumbnail import make_thumbnail
from provenance.fingerprint import pictures
from provenance.fingerprint.extract import extract_fingerprint
from provenance.limits import Limits
from provenance.matching.search import search_picture
from provenance.matching.search_index import SearchIndex
from provenance.media.sniff import sniff
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from tests.decode import plates
from tests.decode.test_pictures import encoded, likeness
from tests.evidence.build import png_chunk, source
from tests.matching.paint import paint_picture, to_gray

PICTURE = paint_picture(11)
LIGHT = plates.linear(PICTURE)
EVEN = np.asarray(cv2.resize(PICTURE, (640, 384)), np.uint8)


def floats() -> bytes:
    return bytes(cv2.imencode(".tif", LIGHT[:, :, ::-1])[1])


def radiance() -> bytes:
    return bytes(cv2.imencode(".hdr", LIGHT[:, :, ::-1])[1])


def opened_alpha() -> bytes:
    return plates.exr(LIGHT, alpha=np.ones(LIGHT.shape[:2], np.float32))


def raw() -> bytes:
    """A camera's raw file: samples that are no picture, a preview of full size, and a thumbnail."""
    small, large = encoded(Image.fromarray(PICTURE[::8, ::8].copy()), "JPEG"), encoded(Image.fromarray(PICTURE), "JPEG")
    samples = b"\xff\xd8\xff\xc3" + bytes(200_000)
    preview = 1000 + len(samples)

    def directory(fields: list[tuple[int, int]], following: int = 0) -> bytes:
        body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
        return struct.pack("<H", len(fields)) + body + struct.pack("<I", following)

    directories = [
        directory([(0x0111, 1000), (0x0117, len(samples)), (0x014A, 50)], following=80),
        directory([(0x0111, preview), (0x0117, len(large))]),
        directory([(0x0201, preview + len(large)), (0x0202, len(small))]),
    ]
    return b"".join([b"II*\0\x08\0\0\0", *directories]).ljust(1000, b"\0") + samples + large + small


KINDS: dict[str, tuple[Callable[[], bytes], str, float]] = {
    "half": (lambda: plates.exr(LIGHT), "image/x-exr", 0.96),
    "float": (lambda: plates.exr(LIGHT, kind="float"), "image/x-exr", 0.96),
    "far too dark": (lambda: plates.exr(LIGHT * np.float32(0.004)), "image/x-exr", 0.96),
    "far too bright": (lambda: plates.exr(LIGHT * np.float32(50)), "image/x-exr", 0.96),
    "with alpha": (opened_alpha, "image/x-exr", 0.96),
    "in a layer": (lambda: plates.exr(LIGHT, layer="beauty."), "image/x-exr", 0.96),
    "packed by FFmpeg": (
        lambda: plates.encoded(PICTURE, "exr", "gbrpf32le", {"compression": "zip16"}),
        "image/x-exr",
        0.9,
    ),
    "dpx of 10 bits": (lambda: plates.dpx(PICTURE), "image/x-dpx", 0.99),
    "dpx of 16 bits": (lambda: plates.dpx(PICTURE, "rgb48be"), "image/x-dpx", 0.99),
    "dpx with alpha": (lambda: plates.dpx(PICTURE, "rgba"), "image/x-dpx", 0.99),
    "printing density": (lambda: plates.dpx(plates.density(PICTURE), transfer=1), "image/x-dpx", 0.98),
    "16 bits a colour": (lambda: plates.encoded(PICTURE, "tiff", "rgb48le"), "image/tiff", 0.99),
    "floats in TIFF": (floats, "image/tiff", 0.96),
    "radiance": (radiance, "image/vnd.radiance", 0.96),
    "jpeg 2000": (lambda: plates.encoded(PICTURE, "jpeg2000", "rgb24"), "image/jp2", 0.98),
    "16-bit jpeg 2000": (lambda: plates.encoded(PICTURE, "jpeg2000", "rgb48le"), "image/jp2", 0.98),
    "bare jpeg 2000": (
        lambda: plates.encoded(PICTURE, "jpeg2000", "rgb24", {"format": "j2k"}),
        "image/x-j2c",
        0.98,
    ),
    "portable": (lambda: encoded(Image.fromarray(PICTURE), "PPM"), "image/x-portable-anymap", 0.99),
    "avif": (lambda: encoded(Image.fromarray(PICTURE), "AVIF"), "image/avif", 0.98),
    "heic": (lambda: plates.heic(EVEN), "image/heic", 0.98),
    "heic in tiles": (lambda: plates.heic(EVEN, (2, 2)), "image/heic", 0.98),
    "heic lying on its side": (
        lambda: plates.heic(np.ascontiguousarray(np.rot90(EVEN)), (2, 2), 3),
        "image/heic",
        0.98,
    ),
    "raw": (raw, "image/x-nikon-nef", 0.98),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_shows_the_same(kind: str) -> None:
    make, media_type, alike = KINDS[kind]
    data = make()
    if media_type != "image/x-nikon-nef":
        assert sniff(lambda offset, length: data[offset : offset + length]) == media_type
    seen, small = stills.decode_gray_and_thumbnail(source(data, media_type), 640, 240)
    assert seen.shape in ((360, 640), (384, 640))
    assert max(small.shape) == 240
    assert likeness(seen, to_gray(PICTURE)) > alike


def test_a_frame_of_a_sequence_is_the_same_picture() -> None:
    for kind in ("half", "dpx of 10 bits", "avif"):
        make, media_type, _ = KINDS[kind]
        picture = stills.decode(source(make(), media_type), 640)
        assert (picture.frame.width, picture.frame.height) == (640, 360)


@pytest.mark.parametrize("kind", ["half", "printing density", "heic in tiles", "raw"])
def test_every_kind_has_a_thumbnail(kind: str) -> None:
    make, media_type, _ = KINDS[kind]
    small = make_thumbnail(source(make(), media_type))
    assert small
    assert likeness(to_gray(np.asarray(Image.open(io.BytesIO(small)))), to_gray(PICTURE)) > 0.95


def test_anamorphic_light_is_shown_in_its_shape() -> None:
    seen, small = stills.decode_gray_and_thumbnail(source(plates.exr(LIGHT, aspect=2.0), "image/x-exr"), 640, 240)
    assert seen.shape == (180, 640)
    assert small.shape == (68, 240, 3)


def test_what_is_not_a_number_harms_nothing() -> None:
    odd = LIGHT.copy()
    odd[:20], odd[20:40], odd[40:60] = np.nan, np.inf, -5
    seen, _ = stills.decode_gray_and_thumbnail(source(plates.exr(odd, kind="float"), "image/x-exr"), 640, 240)
    assert likeness(seen[80:], to_gray(PICTURE)[80:]) > 0.9


def told(data: bytes, media_type: str, limits: Limits | None = None) -> list[Trouble]:
    made = source(data, media_type, limits=limits or Limits())
    return [row for row in extract_fingerprint(made, FingerprintLevel.FULL) if isinstance(row, Trouble)]


def test_a_cut_picture_is_told() -> None:
    for data, media_type in (
        (plates.exr(LIGHT)[:-1], "image/x-exr"),
        (plates.exr(LIGHT)[:5000], "image/x-exr"),
        (plates.exr(LIGHT)[:300], "image/x-exr"),
        (plates.dpx(PICTURE)[:9000], "image/x-dpx"),
        (plates.heic(EVEN)[:4000], "image/heic"),
        (radiance()[:50], "image/vnd.radiance"),
    ):
        (trouble,) = told(data, media_type)
        assert trouble.cause is Cause.MALFORMED, media_type


def test_a_picture_that_claims_to_be_huge_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("was decoded")

    monkeypatch.setattr(ffmpeg_picture, "_make_context", decoded)
    few = Limits(pixels=1000)
    for data, media_type in ((plates.exr(LIGHT), "image/x-exr"), (plates.dpx(PICTURE), "image/x-dpx")):
        (trouble,) = told(data, media_type, few)
        assert (trouble.cause, trouble.detail) == (Cause.OVERSIZED, "640 x 360 pixels")
    for kind in ("heic in tiles", "jpeg 2000", "raw", "portable"):
        make, media_type, _ = KINDS[kind]
        (trouble,) = told(make(), media_type, few)
        assert trouble.cause in (Cause.OVERSIZED, Cause.MALFORMED)


def test_a_bomb_costs_little() -> None:
    wide = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", wide) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    (trouble,) = told(bomb, "image/png")
    assert trouble.cause is Cause.OVERSIZED
    large = bytearray(plates.exr(LIGHT[:8, :8]))
    for name in (b"dataWindow\0box2i\0", b"displayWindow\0box2i\0"):
        at = large.index(name) + len(name) + 4
        large[at : at + 16] = struct.pack("<4i", 0, 0, 2_000_000, 2_000_000)
    (trouble,) = told(bytes(large), "image/x-exr")
    assert trouble.cause is Cause.OVERSIZED


def test_a_large_picture_is_made_small_before_all_else() -> None:
    large = np.asarray(cv2.resize(PICTURE, (5120, 2880)), np.uint8)
    seen, _ = stills.decode_gray_and_thumbnail(
        source(encoded(Image.fromarray(large), "PNG", compress_level=1), "image/png"), 640, 240
    )
    assert seen.shape == (360, 640)
    assert likeness(seen, to_gray(PICTURE)) > 0.98


def test_heic_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name == "pi_heif":
            raise ImportError(name)
        return plain(name, *rest, **more)  # type: ignore[arg-type]

    data = plates.heic(EVEN)
    monkeypatch.delitem(sys.modules, "pi_heif", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DecodeError, match=r"provenance\[heif\]") as missing:
        stills.decode_gray_and_thumbnail(source(data, "image/heic"), 640, 240)
    assert missing.value.cause is Cause.NOT_INSTALLED


@pytest.mark.parametrize("media_type", ["image/jxl", "image/svg+xml", "image/x-canon-cr3", "image/x-arriraw"])
def test_what_nothing_decodes_is_told_where_it_matters(media_type: str) -> None:
    made = source(b"\xff\x0a" + bytes(50), media_type)
    (trouble,) = search_picture(made, SearchIndex("nowhere", pictures=1))
    assert isinstance(trouble, Trouble)
    assert trouble.cause is Cause.UNSUPPORTED
    assert [row.cause for row in extract_fingerprint(made, FingerprintLevel.FULL) if isinstance(row, Trouble)] == [
        Cause.UNSUPPORTED
    ]
    assert list(extract_fingerprint(made, FingerprintLevel.LIGHT)) == []


def test_a_raw_without_a_preview_is_told() -> None:
    (trouble,) = told(b"II*\0\x08\0\0\0\0\0\0\0\0\0", "image/x-adobe-dng")
    assert trouble.cause is Cause.UNSUPPORTED


def animated(kind: str, count: int, **options: object) -> bytes:
    pages = [Image.fromarray(paint_picture(20 + number % 5, 320, 180)) for number in range(count)]
    out = io.BytesIO()
    pages[0].save(out, kind, save_all=True, append_images=pages[1:], duration=500, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "media_type"), [("GIF", "image/gif"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif")]
)
def test_a_picture_that_moves_is_a_clip(kind: str, media_type: str) -> None:
    made = source(animated(kind, 4), media_type)
    (kept,) = extract_fingerprint(made, FingerprintLevel.FULL)
    assert isinstance(kept, Fingerprint)
    assert kept.method == "video"
    assert [look.time for look in pictures.unpack(kept)] == [0, 0.5, 1, 1.5]


def test_a_picture_that_never_ends_is_looked_at_in_part() -> None:
    data = animated("GIF", 12)
    (kept, trouble) = reversed(
        list(extract_fingerprint(source(data, "image/gif", limits=Limits(pixels=640 * 360)), FingerprintLevel.FULL))
    )
    assert isinstance(kept, Fingerprint)
    assert isinstance(trouble, Trouble)
    assert (trouble.cause, trouble.detail) == (Cause.OVERSIZED, "only the first 4 frames were looked at")


def test_a_moving_picture_that_breaks_off_is_told() -> None:
    data = animated("GIF", 6)
    rows = list(extract_fingerprint(source(data[: len(data) * 2 // 3], "image/gif"), FingerprintLevel.FULL))
    assert [type(row) for row in rows] == [Trouble, Fingerprint]


def small_files() -> list[tuple[bytes, str]]:
    picture = np.ascontiguousarray(PICTURE[::8, ::8])
    pace = [plates.rate(24), plates.timecode(0x01000000)]
    return [
        (plates.exr(plates.linear(picture), extra=pace), "image/x-exr"),
        (plates.exr(plates.linear(picture), layer="beauty."), "image/x-exr"),
        (plates.dpx(picture, pace=24, packed=0x01000000), "image/x-dpx"),
        (raw(), "image/x-nikon-nef"),
    ]


FILES = small_files()


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6),
    st.floats(0.05, 1),
    st.integers(1, 3),
)
def test_damage_is_told_and_nothing_else_is_raised(
    made: tuple[bytes, str], harm: list[tuple[float, bytes]], kept: float, power: int
) -> None:
    data = bytearray(made[0])
    for place, bits in harm:
        at = int(place ** (2 * power) * (len(data) - 4))  # most of it in the headers
        data[at : at + len(bits)] = bits
    broken = source(bytes(data[: int(len(data) * kept)]), made[1], limits=Limits(pixels=1_000_000))
    try:
        seen, _ = stills.decode_gray_and_thumbnail(broken, 640, 240)
    except DecodeError:
        return
    assert max(seen.shape) <= 640

"""Picture files of every kind give the same gray picture; frames of every kind too."""

from __future__ import annotations

import io
from collections.abc import Callable

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from provenance.decode import frames, stills, tone_map
from provenance.fingerprint import pictures
from provenance.fingerprint.extract import extract_fingerprint
from provenance.limits import Limits
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from tests.evidence.build import source
from tests.matching.paint import paint_picture, to_gray

PICTURE = paint_picture(11)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    a, b = (cv2.resize(each, (64, 36), interpolation=cv2.INTER_AREA).astype(float).ravel() for each in (one, other))
    return float(np.corrcoef(a, b)[0, 1])


def deep() -> Image.Image:
    return Image.fromarray(to_gray(PICTURE).astype(np.uint16) * 200 + 3000)


def see_through() -> Image.Image:
    return Image.fromarray(np.dstack((PICTURE, np.full(PICTURE.shape[:2], 255, np.uint8))))


KINDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "jpeg": (lambda: encoded(Image.fromarray(PICTURE), "JPEG", quality=90), "image/jpeg"),
    "cmyk jpeg": (lambda: encoded(Image.fromarray(PICTURE).convert("CMYK"), "JPEG"), "image/jpeg"),
    "png": (lambda: encoded(Image.fromarray(PICTURE), "PNG"), "image/png"),
    "16-bit png": (lambda: encoded(deep(), "PNG"), "image/png"),
    "16-bit tiff": (lambda: encoded(deep(), "TIFF"), "image/tiff"),
    "alpha": (lambda: encoded(see_through(), "PNG"), "image/png"),
    "palette": (lambda: encoded(Image.fromarray(PICTURE).convert("P"), "GIF"), "image/gif"),
    "webp": (lambda: encoded(Image.fromarray(PICTURE), "WEBP"), "image/webp"),
}


def test_a_trouble_names_no_address_in_memory() -> None:
    """The same file would have another report in every run."""
    (trouble,) = extract_fingerprint(source(b"\x89PNG\r\n\x1a\n" + bytes(90), "image/png"), FingerprintLevel.FULL)
    assert isinstance(trouble, Trouble)
    assert trouble.detail == "cannot be decoded: cannot identify image file"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_shows_the_same(kind: str) -> None:
    make, media_type = KINDS[kind]
    seen, small = stills.decode_gray_and_thumbnail(source(make(), media_type), 640, 240)
    assert seen.shape == (360, 640)
    assert small.shape == (135, 240, 3)
    assert likeness(seen, to_gray(PICTURE)) > 0.97


def test_a_large_jpeg_is_decoded_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    large = encoded(Image.fromarray(cv2.resize(PICTURE, (5120, 2880))), "JPEG")
    sizes: list[tuple[int, int]] = []
    plain = stills.convert_to_rgb

    def sized(image: Image.Image) -> np.ndarray:
        sizes.append(image.size)
        return plain(image)

    monkeypatch.setattr(stills, "convert_to_rgb", sized)
    seen, _ = stills.decode_gray_and_thumbnail(source(large, "image/jpeg"), 640, 240)
    assert sizes == [(640, 360)]
    assert seen.shape == (360, 640)


def test_orientation_is_heeded() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(Image.fromarray(np.rot90(PICTURE)), "JPEG", exif=exif)
    seen, _ = stills.decode_gray_and_thumbnail(source(turned, "image/jpeg"), 640, 240)
    assert seen.shape == (360, 640)
    assert likeness(seen, to_gray(PICTURE)) > 0.97


def test_transparent_parts_show_no_garbage() -> None:
    alpha = np.full(PICTURE.shape[:2], 255, np.uint8)
    alpha[:, :320] = 0
    seen, _ = stills.decode_gray_and_thumbnail(
        source(encoded(Image.fromarray(np.dstack((PICTURE, alpha))), "PNG"), "image/png"), 640, 240
    )
    assert seen[:, :300].std() == 0


def test_what_is_too_large_or_broken_is_told() -> None:
    whole = encoded(Image.fromarray(PICTURE), "PNG")
    (large,) = extract_fingerprint(source(whole, "image/png", limits=Limits(pixels=1000)), FingerprintLevel.FULL)
    assert isinstance(large, Trouble)
    assert large.cause is Cause.OVERSIZED
    for broken in (whole[:2000], whole[:100], b"", b"\x89PNG\r\n\x1a\n"):
        rows = list(extract_fingerprint(source(broken, "image/png"), FingerprintLevel.FULL))
        assert [row.cause for row in rows if isinstance(row, Trouble)] == [Cause.MALFORMED]


def test_what_shows_nothing_is_not_kept() -> None:
    assert list(extract_fingerprint(source(b"text", "text/plain"), FingerprintLevel.FULL)) == []
    (kept,) = extract_fingerprint(source(encoded(Image.fromarray(PICTURE), "PNG"), "image/png"), FingerprintLevel.LIGHT)
    assert isinstance(kept, Fingerprint)
    (look,) = pictures.unpack(kept)
    assert len(look.features) == pictures.LIGHT_POINTS


@pytest.mark.parametrize(
    "pixels", ["yuv420p", "yuvj420p", "yuv422p10le", "yuv444p", "nv12", "rgb24", "gray", "gray16le", "yuva444p", "gbrp"]
)
def test_frames_of_every_layout_show_the_same(pixels: str) -> None:
    frame = av.VideoFrame.from_ndarray(PICTURE, format="rgb24").reformat(format=pixels)
    assert likeness(frames.to_gray(frame, 640), to_gray(PICTURE)) > 0.98
    assert likeness(frames.make_luma_thumbnail(frame, (64, 36)), to_gray(PICTURE)) > 0.9
    assert frames.make_luma_thumbnail(frame, (64, 36)).shape == (36, 64)
    assert frames.to_rgb(frame, 240).shape == (135, 240, 3)


def test_odd_sizes_and_long_ones_fit() -> None:
    for width, height in ((17, 999), (641, 3), (2, 2), (1919, 1079)):
        frame = av.VideoFrame(width, height, "yuv420p")
        assert max(frames.to_gray(frame, 640).shape) <= 640
        assert frames.make_luma_thumbnail(frame, (64, 36)).shape == (36, 64)


def test_linear_light_is_shown_as_on_a_screen() -> None:
    light = np.power(PICTURE / 255.0, 2.2).astype(np.float32) * 4
    seen = tone_map.linear_to_gray(light)
    assert likeness(seen, to_gray(PICTURE)) > 0.9
    odd = np.array([[[np.nan] * 3, [np.inf] * 3, [-1.0] * 3]], np.float32)
    assert tone_map.linear_to_gray(odd).tolist()[0][0] == 0


def test_hdr_and_log_are_toned() -> None:
    for transfer in (tone_map.PQ, tone_map.LINEAR, tone_map.LOG, tone_map.LOG_SQRT):
        curve = tone_map.find_tone_curve(transfer)
        assert curve is not None
        assert (np.diff(curve.astype(int)) >= 0).all()
        assert curve[0] < 30 < 150 < curve[255]
    assert tone_map.find_tone_curve(1) is None

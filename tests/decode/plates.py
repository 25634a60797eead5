"""Pictures as compositors and cameras write them: OpenEXR and HEIF byte by byte, DPX with its header filled in."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from tests.evidence.build import box
from tests.matching.paint import Picture

Light = NDArray[np.float32]


def linear(picture: Picture, gain: float = 1.0) -> Light:
    """Scene-linear light of a picture as it looks on a screen."""
    return np.asarray(np.power(picture / 255.0, 2.2) * gain, np.float32)


def attribute(name: str, kind: str, value: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<I", len(value)) + value


def exr(
    light: Light,
    *,
    kind: str = "half",
    layer: str = "",
    alpha: NDArray[np.float32] | None = None,
    aspect: float = 1.0,
    extra: Sequence[bytes] = (),
) -> bytes:
    """An OpenEXR of scan lines, not compressed."""
    high, wide = light.shape[:2]
    sample, code = (np.dtype("<f2"), 1) if kind == "half" else (np.dtype("<f4"), 2)
    planes = {f"{layer}{name}": light[:, :, number] for number, name in enumerate("RGB")}
    if alpha is not None:
        planes[f"{layer}A"] = alpha
    names = sorted(planes)
    window = struct.pack("<4i", 0, 0, wide - 1, high - 1)
    listed = b"".join(name.encode() + b"\0" + struct.pack("<iIii", code, 0, 1, 1) for name in names) + b"\0"
    header = b"v/1\x01\x02\0\0\0" + b"".join(
        [
            attribute("channels", "chlist", listed),
            attribute("compression", "compression", b"\0"),
            attribute("dataWindow", "box2i", window),
            attribute("displayWindow", "box2i", window),
            attribute("lineOrder", "lineOrder", b"\0"),
            attribute("pixelAspectRatio", "float", struct.pack("<f", aspect)),
            attribute("screenWindowCenter", "v2f", bytes(8)),
            attribute("screenWindowWidth", "float", struct.pack("<f", 1)),
            *extra,
            b"\0",
        ]
    )
    lines = np.stack([planes[name] for name in names], axis=1).astype(sample)
    size = lines[0].nbytes
    first = len(header) + 8 * high
    table = b"".join(struct.pack("<Q", first + row * (size + 8)) for row in range(high))
    return header + table + b"".join(struct.pack("<iI", row, size) + lines[row].tobytes() for row in range(high))


def rate(frames: int, seconds: int = 1) -> bytes:
    return attribute("framesPerSecond", "rational", struct.pack("<iI", frames, seconds))


def timecode(packed: int) -> bytes:
    return attribute("timeCode", "timecode", struct.pack("<II", packed, 0))


def encoded(picture: Picture, codec: str, pixels: str, options: dict[str, str] | None = None) -> bytes:
    """One picture by one of FFmpeg's encoders."""
    context = CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = picture.shape[1], picture.shape[0], pixels
    context.time_base, context.options = Fraction(1, 24), options or {}
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(format=pixels)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def dpx(picture: Picture, pixels: str = "gbrp10be", *, transfer: int = 6, pace: float = 0, packed: int = 0) -> bytes:
    data = bytearray(encoded(picture, "dpx", pixels))
    data[801] = transfer
    data[1724:1728] = struct.pack(">f", pace) if pace else b"\xff" * 4
    data[1940:1944] = b"\xff" * 4
    data[1920:1924] = struct.pack(">I", packed or 0xFFFFFFFF)
    return bytes(data)


def density(picture: Picture) -> Picture:
    """A picture as printing density: what a scanner of film writes."""
    light = np.maximum(linear(picture), 0) * (1 - 0.0108) + 0.0108
    return np.asarray(np.clip((685 + 300 * np.log10(light)) / 1023 * 255, 0, 255), np.uint8)


def heic(picture: Picture, tiles: tuple[int, int] = (1, 1), quarter_turns: int = 0) -> bytes:
    """A HEIC with its picture cut into columns and rows, as telephones write it; sides must divide by 64."""
    across, down = tiles
    high, wide = picture.shape[0] // down, picture.shape[1] // across
    cut = [picture[y * high : (y + 1) * high, x * wide : (x + 1) * wide] for y in range(down) for x in range(across)]
    config, parts = _hevc(cut)
    count = len(parts)
    grid = struct.pack(">4B2H", 0, 0, down - 1, across - 1, across * wide, down * high)
    kinds = [(number + 1, b"hvc1") for number in range(count)] + [(count + 1, b"grid")]
    if count == 1:
        kinds, grid = kinds[:1], b""
    main = kinds[-1][0]
    entries = b"".join(box("infe", b"\2\0\0\0", struct.pack(">HH", number, 0), kind, b"\0") for number, kind in kinds)
    properties = [config, _extent(wide, high), _extent(across * wide, down * high), box("irot", bytes([quarter_turns]))]
    used = [(number + 1, [0x81, 2]) for number in range(count)]
    used = [*used, (main, [3, 0x84])] if count > 1 else [(1, [0x81, 2, 0x84])]
    links = b"".join(struct.pack(">HB", number, len(these)) + bytes(these) for number, these in used)
    tables = [
        box("hdlr", bytes(8), b"pict", bytes(13)),
        box("pitm", bytes(4), struct.pack(">H", main)),
        box("iinf", bytes(4), struct.pack(">H", len(kinds)), entries),
        box("iprp", box("ipco", *properties), box("ipma", bytes(4), struct.pack(">I", len(used)), links)),
    ]
    if count > 1:
        to = struct.pack(">HH", main, count) + b"".join(struct.pack(">H", number + 1) for number in range(count))
        tables.append(box("iref", bytes(4), box("dimg", to)))
    brand = box("ftyp", b"heic", bytes(4), b"mif1heic")
    blocks = [*parts, grid] if count > 1 else parts

    def meta(start: int) -> bytes:
        places, at = b"", start
        for (number, _), data in zip(kinds, blocks, strict=True):
            places += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        located = box("iloc", b"\0\0\0\0\x44\x00", struct.pack(">H", len(kinds)), places)
        return box("meta", bytes(4), *tables, located)

    start = len(brand) + len(meta(0)) + 8
    return brand + meta(start) + box("mdat", *blocks)


def _extent(wide: int, high: int) -> bytes:
    return box("ispe", bytes(4), struct.pack(">II", wide, high))


def _hevc(pictures: Sequence[Picture]) -> tuple[bytes, list[bytes]]:
    """The decoder's set-up as a box, and each picture as HEVC, all on their own."""
    parts, sets = [], dict[int, bytes]()
    for picture in pictures:
        stream = encoded(picture, "libx265", "yuv420p", {"x265-params": "log-level=none:info=0:repeat-headers=1"})
        units = [unit for unit in re.split(b"\0?\0\0\1", stream) if unit]
        sets |= {unit[0] >> 1 & 63: unit for unit in units if unit[0] >> 1 & 63 in (32, 33, 34)}
        slices = [unit for unit in units if unit[0] >> 1 & 63 < 32]
        parts.append(b"".join(struct.pack(">I", len(unit)) + unit for unit in slices))
    listed = b"".join(struct.pack(">BHH", kind, 1, len(unit)) + unit for kind, unit in sorted(sets.items()))
    main = b"\1\1\x60\0\0\0\x90\0\0\0\0\0\x5a\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f" + bytes([len(sets)])
    return box("hvcC", main, listed), parts

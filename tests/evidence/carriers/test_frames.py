"""Words in the headers of EXR and DPX frames."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.carriers.dpx import Dpx
from provenance.evidence.carriers.exr import Exr
from provenance.evidence.interface import Carrier
from provenance.model.vocabulary import Cause, Origin
from tests.evidence import build
from tests.evidence.build import SMALL, Heard, source
from tests.evidence.looking import Look

SETTINGS = "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: sd15"


def exr(*parts: dict[str, tuple[str, bytes]]) -> bytes:
    """Headers alone: attributes by name, each with its type and bytes."""
    headers = (b"".join(_attribute(name, *typed) for name, typed in part.items()) for part in parts)
    several = len(parts) > 1
    return b"v/1\x01" + struct.pack("<I", 0x1002 if several else 2) + b"\0".join(headers) + bytes(1 + several)


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return f"{name}\0{kind}\0".encode() + struct.pack("<I", len(value)) + value


def dpx(order: str = ">", **texts: tuple[int, str]) -> bytes:
    data = bytearray((b"SDPX" if order == ">" else b"XPDS") + b"\0" * 2076)
    for offset, text in texts.values():
        data[offset : offset + len(text)] = text.encode()
    data[1920:1924] = struct.pack(f"{order}I", 0x01020304)
    return bytes(data)


def test_attributes_of_every_kind() -> None:
    header = exr(
        {
            "software": ("string", b"A Compositor 15"),
            "views": ("stringvector", b"\4\0\0\0left\5\0\0\0right"),
            "timeCode": ("timecode", struct.pack("<II", 0x01020304, 0)),
            "framesPerSecond": ("rational", struct.pack("<iI", 24000, 1001)),
            "isoSpeed": ("float", struct.pack("<f", 800)),
            "dataWindow": ("box2i", bytes(16)),
            "odd": ("float", b"\1"),
        }
    )
    told = Heard(Exr(), source(header, "image/x-exr"))
    assert told.said == {
        "software": "A Compositor 15",
        "views": "left\nright",
        "timeCode": "01:02:03:04",
        "framesPerSecond": "24000/1001",
        "isoSpeed": "800",
    }
    assert told.troubles == []


def test_every_part_speaks() -> None:
    data = exr({"owner": ("string", b"first")}, {"owner": ("string", b"second")})
    told = Heard(Exr(), source(data, "image/x-exr"))
    assert told.values("owner") == ["first", "second"]
    places = 'attribute "owner" at byte 25', 'part 1, attribute "owner" at byte 48'
    assert tuple(row.where for row in told.statements) == places


@pytest.mark.parametrize("name", ["parameters", "comments", "Exif:UserComment", "ImageDescription"])
def test_settings_of_a_generator_in_a_frame(name: str, tmp_path: Path) -> None:
    look = Look(exr({name: ("string", SETTINGS.encode())}), tmp_path)
    assert look.origin is Origin.GENERATED
    assert [row.used and row.used.model for row in look.own.evidence] == ["sd15"]


@pytest.mark.parametrize("order", ["<", ">"])
def test_fields_of_a_scanned_frame(order: str) -> None:
    data = dpx(order, creator=(160, "A Scanner"), project=(260, "Reel 1\0left over"), device=(1556, "\xff\xff"))
    told = Heard(Dpx(), source(data, "image/x-dpx"))
    assert {key: told.said[key] for key in ("Creator", "Project", "TimeCode")} == {
        "Creator": "A Scanner", "Project": "Reel 1", "TimeCode": "01:02:03:04",
    }  # fmt: skip


@pytest.mark.parametrize(("carrier", "data"), [(Exr(), exr({"owner": ("string", b"x" * 40)})), (Dpx(), dpx()[:700])])
def test_a_cut_header_is_told(carrier: Carrier, data: bytes) -> None:
    told = Heard(carrier, source(data[:-20], "image/x-exr"))
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_attributes_without_end_are_told() -> None:
    told = Heard(Exr(), source(exr({f"a{n}": ("string", b"x") for n in range(600)}), "image/x-exr", limits=SMALL))
    assert len(told.statements) == SMALL.chunks
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]


@pytest.mark.parametrize("carrier", [Exr(), Dpx()])
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_words_or_a_trouble(carrier: Carrier, data: bytes) -> None:
    for magic in (b"", b"v/1\x01\x02\0\0\0", b"v/1\x01\x02\x10\0\0", b"SDPX", b"XPDS" + bytes(900)):
        Heard(carrier, source(magic + data, "image/x-exr", limits=SMALL))


def test_seeded_damage_ends_in_order() -> None:
    dice = random.Random(11)
    whole = exr({"owner": ("string", b"first"), "n": ("stringvector", b"\1\0\0\0a")}, {"f": ("float", bytes(4))})
    for carrier, sound in ((Exr(), whole), (Dpx(), dpx(creator=(160, "A Scanner")))):
        for _ in range(300):
            data = bytearray(sound)
            for _ in range(4):
                data[dice.randrange(len(data))] = dice.randrange(256)
            Heard(carrier, source(bytes(data[: dice.randrange(len(data))]), "image/x-exr", limits=SMALL))


def test_user_data_of_dpx() -> None:
    frame = bytearray(dpx())
    frame += SETTINGS.encode().ljust(400, b"\0")
    frame[4:8] = struct.pack(">I", len(frame))
    frame[32:36] = struct.pack(">I", 432)
    told = Heard(Dpx(), source(bytes(frame), "image/x-dpx"))
    assert told.values("UserData") == [SETTINGS]
    # Without a length they go on to the picture; what was not filled in says nothing.
    frame[32:36] = b"\xff" * 4
    assert Heard(Dpx(), source(bytes(frame), "image/x-dpx")).values("UserData") == [SETTINGS]
    frame[2080:] = b"\xff" * 400
    assert Heard(Dpx(), source(bytes(frame), "image/x-dpx")).values("UserData") == []
    frame[2080:2090] = bytes(range(10))
    assert Heard(Dpx(), source(bytes(frame), "image/x-dpx")).values("UserData") == ["400 bytes"]


def test_xmp_in_frames(tmp_path: Path) -> None:
    mark = "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"
    packet = build.packet(mark)
    look = Look(exr({"xmp": ("string", packet), "owner": ("string", b"me")}), tmp_path)
    assert look.origin is Origin.GENERATED
    assert look.says("owner") == ["me"]
    assert look.says("xmp") == []
    frame = bytearray(dpx()) + packet
    frame[4:8] = struct.pack(">I", len(frame))
    assert Look(bytes(frame), tmp_path).origin is Origin.GENERATED

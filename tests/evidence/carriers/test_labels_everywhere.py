"""One label in every container that FFmpeg, Pillow or a few bytes can write it into: each time it is found."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from provenance.model.vocabulary import Origin
from tests.evidence.build import box, riff, riff_chunk
from tests.evidence.carriers.test_movies import movie, sound
from tests.evidence.looking import Look

LABEL = json.dumps({"Label": "1", "ContentProducer": "a service", "ProduceID": "7"})
SETTINGS = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"


def flash(words: dict[str, str]) -> bytes:
    """A Flash movie whose first tag tells of it (onMetaData), as the labelling guide has it."""

    def text(said: str, lead: bytes) -> bytes:
        return lead + struct.pack(">H" if lead == b"\x02" or not lead else ">I", len(said)) + said.encode()

    values = b"".join(text(key, b"") + (text(value, b"\x02")) for key, value in words.items())
    data = text("onMetaData", b"\x02") + b"\x08" + struct.pack(">I", len(words)) + values + b"\0\0\x09"
    tag = b"\x12" + len(data).to_bytes(3, "big") + bytes(7) + data
    sound_tag = b"\x08" + (3).to_bytes(3, "big") + bytes(7) + b"\x2f\xff\xfb"
    return b"FLV\x01\x04\0\0\0\x09" + bytes(4) + tag + struct.pack(">I", len(tag)) + sound_tag + struct.pack(">I", 14)


def chunked(*chunks: bytes) -> bytes:
    """An AIFF of a few samples, with chunks of text."""
    rate = b"\x40\x0e\xbb\x80" + bytes(6)
    common = b"COMM" + struct.pack(">IhIh", 18, 1, 480, 16) + rate
    samples = b"SSND" + struct.pack(">III", 968, 0, 0) + bytes(960)
    body = b"AIFF" + common + b"".join(chunks) + samples
    return b"FORM" + struct.pack(">I", len(body)) + body


def aiff_text(kind: bytes, said: str) -> bytes:
    return kind + struct.pack(">I", len(said)) + said.encode() + b"\0" * (len(said) % 2)


def keyed(kind: str, words: dict[str, str]) -> bytes:
    return movie(kind, words, {"movflags": "use_metadata_tags"})


FILES: dict[str, Callable[[], bytes]] = {
    "mp4": lambda: keyed("mp4", {"AIGC": LABEL}),
    "mov": lambda: keyed("mov", {"AIGC": LABEL}),
    "mp4 of Doubao": lambda: movie("mp4", {}) + box("moov", box("udta", box("AIGC", LABEL.encode()))),
    "matroska": lambda: movie("matroska", {"AIGC": LABEL}),
    "flv": lambda: flash({"AIGC": LABEL}),
    "flac": lambda: sound("flac", "flac", {"AIGC": LABEL}),
    "ogg": lambda: sound("ogg", "libopus", {"AIGC": LABEL}),
    "opus": lambda: sound("opus", "libopus", {"AIGC": LABEL}),
    "mp3": lambda: sound("mp3", "libmp3lame", {"AIGC": LABEL}),
    "asf": lambda: movie("asf", {"AIGC": LABEL}),
    "wav": lambda: riff(b"WAVE", riff_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)),
                        riff_chunk(b"AIGC", LABEL.encode()), riff_chunk(b"data", bytes(960))),
    "avi": lambda: riff(b"AVI ", riff_chunk(b"LIST", b"INFO" + riff_chunk(b"AIGC", LABEL.encode()))),
}  # fmt: skip


@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
def test_the_label_is_found(made: Callable[[], bytes], tmp_path: Path) -> None:
    look = Look(made(), tmp_path)
    assert look.origin is Origin.GENERATED
    assert {row.signal for row in look.own.evidence} == {"tc260"}


@pytest.mark.parametrize(
    "made",
    [
        lambda: chunked(aiff_text(b"ANNO", SETTINGS)),
        lambda: sound("ipod", "alac", {"comment": SETTINGS}),
        lambda: sound("flac", "flac", {"comment": SETTINGS}),
        lambda: sound("wav", "pcm_s16le", {"comment": SETTINGS}),
        lambda: movie("matroska", {"comment": SETTINGS}),
        lambda: movie("avi", {"comment": SETTINGS}),
    ],
    ids=["aiff", "m4a", "flac", "wav", "matroska", "avi"],
)
def test_settings_in_a_comment_are_found(made: Callable[[], bytes], tmp_path: Path) -> None:
    look = Look(made(), tmp_path)
    assert look.origin is Origin.GENERATED
    assert {row.signal for row in look.own.evidence} == {"a1111"}


def test_names_in_aiff_are_read(tmp_path: Path) -> None:
    chunks = (aiff_text(kind, said) for kind, said in ((b"NAME", "a theme"), (b"AUTH", "A. Nother"), (b"(c) ", "2026")))
    look = Look(chunked(*chunks), tmp_path)
    assert {row.value for row in look.own.statements} >= {"a theme", "A. Nother", "2026"}


def test_what_wrote_an_mxf_is_read(tmp_path: Path) -> None:
    file = tmp_path / "made.mxf"
    with av.open(str(file), "w", format="mxf") as container:
        container.metadata.update({"company_name": "A Maker", "product_name": "A Recorder"})
        stream = container.add_stream("mpeg2video", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    look = Look(file.read_bytes(), tmp_path)
    assert look.own.asset.media_type == "application/mxf"
    assert {"A Maker", "A Recorder"} <= {row.value for row in look.own.statements}

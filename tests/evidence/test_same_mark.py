"""A text that FFmpeg and the carrier of the container read is one mark."""

from __future__ import annotations

import io
import json
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from provenance.evidence.same_mark import drop_double_readings
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin, Standing
from tests.evidence.looking import Look

GRAPH = json.dumps({
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "m.safetensors"}},
    "2": {"class_type": "KSampler", "inputs": {"model": ["1", 0], "seed": 7, "steps": 20, "positive": ["3", 0]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a harbour", "clip": ["1", 1]}},
})  # fmt: skip
SETTINGS = "a harbour\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5"


def movie(container: str, tags: dict[str, str], **options: str) -> bytes:
    """A movie of one frame, with tags."""
    made = io.BytesIO()
    with av.open(made, "w", format=container, container_options=options) as out:
        out.metadata.update(tags)
        stream = out.add_stream("mpeg4", rate=24)
        assert isinstance(stream, VideoStream)
        stream.width = stream.height = 32
        for frame in (av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8)), None):
            out.mux(stream.encode(frame))
    return made.getvalue()


def sound(container: str, codec: str, tags: dict[str, str]) -> bytes:
    """A short silence, with tags."""
    made = io.BytesIO()
    with av.open(made, "w", format=container) as out:
        out.metadata.update(tags)
        stream = out.add_stream(codec, rate=44100)
        assert isinstance(stream, AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), format="s16", layout="mono")
        frame.sample_rate = 44100
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "carrier"),
    [
        (movie("mp4", {"prompt": GRAPH}, movflags="use_metadata_tags"), "isobmff"),
        (movie("mov", {"workflow": GRAPH}, movflags="use_metadata_tags"), "isobmff"),
        (movie("mp4", {"comment": SETTINGS}), "isobmff"),
        (movie("avi", {"comment": SETTINGS}), "riff"),
        (sound("wav", "pcm_s16le", {"comment": SETTINGS}), "riff"),
        (sound("mp3", "mp3", {"prompt": GRAPH}), "id3"),
        # A container without a carrier of its own: only FFmpeg reads it.
        (movie("matroska", {"PROMPT": GRAPH}), "tags"),
    ],
)
def test_one_mark_gives_one_piece_of_evidence_with_its_place(data: bytes, carrier: str, tmp_path: Path) -> None:
    look = Look(data, tmp_path)
    [evidence] = look.own.evidence
    assert (evidence.carrier, look.origin) == (carrier, Origin.GENERATED)
    # Both readings stay among what the file says.
    if carrier != "tags":
        assert {"tags", carrier} <= {row.carrier for row in look.own.statements}


def evidence(carrier: str, where: str, used: Used | None = None, signal: str = "a1111") -> Evidence:
    return Evidence(signal, carrier, where, Origin.GENERATED, Standing.TRACE, "tool", f"detail of {where}", used)


def test_other_texts_other_meanings_and_other_carriers_stay() -> None:
    said = [Statement("tags", "tag", "comment", "x"), Statement("isobmff", "box", "©cmt", "x\0")]
    named, placed = evidence("tags", "tag"), evidence("isobmff", "box")
    assert list(drop_double_readings([named, placed], said)) == [placed]
    assert list(drop_double_readings([named], said)) == [named]
    # Another text, another meaning, another signal, and two carriers that both read a place.
    other_text = [said[0], Statement("isobmff", "box", "©cmt", "x y")]
    assert list(drop_double_readings([named, placed], other_text)) == [named, placed]
    for row in (evidence("isobmff", "box", Used("p")), evidence("isobmff", "box", signal="other")):
        assert list(drop_double_readings([named, row], said)) == [named, row]
    apart = [evidence("exif", "tag"), evidence("xmp", "property")]
    both = [Statement("exif", "tag", "Make", "x"), Statement("xmp", "property", "tiff:Make", "x")]
    assert list(drop_double_readings(apart, both)) == apart
    # The same words at two places of one container are two marks.
    twice = [placed, evidence("isobmff", "second box"), named]
    rows = [*said, Statement("isobmff", "second box", "comment", "x")]
    assert list(drop_double_readings(twice, rows)) == twice[:2]

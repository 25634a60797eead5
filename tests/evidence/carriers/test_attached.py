"""What a sound or a movie carries along: covers, attachments, objects; and the frames of ID3 that hold words."""

from __future__ import annotations

import base64
import io
import json
import random
import struct
import zlib
from pathlib import Path

import av
import pytest
from av.stream import Disposition
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.media.formats import id3
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, riff, riff_chunk
from tests.evidence.carriers.test_movies import movie, sound
from tests.evidence.looking import MARKED, PLAIN, Look

SONG = "made with suno; created=2026-03-04T10:11:12Z; id=0a1b2c3d-1111-4222-8333-444455556666"
ADDRESS = "https://suno.com/song/0a1b2c3d-1111-4222-8333-444455556666"
LABEL = json.dumps({"Label": "1", "ContentProducer": "a service", "ProduceID": "7"})


def covered(kind: str, codec: str, cover: bytes) -> bytes:
    """A short tone with a cover, as FFmpeg writes it."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        tone = container.add_stream(codec, rate=48_000)
        assert isinstance(tone, av.AudioStream)
        tone.layout = "mono"
        picture = container.add_stream("png")
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = 1, 1, "gray"
        picture.disposition = Disposition.attached_pic
        frame = av.AudioFrame(tone.codec_context.format.name, "mono", 1024)
        frame.sample_rate = 48_000
        packets = [*tone.encode(frame), *tone.encode()]
        packet = av.Packet(cover)
        packet.stream, packet.pts, packet.dts, packet.is_keyframe = picture, 0, 0, True
        container.start_encoding()
        container.mux(packet)
        container.mux(packets)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "codec"), [("flac", "flac"), ("mp4", "alac"), ("mp3", "libmp3lame")])
def test_covers_are_rows(kind: str, codec: str, tmp_path: Path) -> None:
    look = Look(covered(kind, codec, MARKED), tmp_path)
    assert look.origins == {"attached picture": Origin.GENERATED}
    assert look.origin is Origin.UNKNOWN


def test_a_cover_in_ogg(tmp_path: Path) -> None:
    block = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(">IIIIII", 0, 1, 1, 8, 0, len(MARKED)) + MARKED
    tags = {"METADATA_BLOCK_PICTURE": base64.b64encode(block).decode(), "AIGC": LABEL}
    look = Look(sound("ogg", "libopus", tags), tmp_path)
    assert look.origins == {"attached picture": Origin.GENERATED}
    assert {row.signal for row in look.own.evidence} == {"tc260"}


def test_attachments_of_matroska(tmp_path: Path) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        container.metadata["AIGC"] = LABEL
        stream = container.add_stream("mpeg4", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.add_attachment("cover.png", "image/png", MARKED)
        container.add_attachment("title.ttf", "application/x-truetype-font", b"\0\1\0\0\0" + bytes(60))
        container.add_attachment("still.zip", "application/zip", b"PK\x05\x06" + bytes(18))
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    look = Look(file.getvalue(), tmp_path)
    assert look.origins == {"cover.png": Origin.GENERATED, "still.zip": Origin.UNKNOWN}
    assert look.origin is Origin.GENERATED  # by its own label
    assert {row.signal for row in look.own.evidence} == {"tc260"}


def test_a_movie_without_a_cover_has_no_rows(tmp_path: Path) -> None:
    assert Look(movie("mp4", {"comment": "words"}), tmp_path).inside == {}


def safe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def frame(name: str, data: bytes, version: int = 4, flags: bytes = b"\0\0") -> bytes:
    if version == 2:
        return name.encode() + len(data).to_bytes(3, "big") + data
    return name.encode() + (safe(len(data)) if version == 4 else struct.pack(">I", len(data))) + flags + data


def tag(*frames: bytes, version: int = 4, flags: int = 0, padding: int = 20) -> bytes:
    body = b"".join(frames) + bytes(padding)
    return b"ID3" + bytes([version, 0, flags]) + safe(len(body)) + body


MPEG = sound("mp3", "libmp3lame", {})
MPEG = MPEG[MPEG.find(b"\xff\xfb") :]


@pytest.mark.parametrize("version", [2, 3, 4])
def test_words_of_every_version(version: int, tmp_path: Path) -> None:
    names = ("COM", "TXX", "WAS", "ULT") if version == 2 else ("COMM", "TXXX", "WOAS", "USLT")
    wide = "ﬁn".encode("utf-16")
    rows = [
        b"\0eng\0" + SONG.encode(),
        b"\0AIGC\0" + LABEL.encode(),
        ADDRESS.encode() + b"\0",
        b"\1eng" + "\ufeff\0".encode("utf-16-le") + wide,
    ]
    data = tag(*(frame(name, row, version) for name, row in zip(names, rows, strict=True)), version=version) + MPEG
    look = Look(data, tmp_path)
    own = {row.key: row.value for row in look.own.statements if row.carrier == "id3"}
    assert own == {"COMM": SONG, "AIGC": LABEL, "WOAS": ADDRESS, "USLT": "ﬁn"}
    assert {row.signal for row in look.own.evidence if row.carrier == "id3"} == {"suno", "tc260"}


def test_words_are_read_where_the_sound_is_garbage(tmp_path: Path) -> None:
    look = Look(tag(frame("COMM", b"\3eng\0" + SONG.encode())) + b"no sound at all" * 9, tmp_path)
    assert look.origin is Origin.GENERATED


@pytest.mark.parametrize("wrap", ["wav", "aiff"])
def test_tags_in_chunks(wrap: str, tmp_path: Path) -> None:
    words = tag(frame("WOAS", ADDRESS.encode()), frame("APIC", b"\0image/png\0\3\0" + MARKED))
    if wrap == "wav":
        tone = riff_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)) + riff_chunk(b"data", bytes(960))
        data = riff(b"WAVE", tone, riff_chunk(b"id3 ", words))
    else:
        data = sound("aiff", "pcm_s16be", {})
        data = data + b"ID3 " + struct.pack(">I", len(words)) + words + b"\0" * (len(words) % 2)
        data = data[:4] + struct.pack(">I", len(data) - 8) + data[8:]
    look = Look(data, tmp_path)
    assert look.says("WOAS") == [ADDRESS]
    assert look.origins == {"attached picture": Origin.GENERATED}


@pytest.mark.parametrize("version", [2, 3, 4])
def test_pictures_and_objects(version: int, tmp_path: Path) -> None:
    picture = b"\0" + (b"PNG" if version == 2 else b"image/png\0") + b"\3cover\0" + MARKED
    named = b"\1image/png\0" + "stéll.png\0".encode("utf-16") + "\ufeffa still\0".encode("utf-16-le") + PLAIN
    names = ("PIC", "GEO") if version == 2 else ("APIC", "GEOB")
    data = tag(frame(names[0], picture, version), frame(names[1], named, version), version=version) + MPEG
    assert Look(data, tmp_path).origins == {"attached picture": Origin.GENERATED, "stéll.png": Origin.UNKNOWN}


def test_a_manifest_in_an_object_is_no_row(tmp_path: Path) -> None:
    data = tag(frame("GEOB", b"\0application/c2pa\0c2pa\0manifest\0" + b"\0\0\0\x20jumb" + bytes(24))) + MPEG
    assert Look(data, tmp_path).inside == {}


def test_what_is_done_to_frames_is_undone() -> None:
    text = b"\0" + SONG.encode()
    packed = zlib.compress(text)
    cases = {
        3: [(b"\0\x80", struct.pack(">I", len(text)) + packed), (b"\0\x20", b"g" + text), (b"\0\x40", b"k" + text)],
        4: [(b"\0\x09", safe(len(text)) + packed), (b"\0\x40", b"g" + text), (b"\0\x04", b"k" + text),
            (b"\0\x02", text.replace(b"\xff", b"\xff\0"))],
    }  # fmt: skip
    for version, rows in cases.items():
        for flags, data in rows:
            whole = tag(frame("TXXX", data, version, flags), version=version)
            (found,) = id3.walk_frames(Block(whole, SMALL), "audio/mpeg")
            assert found.data == (b"" if flags[1] in (4, 0x40) and data[:1] == b"k" else text)


def test_zeros_put_into_the_whole_tag_are_taken_out() -> None:
    words = frame("TIT2", b"\0\xff\xe0\xff\0z", 3)
    whole = tag(words.replace(b"\xff", b"\xff\0"), version=3, flags=0x80)
    (found,) = id3.walk_frames(Block(whole, SMALL), "audio/mpeg")
    assert found.data == b"\0\xff\xe0\xff\0z"


def test_an_extended_header_is_passed() -> None:
    for version, header in ((3, struct.pack(">IHI", 6, 0, 0)), (4, safe(6) + b"\1\0")):
        whole = tag(header, frame("TIT2", b"\0name", version), version=version, flags=0x40)
        assert [found.data for found in id3.walk_frames(Block(whole, SMALL), "audio/mpeg")] == [b"\0name"]


def test_sizes_counted_as_the_version_before_did() -> None:
    long = b"\0" + b"x" * 300
    wrong = b"TIT2" + struct.pack(">I", len(long)) + b"\0\0" + long + frame("TPE1", b"\0name")
    found = list(id3.walk_frames(Block(tag(wrong), SMALL), "audio/mpeg"))
    assert [(row.id, len(row.data)) for row in found] == [("TIT2", 301), ("TPE1", 5)]


def test_several_tags_behind_each_other() -> None:
    whole = tag(frame("TIT2", b"\0one")) + tag(frame("TIT2", b"\0two"))
    assert [row.data for row in id3.walk_frames(Block(whole, SMALL), "audio/mpeg")] == [b"\0one", b"\0two"]


def test_a_frame_beyond_its_tag_is_told(tmp_path: Path) -> None:
    look = Look(tag(b"COMM" + safe(9999) + b"\0\0abc") + MPEG, tmp_path)
    assert look.causes == {Cause.MALFORMED}


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(2, 4), st.integers(0, 255))
def test_any_bytes_give_frames_or_the_word_of_the_walker(data: bytes, version: int, flags: int) -> None:
    whole = b"ID3" + bytes([version, 0, flags]) + safe(len(data)) + data
    try:
        for found in id3.walk_frames(Block(whole, SMALL), "audio/mpeg"):
            id3.decode_frame_text(found.data)
            id3.split_description(id3.split_description(found.data, 3)[1])
    except MalformedContainer:
        pass


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    rng = random.Random(4)
    whole = (
        tag(frame("COMM", b"\1eng\xff\xfe\0\0\xff\xfea\0"), frame("APIC", b"\0image/png\0\3\0" + PLAIN)) + MPEG[:800]
    )
    for _ in range(80):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 8)):
            data[rng.randrange(200)] = rng.randrange(256)
        Look(bytes(data), tmp_path, limits=SMALL)


def test_an_object_that_is_no_file_is_a_text(tmp_path: Path) -> None:
    """Disc jockeys' programs keep cue points there: no row of its own, and nothing that could not be looked at."""
    cues = b"\1\1" + bytes(40) + b"Cue points of a song" + bytes(9)
    data = tag(frame("GEOB", b"\0application/octet-stream\0\0Serato Markers2\0" + cues)) + MPEG
    look = Look(data, tmp_path)
    assert look.says("Serato Markers2") == ["Cue points of a song"]
    assert look.inside == {}
    data = tag(frame("GEOB", b"\0application/octet-stream\0\0marks\0" + b"\1\2\3")) + MPEG
    assert Look(data, tmp_path).says("marks") == ["3 bytes"]


def test_a_file_that_ends_inside_the_header_of_a_frame_says_where() -> None:
    data = tag(frame("TIT2", b"\0a title"), frame("TPE1", b"\0somebody"))
    whole = len(tag(frame("TIT2", b"\0a title"), padding=0))
    for cut in range(whole + 4, whole + 10):
        walked = id3.walk_frames(Block(data[:cut], SMALL), "audio/mpeg")
        assert next(walked).id == "TIT2"
        with pytest.raises(MalformedContainer, match=f"header of the frame TPE1 at byte {whole}"):
            next(walked)

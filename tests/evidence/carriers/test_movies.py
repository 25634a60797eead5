"""Words of movies and sound: FFmpeg's tags, boxes and chunks."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import av
import pytest

from provenance.evidence.carriers.isobmff import Isobmff
from provenance.evidence.carriers.riff import Riff
from provenance.evidence.carriers.tags import Tags
from provenance.evidence.signals.suno import Suno
from provenance.media import types
from provenance.media.source import Header
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import Heard, box, riff, riff_chunk, source

TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "matroska": "video/x-matroska", "avi": "video/x-msvideo"}


def movie(kind: str, tags: dict[str, str], options: dict[str, str] | None = None) -> bytes:
    """Half a second of grey, 64 x 48."""
    file = io.BytesIO()
    with av.open(file, "w", format=kind, options=options or {}) as container:
        container.metadata.update(tags)
        stream = container.add_stream("mpeg4", rate=24)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    return file.getvalue()


def sound(kind: str, codec: str, tags: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        frame = av.AudioFrame(stream.codec_context.format.name, "mono", 4800)
        frame.sample_rate = 48_000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "key"), [("mp4", "comment"), ("mov", "comment"), ("matroska", "COMMENT"), ("avi", "comment")]
)
def test_container_tags_size_and_duration(kind: str, key: str) -> None:
    at = source(movie(kind, {"comment": "words"}), TYPES[kind])
    told = Heard(Tags(), at)
    assert told.values(key) == ["words"]
    assert f"container tag {key!r}" in {row.where for row in told.statements}
    assert at.shape is not None
    assert (at.shape.width, at.shape.height) == (64, 48)
    assert at.shape.duration == pytest.approx(0.5, abs=0.1)
    assert told.troubles == []
    assert not at.file.closed


def test_a_shape_known_before_is_added_to() -> None:
    at = source(sound("wav", "pcm_s16le", {}), "audio/x-wav")
    at.shape = Header(writer="Recorder")
    Heard(Tags(), at)
    assert at.shape == Header(duration=0.1, writer="Recorder")


def test_start_time_code() -> None:
    told = Heard(Tags(), source(movie("mov", {"timecode": "01:00:00:00"}), "video/quicktime"))
    assert "01:00:00:00" in told.values("timecode")


@pytest.mark.parametrize(
    ("kind", "codec", "media_type"),
    [("mp3", "libmp3lame", "audio/mpeg"), ("flac", "flac", "audio/flac"), ("ogg", "libopus", "audio/ogg")],
)
def test_sound_tags(kind: str, codec: str, media_type: str) -> None:
    told = Heard(Tags(), source(sound(kind, codec, {"comment": "made with something"}), media_type))
    assert "made with something" in {row.value for row in told.statements}


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile {}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n",
        "v=0\nm=audio 0 RTP/AVP 0\n{}",
    ],
)
def test_a_playlist_in_disguise_opens_nothing(text: str, tmp_path: Path) -> None:
    target = tmp_path / "other.mp4"
    target.write_bytes(movie("mp4", {"comment": "must not be read"}))
    told = Heard(Tags(), source(text.format(target).encode(), "video/quicktime"))
    assert told.statements == []
    assert [row.cause for row in told.troubles] in ([Cause.UNSUPPORTED], [Cause.MALFORMED])


def test_a_truncated_movie_gives_what_can_be_read() -> None:
    data = movie("matroska", {"comment": "words"})
    told = Heard(Tags(), source(data[: len(data) * 2 // 3], "video/x-matroska"))
    assert told.values("COMMENT") == ["words"]
    lost = Heard(Tags(), source(movie("mp4", {})[:300], "video/mp4"))
    assert [row.cause for row in lost.troubles] == [Cause.MALFORMED]


def test_keys_as_generation_tools_write_them() -> None:
    graph = '{"3": {"class_type": "KSampler", "inputs": {}}}'
    data = movie("mp4", {"prompt": graph, "AIGC": '{"Label":"1"}'}, {"movflags": "use_metadata_tags"})
    told = Heard(Isobmff(), source(data, "video/mp4"))
    assert told.values("prompt") == [graph]
    assert told.values("AIGC") == ['{"Label":"1"}']
    assert any(row.where.startswith('moov/udta/meta/ilst "prompt" at byte') for row in told.statements)


def data_box(value: bytes, kind: int = 1) -> bytes:
    return box("data", struct.pack(">II", kind, 0), value)


def keys(*names: bytes) -> bytes:
    entries = b"".join(struct.pack(">I", len(name) + 8) + b"mdta" + name for name in names)
    return box("keys", struct.pack(">II", 0, len(names)), entries)


HANDLER = box("hdlr", bytes(8), b"mdta", bytes(13))


@pytest.mark.parametrize(
    ("moov", "said"),
    [
        (box("meta", HANDLER, keys(b"com.apple.quicktime.make", b"AIGC"),
             box("ilst", box(struct.pack(">I", 1), data_box(b"Apple")), box(struct.pack(">I", 2), data_box(b"{}")))),
         {"com.apple.quicktime.make": "Apple", "AIGC": "{}"}),
        (box("meta", bytes(4), HANDLER, box("ilst", box(struct.pack(">I", 1), data_box(b"early"))), keys(b"late")),
         {"late": "early"}),
        (box("meta", HANDLER, keys(*[b"k%d" % i for i in range(1, 60)]),
             box("ilst", box(b"\0\0\0/", data_box(b"47th")))),
         {"k47": "47th"}),
        (box("udta", box("meta", bytes(4), HANDLER, box(
            "ilst", box("\xa9too", data_box(b"Tool")), box("desc", data_box("é".encode())),
            box("----", box("mean", bytes(4), b"com.x"), box("name", bytes(4), b"AIGC"), data_box(b"{1}"))))),
         {"\xa9too": "Tool", "desc": "é", "AIGC": "{1}"}),
        (box("meta", bytes(4), box("ilst", box("AIGC", data_box(b'{"Label":"1"}')))), {"AIGC": '{"Label":"1"}'}),
        (box("udta", box("\xa9swr", b"\0\x04\x55\xc4Maker"), box("AIGC", b'{"a":1}'),
             box("titl", bytes(4), b"\x15\xc7Name\0"), bytes(4)),
         {"\xa9swr": "Make", "AIGC": '{"a":1}', "titl": "Name"}),
        (box("udta", box("meta", bytes(4), box("ilst", box("covr", data_box(b"\x89PNG", 13)),
                                               box("tmpo", data_box(b"\0\x78", 21))))),
         {"tmpo": "120"}),
    ],
)  # fmt: skip
def test_every_generation_of_quicktime_metadata(moov: bytes, said: dict[str, str]) -> None:
    data = box("ftyp", b"qt  \0\0\0\0") + box("mdat", b"media") + box("moov", moov)
    told = Heard(Isobmff(), source(data, "video/quicktime"))
    assert told.said == said
    assert told.troubles == []


def test_a_bare_codestream_of_jpeg_xl_has_no_boxes() -> None:
    assert Heard(Isobmff(), source(b"\xff\x0a" + bytes(50), "image/jxl")).troubles == []


def test_riff_words() -> None:
    bext = (
        b"a scene".ljust(256, b"\0")
        + b"Recorder".ljust(32, b"\0")
        + b"REF1".ljust(32, b"\0")
        + b"2024-01-02"
        + b"10:11:12"
    )
    data = riff(
        b"WAVE", riff_chunk(b"bext", bext.ljust(602, b"\0") + b"A=PCM,F=48000\r\n"), riff_chunk(b"iXML", b"<BWFXML/>"),
        riff_chunk(b"AIGC", b'{"Label":"1"}'), riff_chunk(b"data", bytes(4)),
        riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ISFT", b"Tool\0\0") + riff_chunk(b"ICMT", "é".encode("latin-1"))),
    )  # fmt: skip
    told = Heard(Riff(), source(data, "audio/x-wav"))
    assert told.said == {
        "Description": "a scene", "Originator": "Recorder", "OriginatorReference": "REF1",
        "OriginationDate": "2024-01-02", "OriginationTime": "10:11:12", "CodingHistory": "A=PCM,F=48000\r\n",
        "iXML": "<BWFXML/>", "AIGC": '{"Label":"1"}', "ISFT": "Tool", "ICMT": "é",
    }  # fmt: skip
    assert told.troubles == []
    assert told.statements[0].where == "bext chunk at byte 12"
    cut = Heard(Riff(), source(data[:-40], "audio/x-wav"))
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]
    assert cut.values("AIGC") == ['{"Label":"1"}']


def _wave64(*chunks: tuple[bytes, bytes]) -> bytes:
    tail = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    body = b"".join(
        kind + tail + struct.pack("<Q", len(data) + 24) + data + bytes(-len(data) % 8) for kind, data in chunks
    )
    head = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0" + struct.pack("<Q", len(body) + 40)
    return head + b"wave" + tail + body


IXML = b"""<?xml version="1.0" encoding="UTF-8"?><BWFXML><IXML_VERSION>1.5</IXML_VERSION><NOTE>SONG</NOTE>
<BEXT><BWF_ORIGINATOR>Recorder</BWF_ORIGINATOR><BWF_DESCRIPTION>a scene</BWF_DESCRIPTION></BEXT></BWFXML>\0\0"""
AXML = b"""<ebuCoreMain xmlns="urn:ebu:metadata-schema:ebuCore_2015"><coreMetadata><title>
<dc:description xmlns:dc="http://purl.org/dc/elements/1.1/">SONG</dc:description></title>
<audioProgramme audioProgrammeName="Main"/></coreMetadata></ebuCoreMain>"""
MADE_WITH = b"made with suno; created=2026-03-04T10:11:12Z; id=0a1b2c3d-1111-4222-8333-444455556666"


@pytest.mark.parametrize("xml", [(b"iXML", IXML), (b"axml", AXML)])
@pytest.mark.parametrize("form", ["RIFF", "RF64", "W64"])
def test_the_words_of_a_generator_in_the_xml_of_a_wave(xml: tuple[bytes, bytes], form: str) -> None:
    kind, document = xml
    text = document.replace(b"SONG", MADE_WITH)
    media_type = "audio/x-w64" if form == "W64" else "audio/x-wav"
    data = riff(b"WAVE", riff_chunk(b"data", bytes(4)), riff_chunk(kind, text), magic=form.encode()[:4].ljust(4))
    if form == "RF64":
        data = b"RF64\xff\xff\xff\xff" + data[8:]
    if form == "W64":
        data = _wave64((b"data", bytes(5)), (kind, text))
    told = Heard(Riff(), source(data, media_type))
    assert told.troubles == []
    assert [row.origin for row in Suno().read(told.statements)] == [Origin.GENERATED]


def test_fields_of_the_xml_of_a_wave() -> None:
    told = Heard(Riff(), source(riff(b"WAVE", riff_chunk(b"iXML", IXML), riff_chunk(b"axml", AXML)), "audio/x-wav"))
    assert told.said == {
        "iXML/BWFXML/IXML_VERSION": "1.5", "iXML/BWFXML/NOTE": "SONG", "iXML/BWFXML/BEXT/ORIGINATOR": "Recorder",
        "iXML/BWFXML/BEXT/DESCRIPTION": "a scene", "axml/ebuCoreMain/coreMetadata/title/description": "SONG",
        "axml/ebuCoreMain/coreMetadata/audioProgramme/audioProgrammeName": "Main",
    }  # fmt: skip


def test_damaged_xml_of_a_wave_is_kept_as_text_and_reported() -> None:
    told = Heard(Riff(), source(riff(b"WAVE", riff_chunk(b"iXML", b"<BWFXML><NOTE>kept</NOTE>")), "audio/x-wav"))
    assert told.said == {"iXML/BWFXML/NOTE": "kept", "iXML": "<BWFXML><NOTE>kept</NOTE>"}
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]
    told = Heard(Riff(), source(riff(b"WAVE", riff_chunk(b"iXML", b"plain words")), "audio/x-wav"))
    assert told.said == {"iXML": "plain words"}
    assert told.troubles == []


def test_cart_and_labels_of_a_wave() -> None:
    cart = bytearray(2048)
    cart[4:10], cart[488:494] = b"a song", b"a tool"
    labels = b"adtl" + riff_chunk(b"labl", b"\1\0\0\0a cue\0") + riff_chunk(b"note", b"\1\0\0\0a note\0")
    told = Heard(
        Riff(), source(riff(b"WAVE", riff_chunk(b"cart", bytes(cart)), riff_chunk(b"LIST", labels)), "audio/x-wav")
    )
    assert told.said == {"Title": "a song", "ProducerAppID": "a tool", "labl": "a cue", "note": "a note"}


def test_a_broadcast_extension_in_wave64() -> None:
    told = Heard(Riff(), source(_wave64((b"bext", b"a scene".ljust(602, b"\0")), (b"data", bytes(8))), "audio/x-w64"))
    assert told.said == {"Description": "a scene"}
    cut = Heard(Riff(), source(_wave64((b"bext", b"a scene".ljust(602, b"\0")))[:-40], "audio/x-w64"))
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]


def test_a_second_moving_picture_is_an_ordinary_thing() -> None:
    file = io.BytesIO()
    with av.open(file, "w", "matroska") as out:
        streams = [out.add_stream("mpeg4", rate=24) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for stream in streams:
            out.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
            out.mux(stream.encode())
    rows = list(Tags().read(source(file.getvalue(), types.MATROSKA)))
    assert [row for row in rows if isinstance(row, Trouble)] == []

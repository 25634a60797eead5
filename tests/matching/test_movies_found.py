"""A known still inside movies of every make: it is located to the frame, and damage is reported."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from av.video.stream import VideoStream
from PIL import Image

from provenance.fingerprint import pictures
from provenance.fingerprint.extract import extract_fingerprint
from provenance.matching import write_index
from provenance.matching.merge import merge_matches
from provenance.matching.search import search_picture
from provenance.matching.search_index import SearchIndex
from provenance.media.sniff import sniff
from provenance.media.types import MXF
from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.match import Known, Match
from provenance.model.vocabulary import Cause, Origin
from tests.decode import plates
from tests.decode.movies import edited, movie, turned
from tests.evidence.build import source
from tests.matching.paint import Picture, add_titles, make_fingerprint, paint_picture

SIZE = (320, 180)
Change = Callable[[Picture], Picture]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    path = str(tmp_path_factory.mktemp("known") / "known")
    kept = pictures.pack("picture", [make_fingerprint(paint_picture(1))])
    return write_index.write(path, [(Known("sha256:1", "1.png", Origin.GENERATED), kept)])


class Found:
    """What was found in a movie, and what stood in the way."""

    def __init__(self, path: Path, index: SearchIndex) -> None:
        data = path.read_bytes()
        made = source(data, sniff(lambda offset, length: data[offset : offset + length]))
        rows = list(search_picture(made, index))
        self.matches = merge_matches(row for row in rows if isinstance(row, Match))
        self.troubles = [row for row in rows if isinstance(row, Trouble)]

    def frames(self, rate: Fraction | int = 24) -> list[tuple[float, float]]:
        spans = [match.time for match in self.matches if match.time]
        return [(round(float(span.start * rate), 1), round(float(span.end * rate), 1)) for span in spans]


def plate(number: int) -> Picture:
    wide = paint_picture(90, 960, 180)
    return np.ascontiguousarray(wide[:, 4 * number : 4 * number + 320])


def still() -> Picture:
    return np.asarray(cv2.resize(paint_picture(1), SIZE, interpolation=cv2.INTER_AREA), np.uint8)


def make_frames(
    change: Change = lambda picture: picture, before: int = 8, shown: int = 12, after: int = 8
) -> list[Picture]:
    """A plate, the still, and the plate again: the still stands from frame 8 to 20."""
    shots = [*(plate(n) for n in range(before)), *[still()] * shown, *(plate(60 + n) for n in range(after))]
    return [np.ascontiguousarray(change(picture)) for picture in shots]


def test_an_edit_list_counts_from_the_first_frame_that_is_shown(tmp_path: Path, index: SearchIndex) -> None:
    late = edited(movie(tmp_path / "a.mp4", make_frames(before=32)), skipped=1, shown=1)
    assert Found(late, index).frames() == [(8, 20)]
    delayed = edited(movie(tmp_path / "b.mp4", make_frames()), skipped=0, shown=1, empty=1)
    found = Found(delayed, index)
    assert (found.frames(), found.troubles) == ([(8, 20)], [])


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_rotation_flag_is_heeded(tmp_path: Path, index: SearchIndex, quarter: int) -> None:
    stored = make_frames(lambda picture: np.rot90(picture, quarter))
    (match,) = Found(turned(movie(tmp_path / "a.mp4", stored), quarter), index).matches
    assert "turned" not in match.detail
    assert "fills the frame" in match.detail


def test_pixels_that_are_not_square_stretch_nothing(tmp_path: Path, index: SearchIndex) -> None:
    narrow = make_frames(lambda picture: np.asarray(cv2.resize(picture, (240, 180)), np.uint8))
    (match,) = Found(movie(tmp_path / "a.mp4", narrow, aspect=Fraction(4, 3)), index).matches
    assert "stretched" not in match.detail


def test_interlaced_material_is_located_to_the_frame(tmp_path: Path, index: SearchIndex) -> None:
    frames = make_frames()
    for one, following in itertools.pairwise(frames):
        one[1::2] = following[1::2].copy()
    options = {"flags": "+ildct+ilme", "top": "1", "b": "4M"}
    path = movie(tmp_path / "a.mpg", frames, codec="mpeg2video", rate=25, options=options)
    assert Found(path, index).frames(25) == [(8, 20)]


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mp4", "libx264", "yuv420p10le"),
        ("a.mp4", "libx265", "yuv420p12le"),
        ("a.mov", "prores_ks", "yuv444p10le"),
        ("a.avi", "ffv1", "yuv422p12le"),
    ],
)
def test_deep_and_odd_samples(tmp_path: Path, index: SearchIndex, name: str, codec: str, pixels: str) -> None:
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = movie(tmp_path / name, make_frames(), codec=codec, pixels=pixels, options=quiet)
    assert Found(path, index).frames() == [(8, 20)]


def pq(picture: Picture) -> Picture:
    light = (plates.linear(picture) * 203 / 10_000) ** (2610 / 16384)
    return np.asarray(((3424 / 4096 + 2413 / 128 * light) / (1 + 2392 / 128 * light)) ** (2523 / 32) * 255, np.uint8)


def hlg(picture: Picture) -> Picture:
    light = plates.linear(picture) * 0.26
    upper = 0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-6)) + 0.55991073
    return np.asarray(np.where(light <= 1 / 12, np.sqrt(3 * light), upper) * 255, np.uint8)


def log(picture: Picture) -> Picture:
    return np.asarray((1 + np.log10(np.maximum(plates.linear(picture), 0.01)) / 2) * 255, np.uint8)


def camera_log(picture: Picture) -> Picture:
    coded = 0.24719 * np.log10(5.555556 * plates.linear(picture) + 0.052272) + 0.385537
    return np.asarray(coded * 255, np.uint8)


@pytest.mark.parametrize(("coded", "transfer"), [(pq, 16), (hlg, 18), (log, 9), (camera_log, None), (pq, None)])
def test_hdr_and_log(tmp_path: Path, index: SearchIndex, coded: Change, transfer: int | None) -> None:
    path = movie(tmp_path / "a.mp4", make_frames(coded), pixels="yuv420p10le", transfer=transfer)
    (match,) = Found(path, index).matches
    assert match.verdict == "confirmed-copy"


def layered(frames: Iterable[Picture], cover: int) -> Iterator[av.VideoFrame]:
    """Frames with an alpha channel that shows their middle; what is hidden is noise."""
    random = np.random.default_rng(1)
    for picture in frames:
        alpha = np.zeros(picture.shape[:2], np.uint8)
        alpha[30:150, 60:260] = cover
        noise = random.integers(0, 256, picture.shape).astype(np.uint8)
        colours = np.where(alpha[:, :, None] > 0, picture, noise) if cover else picture
        yield av.VideoFrame.from_ndarray(np.dstack((colours, alpha)), format="rgba")


@pytest.mark.parametrize("cover", [255, 0])
def test_alpha_hides_what_is_not_shown_unless_it_hides_all(tmp_path: Path, index: SearchIndex, cover: int) -> None:
    path = movie(tmp_path / "a.mov", layered(make_frames(), cover), codec="prores_ks", pixels="yuva444p10le")
    found = Found(path, index)
    assert [match.verdict for match in found.matches] == ["confirmed-copy"]


@pytest.mark.parametrize(
    ("name", "codec", "rate", "timecode", "expected"),
    [
        ("a.mov", "libx264", Fraction(60000, 1001), "00:00:59;56", "00:01:00;08"),
        ("a.mov", "prores_ks", Fraction(24), "23:59:59:16", "00:00:00:00"),
        ("a.mkv", "libx264", Fraction(25), "01:00:00:00", "01:00:00:08"),
        ("a.mxf", "mpeg2video", Fraction(25), "10:00:00:20", "10:00:01:03"),
    ],
)
def test_start_timecode(
    tmp_path: Path, index: SearchIndex, name: str, codec: str, rate: Fraction, timecode: str, expected: str
) -> None:
    pixels = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    frames = make_frames(lambda picture: np.asarray(cv2.resize(picture, (640, 480)), np.uint8), shown=4, after=2)
    (match,) = Found(
        movie(tmp_path / name, frames, codec=codec, rate=rate, pixels=pixels, timecode=timecode), index
    ).matches
    assert match.time
    assert match.time.timecode_in == expected


def half(path: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [("a.mp4", "libx264", "yuv420p"), ("a.mov", "prores_ks", "yuv422p10le"), ("a.mkv", "libx264", "yuv420p")],
)
def test_half_a_movie_gives_what_is_there(
    tmp_path: Path, index: SearchIndex, name: str, codec: str, pixels: str
) -> None:
    moov_first = {"movflags": "faststart"} if name != "a.mkv" else {}
    options = {"g": "6", "qp": "20"} if codec == "libx264" else {}
    frames = make_frames(before=6, shown=30, after=36)
    path = movie(tmp_path / name, frames, codec=codec, pixels=pixels, options=options, muxing=moov_first)
    found = Found(half(path), index)
    assert [span[0] for span in found.frames()] == [6]
    assert {trouble.cause for trouble in found.troubles} == {Cause.MALFORMED}
    assert "should last 3.0 s" in found.troubles[-1].detail


def test_a_movie_without_its_index_is_reported(tmp_path: Path, index: SearchIndex) -> None:
    found = Found(half(movie(tmp_path / "a.mp4", make_frames())), index)
    assert [trouble.cause for trouble in found.troubles] == [Cause.MALFORMED]
    assert found.matches == []


def test_broken_frames_are_passed_over_and_reported(tmp_path: Path, index: SearchIndex) -> None:
    path = movie(tmp_path / "a.mov", make_frames(), codec="prores_ks", pixels="yuv422p10le")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as media:
        packets = [(packet.pos or 0, packet.size) for packet in media.demux(video=0) if packet.size]
    for number in (3, 12, 13):
        at, size = packets[number]
        data[at : at + size] = bytes(size)
    path.write_bytes(data)
    found = Found(path, index)
    assert found.frames() == [(8, 20)]
    assert [trouble.detail.split(":")[0] for trouble in found.troubles] == ["3 packets could not be decoded"]


def test_frames_that_are_missing_stretch_no_time(tmp_path: Path, index: SearchIndex) -> None:
    whole, holed = movie(tmp_path / "a.mov", make_frames(), codec="mjpeg", pixels="yuvj420p"), tmp_path / "b.mov"
    with av.open(str(whole)) as media, av.open(str(holed), "w") as out:
        stream = out.add_stream_from_template(media.streams.video[0])
        for number, packet in enumerate(media.demux(video=0)):
            if packet.size and number not in (4, 5, 12, 25):
                packet.stream = stream
                out.mux(packet)
    assert Found(holed, index).frames() == [(8, 20)]


def test_of_several_pictures_the_first_is_searched(tmp_path: Path, index: SearchIndex) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        streams = [out.add_stream("mpeg4", rate=24) for _ in range(2)]
        for stream in streams:
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for stream in streams:
            for picture in make_frames():
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode())
    found = Found(tmp_path / "a.mkv", index)
    assert found.frames() == [(8, 20)]


def test_a_codec_that_nothing_here_decodes_is_reported(tmp_path: Path, index: SearchIndex) -> None:
    path = movie(tmp_path / "a.mov", make_frames(), codec="mjpeg", pixels="yuvj420p")
    path.write_bytes(path.read_bytes().replace(b"jpeg", b"braw"))
    assert [trouble.cause for trouble in Found(path, index).troubles] == [Cause.UNSUPPORTED]
    data = path.read_bytes()
    assert [type(row) for row in extract_fingerprint(source(data, "video/quicktime"), FingerprintLevel.LIGHT)] == [
        Trouble
    ]


def test_the_cover_of_a_song_is_no_movie(tmp_path: Path, index: SearchIndex) -> None:
    cover = io.BytesIO()
    Image.fromarray(paint_picture(1)).save(cover, "JPEG")
    with av.open(str(tmp_path / "a.m4a"), "w", format="mp4") as out:
        sound = out.add_stream("aac", rate=48_000, layout="mono")
        picture = out.add_stream("mjpeg", rate=1)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = 640, 360, "yuvj420p"
        picture.disposition = Disposition.attached_pic
        packet = av.Packet(cover.getvalue())
        packet.stream, packet.pts, packet.dts, packet.time_base = picture, 0, 0, Fraction(1, 1000)
        out.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        out.mux([*sound.encode(frame), *sound.encode()])
    found = Found(tmp_path / "a.m4a", index)
    assert (found.matches, found.troubles) == ([], [])


def write_views(path: Path, views: list[Picture], codec: str = "libx264", pixels: str = "yuv420p") -> Path:
    """A movie of a second with one moving picture for each of these pictures."""
    with av.open(str(path), "w") as out:
        added = [out.add_stream(codec, rate=24) for _ in views]
        streams = [stream for stream in added if isinstance(stream, VideoStream)]
        for stream, view in zip(streams, views, strict=True):
            stream.width, stream.height, stream.pix_fmt = view.shape[1], view.shape[0], pixels
        for number in range(24):
            for stream, view in zip(streams, views, strict=True):
                frame = av.VideoFrame.from_ndarray(view, format="rgb24")
                frame.pts = number
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts"])
def test_every_moving_picture_of_a_movie_is_searched(tmp_path: Path, index: SearchIndex, name: str) -> None:
    others = [np.ascontiguousarray(paint_picture(number)[::2, ::2]) for number in (5, 6)]
    found = Found(write_views(tmp_path / name, [others[0], still(), others[1]]), index)
    assert [match.detail.split(":")[0] for match in found.matches] == ["picture stream 2 of 3"]
    assert found.frames() == [(0, 24)]
    assert found.troubles == []


def test_every_moving_picture_of_a_clip_is_known(tmp_path: Path) -> None:
    data = write_views(tmp_path / "a.mp4", [plate(0), still()]).read_bytes()
    (kept,) = extract_fingerprint(source(data, "video/mp4"), FingerprintLevel.FULL)
    assert not isinstance(kept, Trouble)
    both = write_index.write(str(tmp_path / "known"), [(Known("sha256:2", "a.mp4", Origin.GENERATED), kept)])
    for number, shown in enumerate((plate(0), still())):
        cut = movie(tmp_path / f"cut{number}.mp4", [plate(60)] * 8 + [shown] * 12)
        assert [match.known.path for match in Found(cut, both).matches] == ["a.mp4"]


def test_a_moving_picture_that_cannot_be_decoded_does_not_cost_the_others(tmp_path: Path, index: SearchIndex) -> None:
    path = write_views(tmp_path / "a.mp4", [plate(0), still()])
    before, box, behind = path.read_bytes().partition(b"stsd")
    # The first description of a picture names a codec that nobody has.
    path.write_bytes(before + box + behind.replace(b"avc1", b"zzzz", 1))
    found = Found(path, index)
    assert [match.detail.split(":")[0] for match in found.matches] == ["picture stream 2 of 2"]
    assert [trouble.detail.split(":")[0] for trouble in found.troubles] == ["picture stream 1 of 2"]


def test_more_moving_pictures_than_anybody_has_are_reported(tmp_path: Path, index: SearchIndex) -> None:
    small = np.ascontiguousarray(still()[:64, :64])
    found = Found(write_views(tmp_path / "a.mkv", [small] * 17, "mpeg4"), index)
    assert found.matches == []
    assert [trouble.cause for trouble in found.troubles] == [Cause.OVERSIZED]


NOTHING: dict[str, Change] = {
    "black": lambda picture: picture * 0,
    "gray": lambda picture: picture * 0 + 117,
    "noise": lambda picture: (
        np.random.default_rng(int(picture[0, 0, 0])).integers(0, 256, picture.shape).astype(np.uint8)
    ),
    "grain on black": lambda picture: np.random.default_rng(7).integers(0, 20, picture.shape).astype(np.uint8),
    "a title": lambda _: np.asarray(cv2.resize(add_titles(np.zeros((360, 640, 3), np.uint8)), SIZE), np.uint8),
    "bars": lambda _: np.repeat(np.eye(8, 3, dtype=np.uint8)[None] * 191, 180, 0).repeat(40, 1),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_shows_nothing_matches_nothing(tmp_path: Path, index: SearchIndex, name: str) -> None:
    found = Found(movie(tmp_path / "a.mp4", make_frames(NOTHING[name])), index)
    assert (found.matches, found.troubles) == ([], [])


def test_an_encrypted_track_file_is_reported_and_never_decoded(tmp_path: Path, index: SearchIndex) -> None:
    plain = movie(tmp_path / "plain.mxf", [paint_picture(1, *SIZE)] * 12, codec="mpeg2video")
    assert Found(plain, index).matches
    # The label of the essence in the header becomes that of SMPTE ST 429-6.
    data = plain.read_bytes()
    place = data.index(bytes.fromhex("0d01030102")) - 8
    encrypted = tmp_path / "encrypted.mxf"
    encrypted.write_bytes(data[:place] + bytes.fromhex("060e2b34040101070d010301020b0100") + data[place + 16 :])
    found = Found(encrypted, index)
    assert not found.matches
    assert {(trouble.cause, trouble.detail.split(":")[0]) for trouble in found.troubles} == {
        (Cause.UNSUPPORTED, "encrypted")
    }
    made = source(encrypted.read_bytes(), MXF)
    (trouble,) = extract_fingerprint(made, FingerprintLevel.LIGHT)
    assert isinstance(trouble, Trouble)
    assert "only its hash" in trouble.detail

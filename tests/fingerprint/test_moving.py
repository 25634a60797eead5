"""Shot detection and fingerprints of movies: shot boundaries, times, timecode, damage, and what is not decoded."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from provenance.decode.av_container import open_media
from provenance.decode.movie import MovieStream, find_movie_stream
from provenance.fingerprint import extract, pictures, shot_detection
from provenance.fingerprint.extract import extract_fingerprint
from provenance.fingerprint.shots import Shot
from provenance.media.source import Source
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from tests.decode.movies import movie
from tests.evidence.build import source
from tests.matching.paint import Picture, crop, paint_picture

SMALL = (320, 180)


def scene(seed: int, length: int) -> list[Picture]:
    return [crop(paint_picture(seed, *SMALL), 0.9, x=number / max(1, length)) for number in range(length)]


def open_source(path: Path) -> Source:
    return source(path.read_bytes(), "video/mp4")


def detect_shots(path: Path) -> tuple[list[Shot], list[Trouble]]:
    made = open_source(path)
    with open_media(made) as container:
        moving_picture = find_movie_stream(container, made)
        assert moving_picture
        return list(shot_detection.detect_shots(moving_picture)), moving_picture.troubles


def test_shots_begin_and_end_at_the_cuts(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mp4", scene(1, 31) + scene(2, 7) + scene(3, 40), timecode="10:00:00:00")
    shots, troubles = detect_shots(path)
    assert [len(shot.luma) for shot in shots] == [31, 7, 40]
    assert [round(float(shot.times[0]) * 24) for shot in shots] == [0, 31, 38]
    assert float(shots[-1].times[-1]) == pytest.approx(78 / 24, abs=0.002)
    assert all(shot.keyframes[0].frame == 0 for shot in shots)
    assert shots[1].start.format_at(float(shots[1].times[0])) == "10:00:01:07"
    assert troubles == []


def test_a_dark_cut_is_a_shot_boundary_and_a_pan_is_not(tmp_path: Path) -> None:
    dark = [(picture * 0.2).astype(np.uint8) for picture in scene(1, 20) + scene(2, 20)]
    pan = [paint_picture(4, 1280, 180)[:, 12 * number : 12 * number + 320] for number in range(48)]
    shots, _ = detect_shots(movie(tmp_path / "a.mp4", [*dark, *pan]))
    assert [len(shot.luma) for shot in shots] == [20, 20, 48]


def test_a_long_shot_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shot_detection, "_LONGEST_SHOT", 1.0)
    shots, _ = detect_shots(movie(tmp_path / "a.mp4", scene(1, 60)))
    assert len(shots) == 3
    assert sum(len(shot.luma) for shot in shots) == 60


def test_times_are_those_of_the_file_when_its_rate_varies(tmp_path: Path) -> None:
    steps = [40 + 37 * (number % 3) for number in range(30)]
    at = [0, *itertools.accumulate(steps)][:30]
    frames = scene(1, 15) + scene(2, 15)
    shots, _ = detect_shots(movie(tmp_path / "a.mkv", frames, codec="libx264", at=at, options={"preset": "ultrafast"}))
    assert [len(shot.luma) for shot in shots] == [15, 15]
    assert shots[1].times[0] == pytest.approx(at[15] / 1000, abs=0.002)


@pytest.mark.parametrize(
    ("rate", "timecode", "expected"),
    [
        (Fraction(30000, 1001), "00:00:59;29", "00:01:00;02"),
        (Fraction(24000, 1001), "01:00:00:00", "01:00:00:01"),
        (Fraction(25), "10:00:00:24", "10:00:01:00"),
    ],
)
def test_start_timecode_is_honoured(tmp_path: Path, rate: Fraction, timecode: str, expected: str) -> None:
    path = movie(tmp_path / "a.mov", scene(1, 6), rate=rate, timecode=timecode)
    (shot,), _ = detect_shots(path)
    assert shot.start.format_at(float(shot.times[1])) == expected


def test_a_truncated_movie_gives_what_is_there_and_a_trouble(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mp4", scene(1, 200), options={"g": "12"}, muxing={"movflags": "faststart"})
    with av.open(str(path)) as media:
        whole = [packet for packet in media.demux(video=0) if packet.size]
    cut = whole[100].pos
    (tmp_path / "b.mp4").write_bytes(path.read_bytes()[:cut])
    shots, troubles = detect_shots(tmp_path / "b.mp4")
    assert 50 < sum(len(shot.luma) for shot in shots) < 150
    assert [trouble.cause for trouble in troubles][-1] is Cause.MALFORMED
    assert "ends after" in troubles[-1].detail


def test_damage_inside_is_passed_over_and_reported(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mp4", scene(1, 72), codec="mpeg4", options={"g": "6"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as media:
        packet = [packet for packet in media.demux(video=0) if packet.size][30]
    assert packet.pos
    data[packet.pos : packet.pos + packet.size] = b"\0" * packet.size
    (tmp_path / "b.mp4").write_bytes(data)
    shots, troubles = detect_shots(tmp_path / "b.mp4")
    assert sum(len(shot.luma) for shot in shots) > 50
    assert shots[-1].times[-1] == pytest.approx(3.0, abs=0.3)
    assert all(trouble.cause is Cause.MALFORMED for trouble in troubles)


class Counting:
    """Stands in for decoding, and counts what it is asked for."""

    def __init__(self, path: Path, depth: FingerprintLevel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.frames = 0
        plain = MovieStream.frames

        def counted(moving_picture: MovieStream, wanted: object = None) -> object:
            for time, frame in plain(moving_picture, wanted):  # type: ignore[arg-type]
                self.frames += 1
                yield time, frame

        monkeypatch.setattr(MovieStream, "frames", counted)
        rows = list(extract_fingerprint(open_source(path), depth))
        self.troubles = [row for row in rows if isinstance(row, Trouble)]
        (self.kept,) = (row for row in rows if isinstance(row, Fingerprint))
        self.times = [fingerprint.time for fingerprint in pictures.unpack(self.kept)]


@pytest.mark.parametrize(
    ("codec", "name", "pixels"), [("prores_ks", "a.mov", "yuv422p10le"), ("mjpeg", "a.mov", "yuvj420p")]
)
def test_intra_codecs_are_sampled_before_the_decoder(
    tmp_path: Path, codec: str, name: str, pixels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = movie(tmp_path / name, scene(1, 48), codec=codec, pixels=pixels)
    counting = Counting(path, FingerprintLevel.FULL, monkeypatch)
    assert counting.frames == 4
    assert counting.kept.method == "video"
    assert counting.times == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.01)
    assert counting.troubles == []


def test_dense_key_frames_are_enough_and_sparse_ones_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = movie(tmp_path / "a.mp4", scene(1, 72), options={"g": "12", "keyint_min": "12", "sc_threshold": "0"})
    assert Counting(dense, FingerprintLevel.FULL, monkeypatch).frames == 6
    monkeypatch.undo()
    sparse = movie(tmp_path / "b.mp4", scene(1, 72), options={"g": "250"})
    counting = Counting(sparse, FingerprintLevel.FULL, monkeypatch)
    assert counting.frames == 72
    assert len(counting.times) == 6


def test_a_clip_that_does_not_change_has_one_fingerprint(tmp_path: Path) -> None:
    (kept,) = extract_fingerprint(
        open_source(movie(tmp_path / "a.mp4", [paint_picture(1, *SMALL)] * 72)), FingerprintLevel.FULL
    )
    assert isinstance(kept, Fingerprint)
    assert len(list(pictures.unpack(kept))) == 1


def test_light_takes_less(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mp4", scene(1, 72))
    full, light = (
        next(iter(extract_fingerprint(open_source(path), depth)))
        for depth in (FingerprintLevel.FULL, FingerprintLevel.LIGHT)
    )
    assert isinstance(full, Fingerprint)
    assert isinstance(light, Fingerprint)
    assert len(light.data) < len(full.data) / 3


def test_a_file_that_is_not_a_movie_is_reported(tmp_path: Path) -> None:
    (trouble,) = extract_fingerprint(source(b"\0" * 5000, "video/mp4"), FingerprintLevel.FULL)
    assert isinstance(trouble, Trouble)
    assert trouble.cause is Cause.MALFORMED
    assert list(extract_fingerprint(source(b"RIFF", "audio/x-wav"), FingerprintLevel.FULL)) == []
    sound = tmp_path / "a.m4a"
    with av.open(str(sound), "w") as out:
        stream = out.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode())
    assert list(extract_fingerprint(source(sound.read_bytes(), "video/mp4"), FingerprintLevel.FULL)) == []


def test_the_bounds_of_a_clip_are_kept() -> None:
    assert extract._MOST_SAMPLES[FingerprintLevel.FULL] * 110_000 < 70_000_000

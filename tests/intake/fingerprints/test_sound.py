from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from provenance.intake.fingerprints.ear import views
from provenance.intake.fingerprints.sound import learned
from provenance.intake.source import held
from provenance.limits import DEFAULT
from provenance.matching.sound import KnownSounds, matches
from provenance.model import Fingerprint, Trouble
from provenance.soundprint import Floats, Soundprint, loaded
from tests.sounds import asset, fingerprint, speech, tune

RATE = 48_000


def fast(sound: Floats) -> Floats:
    """The same at the rate of files."""
    return np.interp(np.arange(len(sound) * 6) / 6, np.arange(len(sound)), sound).astype(np.float32)


def file(
    tracks: list[Floats], kind: str = "wav", codec: str = "pcm_s16le", layout: str = "mono",
    late: float = 0.0, moving: bool = False,
) -> bytes:  # fmt: skip
    """Audio tracks of (channels, n) samples that start `late` seconds after the first frame."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as made:
        video = made.add_stream("mpeg2video" if kind == "mxf" else "mpeg4", rate=25) if moving else None
        streams = [made.add_stream(codec, rate=RATE, layout=layout) for _ in tracks]
        if isinstance(video, VideoStream):
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
            for number in range(150):
                picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8), "rgb24")
                picture.pts, picture.time_base = number, Fraction(1, 25)
                made.mux(video.encode(picture))
            made.mux(video.encode(None))
        for stream, samples in zip(streams, tracks, strict=True):
            assert isinstance(stream, AudioStream)
            resampler = av.AudioResampler(stream.format.name, layout, RATE)
            for start in range(0, samples.shape[1], 4800):
                frame = av.AudioFrame.from_ndarray(
                    np.ascontiguousarray(samples[:, start : start + 4800]), "fltp", layout
                )
                frame.rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), start + round(late * RATE)
                for piece in resampler.resample(frame):
                    made.mux(stream.encode(piece))
            made.mux(stream.encode(None))
    return out.getvalue()


def read(data: bytes) -> tuple[list[Soundprint], list[Trouble]]:
    rows = list(learned(held(data, "file", DEFAULT)))
    troubles = [row for row in rows if isinstance(row, Trouble)]
    return [loaded(row.data) for row in rows if isinstance(row, Fingerprint)], troubles


SPEECH, TUNE = speech(6, 1), tune(6, 2)
VOICE, MUSIC = fast(SPEECH), fast(TUNE)


@pytest.mark.parametrize(
    ("kind", "codec"),
    [
        ("wav", "pcm_s24le"),
        ("mp4", "aac"),
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
        ("flac", "flac"),
        ("mov", "pcm_s16be"),
        ("mxf", "pcm_s16le"),
    ],
)
def test_a_sound_is_where_it_was_put_in_any_container(kind: str, codec: str) -> None:
    data = file([VOICE[None]], kind, codec, moving=kind == "mxf")
    known = KnownSounds([(asset("voice"), fingerprint(SPEECH))])
    rows = [row for row in learned(held(data, "file", DEFAULT)) if isinstance(row, Fingerprint)]
    (found,) = matches(rows, known)
    assert found.time is not None
    assert found.time.start == pytest.approx(0, abs=0.002)
    assert found.time.end == pytest.approx(6, abs=0.01)
    assert found.verdict == "confirmed-copy"


def test_every_track_of_a_movie_is_heard_from_its_first_frame_on() -> None:
    prints, troubles = read(file([VOICE[None], MUSIC[None]], "mov", late=2.0, moving=True))
    assert [(one.track, one.view) for one in prints] == [(0, "mid"), (1, "mid")]
    assert all(one.start == pytest.approx(2.0, abs=0.001) for one in prints)
    assert troubles == []


def test_sides_hold_what_is_not_in_the_middle() -> None:
    prints, _ = read(file([np.stack([VOICE + MUSIC, VOICE - MUSIC])], "mp4", "aac", "stereo"))
    assert [one.view for one in prints] == ["mid", "side"]
    side = [fingerprint(TUNE), fingerprint(SPEECH)]
    known = KnownSounds([(asset("tune"), side[0]), (asset("voice"), side[1])])
    rows = list(learned(held(file([np.stack([MUSIC, -MUSIC])], layout="stereo"), "f", DEFAULT)))
    assert [row.known.path for row in matches([r for r in rows if isinstance(r, Fingerprint)], known)] == ["tune"]


def test_sides_without_anything_are_left_out() -> None:
    prints, _ = read(file([np.stack([VOICE, VOICE * np.float32(1.01)])], layout="stereo"))
    assert [one.view for one in prints] == ["mid"]


def test_surround_keeps_the_centre_apart() -> None:
    nothing = np.zeros_like(VOICE)
    channels = np.stack([MUSIC, MUSIC, VOICE, nothing, nothing, nothing])
    prints, _ = read(file([channels], "mp4", "aac", "5.1"))
    assert {one.view for one in prints} == {"front", "centre"}


def test_views_of_channels() -> None:
    numbers = np.arange(1, 9, dtype=np.float32)[:, None]
    assert {name: float(one[0]) for name, one in views(["FL", "FR", "FC", "LFE", "SL", "SR"], numbers[:6]).items()} == {
        "front": 1.5, "front side": -0.5, "centre": 3, "surround": 5.5
    }  # fmt: skip
    assert list(views(["NONE"] * 3, numbers[:3])) == ["channel 1", "channel 2", "channel 3"]
    assert list(views(["NONE"] * 2, numbers[:2])) == ["mid", "side"]


def test_silence_has_no_prints() -> None:
    assert read(file([np.zeros((1, RATE), np.float32)])) == ([], [])


def test_a_file_without_sound_has_none() -> None:
    assert read(file([], "mov", moving=True)) == ([], [])


def test_what_is_no_media_is_told() -> None:
    prints, (trouble,) = read(b"RIFF\0\0\0\0WAVEfmt nothing of that kind")
    assert prints == []
    assert trouble.stage == "sound"


def test_what_can_be_heard_of_a_broken_file_is_kept() -> None:
    whole = file([np.tile(VOICE, 2)[None]], "ogg", "libopus")
    (full,), _ = read(whole)
    (half,), _ = read(whole[: len(whole) // 2])
    assert 0.3 < half.seconds / full.seconds < 0.7
    damaged = bytearray(file([np.tile(VOICE, 2)[None]], "mp4", "aac"))
    middle = len(damaged) // 2
    damaged[middle : middle + 3000] = bytes(range(256)) * 11 + bytes(184)
    (kept,), _ = read(bytes(damaged))
    assert kept.seconds == pytest.approx(12, abs=1)

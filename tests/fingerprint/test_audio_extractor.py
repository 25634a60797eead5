from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from provenance.fingerprint.audio import AudioFingerprint, from_bytes
from provenance.fingerprint.audio_extractor import AudioExtractor, downmix
from provenance.fingerprint.audio_tracks import extract_tracks, open_tracks
from provenance.limits import DEFAULT
from provenance.matching.audio.match_audio import find_matches, index_sounds
from provenance.media.arrays import Floats
from provenance.media.source import source_from_bytes
from provenance.model.asset import Fingerprint
from provenance.model.evidence import Trouble
from tests.sounds import asset, fingerprint, speech, tune

RATE = 48_000


def fast(sound: Floats) -> Floats:
    """The same at the rate of files."""
    return np.interp(np.arange(len(sound) * 6) / 6, np.arange(len(sound)), sound).astype(np.float32)


def file(
    tracks: list[Floats], kind: str = "wav", codec: str = "pcm_s16le", layout: str = "mono",
    late: float = 0.0, moving: bool = False, timecode: str = "",
) -> bytes:  # fmt: skip
    """Audio tracks of (channels, n) samples that start `late` seconds after the first frame."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as made:
        video = made.add_stream("mpeg2video" if kind == "mxf" else "mpeg4", rate=25) if moving else None
        streams = [made.add_stream(codec, rate=RATE, layout=layout) for _ in tracks]
        if isinstance(video, VideoStream):
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
            if timecode:
                video.metadata["timecode"] = timecode
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


def read(data: bytes) -> tuple[list[AudioFingerprint], list[Trouble]]:
    rows = list(extract_tracks(source_from_bytes(data, "file", DEFAULT)))
    troubles = [row for row in rows if isinstance(row, Trouble)]
    return [from_bytes(row.data) for row in rows if isinstance(row, Fingerprint)], troubles


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
    known = index_sounds([(asset("voice"), fingerprint(SPEECH))])
    rows = [row for row in extract_tracks(source_from_bytes(data, "file", DEFAULT)) if isinstance(row, Fingerprint)]
    (found,) = find_matches(rows, known)
    assert found.time is not None
    assert found.time.start == pytest.approx(0, abs=0.002)
    assert found.time.end == pytest.approx(6, abs=0.01)
    assert found.verdict == "confirmed-copy"


def test_every_track_of_a_movie_is_heard_from_its_first_frame_on() -> None:
    prints, troubles = read(file([VOICE[None], MUSIC[None]], "mov", late=2.0, moving=True))
    assert [(one.track, one.downmix) for one in prints] == [(0, "mid"), (1, "mid")]
    assert all(one.start == pytest.approx(2.0, abs=0.001) for one in prints)
    assert troubles == []


def test_sides_hold_what_is_not_in_the_middle() -> None:
    prints, _ = read(file([np.stack([VOICE + MUSIC, VOICE - MUSIC])], "mp4", "aac", "stereo"))
    assert [one.downmix for one in prints] == ["mid", "side"]
    side = [fingerprint(TUNE), fingerprint(SPEECH)]
    known = index_sounds([(asset("tune"), side[0]), (asset("voice"), side[1])])
    rows = list(extract_tracks(source_from_bytes(file([np.stack([MUSIC, -MUSIC])], layout="stereo"), "f", DEFAULT)))
    assert [row.known.path for row in find_matches([r for r in rows if isinstance(r, Fingerprint)], known)] == ["tune"]


def test_sides_are_left_out_when_less_is_kept() -> None:
    wide = np.stack([VOICE + MUSIC, VOICE - MUSIC])
    for layout, channels, kept in (("stereo", wide, {"mid"}), ("5.1", np.tile(wide, (3, 1)), {"front", "centre"})):
        rows = extract_tracks(source_from_bytes(file([channels], layout=layout), "f", DEFAULT), keep_sides=False)
        assert {from_bytes(row.data).downmix for row in rows if isinstance(row, Fingerprint)} == kept


def test_sides_without_anything_are_left_out() -> None:
    prints, _ = read(file([np.stack([VOICE, VOICE * np.float32(1.01)])], layout="stereo"))
    assert [one.downmix for one in prints] == ["mid"]


def test_surround_keeps_the_centre_apart() -> None:
    nothing = np.zeros_like(VOICE)
    channels = np.stack([MUSIC, MUSIC, VOICE, nothing, nothing, nothing])
    prints, _ = read(file([channels], "mp4", "aac", "5.1"))
    assert {one.downmix for one in prints} == {"front", "centre"}


@pytest.mark.parametrize(
    ("where", "name"), [("front", "front"), ("sides", "front side"), ("centre", "centre"), ("behind", "surround")]
)
def test_a_clip_in_some_channels_of_surround_is_found_there(where: str, name: str) -> None:
    """24 dB below what is in the others."""
    loud, soft, noise = VOICE * np.float32(4), MUSIC / 4, np.zeros_like(VOICE)
    left, right, centre, behind = {
        "front": (soft, soft, loud, noise),
        "sides": (loud + soft, loud - soft, noise, loud),
        "centre": (loud, loud, soft, loud),
        "behind": (loud, loud, loud, soft),
    }[where]
    rows = list(
        extract_tracks(
            source_from_bytes(
                file([np.stack([left, right, centre, noise, behind, behind])], layout="5.1"), "f", DEFAULT
            )
        )
    )
    known = index_sounds([(asset("tune"), fingerprint(TUNE))])
    (found,) = find_matches([row for row in rows if isinstance(row, Fingerprint)], known)
    assert f"audio track 1 ({name})" in found.detail
    assert found.time is not None
    assert found.time.start == pytest.approx(0, abs=0.002)


def test_a_clip_on_one_side_of_stereo_is_found() -> None:
    rows = list(
        extract_tracks(source_from_bytes(file([np.stack([VOICE, VOICE + MUSIC / 2])], layout="stereo"), "f", DEFAULT))
    )
    known = index_sounds([(asset("tune"), fingerprint(TUNE))])
    (found,) = find_matches([row for row in rows if isinstance(row, Fingerprint)], known)
    assert "audio track 1 (side)" in found.detail


def test_picture_and_sound_are_read_in_one_pass() -> None:
    data = file([VOICE[None], np.tile(MUSIC, 2)[None]], "mov", moving=True)
    with av.open(io.BytesIO(data)) as container:
        assert isinstance(container, InputContainer)
        tracks = {track.stream.index: track for track in open_tracks(container)}
        pictures = 0
        for packet in container.demux():
            if track := tracks.get(packet.stream.index):
                track.feed(packet)
            else:
                pictures += len(packet.decode())
        together = [row for track in tracks.values() for row in track.finish()]
    assert pictures == 150
    assert together == list(extract_tracks(source_from_bytes(data, "file", DEFAULT)))


def test_frames_of_any_format_are_heard_in_their_places() -> None:
    """Stereo at 48 kHz, two seconds of nothing, mono at 44.1 kHz without time stamps."""
    extractor = AudioExtractor(3, time_origin=10.0)
    extractor.feed(frame_of(np.stack([VOICE, VOICE]), RATE, 11.0))
    extractor.feed(frame_of(np.zeros((1, 48), np.float32), RATE, 19.0))
    late = np.interp(np.arange(6 * 44_100) / 44_100, np.arange(len(MUSIC)) / RATE, MUSIC)
    extractor.feed(frame_of(late[None].astype(np.float32), 44_100, None))
    known = index_sounds([(asset("voice"), fingerprint(SPEECH)), (asset("tune"), fingerprint(TUNE))])
    first, second = find_matches(list(extractor.finish()), known)
    assert (first.known.path, second.known.path) == ("voice", "tune")
    assert first.time is not None
    assert second.time is not None
    assert (first.time.start, second.time.start) == pytest.approx((1.0, 9.001), abs=0.002)
    assert "audio track 4" in second.detail


def test_time_stamps_that_lie_cost_nothing() -> None:
    """A gap of an hour before every frame is silence up to what is analysed at most; a mad time stamp is not a gap."""
    extractor, time = AudioExtractor(0, max_seconds=3 * 3600), 0.0
    for number in range(10):
        extractor.feed(frame_of(VOICE[None, :480], RATE, time))
        time += 3599.0 if number else 0.01
    assert extractor.is_full
    extractor.feed(frame_of(VOICE[None], RATE, time))
    (print_,) = extractor.finish()
    assert from_bytes(print_.data).seconds < 4 * 3600
    mad = AudioExtractor(0)
    for time in (0.0, 1e12, -1e12, 6.0):
        mad.feed(frame_of(VOICE[None], RATE, time))
    (print_,) = mad.finish()
    assert from_bytes(print_.data).seconds == pytest.approx(24, abs=0.01)


def test_many_tracks_are_heard_for_a_bounded_time_in_all() -> None:
    with av.open(io.BytesIO(file([np.zeros((6, RATE), np.float32)] * 12, "mov", layout="5.1"))) as container:
        assert isinstance(container, InputContainer)
        longest = [track.extractor.max_seconds for track in open_tracks(container)]
    assert longest == [64 * 3600 / 48] * 12


def frame_of(samples: Floats, rate: int, second: float | None) -> av.AudioFrame:
    made = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", ("mono", "stereo")[len(samples) - 1])
    made.rate = rate
    if second is not None:
        made.time_base, made.pts = Fraction(1, rate), round(second * rate)
    return made


def test_downmixes_of_channels() -> None:
    numbers = np.arange(1, 9, dtype=np.float32)[:, None]
    downmixes = downmix(["FL", "FR", "FC", "LFE", "SL", "SR"], numbers[:6])
    firsts = {name: float(samples[0]) for name, samples in downmixes.items()}
    assert firsts == {"front": 1.5, "front side": -0.5, "centre": 3, "surround": 5.5}
    assert list(downmix(["NONE"] * 3, numbers[:3])) == ["channel 1", "channel 2", "channel 3"]
    assert list(downmix(["NONE"] * 2, numbers[:2])) == ["mid", "side"]


def test_silence_has_no_fingerprints() -> None:
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

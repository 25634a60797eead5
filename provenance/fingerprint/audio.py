"""The audio fingerprint: what is stored of one downmix of one audio track, and how it is laid out in bytes.

It holds three things, all made at 8 kHz. *Landmarks* are peaks of the spectrogram; they name the places where a known
sound might be. *Sign samples* are the whitened samples reduced to -1, 0 or 1; their phase correlation decides whether
it is there. *Levels* say how loud it is in each band; they tell what is missing of it from what is only masked.
Known sounds and deliverables have fingerprints of the same kind, so either may be read first.
A fingerprint takes about 2.0 kB a second. Version 1 had no levels; it is still read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Floats
from provenance.model.asset import FINGERPRINT_VERSIONS

METHOD = "audio"
VERSION = FINGERPRINT_VERSIONS[METHOD]
RATE = 8000
"""Samples a second, after resampling."""
HOP = 128
"""Samples (16 ms) from one frame of the spectrogram to the next."""
STEPS_PER_CELL = 4
"""Landmarks are placed to a quarter of a frame and of a bin: what a change of speed moves stays comparable."""
LEVEL_BANDS = 24
"""Bands whose levels are stored."""
LEVEL_SAMPLES = 1024
"""Samples (128 ms) of one cell of a band."""
SIGNS_PER_BYTE = 5
"""Sign samples in one byte: 3**5 = 243 combinations."""

SignSamples = NDArray[np.int8]
"""(n,): whitened samples at `RATE`, reduced to -1, 0 or 1."""

Levels = NDArray[np.uint8]
"""(cells, `LEVEL_BANDS`): decibels of the mean power over one that is nothing. No cells where they are not known."""

_FIRST_VERSION = 1
"""The version that had no levels."""
_HEADER = struct.Struct("<HHdII16s")
"""Version, track, start in seconds, length in samples, number of frames, name of the downmix in ASCII."""
_BUNDLE_LENGTH = struct.Struct("<I")
"""Bytes of the fingerprint that follows in a bundle."""

_POWERS_OF_THREE = 3 ** np.arange(SIGNS_PER_BYTE)
"""(5,): weight of each sign sample within its byte, the first one lowest."""
_SIGNS_OF_BYTE = (np.arange(3**SIGNS_PER_BYTE)[:, None] // _POWERS_OF_THREE % 3 - 1).astype(np.int8)
"""(243, 5) int8: the sign samples that each byte value encodes."""
_VALID_BYTES = bytes(range(3**SIGNS_PER_BYTE))

# A landmark is one 16-bit word: 11 bits of bin in quarter steps, 2 bits of time within its frame, 1 bit `strong`.
_BIN_MASK = 0x07FF
_TIME_SHIFT = 11
_TIME_MASK = 0x0003
_STRONG_BIT = 0x2000
_STEP = np.float32(1 / STEPS_PER_CELL)


class MalformedAudioFingerprint(ValueError):
    """The bytes are not an audio fingerprint, or one of a version that cannot be read here."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Peaks of a spectrogram, n of them in the order of time."""

    times: Floats
    """(n,) float32: frames of `HOP` samples from the first sample, ascending."""
    bins: Floats
    """(n,) float32: frequency in steps of 7.8125 Hz."""
    strong: NDArray[np.bool_]
    """(n,) bool: stands out of its surroundings and is not a steady tone, so it is worth looking up."""


@dataclass(frozen=True, slots=True)
class AudioFingerprint:
    """One downmix of one audio track."""

    track: int
    """Number of the audio track in its file, from 0."""
    downmix: str
    """Name of the downmix: `mid`, `side`, `front`, `centre` …"""
    start: float
    """Seconds from the first frame of the file to the first sample."""
    length: int
    """Samples at `RATE`."""
    landmarks: Landmarks
    packed_signs: bytes
    """The sign samples, `SIGNS_PER_BYTE` to a byte."""
    levels: Levels = field(default_factory=lambda: np.zeros((0, LEVEL_BANDS), np.uint8))
    """How loud each band is."""

    def unpack_signs(self, start: int, end: int) -> SignSamples:
        """(end - start,) int8: the sign samples of a range; 0 before the first sample and after the last.

        Only the bytes of that range are unpacked: a fingerprint may cover a film of two hours.
        """
        first = max(0, start)
        last = max(first, min(end, self.length))
        first_byte = first // SIGNS_PER_BYTE
        last_byte = -(-last // SIGNS_PER_BYTE)
        codes = np.frombuffer(self.packed_signs, np.uint8)[first_byte:last_byte]
        within = first - first_byte * SIGNS_PER_BYTE
        signs = _SIGNS_OF_BYTE[codes].reshape(-1)[within : within + last - first]
        if len(signs) == end - start:
            return signs
        padded = np.zeros(max(0, end - start), np.int8)
        padded[max(0, -start) :][: len(signs)] = signs
        return padded

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.length / RATE


def bundle(fingerprints: Iterable[bytes]) -> bytes:
    """Join all audio fingerprints of one asset: each is preceded by its length."""
    return b"".join(_BUNDLE_LENGTH.pack(len(data)) + data for data in fingerprints)


def unbundle(data: bytes | memoryview) -> Iterator[memoryview]:
    """Yield the audio fingerprints of a bundle, none of them copied. Raises `MalformedAudioFingerprint`."""
    view = memoryview(data)
    position = 0
    while position < len(view):
        start = position + _BUNDLE_LENGTH.size
        if start > len(view):
            raise MalformedAudioFingerprint("a bundle of audio fingerprints is cut short")
        (length,) = _BUNDLE_LENGTH.unpack_from(view, position)
        position = start + length
        if position > len(view):
            raise MalformedAudioFingerprint("a bundle of audio fingerprints is cut short")
        yield view[start:position]


def pack_signs(signs: SignSamples) -> bytes:
    """Pack (n,) int8 sign samples, `SIGNS_PER_BYTE` to a byte; zeros fill the last byte."""
    padding = np.zeros(-len(signs) % SIGNS_PER_BYTE, np.int8)
    groups = np.concatenate([signs, padding]).reshape(-1, SIGNS_PER_BYTE)
    return ((groups + 1) @ _POWERS_OF_THREE).astype(np.uint8).tobytes()


def to_bytes(fingerprint: AudioFingerprint) -> bytes:
    """Serialise: header, number of landmarks in each frame (uint8), landmarks (uint16), sign samples, levels."""
    landmarks = fingerprint.landmarks
    time_steps = np.rint(landmarks.times * STEPS_PER_CELL).astype(np.int64)
    frames = time_steps // STEPS_PER_CELL
    # One count a frame costs less than a time for every landmark.
    counts = np.bincount(frames, minlength=-(-fingerprint.length // HOP)).astype(np.uint8)
    words = np.rint(landmarks.bins * STEPS_PER_CELL).astype(np.uint16)
    words |= (time_steps % STEPS_PER_CELL << _TIME_SHIFT).astype(np.uint16)
    words |= np.where(landmarks.strong, _STRONG_BIT, 0).astype(np.uint16)
    header = _HEADER.pack(
        VERSION,
        fingerprint.track,
        fingerprint.start,
        fingerprint.length,
        len(counts),
        fingerprint.downmix.encode("ascii"),
    )
    body = counts.tobytes() + words.astype("<u2").tobytes() + fingerprint.packed_signs
    return header + body + fingerprint.levels.tobytes()


def from_bytes(data: bytes) -> AudioFingerprint:
    """Parse what `to_bytes` wrote. Raises `MalformedAudioFingerprint`."""
    try:
        version, track, start, length, frame_count, downmix = _HEADER.unpack_from(data)
        counts = np.frombuffer(data, np.uint8, frame_count, _HEADER.size)
        landmark_count = int(counts.sum())
        words = np.frombuffer(data, "<u2", landmark_count, _HEADER.size + frame_count)
    except (struct.error, ValueError) as error:
        raise MalformedAudioFingerprint(str(error)) from error
    signs_start = _HEADER.size + frame_count + 2 * landmark_count
    signs_end = signs_start + -(-length // SIGNS_PER_BYTE)
    packed_signs = data[signs_start:signs_end]
    cell_count = 0 if version == _FIRST_VERSION else -(-length // LEVEL_SAMPLES)
    has_right_length = len(data) == signs_end + cell_count * LEVEL_BANDS
    # A byte over 242 encodes nothing; `unpack_signs` would fail on it much later.
    has_invalid_bytes = bool(packed_signs.translate(None, _VALID_BYTES))
    if version not in (_FIRST_VERSION, VERSION) or not has_right_length or has_invalid_bytes:
        raise MalformedAudioFingerprint(
            f"cannot read an audio fingerprint of version {version}, {len(data)} bytes, {length} samples"
        )
    frames = np.repeat(np.arange(frame_count, dtype=np.float32), counts)
    times = frames + (words >> _TIME_SHIFT & _TIME_MASK).astype(np.float32) * _STEP
    bins = (words & _BIN_MASK).astype(np.float32) * _STEP
    landmarks = Landmarks(times, bins, (words & _STRONG_BIT) > 0)
    downmix_name = downmix.rstrip(b"\0").decode("ascii", "replace")
    levels = np.frombuffer(data, np.uint8, offset=signs_end).reshape(cell_count, LEVEL_BANDS)
    return AudioFingerprint(track, downmix_name, start, length, landmarks, packed_signs, levels)

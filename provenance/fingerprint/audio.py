"""What is kept of a sound: its landmarks, to find where it might stand, and its whitened samples, to know it surely.

One print is one *view* of one audio track (its middle, its sides, its centre channel), at 8 kHz. Known sounds and
deliverables have prints of the same kind, so that either may be learned first. About 1.8 kB a second.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.media.arrays import Floats
from provenance.model.asset import FINGERPRINT_VERSIONS

METHOD = "audio"
VERSION = FINGERPRINT_VERSIONS[METHOD]
RATE = 8000
"""Samples a second."""
HOP = 128
"""Samples from one frame of landmarks to the next."""
PARTS = 4
"""Landmarks are placed to a quarter of a frame and of a bin: what a change of speed moves stays comparable."""
SIGNS_PER_BYTE = 5
"""Samples in one byte."""

Signs = NDArray[np.int8]

_HEAD = struct.Struct("<HHdII16s")
_LENGTH = struct.Struct("<I")
_POWERS = 3 ** np.arange(SIGNS_PER_BYTE)
_SIGN_TABLE = (np.arange(243)[:, None] // _POWERS % 3 - 1).astype(np.int8)
_VALID_BYTES = bytes(range(3**SIGNS_PER_BYTE))
_BIN, _STRONG, _PART = 0x07FF, 0x2000, np.float32(1 / PARTS)


class MalformedAudioFingerprint(ValueError):
    """The bytes are no sound print, or one of a version that is not read here."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Peaks of a spectrogram, n of them in the order of time."""

    times: Floats
    """(n,) in frames of `HOP` samples."""
    bins: Floats
    """(n,) in steps of 7.8125 Hz."""
    strong: NDArray[np.bool_]
    """(n,): stands out of what surrounds it, and is no steady tone: worth being looked up."""


@dataclass(frozen=True, slots=True)
class AudioFingerprint:
    """One view of one audio track."""

    track: int
    """Number of the audio track in its file, from 0."""
    view: str
    """`mid`, `side`, `centre` …"""
    start: float
    """Seconds from the first frame of the file to the first sample."""
    length: int
    """Samples."""
    landmarks: Landmarks
    packed: bytes
    """The signs, `SIGNS_PER_BYTE` to a byte; a two-hour film need not be unpacked at once."""

    def signs(self, start: int, end: int) -> Signs:
        """(end - start,): -1, 0 or 1 for every sample asked for; 0 before the first and after the last."""
        inside = range(max(0, start), max(0, start, min(end, self.length)))
        first = inside.start // SIGNS_PER_BYTE
        codes = np.frombuffer(self.packed, np.uint8)[first : -(-inside.stop // SIGNS_PER_BYTE)]
        found = _SIGN_TABLE[codes].reshape(-1)[inside.start - first * SIGNS_PER_BYTE :][: len(inside)]
        if len(inside) == end - start:
            return found
        out = np.zeros(max(0, end - start), np.int8)
        out[max(0, -start) :][: len(found)] = found
        return out

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.length / RATE


def bundle(prints: Iterable[bytes]) -> bytes:
    """All prints of one asset as they are kept together."""
    return b"".join(_LENGTH.pack(len(data)) + data for data in prints)


def unbundle(data: bytes | memoryview) -> Iterator[memoryview]:
    """The prints that were bundled, none of them copied. Raises `MalformedAudioFingerprint`."""
    view, at = memoryview(data), 0
    while at < len(view):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(view, at)[0] if start <= len(view) else len(view) + 1
        if at > len(view):
            raise MalformedAudioFingerprint("a bundle of sound prints ends too soon")
        yield view[start:at]


def pack_signs(signs: Signs) -> bytes:
    """`SIGNS_PER_BYTE` signs to a byte, zeros added at the end."""
    padded = np.concatenate([signs, np.zeros(-len(signs) % SIGNS_PER_BYTE, np.int8)]).reshape(-1, SIGNS_PER_BYTE)
    return ((padded + 1) @ _POWERS).astype(np.uint8).tobytes()


def to_bytes(sound: AudioFingerprint) -> bytes:
    """A print as bytes: a head, the number of landmarks in each frame, the landmarks, the signs."""
    marks = sound.landmarks
    quarters = np.rint(marks.times * PARTS).astype(np.int64)
    frames = quarters // PARTS
    counts = np.bincount(frames, minlength=-(-sound.length // HOP)).astype(np.uint8)
    words = np.rint(marks.bins * PARTS).astype(np.uint16) | (quarters % PARTS << 11).astype(np.uint16)
    words |= np.where(marks.strong, _STRONG, 0).astype(np.uint16)
    head = _HEAD.pack(VERSION, sound.track, sound.start, sound.length, len(counts), sound.view.encode("ascii"))
    return head + counts.tobytes() + words.astype("<u2").tobytes() + sound.packed


def from_bytes(data: bytes) -> AudioFingerprint:
    """The print in these bytes. Raises `MalformedAudioFingerprint`."""
    try:
        version, track, start, length, frames, view = _HEAD.unpack_from(data)
        counts = np.frombuffer(data, np.uint8, frames, _HEAD.size)
        marks = int(counts.sum())
        words = np.frombuffer(data, "<u2", marks, _HEAD.size + frames)
    except (struct.error, ValueError) as fault:
        raise MalformedAudioFingerprint(str(fault)) from fault
    signs = data[_HEAD.size + frames + 2 * marks :]
    if version != VERSION or len(signs) != -(-length // SIGNS_PER_BYTE) or signs.translate(None, _VALID_BYTES):
        raise MalformedAudioFingerprint(f"a sound print of version {version}, {len(data)} bytes, {length} samples")
    times = np.repeat(np.arange(frames, dtype=np.float32), counts) + (words >> 11 & 3).astype(np.float32) * _PART
    landmarks = Landmarks(times, (words & _BIN).astype(np.float32) * _PART, (words & _STRONG) > 0)
    return AudioFingerprint(track, view.rstrip(b"\0").decode("ascii", "replace"), start, length, landmarks, signs)

"""The sound of a file: what is kept of it, and what is known in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import av.error

from provenance.fingerprint import audio, audio_tracks
from provenance.fingerprint.looks import Watcher
from provenance.media.decode.av_container import open_media
from provenance.media.decode.errors import DecodeError
from provenance.media.decode.movie import find_movie_stream
from provenance.media.kinds import has_sound
from provenance.media.source import Source
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.timecode import Start


def learned(source: Source, depth: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """One fingerprint of all audio tracks, and what stood in its way. Nothing for anything without sound."""
    if not has_sound(source.media_type):
        return
    prints = []
    for row in audio_tracks.extract_tracks(source, sides=depth is FingerprintLevel.FULL):
        if isinstance(row, Trouble):
            yield row
        else:
            prints.append(row.data)
    if prints:
        yield Fingerprint(audio.METHOD, audio.VERSION, audio.bundle(prints))


def heard(source: Source, watcher: Watcher) -> Iterator[Match | Trouble]:
    """Known sounds in all audio tracks, with the timecode of the picture beside them."""
    if not has_sound(source.media_type):
        return
    prints = []
    for row in audio_tracks.extract_tracks(source):
        if isinstance(row, Trouble):
            yield row
        else:
            prints.append(row)
    found = watcher.sound(prints, source.digest)
    start = _start(source) if found else None
    for match in found:
        time = match.time
        if time and start:
            time = dataclasses.replace(time, timecode_in=start.at(time.start), timecode_out=start.at(time.end))
        yield dataclasses.replace(match, time=time)


def _start(source: Source) -> Start | None:
    """Timecode of the picture that the sound belongs to."""
    try:
        with open_media(source) as container:
            reel = find_movie_stream(container, source)
            return reel.start if reel else None
    except (av.error.FFmpegError, DecodeError):
        return None

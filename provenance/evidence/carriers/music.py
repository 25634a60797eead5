"""Music as notes: the texts in MIDI files and in modules of trackers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import midi, modules
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

_MIDI = frozenset({types.MIDI, types.RIFF_MIDI})


class Music(Carrier):
    """Titles, lyrics, markers and names of instruments and samples.

    The samples in a module are not listened to: a search for known sound reports such a file as not searched.
    """

    name: ClassVar[str] = "music"
    title: ClassVar[str] = "texts of MIDI files and of MOD, S3M, XM and IT modules"
    media: ClassVar[frozenset[str]] = _MIDI | modules.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, and damage of the file's structure."""
        is_midi = source.media_type in _MIDI
        try:
            texts = midi.walk_texts(source) if is_midi else modules.walk_texts(source, source.media_type)
            for text in texts:
                if text.value.strip():
                    yield Statement(self.name, f"{text.key} at byte {text.offset}", text.key, text.value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

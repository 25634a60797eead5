"""The protocol between workers and a search for known material."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from provenance.fingerprint.shots import Keyframe, Shot
from provenance.model.asset import Fingerprint
from provenance.model.match import Match


class Watcher(Protocol):
    """Told what a deliverable shows; knows what to look for. Handed to the workers from outside."""

    def picture(self, view: Keyframe, digest: str) -> tuple[Match, ...]:
        """Known material in a still, `digest` naming the still itself."""

    def shot(self, shot: Shot, digest: str) -> None:
        """The next shot of a moving picture."""

    @property
    def has_pictures(self) -> bool:
        """Whether it knows any picture."""

    @property
    def room(self) -> int:
        """Bytes of addresses that a worker needs to know what it knows."""

    @property
    def has_audio(self) -> bool:
        """Whether it knows any sound."""

    def sound(self, prints: Sequence[Fingerprint], digest: str) -> tuple[Match, ...]:
        """Known material in the prints of all audio tracks, in seconds without timecodes; `digest` names the file."""

    def done(self) -> tuple[Match, ...]:
        """Known material in all shots since the last time."""

    def joined(self, found: Iterable[Match]) -> tuple[Match, ...]:
        """Matches of all parts of one file, those that touch told as one."""

"""A deliverable watched as it passes: every shot looked at, what is known told with its times.

What it takes to look is loaded where it is looked: this travels from the parent, which never does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from provenance.matching.merge import merge_matches
from provenance.model.asset import Fingerprint
from provenance.model.match import Match

if TYPE_CHECKING:
    from provenance.fingerprint.looks import Keyframe, Shot


@dataclass
class Searcher:
    """Looks for everything on the shelf at `path`. Travels to the workers as that path alone."""

    path: str
    index_digest: bytes = b""
    """Digest of what is on the shelf, for whoever notes what was looked for."""
    has_pictures: bool = True
    """Whether there are pictures on it."""
    has_audio: bool = True
    """Whether there are sounds on it."""
    _found: list[Match] = field(default_factory=list)

    @property
    def room(self) -> int:
        """Bytes of addresses: the shelf mapped for pictures and for sounds, and their indexes while they are sorted."""
        return 3 * os.path.getsize(self.path)

    def __getstate__(self) -> str:
        return self.path

    def __setstate__(self, path: str) -> None:
        self.path, self.index_digest, self.has_pictures, self.has_audio, self._found = path, b"", True, True, []

    def picture(self, view: Keyframe, digest: str) -> tuple[Match, ...]:
        """Known material in a still, `digest` naming the still itself."""
        from provenance.matching import known
        from provenance.matching.picture import track

        return tuple(track.found_in(view, known.library(self.path), digest))

    def shot(self, shot: Shot, digest: str) -> None:
        """The next shot of a moving picture."""
        from provenance.matching import known
        from provenance.matching.picture import track

        self._found += track.followed(shot, known.library(self.path), digest)

    def sound(self, prints: Sequence[Fingerprint], digest: str) -> tuple[Match, ...]:
        """Known material in the prints of all audio tracks, in seconds without timecodes; `digest` names the file."""
        from provenance.matching import known
        from provenance.matching.audio import match_audio

        found = match_audio.matches(prints, known.sounds(self.path))
        return tuple(match for match in found if match.known.digest != digest)

    def done(self) -> tuple[Match, ...]:
        """Known material in all shots since the last time, one match for each stretch."""
        found, self._found = self._found, []
        return self.joined(found)

    def joined(self, found: Iterable[Match]) -> tuple[Match, ...]:
        """Matches of all parts of one file, those that touch told as one."""
        return tuple(merge_matches(found))

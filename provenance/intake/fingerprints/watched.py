"""A deliverable shown to a watcher: a picture at once, a moving picture shot by shot."""

from __future__ import annotations

from collections.abc import Iterator

import av.error

from provenance.intake.av_open import opened_media
from provenance.intake.fingerprints import passing, stills
from provenance.intake.fingerprints.learn import is_moving
from provenance.intake.fingerprints.reel import STAGE, reel_in
from provenance.intake.source import Source
from provenance.looks import View, Watcher
from provenance.model import Cause, Match, Trouble


def watched(source: Source, watcher: Watcher) -> Iterator[Match | Trouble]:
    """What is known in a picture or a moving picture, and what could not be looked at. Nothing for anything else."""
    if source.media_type in stills.FORMATS:
        try:
            view = View(0, *stills.read(source))
        except stills.TooLarge as error:
            yield Trouble("", STAGE, Cause.OVERSIZED, str(error))
        except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for damage
            yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be decoded: {error}"[:200])
        else:
            yield from watcher.picture(view, source.digest)
    elif is_moving(source.media_type):
        yield from _reel(source, watcher)


def _reel(source: Source, watcher: Watcher) -> Iterator[Match | Trouble]:
    watcher.done()  # whatever a failed look left behind
    try:
        with opened_media(source) as container:
            reel = reel_in(container, source)
            if reel is None:
                return
            for shot in passing.shots(reel):
                watcher.shot(shot, source.digest)
            yield from reel.troubles
    except (av.error.FFmpegError, ValueError) as error:
        yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be decoded: {error}"[:200])
    yield from watcher.done()

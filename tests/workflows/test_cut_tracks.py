"""A cut that uses the picture of a source alone, or its sound alone, has no more of the source in it than that."""

from __future__ import annotations

import dataclasses

from provenance.model.asset import Asset, Location, Reading
from provenance.model.finding import Case
from provenance.model.match import COPY, Known, Match, Span
from provenance.model.vocabulary import Origin
from provenance.timeline.interface import Cut, Event, SourceNames, SourceRange
from provenance.workflows.cut import CutFile, resolve_cuts
from provenance.workflows.cut_sources import Media, load_known
from tests.timeline.build import FILM

SKY = Match(Known("sha256:1", "sky.png", Origin.GENERATED), "picture", COPY, Span(1, 2), None, 1.0, "points")
TUNE = Match(Known("sha256:2", "tune.wav", Origin.GENERATED), "audio", COPY, Span(0, 4), None, 1.0, "deviations")


def test_pictures_are_in_picture_tracks_and_sounds_in_sound_tracks() -> None:
    asset = Asset("sha256:3", "03" * 16, 1000, "video/quicktime", frame_rate="24", start_timecode="00:00:00:00")
    dailies = Case(Location("/edit", "A001.mov", b"A001.mov"), Reading(asset), Origin.UNKNOWN, matches=(SKY, TUNE))
    picture = Event("V1", 0, 96, SourceNames(shown="A001.mov", file_names=("A001.mov",)), used=SourceRange(0, 96, FILM))
    sound = dataclasses.replace(picture, track="A2")
    cut = Cut("cmx3600", "cut", FILM, "file", 0, 96, (picture, sound))
    known = load_known(None, [cut], media=Media((dailies,)))

    uses = resolve_cuts([CutFile("cut.edl", "/edit", "sha256:4", (cut,), ())], known).uses

    found = {use.track: [(row.known.path, row.time and row.time.timecode_in) for row in use.contains] for use in uses}
    assert found == {"V1": [("sky.png", "00:00:01:00")], "A2": [("tune.wav", "00:00:00:00")]}

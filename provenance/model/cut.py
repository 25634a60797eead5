"""Cuts as reports and rules see them: timelines, and the uses of sources in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction

from provenance.model.evidence import Evidence
from provenance.model.match import Match
from provenance.model.value import value
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.timecode import Clock


@value
class Use:
    """A source used in a cut, for every frame in which it can be seen or heard."""

    timeline: str
    """Path of the cut; the second cut in a file is `path#2`."""
    track: str
    event: str | None
    """As the list counts it."""
    record_in: str
    """Timecode; `record_out` is exclusive."""
    record_out: str
    record_frames: tuple[int, int]
    """Frames from 00:00:00:00."""
    source: str
    """As the cut names it."""
    source_in: str | None
    source_out: str | None
    digest: str | None
    """None when it is not known which asset it is."""
    resolved_by: str
    candidates: tuple[str, ...] = ()
    """Digests, sorted, where more than one asset fits."""
    speed: float | None = 1.0
    enabled: bool = True
    via: tuple[str, ...] = ()
    """Nested sequences that lead to it, the outermost first."""
    origin: Origin = Origin.UNKNOWN
    """Of the asset."""
    mark: Evidence | None = None
    """Its strongest mark of generation; None when it has none."""
    known_as: str = ""
    """Path of the asset as the catalogue knows it."""
    contains: tuple[Match, ...] = ()
    """Generated material that the used part of the source shows; their `time` is record time of the cut."""
    is_archive: bool = False
    """Whether it is presented as archive: by the zone of the asset, or by a name."""
    doubts: tuple[Evidence, ...] = ()
    """What speaks against an asset that is presented as archive."""
    is_placeholder: bool = False
    """Whether its name says that something else is to stand there."""
    is_never_ingested: bool = False
    """Whether its file is there, but the catalogue has never read it."""

    @property
    def kind(self) -> str:
        """As what it counts in its cut: an origin, `placeholder`, `never-ingested`, `missing`, `ambiguous`; or empty.

        Generated material counts as generated, whatever its name says of it.
        """
        if self.origin in SUSPECT:
            return str(self.origin)
        if self.is_placeholder:
            return "placeholder"
        if self.is_never_ingested:
            return "never-ingested"
        if self.resolved_by in ("missing", "outside"):
            return "missing"
        return "ambiguous" if self.resolved_by == "ambiguous" else ""


@value
class Share:
    """How much of a cut something takes; overlapping uses count once."""

    frames: int
    seconds: float
    percent: float


@value
class Timeline:
    """One cut of a cut list."""

    path: str
    root: str
    digest: str
    """Of the file."""
    format: str
    name: str
    rate: str | None
    """`24000/1001`."""
    rate_from: str
    """`file`, `option`, `sources` or `least`."""
    drop: bool | None
    start: str | None
    frames: int | None
    tracks: tuple[str, ...]
    events: int
    start_frame: int = 0
    """Frames from 00:00:00:00 to its first frame."""
    not_read: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, Share] = field(default_factory=dict)
    compared_with: tuple[str, ...] | None = None
    """The movies whose picture was held against it; None where nothing was to be compared."""

    @property
    def clock(self) -> Clock:
        """How it counts its frames; 24 a second where it has no rate."""
        try:
            rate = Fraction(self.rate or 24)
        except (ValueError, ZeroDivisionError):
            rate = Fraction(24)
        return Clock(rate if rate > 0 else Fraction(24), bool(self.drop))

    @property
    def frames_a_second(self) -> float:
        """The rate as a number; 24 where the cut has none."""
        return float(self.clock.rate)

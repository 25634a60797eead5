"""A sequence inside a sequence -> events of the outer one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from provenance.timeline.interface import Event, SourceRange


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a nested sequence stands in the outer one, and which part of it is shown. Frames; ends are exclusive."""

    track: str
    name: str
    """Of the nested sequence as the outer one calls it."""
    record_in: int
    """In the outer cut."""
    record_out: int
    inner_in: int
    """The frame of the inner sequence, counted as its events are, that is shown at `record_in`."""
    inner_rate: Fraction
    outer_rate: Fraction
    enabled: bool = True
    speed: Fraction = Fraction(1)


def place_events(events: Iterable[Event], placement: Placement) -> Iterator[Event]:
    """The events of a nested sequence that its part shows, in record time of the outer cut and on the outer track.

    A track of pictures shows the pictures of the nested sequence only, and a track of sound its sounds only.
    """
    # Outer frames for one inner frame.
    scale = placement.outer_rate / placement.inner_rate
    if placement.speed > 0:
        scale /= placement.speed
    for event in events:
        start = placement.record_in + round((event.record_in - placement.inner_in) * scale)
        end = placement.record_in + round((event.record_out - placement.inner_in) * scale)
        shown_in = max(start, placement.record_in)
        shown_out = min(end, placement.record_out)
        if shown_in < shown_out and event.track[:1] == placement.track[:1]:
            yield replace(
                event,
                track=placement.track,
                record_in=shown_in,
                record_out=shown_out,
                used=_cut_used(event, shown_in - start, end - shown_out, placement.outer_rate),
                enabled=event.enabled and placement.enabled,
                via=(placement.name, *event.via),
            )


def _cut_used(event: Event, head: int, tail: int, outer_rate: Fraction) -> SourceRange | None:
    """The source range without what the outer cut does not show; `head` and `tail` are outer frames."""
    if event.used is None or not (head or tail):
        return event.used
    frames = event.used.clock.rate / outer_rate * (1 if event.speed is None else event.speed)
    start = event.used.start + round(head * frames)
    end = event.used.end - round(tail * frames)
    return replace(event.used, start=start, end=end)

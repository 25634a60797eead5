"""Sources that can be seen beyond their edit points, because a dissolve or wipe lies over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from provenance.timeline.interface import Event


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition on one track. Frames of the cut; `end` exclusive."""

    track: str
    start: int
    edit_point: int
    """Where the outgoing clip ends and the incoming one begins, as the list has it."""
    end: int


def add_handles(events: Iterable[Event], transitions: Iterable[Transition], first: int = 0) -> Iterator[Event]:
    """Every event, and one more for each part of a source that a transition shows beyond its edit point.

    Nothing is shown before the frame `first` of the cut.

    Editors know the edit points, so an event keeps them; the part under the transition is a row of its own.
    """
    at_edit_point = {(transition.track, transition.edit_point): transition for transition in transitions}
    for event in events:
        yield event
        outgoing = at_edit_point.get((event.track, event.record_out))
        if outgoing and outgoing.end > outgoing.edit_point:
            yield _make_handle(event, outgoing.edit_point, outgoing.end)
        incoming = at_edit_point.get((event.track, event.record_in))
        if incoming and max(incoming.start, first) < incoming.edit_point:
            yield _make_handle(event, max(incoming.start, first), incoming.edit_point)


def _make_handle(event: Event, record_in: int, record_out: int) -> Event:
    number = f"{event.number} transition" if event.number else "transition"
    handle = record_out - record_in
    return replace(event, record_in=record_in, record_out=record_out, number=number, used=None, handle=handle)

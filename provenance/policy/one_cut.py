"""Edit decision lists that are the tracks of one cut.

An EDL holds one track of pictures, so an editing system writes one list for each: with the same title, the same rate,
and other events. Two versions of a cut have the same title as well, but they share events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provenance.model.cut import Timeline, Use

_ONE_TRACK_A_FILE = "cmx3600"


def group_tracks(timelines: Sequence[Timeline], uses: Iterable[Use]) -> list[list[Timeline]]:
    """The cuts, each with the lists of its tracks; a cut of which there is one list stands alone."""
    events: dict[str, set[tuple[str, tuple[int, int]]]] = {}
    for use in uses:
        events.setdefault(use.timeline, set()).add((use.source.casefold(), use.record_frames))
    groups: list[list[Timeline]] = []
    by_title: dict[tuple[str, str | None, str], list[list[Timeline]]] = {}
    for timeline in timelines:
        title = timeline.name.strip().casefold()
        if timeline.format != _ONE_TRACK_A_FILE or not title:
            groups.append([timeline])
            continue
        candidates = by_title.setdefault((title, timeline.rate, timeline.root), [])
        group = _find_group(timeline, candidates, events)
        if group is None:
            group = []
            candidates.append(group)
            groups.append(group)
        group.append(timeline)
    return groups


def _find_group(
    timeline: Timeline, groups: Sequence[list[Timeline]], events: dict[str, set[tuple[str, tuple[int, int]]]]
) -> list[Timeline] | None:
    """The group with none of whose lists this one shares an event."""
    own = events.get(timeline.path, set())
    for group in groups:
        if own and all(own.isdisjoint(events.get(other.path, set())) for other in group):
            return group
    return None

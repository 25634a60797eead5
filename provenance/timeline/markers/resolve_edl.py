"""Marker EDL of DaVinci Resolve: an event of one frame a marker, and a line of fields under it."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten, flatten_name

_COLOURS = {"red": "ResolveColorRed", "yellow": "ResolveColorYellow", "blue": "ResolveColorBlue"}


class ResolveEdl(MarkerFormat):
    """Timelines > Import > Timeline Markers from EDL in Resolve."""

    name = "resolve_edl"
    title = "DaVinci Resolve, marker EDL"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """The note comes first in the line of fields; `|` separates them and must not stand in one."""
        mode = "DROP" if cut.clock.drop else "NON-DROP"
        parts = [f"TITLE: {flatten_name(cut.name)}\nFCM: {mode} FRAME\n"]
        for number, marker in enumerate(markers, 1):
            first, after = cut.clock.format(marker.record_in), cut.clock.format(marker.record_in + 1)
            note = flatten(marker.comment, "|").lstrip("* ")
            name = flatten_name(marker.name, "|")
            parts.append(
                f"\n{number:03}  001      V     C        {first} {after} {first} {after}  \n"
                f"{note} |C:{_COLOURS[marker.colour]} |M:{name} |D:{marker.length}\n"
            )
        return "".join(parts)

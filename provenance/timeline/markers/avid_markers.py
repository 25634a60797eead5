"""Marker text files of Avid Media Composer: six fields a line, separated by tabs."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten

_USER = "provenance"


class AvidMarkers(MarkerFormat):
    """Tools > Markers > Import in Media Composer."""

    name = "avid_markers"
    title = "Avid Media Composer, marker text"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """User, timecode, track, colour, comment, 1."""
        lines = []
        for marker in markers:
            comment = flatten(f"{marker.name}: {marker.comment}") or "finding"
            lines.append("\t".join([_USER, cut.clock.format(marker.record_in), "V1", marker.colour, comment, "1"]))
        return "".join(f"{line}\n" for line in lines)

"""CMX 3600 list with a locator comment (`* LOC:`) under each event, as Avid and others write and read them."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten


class CmxEdl(MarkerFormat):
    """Any system that reads `* LOC:` comments."""

    name = "cmx_edl"
    title = "CMX 3600 EDL with locators"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """One event a marker, with the locator under it."""
        clock = cut.clock
        mode = "DROP" if clock.drop else "NON-DROP"
        parts = [f"TITLE: {flatten(cut.name)}\nFCM: {mode} FRAME\n"]
        for number, marker in enumerate(markers, 1):
            record = f"{clock.format(marker.record_in)} {clock.format(marker.record_in + marker.length)}"
            source = f"{clock.format(0)} {clock.format(marker.length)}"
            text = flatten(f"{marker.name}: {marker.comment}", longest=190)
            parts.append(f"\n{number:03}  AX       V     C        {source} {record}\n")
            parts.append(f"* LOC: {clock.format(marker.record_in)} {marker.colour.upper():<7} {text}\n")
        return "".join(parts)

"""CMX 3600 list with a locator comment under each event, as Avid and others write and read them."""

from __future__ import annotations

from collections.abc import Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten


class CmxEdl(MarkerFormat):
    """Any system that reads `* LOC:` comments."""

    name = "cmx_edl"
    title = "CMX 3600 EDL with locators"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """One event for each frame that has markers, as long as the longest of them."""
        clock = cut.clock
        fcm = "DROP FRAME" if clock.drop else "NON-DROP FRAME"
        parts = [f"TITLE: {flatten(cut.name)}\nFCM: {fcm}\n"]
        for number, marker in enumerate(markers, 1):
            record = f"{clock.format(marker.record_in)} {clock.format(marker.record_in + marker.length)}"
            source = f"{clock.format(0)} {clock.format(marker.length)}"
            text = flatten(f"{marker.name}: {marker.comment}", longest=190)
            parts.append(f"\n{number:03}  AX       V     C        {source} {record}\n")
            parts.append(f"* LOC: {clock.format(marker.record_in)} {marker.colour.upper():<7} {text}\n")
        return "".join(parts)

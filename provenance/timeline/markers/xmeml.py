"""Final Cut Pro 7 XML: markers on a sequence, for Premiere, Resolve and others."""

from __future__ import annotations

import html
from collections.abc import Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten, flatten_name


class Xmeml(MarkerFormat):
    """File > Import in Premiere Pro: a sequence with the markers, to copy from."""

    name = "xmeml"
    title = "Premiere Pro, Final Cut Pro 7 XML"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """Times are frames from the beginning of the sequence; the sequence's own timecode stands beside them."""
        clock = cut.clock
        ntsc = "TRUE" if clock.rate.denominator != 1 else "FALSE"
        rate = f"<rate><timebase>{clock.base}</timebase><ntsc>{ntsc}</ntsc></rate>"
        rows = []
        for marker in markers:
            begin = marker.record_in - cut.start
            rows.append(
                f"    <marker><name>{_escape(flatten_name(marker.name))}</name>"
                f"<comment>{_escape(flatten(marker.comment))}</comment>"
                f"<in>{begin}</in><out>{begin + marker.length}</out></marker>\n"
            )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">\n'
            f'  <sequence id="markers">\n    <name>{_escape(flatten_name(cut.name))}</name>\n'
            f"    <duration>{cut.length}</duration>\n    {rate}\n"
            f"    <timecode>{rate}<string>{clock.format(cut.start)}</string><frame>{cut.start}</frame>"
            f"<displayformat>{'DF' if clock.drop else 'NDF'}</displayformat></timecode>\n"
            "    <media><video><track/></video></media>\n"
            f"{''.join(rows)}  </sequence>\n</xmeml>\n"
        )


def _escape(text: str) -> str:
    """For the content of an element. `xml.sax.saxutils` does the same, and imports what speaks to the web."""
    return html.escape(text, quote=False)

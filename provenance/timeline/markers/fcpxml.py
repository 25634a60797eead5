"""Final Cut Pro XML: a project of one gap that holds the markers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten, flatten_name


class Fcpxml(MarkerFormat):
    """File > Import > XML in Final Cut Pro."""

    name = "fcpxml"
    title = "Final Cut Pro, FCPXML"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """A marker's start is in the local time of the gap, which begins at the timecode of the sequence."""
        clock = cut.clock
        drop = "DF" if clock.drop else "NDF"
        name = _quote(flatten_name(cut.name))
        rows = [_format_marker(marker, clock.rate) for marker in markers]
        start, length = _seconds(cut.start, clock.rate), _seconds(cut.length, clock.rate)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.9">\n  <resources>\n'
            f'    <format id="r1" frameDuration="{_seconds(1, clock.rate)}" width="1920" height="1080"/>\n'
            f'  </resources>\n  <library>\n    <event name="Provenance">\n      <project name={name}>\n'
            f'        <sequence format="r1" tcStart="{start}" tcFormat="{drop}" duration="{length}">\n'
            f'          <spine>\n            <gap name="Gap" offset="{start}" start="{start}" duration="{length}">\n'
            f"{''.join(rows)}            </gap>\n          </spine>\n        </sequence>\n      </project>\n"
            "    </event>\n  </library>\n</fcpxml>\n"
        )


def _format_marker(marker: Marker, rate: Fraction) -> str:
    return (
        f'            <marker start="{_seconds(marker.record_in, rate)}" '
        f'duration="{_seconds(marker.length, rate)}" value={_quote(flatten_name(marker.name))} '
        f'note={_quote(flatten(marker.comment))} completed="0"/>\n'
    )


def _quote(text: str) -> str:
    # Imported here, because it brings in what speaks to the web, and every start looks at all formats.
    from xml.sax.saxutils import quoteattr

    return quoteattr(text)


def _seconds(frames: int, rate: Fraction) -> str:
    """`1001/24000s` for one frame of 23.976."""
    time = frames / rate
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"

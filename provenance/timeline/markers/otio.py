"""OpenTimelineIO: markers on the outermost stack of an empty timeline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat, flatten, flatten_name


class Otio(MarkerFormat):
    """Anything that reads OpenTimelineIO."""

    name = "otio"
    title = "OpenTimelineIO"

    def format(self, cut: MarkedCut, markers: Sequence[Marker]) -> str:
        """Marked ranges count from the first frame; the timecode of that is the global start time."""
        rate = float(cut.clock.rate)

        def time(frames: int) -> Mapping[str, object]:
            return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frames), "rate": rate}

        def span(start: int, length: int) -> Mapping[str, object]:
            return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start), "duration": time(length)}

        rows = [
            {
                "OTIO_SCHEMA": "Marker.2",
                "metadata": {},
                "name": flatten_name(marker.name),
                "color": marker.colour.upper(),
                "comment": flatten(marker.comment),
                "marked_range": span(marker.record_in - cut.start, marker.length),
            }
            for marker in markers
        ]
        gap = {
            "OTIO_SCHEMA": "Gap.1",
            "metadata": {},
            "name": "",
            "source_range": span(0, cut.length),
            "effects": [],
            "markers": [],
            "enabled": True,
        }
        track: Mapping[str, object] = {
            "OTIO_SCHEMA": "Track.1",
            "metadata": {},
            "name": "V1",
            "kind": "Video",
            "source_range": None,
            "effects": [],
            "markers": [],
            "enabled": True,
            "children": [gap],
        }
        stack: Mapping[str, object] = {
            "OTIO_SCHEMA": "Stack.1",
            "metadata": {},
            "name": "tracks",
            "source_range": None,
            "effects": [],
            "markers": rows,
            "enabled": True,
            "children": [track],
        }
        timeline: Mapping[str, object] = {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": {"drop_frame": cut.clock.drop},
            "name": flatten_name(cut.name),
            "global_start_time": time(cut.start),
            "tracks": stack,
        }
        return json.dumps(timeline, indent=2, ensure_ascii=False) + "\n"

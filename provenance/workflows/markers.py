"""Findings in a cut as marker lists for the editing system: the formats of `timeline/markers` as report formats."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from provenance import registry
from provenance.errors import UsageError
from provenance.model.cut import Timeline, Use
from provenance.model.finding import Finding
from provenance.model.report import Report
from provenance.model.vocabulary import Severity
from provenance.reports.interface import Format
from provenance.timecode import Clock
from provenance.timeline import markers
from provenance.timeline.marker_interface import MarkedCut, Marker, MarkerFormat

_COLOURS = {Severity.BLOCK: "red", Severity.REVIEW: "yellow", Severity.NOTE: "blue"}
_SUFFIXES = {"avid-markers": ".txt", "resolve-edl": ".edl", "cmx-edl": ".edl", "xmeml": ".xml"}


class MarkerOutput(Format):
    """One marker format as a report format; it prints the findings that have a place in the one cut of the run."""

    def __init__(self, member: MarkerFormat) -> None:
        self._member = member
        self.name = member.name.replace("_", "-")  # type: ignore[misc]  # one object for each marker format
        self.title = f"markers for {member.title}"  # type: ignore[misc]
        self.suffix = _SUFFIXES.get(self.name, f".{self.name}")  # type: ignore[misc]

    def render(self, report: Report) -> Iterator[bytes]:
        """The whole file. Raises `UsageError` unless there is exactly one cut."""
        if len(report.timelines) != 1:
            count = len(report.timelines)
            raise UsageError(
                f"{self.name} needs exactly one cut, and this run has {count}",
                "name one cut list with --timeline, and scan a folder without others",
            )
        timeline = report.timelines[0]
        found: list[Marker] = []
        for finding in report.findings:
            found.extend(_make_markers(finding, timeline))
        found.sort(key=lambda marker: (marker.record_in, marker.length, marker.name, marker.comment))
        yield self._member.format(_mark_cut(timeline), found).encode()


def list_marker_formats() -> dict[str, str]:
    """Names of the modules of all marker formats, by the names that users write."""
    return {name.replace("_", "-"): name for name in registry.list_names(markers)}


def load_marker_format(module: str) -> Format:
    """One of them as a report format."""
    return MarkerOutput(registry.load_own_member(markers, MarkerFormat, module))


def _mark_cut(timeline: Timeline) -> MarkedCut:
    clock = Clock(Fraction(timeline.rate or 24), bool(timeline.drop))
    return MarkedCut(timeline.name or timeline.path, clock, timeline.start_frame, timeline.frames or 1)


def _make_markers(finding: Finding, timeline: Timeline) -> Iterator[Marker]:
    """The marker of a finding that has a place in the cut; one that is waived needs nobody's work."""
    uses = [reason for reason in finding.because if isinstance(reason, Use)]
    if finding.path != timeline.path or not uses or finding.waived_by:
        return
    first, after = uses[0].record_frames
    yield Marker(
        record_in=first,
        length=max(1, after - first),
        colour=_COLOURS[finding.severity],
        name=finding.rule.replace("_", " "),
        comment=finding.message,
    )

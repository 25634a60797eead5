"""What editors write on a clip, in every format that has a place for it: track names, roles, keywords, markers."""

from __future__ import annotations

import pytest

from tests.timeline import build

MARKER = "<marker><name>ARCHIVE</name><comment>harbour 1944</comment><in>0</in><out>-1</out></marker>"
CLIP = '<asset-clip ref="a.mov" offset="0s" duration="2s" videoRole="archive.harbour">{}</asset-clip>'
TRACK = build.otio_track(
    build.otio_clip("a.mov", 0, 25, markers=[{"OTIO_SCHEMA": "Marker.2", "name": "1944"}]), name="Archive"
)
EDL_LINE = build.edl_line(1, ("01:00:00:00", "01:00:01:00"), ("01:00:00:00", "01:00:01:00"))


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        (
            "cut.edl",
            build.edl(EDL_LINE, "* FROM CLIP NAME: a.mov", "* LOC: 01:00:00:05 RED     ARCHIVE: 1944", "* LOC: odd"),
            ("ARCHIVE: 1944",),
        ),
        (
            "cut.xml",
            build.xmeml(f"<track>{build.xmeml_clip('a.mov', (0, 25), (0, 25), MARKER)}</track>"),
            ("ARCHIVE", "harbour 1944"),
        ),
        (
            "cut.fcpxml",
            build.fcpxml(
                CLIP.format('<keyword value="real"/><marker start="0s" value="1944"/>'), build.fcpxml_asset("a.mov")
            ),
            ("archive.harbour", "archive", "real", "1944"),
        ),
        (
            "cut.otio",
            build.otio(TRACK),
            ("Archive", "1944"),
        ),
    ],
)
def test_labels_of_a_clip(name: str, text: str, labels: tuple[str, ...]) -> None:
    (event,) = build.read_cut(text, name).events
    assert event.labels == labels

"""Sound from end to end: a generated voice of the edit under the dialogue of a delivered movie, and in a stem."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provenance import settings
from provenance.model.finding import Case
from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Severity, Zone
from provenance.workflows.ingest import ingest
from provenance.workflows.run import RunContext
from provenance.workflows.scan import ScanOptions, scan
from tests.fingerprint.test_audio_extractor import fast, file
from tests.sounds import speech, tune, under

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>'
    "</rdf:RDF></x:xmpmeta>"
)
CLIP, SECOND = tune(6, 7), 11.0


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("sounds")
    temp, out = folder / "temp", folder / "out"
    temp.mkdir()
    out.mkdir()
    (temp / "GEN_theme.wav").write_bytes(file([fast(CLIP)[None]]))
    (temp / "GEN_theme.xmp").write_text(XMP)
    (temp / "library.wav").write_bytes(file([fast(tune(6, 8))[None]]))
    mixed = fast(under(speech(30, 3), CLIP, SECOND, -6))[None]
    reel = file([mixed], "mov", "aac", moving=True, timecode="10:00:00:00")
    (out / "reel.mov").write_bytes(reel)
    (out / "stem.wav").write_bytes(file([mixed]))
    (out / "dialogue.wav").write_bytes(file([fast(speech(30, 4))[None]]))
    context = RunContext(settings.Settings(str(folder / "c.db"), jobs=2), datetime(2026, 11, 22, tzinfo=UTC))
    ingest([str(temp)], Zone.TEMP, context)
    against = {Origin.GENERATED}
    return scan([str(out)], ScanOptions(("netflix",), Severity.BLOCK, against=against), context).report


def cases(report: Report) -> dict[str, Case]:
    return {case.location.path: case for case in report.cases}


@pytest.mark.parametrize("name", ["reel.mov", "stem.wav"])
def test_it_is_found_under_the_dialogue(report: Report, name: str) -> None:
    (match,) = cases(report)[name].matches
    assert (match.known.path, match.method, match.verdict) == ("GEN_theme.wav", "audio", "confirmed-copy")
    assert match.time
    assert match.time.start == pytest.approx(SECOND, abs=0.25)
    assert match.time.end == pytest.approx(SECOND + 6, abs=0.5)
    assert match.known_time
    assert match.time.start - match.known_time.start == pytest.approx(SECOND, abs=0.05)


def test_its_finding_has_the_timecode_of_the_picture(report: Report) -> None:
    (finding,) = (row for row in report.findings if row.path == "reel.mov" and row.severity is Severity.BLOCK)
    assert finding.rule == "known-generated"
    assert finding.time
    assert finding.time.timecode_in
    assert finding.time.timecode_in[:8] in ("10:00:10", "10:00:11")


def test_nothing_else_is_found(report: Report) -> None:
    assert cases(report)["dialogue.wav"].matches == ()
    assert all(case.reading.troubles == () for case in report.cases)

"""Detectors of other people: a real distribution in a folder of its own, off, on, and broken."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from provenance_cli.main import run

from provenance.errors import UsageError
from provenance.evidence import plugins
from provenance.model.finding import Case
from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Severity, Standing
from provenance.settings import Settings
from provenance.workflows import doctor
from provenance.workflows.run import RunContext
from provenance.workflows.scan import ScanOptions, scan

PICTURE = Path(__file__).parents[2] / "fixtures" / "media" / "marks" / "luma-pass-a.png"
MODULE = """
import os
from provenance.evidence.interface import Carrier, Signal
from provenance.model.evidence import Credential, Evidence, Statement, Trouble, Used
from provenance.model.vocabulary import Origin, Standing, Cause

class Trailers(Carrier):
    name, title, media = "png", "trailers of Acme", frozenset({"image/png"})

    def read(self, source):
        if source.at(source.size - 4, 4) == b"ACME":
            yield Statement("c2pa", "trailer", "acme", "forged \\ud800", Standing.TRUSTED)

class Meaning(Signal):
    name, title, written_by, trust, traps = "acme", "Acme", "Acme.", "A trace.", "None."

    def read(self, statements):
        for row in statements:
            if row.key == "acme":
                used = Used("a cat \\ud800", model="acme-1", inputs=("plate.png",))
                yield Evidence("c2pa", row.carrier, row.where, Origin.GENERATED, Standing.SIGNED, "Acme", "made", used)
                yield Evidence("c2pa", row.carrier, row.where, Origin.CAPTURED, Standing.TRUSTED, None, "vouched for")

class Everything(Carrier):
    name, title, media = "everything", "all files", frozenset({"*"})

    def read(self, source):
        return iter(())

class Raising(Carrier):
    name, title, media = "raising", "raises", frozenset({"image/png"})

    def read(self, source):
        raise RuntimeError("by design")

class Lying(Carrier):
    name, title, media = "lying", "lies", frozenset({"image/png"})

    def read(self, source):
        yield Credential("embedded", "intact", "valid", "trusted", "inside", "list", "Acme")

class Dying(Signal):
    name = title = written_by = trust = traps = "dying"

    def __init__(self):
        os._exit(3)

    def read(self, statements):
        yield from ()
"""
POINTS = """[provenance.carriers]
acme = acme_detector:Trailers
everything = acme_detector:Everything
raising = acme_detector:Raising
lying = acme_detector:Lying
luma = acme_detector:Trailers
Netflix-2 = acme_detector:Trailers
[provenance.signals]
acme = acme_detector:Meaning
absent = acme_nowhere:Meaning
dying = acme_detector:Dying
wrong = acme_detector:Trailers
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the distribution was installed into, on the path."""
    target = tmp_path / "target"
    info = target / "acme_detector-1.2.dist-info"
    info.mkdir(parents=True)
    (target / "acme_detector.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-detector\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(target)
    return target


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """A picture with Acme's trailer, and a file of no known type."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    shutil.copy(PICTURE, folder / "a.png")
    with (folder / "a.png").open("ab") as file:
        file.write(b"ACME")
    (folder / "b.bin").write_bytes(b"\x00\x01\xfe\xff" * 100)
    return folder


def scanned(folder: Path, *names: str) -> Report:
    context = RunContext(Settings("", jobs=1, plugins=names), datetime(2026, 11, 22, tzinfo=UTC))
    verdict = scan([str(folder)], ScanOptions(("netflix",), Severity.BLOCK, remember=False), context)
    return verdict.report


def of(report: Report, path: str) -> Case:
    return next(case for case in report.cases if case.location.path == path)


def refused(folder: Path, name: str) -> str:
    with pytest.raises(UsageError) as told:
        scanned(folder, name)
    assert told.value.hint
    return told.value.message


@pytest.mark.usefixtures("installed")
def test_an_installed_detector_is_off_until_it_is_named(delivery: Path) -> None:
    off, on = scanned(delivery), scanned(delivery, "acme")
    assert (of(off, "a.png").origin, off.inputs.plugins) == (Origin.UNKNOWN, ())
    assert (of(on, "a.png").origin, on.inputs.plugins) == (Origin.GENERATED, ("acme (acme-detector 1.2)",))
    assert [finding.rule for finding in on.findings if finding.path == "a.png"] == [
        "generated-in-deliverable", "contradicting-evidence"
    ]  # fmt: skip


@pytest.mark.usefixtures("installed")
def test_it_speaks_under_its_own_name_and_vouches_for_nothing(delivery: Path) -> None:
    made, vouched = of(scanned(delivery, "acme"), "a.png").reading.evidence
    assert {(row.signal, row.carrier, row.standing) for row in (made, vouched)} == {("acme", "acme", Standing.DECLARED)}
    assert made.used
    assert (made.used.prompt, made.used.model, made.used.inputs) == ("a cat ?", "acme-1", ("plate.png",))


@pytest.mark.usefixtures("installed")
def test_one_that_fails_costs_a_trouble_and_one_that_forges_credentials_too(delivery: Path) -> None:
    reading = of(scanned(delivery, "raising", "lying"), "a.png").reading
    assert {(row.stage, row.cause) for row in reading.troubles} == {("raising", "malformed"), ("lying", "malformed")}
    assert any("by design" in row.detail for row in reading.troubles)
    assert reading.credentials == ()


@pytest.mark.usefixtures("installed")
def test_one_that_reads_everything_covers_nothing(delivery: Path) -> None:
    troubles = of(scanned(delivery, "everything"), "b.bin").reading.troubles
    assert [trouble.cause for trouble in troubles] == ["unsupported"]


@pytest.mark.usefixtures("installed")
def test_what_cannot_be_loaded_stops_the_run_before_it_begins(delivery: Path) -> None:
    assert "no plug-in 'unheard'" in refused(delivery, "unheard")
    assert "ModuleNotFoundError" in refused(delivery, "absent")
    assert "is not a Signal" in refused(delivery, "wrong")
    assert "'dying' cannot be loaded" in refused(delivery, "dying")
    assert "same name as a built-in" in refused(delivery, "luma")
    assert "name of a policy pack" in refused(delivery, "Netflix-2")


def test_two_of_one_name_are_refused(installed: Path) -> None:
    other = installed / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[provenance.signals]\nacme = acme_detector:Meaning\n")
    with pytest.raises(UsageError, match="provided by more than one package"):
        plugins.select(["acme"])


@pytest.mark.usefixtures("installed")
def test_the_doctor_lists_what_is_installed_and_whether_it_is_on() -> None:
    context = RunContext(Settings("", jobs=1, plugins=("acme", "gone")), datetime(2026, 11, 22, tzinfo=UTC))
    told = [
        (check.name, check.state, check.detail)
        for check in doctor.run_checks(context)
        if check.name.startswith("plug-in")
    ]
    assert ("plug-in acme", "ok", "carrier of acme-detector 1.2, on") in told
    assert ("plug-in acme", "ok", "signal of acme-detector 1.2, on") in told
    assert ("plug-in raising", "none", "carrier of acme-detector 1.2, off; switch it on with --plugin raising") in told
    assert any(name == "plug-in gone" and state == "bad" for name, state, _ in told)


@pytest.mark.usefixtures("installed")
def test_the_command_line_and_the_config_switch_it_on(
    delivery: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('plugins = ["acme"]\n')
    common = ["scan", str(delivery), "--no-catalogue", "--format", "json", "--jobs", "1", "--config", str(config)]
    assert run(common) == 1
    assert json.loads(capfd.readouterr().out)["inputs"]["plugins"] == ["acme (acme-detector 1.2)"]
    assert run([*common, "--plugin", "unheard"]) == 2
    assert "no plug-in 'unheard' is installed" in capfd.readouterr().err

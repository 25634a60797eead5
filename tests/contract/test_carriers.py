"""Every carrier: on every file of the project's media and on seeded damage of each, only valid values come out.

A carrier may fail on damage, but only with an `Exception`, which `examine` turns into a Trouble; what `examine` gives
is checked as well: text that every output can hold, and no clean bill that damage wrote.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
from pathlib import Path

import pytest

from provenance import registry
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile, KeptManifest
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT
from provenance.media.source import open_and_digest, open_readonly
from provenance.model.asset import Reading
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.vocabulary import About, Cause, Origin, Standing
from provenance.origin import decide_origin
from tests.contract.material import LARGEST, damaged, list_media, write_small_files

MEMBERS = registry.load_members(carriers, Carrier) if registry.list_names(carriers) else {}
pytestmark = pytest.mark.skipif(not MEMBERS, reason="there is no carrier yet")
everyone = pytest.mark.parametrize("carrier", MEMBERS.values(), ids=MEMBERS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The project's media, and one small file for each carrier that no file of it speaks by."""
    return [*list_media(), *write_small_files(tmp_path_factory.mktemp("written"))]


BINDINGS = {"intact", "broken", "missing", "unknown"}
SIGNATURES = {"valid", "broken", "missing", "unknown"}
TRUSTS = {"trusted", "untrusted", "revoked", "unknown"}
TIMES = {"inside", "expired", "not-yet", "unknown", "stamped"}


def is_valid(row: CarrierOutput, carrier: str) -> bool:
    if isinstance(row, Statement):
        texts = row.where, row.key, row.value
        kinds = isinstance(row.standing, Standing) and isinstance(row.about, About)
        return kinds and row.carrier == carrier and all(isinstance(t, str) for t in texts) and all(texts[:2])
    if isinstance(row, Credential):
        facts = row.binding in BINDINGS and row.signature in SIGNATURES and row.trust in TRUSTS and row.time in TIMES
        return facts and bool(row.where) and (row.trust != "trusted" or bool(row.list and row.vouched_by))
    if isinstance(row, EmbeddedFile):
        return bool(row.name) and bool(row.content) and all(isinstance(name, str) for name in row.beside)
    if isinstance(row, KeptManifest):
        return isinstance(row.data, bytes) and row.data[4:8] == b"jumb"
    return isinstance(row, Trouble) and row.path == "" and bool(row.stage and row.detail) and row.cause in list(Cause)


def read(carrier: Carrier, path: Path) -> list[CarrierOutput]:
    """What the carrier yields until it ends or fails."""
    raw, note = os.fsencode(path), path.with_suffix(".txt")
    source = open_and_digest(open_readonly(raw), path.name, os.path.getsize(raw), DEFAULT)
    if note.exists() and note != path:
        source.sidecars, source.beside = (note.name,), lambda _: note.read_bytes()
    rows: list[CarrierOutput] = []
    try:
        if carrier.accepts(source):
            rows.extend(carrier.read(source))
    except Exception:  # noqa: BLE001 - a carrier may raise anything; what it yielded before is what counts
        pass
    finally:
        source.file.close()
    return rows


def looked_at(path: Path) -> Reading:
    made = examine(ReadFile(os.fsencode(path), path.stat().st_size), DEFAULT)
    assert isinstance(made, FileRead), made
    return made.reading


def assert_sound(reading: Reading) -> None:
    assert pickle.loads(pickle.dumps(reading)) == reading
    rows: list[CarrierOutput | Evidence] = [
        *reading.statements,
        *reading.evidence,
        *reading.credentials,
        *reading.troubles,
    ]
    for row in rows:
        for field in dataclasses.fields(row):
            value = getattr(row, field.name)
            for text in value if isinstance(value, tuple) else (value,):
                str(text).encode("utf-8")  # raises for text that no output can hold
    assert all(len(row.value) <= DEFAULT.text for row in reading.statements)


@everyone
def test_texts_are_there(carrier: Carrier) -> None:
    assert carrier.title
    assert carrier.media
    assert all("/" in kind or kind == "*" for kind in carrier.media)


def test_there_is_media(files: list[Path]) -> None:
    assert len(files) > 20


@everyone
def test_only_valid_values_from_every_file(carrier: Carrier, files: list[Path]) -> None:
    rows = [(path.name, row) for path in files for row in read(carrier, path)]
    assert [told for told in rows if not is_valid(told[1], carrier.name)] == []
    assert any(isinstance(row, Statement | EmbeddedFile) for _, row in rows), (
        f"no file here speaks by {carrier.name}: add one"
    )


@everyone
def test_only_valid_values_from_damaged_files(carrier: Carrier, files: list[Path], tmp_path: Path) -> None:
    for path in files:
        if 0 < path.stat().st_size <= LARGEST and any(
            isinstance(row, Statement | EmbeddedFile) for row in read(carrier, path)
        ):
            for count, data in enumerate(damaged(path.read_bytes(), path.name)):
                victim = tmp_path / f"{count}{path.suffix}"
                victim.write_bytes(data)
                assert [row for row in read(carrier, victim) if not is_valid(row, carrier.name)] == [], (path, count)


def test_damage_clears_nothing_and_breaks_no_text(files: list[Path], tmp_path: Path) -> None:
    cleared = {Origin.CAPTURED, Origin.CREATED}
    for path in files:
        whole = looked_at(path)
        assert_sound(whole)
        if 0 < path.stat().st_size <= LARGEST:
            for count, data in enumerate(damaged(path.read_bytes(), f"again {path.name}")):
                victim = tmp_path / f"{count}{path.suffix}"
                victim.write_bytes(data)
                reading = looked_at(victim)
                assert_sound(reading)
                assert decide_origin(reading.evidence) not in cleared or decide_origin(whole.evidence) in cleared, (
                    path,
                    count,
                )

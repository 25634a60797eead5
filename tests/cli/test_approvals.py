"""An approval covers what its approver could know, and nothing that turns up later."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from provenance.catalogue import session
from tests.cli.conftest import SOON, Provenance, Said
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS, still

WORDS = ("--who", "Dana Legal", "--reason", "cleared", "--reference", "CLR-1", "--expires", SOON)
OTHER = PARAMETERS.replace("castle", "bridge")


class Gate:
    """Scans and approvals with one catalogue."""

    def __init__(self, provenance: Provenance, catalogue: Path) -> None:
        self.call, self.catalogue = provenance, catalogue

    def scan(self, *paths: Path, more: tuple[object, ...] = ()) -> Said:
        return self.call("scan", *paths, "--catalogue", self.catalogue, "--format", "json", "--jobs", 1, *more)

    def states(self, *paths: Path, more: tuple[object, ...] = ()) -> dict[tuple[str, str], str]:
        """By path and rule: whether each finding of a scan is waived, not covered by an approval, or open."""
        states = {}
        for row in self.scan(*paths, more=more).report["findings"]:
            if row["path"] == ".":  # that there was nothing to search for
                continue
            state = "not covered" if row["uncovered_by"] else "open"
            states[row["path"], row["rule"]] = "waived" if row["waived_by"] else state
        return states

    def approve(self, what: object, *more: object) -> Said:
        return self.call("register", "add", "approval", what, *WORDS, *more, "--catalogue", self.catalogue)


@pytest.fixture
def gate(provenance: Provenance, tmp_path: Path) -> Gate:
    return Gate(provenance, tmp_path / "catalogue" / "c.db")


def test_known_material_that_turns_up_later_is_not_covered(gate: Gate, tmp_path: Path) -> None:
    for folder in ("out", "edit"):
        (tmp_path / folder).mkdir()
    picture(tmp_path / "out" / "reel.png", 1, PARAMETERS)
    assert gate.scan(tmp_path / "out").code == 1
    said = gate.approve(tmp_path / "out" / "reel.png")
    assert said.code == 0
    assert "covers generated-in-deliverable: marked as generated" in said.out
    assert gate.states(tmp_path / "out") == {("reel.png", "generated-in-deliverable"): "waived"}
    picture(tmp_path / "edit" / "GEN.png", 1, OTHER)
    assert gate.call("ingest", tmp_path / "edit", "--catalogue", gate.catalogue, "--jobs", 1).code == 0
    assert gate.states(tmp_path / "out") == {
        ("reel.png", "generated-in-deliverable"): "waived",
        ("reel.png", "known-generated"): "not covered",
    }
    text = gate.call("scan", tmp_path / "out", "--catalogue", gate.catalogue, "--jobs", 1)
    assert text.code == 1
    assert "approval CLR-1 by Dana Legal does not cover this" in " ".join(text.out.split())
    said = gate.approve(tmp_path / "out" / "reel.png")
    assert "covers known-generated: a copy of GEN.png" in said.out
    assert set(gate.states(tmp_path / "out").values()) == {"waived"}
    assert gate.call("verify", "--catalogue", gate.catalogue).code == 0


def test_an_approval_before_any_search_covers_the_marks_alone(gate: Gate, tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 1, PARAMETERS)
    assert gate.call("ingest", tmp_path / "a.png", "--catalogue", gate.catalogue).code == 0
    assert gate.approve(tmp_path / "a.png").code == 0
    picture(tmp_path / "b.png", 1, OTHER)
    assert gate.call("ingest", tmp_path / "b.png", "--catalogue", gate.catalogue).code == 0
    assert gate.states(tmp_path / "a.png") == {
        ("a.png", "generated-in-deliverable"): "waived",
        ("a.png", "known-generated"): "not covered",
    }


def test_content_that_was_never_seen_needs_a_word_more(gate: Gate, tmp_path: Path) -> None:
    made, other = still(tmp_path / "made.png", PARAMETERS), still(tmp_path / "other.png", OTHER)
    said = gate.approve(made)
    assert said.code == 2
    assert "there is no catalogue" in said.err
    assert not gate.catalogue.exists(), "a refused approval leaves no catalogue behind"
    gate.call("ingest", other, "--catalogue", gate.catalogue)
    for what in (made, f"sha256:{'0' * 64}"):
        said = gate.approve(what)
        assert said.code == 2
        assert "--unseen" in said.err
    assert gate.approve(made, "--unseen").code == 0
    assert gate.states(made, more=("--marks-only",)) == {("made.png", "generated-in-deliverable"): "waived"}
    other.write_bytes(other.read_bytes() + b"more")
    assert "has changed since it was read" in gate.approve(other).err


def test_an_unseen_approval_covers_what_the_first_reading_finds(gate: Gate, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    made = still(out / "made.png", PARAMETERS)
    still(tmp_path / "other.png")
    gate.call("ingest", tmp_path / "other.png", "--catalogue", gate.catalogue)
    assert gate.approve(made, "--unseen").code == 0
    assert gate.states(out, more=("--marks-only",)) == {("made.png", "generated-in-deliverable"): "waived"}
    sidecar = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>'
    )
    (out / "made.xmp").write_text(sidecar)
    states = gate.states(out, more=("--marks-only",))
    states.pop(("made.xmp", "generated-in-deliverable"), None)
    assert states == {("made.png", "generated-in-deliverable"): "not covered"}, "a new mark beside the same bytes"
    assert "marked as generated" in gate.call("register", "list", "--catalogue", gate.catalogue).out


def test_what_is_inside_a_file_is_approved_by_the_name_that_a_report_prints(gate: Gate, tmp_path: Path) -> None:
    still(tmp_path / "made.png", PARAMETERS)
    still(tmp_path / "more.png", OTHER)
    (tmp_path / "out").mkdir()
    with zipfile.ZipFile(tmp_path / "out" / "a.zip", "w") as archive:
        archive.write(tmp_path / "made.png", "art/made.png")
        archive.write(tmp_path / "more.png", "more.png")
    gate.scan(tmp_path / "out", more=("--marks-only",))
    assert gate.approve("a.zip!art/nothing.png").code == 2
    assert gate.approve("a.zip!art/made.png").code == 0
    assert gate.states(tmp_path / "out", more=("--marks-only",)) == {
        ("a.zip!art/made.png", "generated-in-deliverable"): "waived",
        ("a.zip!more.png", "generated-in-deliverable"): "open",
    }
    withdraw = ("register", "withdraw", "approval", "a.zip!art/made.png", "--who", "Jo", "--reason", "no")
    assert gate.call(*withdraw, "--catalogue", gate.catalogue).code == 0


def test_a_sequence_is_approved_by_its_name(gate: Gate, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for number in range(30):
        still(out / f"plate_{number:04}.png", PARAMETERS)
    states = gate.states(out, more=("--marks-only",))
    assert states == {("plate_[0000-0029].png", "generated-in-deliverable"): "open"}
    assert gate.approve("plate_[0000-0029].png").code == 0
    assert set(gate.states(out, more=("--marks-only",)).values()) == {"waived"}
    still(out / "plate_0030.png", PARAMETERS)
    assert set(gate.states(out, more=("--marks-only",)).values()) == {"open"}, "one frame more is other content"


def test_a_name_that_stands_for_several_contents_is_refused_with_the_candidates(gate: Gate, tmp_path: Path) -> None:
    for folder, words in (("one", PARAMETERS), ("two", OTHER)):
        (tmp_path / folder).mkdir()
        still(tmp_path / folder / "made.png", words)
    gate.scan(tmp_path, more=("--marks-only",))
    said = gate.approve("made.png")
    assert said.code == 2
    assert str(tmp_path / "one" / "made.png") in said.err
    assert str(tmp_path / "two" / "made.png") in said.err
    assert gate.approve("two/made.png").code == 0


def test_an_approval_of_an_older_version_covers_what_was_known_when_it_was_added(gate: Gate, tmp_path: Path) -> None:
    made = picture(tmp_path / "made.png", 1, PARAMETERS)
    digest = gate.scan(made).asset("made.png")["digest"]
    opened = session.open_writer(gate.catalogue)
    with opened.change():
        row = opened.insert(
            "approvals",
            digest=digest,
            who="Dana",
            reason="cleared",
            reference="CLR-0",
            expires="2099-12-31",
            added_at="",
        )
        opened.ledger.record("approval", row, "added", "")
    opened.close()
    assert gate.states(made) == {("made.png", "generated-in-deliverable"): "waived"}
    picture(tmp_path / "GEN.png", 1, OTHER)
    gate.call("ingest", tmp_path / "GEN.png", "--catalogue", gate.catalogue)
    assert gate.states(made) == {
        ("made.png", "generated-in-deliverable"): "waived",
        ("made.png", "known-generated"): "not covered",
    }


def test_generated_material_that_is_approved_needs_no_search_by_a_catalogue_that_knows_nothing_else(
    gate: Gate, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    picture(out / "made.png", 1, PARAMETERS)
    assert gate.scan(out).code == 1
    gate.approve(out / "made.png")
    assert gate.scan(out).code == 0, "it is generated as a whole, and somebody has approved it"
    picture(out / "plain.png", 2)
    assert gate.scan(out).code == 3, "nobody has approved this one, and it was searched for nothing"


def test_what_an_approval_covers_cannot_be_deleted_unseen(gate: Gate, tmp_path: Path) -> None:
    made = still(tmp_path / "made.png", PARAMETERS)
    gate.scan(made, more=("--marks-only",))
    gate.approve(made)
    opened = session.open_writer(gate.catalogue)
    opened.db.execute("DROP TRIGGER bindings_no_delete")
    opened.db.execute("DELETE FROM bindings")
    opened.close()
    assert gate.scan(made, more=("--marks-only",)).code == 5
    assert gate.call("verify", "--catalogue", gate.catalogue).code == 5

"""A bundle and a signed report are verified as issued; every change of them, the files or the ledger is named."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from provenance import settings
from provenance.errors import UsageError
from provenance.signing import keys, minisign, note, stored_zip, sums, timestamp, trusted
from provenance.signing.stored_zip import Stored
from provenance.workflows import register
from provenance.workflows.bundle import Bundle
from provenance.workflows.register_extract import load_register_extract
from provenance.workflows.report import open_report
from provenance.workflows.run import RunContext
from provenance.workflows.scan import ScanOptions, scan
from provenance.workflows.sign import Signer, load_signer, sign_file
from provenance.workflows.take_stamp import read_reply, take_beside, take_into_bundle
from provenance.workflows.verified import ReportVerification, State
from provenance.workflows.verify_output import render_document, render_lines
from provenance.workflows.verify_report import verify_report
from tests.cli.test_scan import PARAMETERS, still
from tests.signing.conftest import Authority

TOOLS = ("sha256sum", "openssl", "minisign", "bash")


@dataclass(frozen=True)
class Issued:
    """A delivery, and what was issued about it."""

    folder: Path
    delivery: Path
    context: RunContext
    signer: Signer
    members: dict[str, bytes]

    @property
    def bundle(self) -> Path:
        return self.folder / "bundle.zip"

    @property
    def alone(self) -> Path:
        return self.folder / "report.json"

    @property
    def public(self) -> str:
        return str(self.folder / "public.pem")

    def verify(self, path: Path, folder: Path | None = None, **how: str) -> ReportVerification:
        key = how.get("key", self.public)
        return verify_report(str(path), str(folder) if folder else None, self.context, key=key or None)


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    folder = tmp_path_factory.mktemp("issued")
    delivery = folder / "delivery"
    (delivery / "seq").mkdir(parents=True)
    still(delivery / "made.png", PARAMETERS)
    still(delivery / "back\\slash.png")
    (delivery / "made.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    (delivery / "list.txt").write_text("made.png\n")
    for number in range(998, 1007):
        # Frames of one moving picture, without the zeros in front that most have.
        Image.new("RGB", (32, 32), (number % 256, 90, 40)).save(delivery / "seq" / f"shot.{number}.tif")
    chosen = settings.load(catalogue=str(folder / "c.db"), environment={})
    chosen = dataclasses.replace(chosen, jobs=1, trusted_keys=str(folder / "trusted"))
    context = RunContext(chosen, datetime(2026, 6, 1, tzinfo=UTC))
    scan([str(delivery)], ScanOptions(("netflix",), marks_only=True, pictures=True), context)
    keys.create(str(folder / "key.pem"))
    signer = load_signer(str(folder / "key.pem"))
    (folder / "public.pem").write_text(signer.key.public.pem)
    with open_report([str(delivery)], None, ["netflix"], context) as opened:
        raw = b"".join(Bundle(opened, signer).render(opened.report))
        assert raw == b"".join(Bundle(opened, signer).render(opened.report)), "the same report, other bytes"
        (folder / "bundle.zip").write_bytes(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (folder / "report.json").write_bytes(members["report.json"])
    with open_report([str(delivery)], None, ["netflix"], context) as opened:
        for ending, content in sign_file(signer, str(folder / "report.json"), opened).items():
            (folder / f"report.json{ending}").write_bytes(content)
    return Issued(folder, delivery, context, signer, members)


def pack(members: dict[str, bytes], folder: Path) -> Path:
    """A bundle of these members, in the form of those that are issued."""
    rows = []
    for number, (name, content) in enumerate(members.items()):
        path = folder / f"member{number}"
        path.write_bytes(content)
        rows.append((Stored(name, len(content), zlib.crc32(content)), str(path)))
    bundle = folder / "bundle.zip"
    with open(bundle, "wb") as file:
        stored_zip.write(rows, file)
    return bundle


def flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def name_wrong(result: ReportVerification) -> set[str]:
    return {part.name for part in result.parts if part.state in (State.DIFFERS, State.MISSING, State.UNEXPECTED)}


def test_as_issued_everything_agrees(issued: Issued) -> None:
    for path, folder in ((issued.bundle, None), (issued.bundle, issued.delivery), (issued.alone, None)):
        result = issued.verify(path, folder)
        assert (result.exit_code, result.agrees) == (0, True), list(render_lines(result))
        assert "agrees: signed by public.pem" in list(render_lines(result))[-1]


def test_a_bundle_has_what_it_promises(issued: Issued) -> None:
    names = set(issued.members)
    assert names >= {
        "README.txt", "SHA256SUMS", "SHA256SUMS.minisig", "SHA256SUMS.sig", "checkpoint.txt", "delivery.sha256",
        "pack.toml", "register.json", "report.html", "report.json", "report.pdf", "report.xlsx", "signer.pem",
        "signer.pub", "statements.jsonl",
    }  # fmt: skip
    assert list(issued.members) == sorted(names)
    assert any(name.startswith("thumbnails/") for name in names)
    assert any(name.startswith("trust/") for name in names)
    listed = sums.parse(issued.members["delivery.sha256"])
    files = [path for path in issued.delivery.rglob("*") if path.is_file()]
    wanted = {os.fsencode(path.relative_to(issued.delivery)): path.read_bytes() for path in files}
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in wanted.items()}
    statements = [json.loads(line) for line in issued.members["statements.jsonl"].splitlines()]
    [made] = [row for row in statements if row["path"] == "made.png"]
    assert PARAMETERS in {statement["value"] for statement in made["statements"]}


def test_a_signer_whom_nobody_named_is_never_enough(issued: Issued, tmp_path: Path) -> None:
    for path in (issued.bundle, issued.alone):
        result = issued.verify(path, key="")
        assert (result.exit_code, result.agrees) == (3, False)
        assert "nobody named" in " ".join(render_lines(result))
    keys.create(str(tmp_path / "other.pem"))
    other = tmp_path / "other.pub.pem"
    other.write_text(keys.load_private(str(tmp_path / "other.pem")).public.pem)
    for path in (issued.bundle, issued.alone):
        assert issued.verify(path, key=str(other)).exit_code == 1
    folder = tmp_path / "trusted"
    trusted.add(str(folder), issued.signer.key.public, "Dana")
    chosen = dataclasses.replace(issued.context.settings, trusted_keys=str(folder))
    knowing = dataclasses.replace(issued, context=dataclasses.replace(issued.context, settings=chosen))
    assert knowing.verify(issued.bundle, key="").exit_code == 0
    assert knowing.verify(issued.alone, key="").exit_code == 0


def test_every_change_of_a_member_is_named(issued: Issued, tmp_path: Path) -> None:
    dice = random.Random(1)
    for name, content in issued.members.items():
        for changed in (flip(content, dice), content[:-1], content + b"\n"):
            result = issued.verify(pack({**issued.members, name: changed}, tmp_path))
            assert result.exit_code == 1
            assert name in name_wrong(result), (name, name_wrong(result))
        rest = {other: kept for other, kept in issued.members.items() if other != name}
        result = issued.verify(pack(rest, tmp_path))
        assert name in name_wrong(result), name


def test_members_that_do_not_belong_are_named(issued: Issued, tmp_path: Path) -> None:
    for name in ("extra.txt", "SHA256SUMS.txt", "trust/extra.pem"):
        assert name in name_wrong(issued.verify(pack({**issued.members, name: b"x"}, tmp_path)))


def test_what_a_forger_signs_anew_does_not_pass(issued: Issued, tmp_path: Path) -> None:
    forged = {**issued.members, "report.json": flip(issued.members["report.json"], random.Random(2))}
    wanted = hashlib.sha256(forged["report.json"]).hexdigest()
    forged["SHA256SUMS"] = re.sub(
        rb"(?m)^[0-9a-f]{64}(?=  report\.json$)", wanted.encode(), issued.members["SHA256SUMS"]
    )
    assert "SHA256SUMS" in name_wrong(issued.verify(pack(forged, tmp_path)))
    keys.create(str(tmp_path / "forger.pem"))
    forger = keys.load_private(str(tmp_path / "forger.pem"))
    comment = minisign.parse(issued.members["SHA256SUMS.minisig"]).comment
    forged["signer.pem"] = forger.public.pem.encode()
    forged["signer.pub"] = minisign.render_public_key(forger.public)
    digests = {}
    for name, content in forged.items():
        if not name.startswith("SHA256SUMS"):
            digests[name.encode()] = hashlib.sha256(content).hexdigest()
    forged["SHA256SUMS"] = sums.render(digests)
    signed = minisign.sign(forger, forged["SHA256SUMS"], comment)
    forged |= {"SHA256SUMS.minisig": minisign.render(signed), "SHA256SUMS.sig": signed.signature}
    path = pack(forged, tmp_path)
    assert issued.verify(path).exit_code == 1
    # Without the right key nobody can tell, and it is not said to agree.
    assert issued.verify(path, key="").exit_code in (1, 3)


def test_every_trick_with_the_zip_is_refused(issued: Issued, tmp_path: Path) -> None:
    raw = issued.bundle.read_bytes()
    path = tmp_path / "bundle.zip"
    for changed in _play_tricks(raw, issued.members):
        path.write_bytes(changed)
        result = issued.verify(path)
        assert result.exit_code == 1
        assert name_wrong(result)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["bundle.zip"], "something was unpacked"


def _play_tricks(raw: bytes, members: dict[str, bytes]) -> Iterator[bytes]:
    yield raw + b"behind"
    yield b"before" + raw
    yield b""
    yield from (raw[:-cut] for cut in (1, 22, 100, len(raw) // 2))
    yield raw[:-22] + b"\0" * 22
    dice = random.Random(3)
    yield from (flip(raw, dice) for _ in range(40))
    # The end record and the last entries of the directory: no byte of them is without a meaning.
    for end in range(1, 150):
        yield raw[:-end] + bytes([raw[-end] ^ 1]) + (raw[-end + 1 :] if end > 1 else b"")
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        yield packed.getvalue()
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive:
        for name, content in [*members.items(), ("../evil.txt", b"x"), ("/evil.txt", b"x")]:
            archive.writestr(name, content)
    yield twice.getvalue()
    yield twice.getvalue().replace(b"../evil.txt", b"report.json")


def test_what_changed_in_the_delivery_is_named(issued: Issued, tmp_path: Path) -> None:
    files = sorted(path.relative_to(issued.delivery) for path in issued.delivery.rglob("*") if path.is_file())
    folder = tmp_path / "after"
    for name in files:
        shutil.copytree(issued.delivery, folder)
        victim = folder / name
        before = victim.stat()
        victim.write_bytes(flip(victim.read_bytes(), random.Random(4)))
        os.utime(victim, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert name_wrong(issued.verify(issued.bundle, folder)) == {str(name)}
        renamed = victim.rename(victim.with_name(f"renamed {victim.name}")).relative_to(folder)
        assert name_wrong(issued.verify(issued.bundle, folder)) == {str(name), str(renamed)}
        shutil.rmtree(folder)
    shutil.copytree(issued.delivery, folder)
    (folder / "sub").mkdir()
    for added in ("new.png", ".hidden.mov", "sub/deep.wav", ".DS_Store"):
        (folder / added).write_bytes(b"x")
    assert name_wrong(issued.verify(issued.bundle, folder)) == {"new.png", ".hidden.mov", "sub/deep.wav", ".DS_Store"}


def test_what_systems_leave_behind_is_no_difference_and_a_link_is_open(issued: Issued, tmp_path: Path) -> None:
    folder = tmp_path / "after"
    shutil.copytree(issued.delivery, folder)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1 and more")
    assert issued.verify(issued.bundle, folder).exit_code == 0
    (folder / "link.png").symlink_to(folder / "made.png")
    result = issued.verify(issued.bundle, folder)
    assert result.exit_code == 3
    assert "not-checked: file link.png" in " ".join(render_lines(result))


def test_a_folder_that_is_none_is_a_wrong_usage(issued: Issued) -> None:
    for path, folder in ((issued.bundle, issued.bundle), (issued.alone, issued.delivery)):
        with pytest.raises(UsageError):
            issued.verify(path, folder)
    with pytest.raises(UsageError):
        issued.verify(issued.folder / "gone.zip")


def test_every_change_of_a_signed_report_is_named(issued: Issued, tmp_path: Path) -> None:
    dice = random.Random(5)
    for name in ("report.json", "report.json.minisig", "report.json.sig"):
        for other in ("report.json", "report.json.minisig", "report.json.sig"):
            shutil.copy(issued.folder / other, tmp_path / other)
        raw = (issued.folder / name).read_bytes()
        for changed in (*(flip(raw, dice) for _ in range(60)), raw[:-1], raw + b"\n", b""):
            (tmp_path / name).write_bytes(changed)
            result = issued.verify(tmp_path / "report.json")
            assert result.exit_code == 1
            assert name in name_wrong(result)
    (tmp_path / "report.json.sig").unlink()
    assert "report.json.sig" in name_wrong(issued.verify(tmp_path / "report.json"))


def _with_catalogue(issued: Issued, path: Path) -> Issued:
    chosen = dataclasses.replace(issued.context.settings, catalogue=str(path))
    return dataclasses.replace(issued, context=dataclasses.replace(issued.context, settings=chosen))


def test_the_ledger_must_be_the_one_that_the_report_names(issued: Issued, tmp_path: Path) -> None:
    grown = _with_catalogue(issued, Path(shutil.copy(issued.context.settings.catalogue, tmp_path / "grown.db")))
    scan([str(issued.delivery)], ScanOptions(("netflix",), marks_only=True), grown.context)
    assert grown.verify(issued.bundle).exit_code == 0, "newer entries are no difference"
    other = _with_catalogue(issued, tmp_path / "other.db")
    scan([str(issued.delivery)], ScanOptions(("netflix",), marks_only=True), other.context)
    result = other.verify(issued.bundle)
    assert (result.exit_code, name_wrong(result)) == (1, {"other.db"})
    assert _with_catalogue(issued, tmp_path / "gone.db").verify(issued.bundle).exit_code == 3
    damaged = _with_catalogue(issued, Path(shutil.copy(issued.context.settings.catalogue, tmp_path / "damaged.db")))
    db = sqlite3.connect(damaged.context.settings.catalogue)
    db.execute("DROP TRIGGER ledger_no_delete")
    db.execute("DELETE FROM ledger WHERE seq > (SELECT max(seq) - 3 FROM ledger)")
    db.commit()
    db.close()
    assert damaged.verify(issued.bundle).exit_code == 5
    assert damaged.verify(issued.alone).exit_code == 5


def test_a_checkpoint_noted_elsewhere_is_compared_as_well(issued: Issued, tmp_path: Path) -> None:
    own, foreign = tmp_path / "own.txt", tmp_path / "foreign.txt"
    own.write_bytes(issued.members["checkpoint.txt"])
    checkpoint = note.parse(issued.members["checkpoint.txt"]).checkpoint
    foreign.write_bytes(note.sign(issued.signer.key, dataclasses.replace(checkpoint, root=b"r" * 32)))
    before = tmp_path / "before.txt"
    before.write_bytes(note.sign(issued.signer.key, dataclasses.replace(checkpoint, size=3)))
    without = _with_catalogue(issued, tmp_path / "gone.db")

    def check(who: Issued, file: Path) -> tuple[int, set[str]]:
        result = verify_report(str(issued.bundle), None, who.context, key=issued.public, checkpoint=str(file))
        return result.exit_code, name_wrong(result)

    assert check(issued, own) == (0, set())
    assert check(issued, foreign) == (1, {"foreign.txt"})
    assert check(issued, before) == (1, {"before.txt"}), "that root is not the one of the first three entries"
    assert check(without, own) == (3, set())
    assert check(without, foreign) == (1, {"foreign.txt"})
    assert check(without, before) == (3, set())


def test_the_document_names_every_part(issued: Issued) -> None:
    result = issued.verify(issued.bundle, issued.delivery)
    document = json.loads(render_document(result))
    assert (document["schema"], document["agrees"]) == ("provenance-verify/1", True)
    kinds = {row["part"] for row in document["parts"]}
    assert kinds == {"container", "signature", "signer", "member", "report", "ledger", "file"}
    assert {row["state"] for row in document["parts"]} == {"agrees"}


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}")
def test_the_readme_verifies_a_bundle_with_common_tools_alone(issued: Issued, tmp_path: Path) -> None:
    for name, content in issued.members.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    commands = re.findall(r"(?m)^  \$ (.+)$", issued.members["README.txt"].decode())
    environment = {"PATH": "/usr/bin:/bin", "DELIVERY": str(issued.delivery), "LC_ALL": "C.UTF-8"}

    def follow() -> list[str]:
        failed = []
        for command in commands:
            done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True)
            if done.returncode:
                failed.append(command)
        return failed

    assert len(commands) == 4
    assert follow() == []
    dice = random.Random(6)
    for name in ("SHA256SUMS", "SHA256SUMS.minisig", "SHA256SUMS.sig", "report.pdf", "signer.pem", "README.txt"):
        (tmp_path / name).write_bytes(flip(issued.members[name], dice))
        assert follow(), name
        (tmp_path / name).write_bytes(issued.members[name])
    assert follow() == []


def test_a_bundle_without_a_signature_says_so_and_agrees_with_nothing(issued: Issued, tmp_path: Path) -> None:
    with open_report([str(issued.delivery)], None, ["netflix"], issued.context) as opened:
        raw = b"".join(Bundle(opened).render(opened.report))
    path = tmp_path / "plain.zip"
    path.write_bytes(raw)
    assert issued.verify(path).exit_code == 1
    with zipfile.ZipFile(path) as archive:
        assert "NOT SIGNED" in archive.read("README.txt").decode()


def test_the_register_comes_with_what_is_about_this_material_alone(issued: Issued, tmp_path: Path) -> None:
    declared = _with_catalogue(issued, Path(shutil.copy(issued.context.settings.catalogue, tmp_path / "declared.db")))
    digest = f"sha256:{hashlib.sha256((issued.delivery / 'made.png').read_bytes()).hexdigest()}"
    tool = {
        "name": "Painter", "vendor": "Tests", "licence": "paid", "terms_date": "2026-01-05", "keeps_inputs": "no",
        "trains_on_inputs": "no", "enterprise_secured": "yes",
    }  # fmt: skip
    use = {"who": "Ana Ruiz", "purpose": "background", "description": "a poster"}
    for kind, given in (
        ("tool", {"id": "t1", **tool}),
        ("tool", {"id": "t2", **tool}),
        ("use", {"id": "u1", "tool": "t1", "content": digest, **use}),
        ("use", {"id": "u2", "tool": "t2", **use}),
        ("watch", {"id": "w1", "words": "Jo Actor", "kind": "cast"}),
    ):
        register.declare(kind, [], {name: [value] for name, value in given.items()}, declared.context)
    with open_report([str(issued.delivery)], None, ["netflix"], declared.context) as opened:
        extract = json.loads(load_register_extract(opened.catalogue, declared.context, {digest}))
        assert load_register_extract(opened.catalogue, declared.context, set()).count('"id"') == 0
    assert [(row["kind"], row["id"]) for row in extract["entries"]] == [("tool", "t1"), ("use", "u1")]


def test_a_bundle_is_about_one_folder(issued: Issued) -> None:
    with (
        open_report([], None, ["netflix"], issued.context) as opened,
        pytest.raises(UsageError, match="about one delivery"),
    ):
        list(Bundle(opened).render(opened.report))


def test_a_sequence_of_which_the_frames_are_not_known_is_refused(issued: Issued, tmp_path: Path) -> None:
    older = _with_catalogue(issued, Path(shutil.copy(issued.context.settings.catalogue, tmp_path / "older.db")))
    db = sqlite3.connect(older.context.settings.catalogue)
    db.execute("DROP TRIGGER attachments_no_delete")
    db.execute("DELETE FROM attachments")
    db.commit()
    db.close()
    with (
        open_report([str(issued.delivery)], None, ["netflix"], older.context) as opened,
        pytest.raises(UsageError, match="does not have the digest of every frame"),
    ):
        list(Bundle(opened).render(opened.report))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_reply_fetched_elsewhere_is_taken_in_and_verified(issued: Issued, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    ca = str(tmp_path / "ca.pem")
    for name in ("bundle.zip", "report.json", "report.json.minisig", "report.json.sig"):
        shutil.copy(issued.folder / name, tmp_path / name)
    bundle, report = tmp_path / "bundle.zip", tmp_path / "report.json"
    for content, path in ((issued.members["SHA256SUMS"], bundle), (report.read_bytes(), report)):
        reply = authority.answer(timestamp.make_query(content))
        if path == bundle:
            with pytest.raises(UsageError, match="the time stamp is not of"):
                take_beside(str(report), reply)
            before = path.read_bytes()
            path.write_bytes(b"".join(take_into_bundle(str(path), reply)))
            assert list(take_into_bundle(str(path), reply)) == [path.read_bytes()]
            assert path.read_bytes() != before
        else:
            (tmp_path / "report.json.tsr").write_bytes(take_beside(str(report), reply))
        trusting = verify_report(str(path), None, issued.context, key=issued.public, authorities=ca)
        assert trusting.exit_code == 0, list(render_lines(trusting))
        assert [part.state for part in trusting.parts if part.part == "timestamp"] == [State.AGREES]
        stranger = verify_report(str(path), None, issued.context, key=issued.public)
        assert stranger.exit_code == 3
        assert "no certificate leads from there" in " ".join(render_lines(stranger))
    other = authority.answer(timestamp.make_query(b"other"))
    (tmp_path / "report.json.tsr").write_bytes(other)
    assert "report.json.tsr" in name_wrong(issued.verify(report))
    with pytest.raises(UsageError, match="the time stamp is not of"):
        list(take_into_bundle(str(bundle), other))
    (tmp_path / "report.json.tsr").write_bytes(b"nothing")
    assert "report.json.tsr" in name_wrong(issued.verify(report))
    with pytest.raises(UsageError, match="is not a time stamp"):
        read_reply(str(tmp_path / "report.json.tsr"))

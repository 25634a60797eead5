"""The bundle: a report in every form with the evidence under it, in one zip that four common tools verify."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from provenance import registry
from provenance.errors import UsageError
from provenance.model.report import Report
from provenance.policy import packs
from provenance.reports import document
from provenance.reports import formats as report_formats
from provenance.reports.interface import Format
from provenance.signing import minisign, note, stored_zip, sums
from provenance.signing.stored_zip import Stored
from provenance.trust import read_list
from provenance.workflows.bundle_readme import render_readme
from provenance.workflows.delivered_files import list_digests
from provenance.workflows.judge import relocate
from provenance.workflows.register_extract import load_register_extract
from provenance.workflows.report import OpenReport
from provenance.workflows.sign import Signer, make_seal, sign

SUMS = "SHA256SUMS"
REPORTS = ("html", "json", "pdf", "xlsx")
"""Formats of the report that a bundle carries."""
_BLOCK = 1024 * 1024
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class Bundle(Format):
    """A zip with the report as PDF, page, document and workbook, and all that it rests on; signed with `--sign`.

    Content: the SHA-256 of every delivered file, the original C2PA manifests, all statements read, thumbnails, pictures
    of what was found, the register's entries about this material, policy pack, trust lists, and a checkpoint of the
    ledger. `README.txt` has the commands that verify everything without this program. Of `report` only, for one folder.
    """

    name: ClassVar[str] = "bundle"
    title: ClassVar[str] = "report and evidence in one signed zip, for whoever has to check it later"
    suffix: ClassVar[str] = ".zip"
    binary: ClassVar[bool] = True
    needs_thumbnails: ClassVar[bool] = True

    def __init__(self, opened: OpenReport | None = None, signer: Signer | None = None) -> None:
        self._opened = opened
        self._signer = signer

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the zip piece by piece. Raises `UsageError` unless it is about one delivery."""
        if self._opened is None:
            raise UsageError(
                "a bundle is made by `provenance report`", "scan first, then: provenance report --for FOLDER"
            )
        if len(self._opened.roots) != 1:
            raise UsageError("a bundle is about one delivery", "name its folder with --for, once")
        with tempfile.TemporaryDirectory(prefix="provenance-bundle-") as folder:
            spool = _Spool(folder)
            self._add_members(spool, report, self._opened)
            path = os.path.join(folder, "bundle.zip")
            with open(path, "xb") as file:
                stored_zip.write(spool.members, file)
            with open(path, "rb") as file:
                while piece := file.read(_BLOCK):
                    yield piece

    def _add_members(self, spool: _Spool, report: Report, opened: OpenReport) -> None:
        known = registry.load_members(report_formats, Format)
        for name in REPORTS:
            spool.add(f"report{known[name].suffix}", known[name].render(report))
        has_files = _add_delivery(spool, report, opened)
        _add_evidence(spool, report, opened)
        _add_inputs(spool, report, opened)
        seal = make_seal(opened.catalogue, report.made_at)
        fingerprint = None
        if self._signer:
            key = self._signer.key
            fingerprint = key.public.fingerprint
            spool.add("signer.pem", [key.public.pem.encode()])
            spool.add("signer.pub", [minisign.render_public_key(key.public)])
            if seal.checkpoint:
                spool.add("checkpoint.txt", [note.sign(key, seal.checkpoint)])
        spool.add("README.txt", [render_readme(report, fingerprint=fingerprint, has_files=has_files)])
        listed = sums.render({name.encode(): digest for name, digest in spool.digests.items()})
        spool.add(SUMS, [listed])
        if self._signer:
            for ending, content in sign(self._signer, listed, seal).items():
                spool.add(SUMS + ending, [content])


def _add_delivery(spool: _Spool, report: Report, opened: OpenReport) -> bool:
    """The list of delivered files and all statements read in them; whether there is a file with a digest."""
    unread: set[str] = set()
    spool.add("statements.jsonl", _list_statements(opened, unread))
    digests = list_digests(opened.catalogue, report.cases, unread)
    spool.add("delivery.sha256", [sums.render(digests)])
    return bool(digests)


def _list_statements(opened: OpenReport, unread: set[str]) -> Iterator[bytes]:
    """A line of JSON for each asset, with all that its file says. Adds paths that could not be read to `unread`."""
    roots = list(opened.roots)
    for case in relocate(opened.catalogue.cases(under=roots), roots):
        location, digest = case.location, case.reading.asset.digest
        if not digest:
            unread.add(location.path)
            continue
        statements = list(map(dataclasses.asdict, case.reading.statements))
        row = {"path": location.path, "root": location.root, "digest": digest, "statements": statements}
        yield f"{document.dump_row(row)}\n".encode()


def _add_evidence(spool: _Spool, report: Report, opened: OpenReport) -> None:
    """Manifests, thumbnails, pictures of what was found, and the register's entries about all of it."""
    digests = set()
    for case in report.cases:
        digest = case.reading.asset.digest
        digests.add(digest)
        hexadecimal = digest.removeprefix("sha256:")
        if case.reading.thumbnail:
            spool.add_once(f"thumbnails/{hexadecimal}.jpg", case.reading.thumbnail)
        if case.reading.credentials:
            for manifest in opened.catalogue.load_manifests(digest):
                spool.add_once(f"manifests/{hashlib.sha256(manifest).hexdigest()}.c2pa", manifest)
        for number, match in enumerate(case.matches, 1):
            digests.add(match.known.digest)
            if match.pictures:
                known, found = match.pictures
                stem = f"found/{hexadecimal[:16]}-{number:03}"
                spool.add_once(f"{stem}-known.jpg", known)
                spool.add_once(f"{stem}-here.jpg", found)
        for number, cutout in enumerate(case.reading.cutouts, 1):
            spool.add_once(f"found/{hexadecimal[:16]}-label-{number:03}.jpg", cutout.picture)
    register = load_register_extract(opened.catalogue, opened.context, digests)
    spool.add("register.json", [f"{register}\n".encode()])


def _add_inputs(spool: _Spool, report: Report, opened: OpenReport) -> None:
    """The policy packs and the trust lists, byte for byte as their digests in the report say."""
    applied = [report.inputs.policy, *(verdict.policy for verdict in report.others)]
    for number, (policy, facts) in enumerate(zip(opened.policies, applied, strict=True), 1):
        pack = packs.read(policy)
        if hashlib.sha256(pack).hexdigest() != facts.sha256:
            raise UsageError(f"policy {policy} was changed while it was in use", "start again")
        spool.add("pack.toml" if number == 1 else f"pack-{number}.toml", [pack])
    for anchors in (*opened.store.signers, opened.store.stamps):
        name = _UNSAFE.sub("-", os.path.splitext(anchors.facts.name)[0]).strip("-.") or "list"
        spool.add_once(f"trust/{name}-{anchors.facts.sha256[:8]}.pem", read_list(anchors))


@dataclass(slots=True)
class _Spool:
    """The members of a bundle, in files of a temporary folder until all of them are known."""

    folder: str
    members: list[tuple[Stored, str]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Add a member. Names are different."""
        assert name not in self.digests, name
        path = os.path.join(self.folder, str(len(self.members)))
        sha, crc, size = hashlib.sha256(), 0, 0
        with open(path, "xb") as file:
            for piece in pieces:
                file.write(piece)
                sha.update(piece)
                crc = zlib.crc32(piece, crc)
                size += len(piece)
        self.members.append((Stored(name, size, crc), path))
        self.digests[name] = sha.hexdigest()

    def add_once(self, name: str, content: bytes) -> None:
        """Add a member whose name follows from its content, unless it is there."""
        if name not in self.digests:
            self.add(name, [content])

"""Signed pictures, and what the C2PA carrier and its signals make of them, for the tests of both."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from fixtures.media.certificates import Identity
from provenance import trust
from provenance.evidence.carriers import c2pa
from provenance.evidence.interface import CarrierOutput
from provenance.evidence.signals.c2pa_vendor import C2paVendor
from provenance.evidence.signals.digital_source_type import DigitalSourceType
from provenance.limits import DEFAULT, Limits
from provenance.media.source import Source
from provenance.model.evidence import Credential, Evidence, Statement, Trouble, TrustList
from provenance.model.vocabulary import Origin
from provenance.origin import decide_origin
from provenance.trust import Anchors, TrustStore


def picture(kind: str = "PNG", colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A small picture without any metadata."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(out, kind)
    return out.getvalue()


def trusting(*roots: Identity, stamps: Identity | None = None) -> TrustStore:
    """A store that trusts these authorities alone, each by a list named `list 1`, `list 2` …"""
    shipped = trust.load()
    lists = tuple(anchors(f"list {number}", root) for number, root in enumerate(roots, 1))
    return TrustStore(lists, anchors("stamps", stamps) if stamps else shipped.stamps, shipped.usages)


def anchors(name: str, root: Identity) -> Anchors:
    """A list of one authority."""
    return Anchors(TrustList(name, "2026-01-01", "0" * 64), root.pem)


def source(
    data: bytes, media_type: str, sidecars: Mapping[str, bytes] | None = None, limits: Limits = DEFAULT
) -> Source:
    """A file in memory as a carrier sees it."""
    beside = sidecars or {}
    made = Source("file", len(data), media_type, "sha256:", "", limits, io.BytesIO(data))
    made.sidecars, made.beside = tuple(beside), beside.get
    return made


@dataclass(frozen=True)
class Looked:
    """What one look gave."""

    rows: Sequence[CarrierOutput]

    @property
    def credentials(self) -> list[Credential]:
        return [row for row in self.rows if isinstance(row, Credential)]

    @property
    def statements(self) -> list[Statement]:
        return [row for row in self.rows if isinstance(row, Statement)]

    @property
    def troubles(self) -> list[Trouble]:
        return [row for row in self.rows if isinstance(row, Trouble)]

    @property
    def evidence(self) -> list[Evidence]:
        return [*DigitalSourceType().read(self.statements), *C2paVendor().read(self.statements)]

    @property
    def origin(self) -> Origin:
        return decide_origin(self.evidence)

    @property
    def facts(self) -> tuple[str, str, str, str]:
        """Binding, signature, trust and time of the one credential."""
        (only,) = self.credentials
        return only.binding, only.signature, only.trust, only.time

    def said(self, key: str) -> Statement:
        """The one statement with that key."""
        (only,) = (row for row in self.statements if row.key == key)
        return only


def look(store: TrustStore, given: Source) -> Looked:
    """Read the file as a worker does that was told whom to trust."""
    c2pa.configure(store)
    return Looked(list(c2pa.C2pa().read(given)))

"""Content Credentials: what signed manifests say, and how far each can be believed."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import c2pa

from provenance import trust
from provenance.errors import ProvenanceError
from provenance.evidence.c2pa.facts import Facts, credential, facts_of, named_list
from provenance.evidence.c2pa.hints import EMBEDDING, STORE, costs_too_much, library_type, seems_to_hold_manifest
from provenance.evidence.c2pa.manifests import walk
from provenance.evidence.c2pa.self_test import complaints
from provenance.evidence.c2pa.settings import ContextSettings, settings
from provenance.evidence.c2pa.statements import statements
from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.source import Source
from provenance.model.evidence import Credential, Trouble
from provenance.model.vocabulary import About, Cause
from provenance.trust import TrustStore

_REMOTE = "Remote: must fetch remote manifests from url "
_NO_MEMORY = "out of memory"


class Store(NamedTuple):
    """A manifest store as the library read and validated it."""

    document: Mapping[str, Any]
    """The library's crJSON document, active manifest first."""
    state: str
    remote_url: str | None
    vouching: str | None = None
    """Name of the list of signers that vouches for the active manifest's signer."""

    @property
    def active(self) -> Mapping[str, Any]:
        """The manifest that speaks of the file itself."""
        return next(iter(self.document.get("manifests") or ()), {})

    @property
    def facts(self) -> Facts:
        """Those of the active manifest."""
        return facts_of(self.active).on_list(self.vouching)


class Verifier:
    """The library with one trust store. One for each process, made after it was started."""

    def __init__(self, store: TrustStore) -> None:
        self._store = store
        self._names = {str(index): anchors for index, anchors in enumerate(store.signers)}
        self._all = _context(settings(self._names, store.usages, store.stamps))
        self._each: dict[str, c2pa.Context] = {}

    def read(self, media_type: str, file: BinaryIO, sidecar: bytes | None = None) -> Store | None:
        """The manifest store of a file, or the one in `sidecar` held against it; None without. Raises `C2paError`."""
        store = _stored(media_type, file, sidecar, self._all)
        return store and store._replace(vouching=self._vouching(store, media_type, file, sidecar))

    def _vouching(self, store: Store, media_type: str, file: BinaryIO, sidecar: bytes | None) -> str | None:
        """The first list, in our order, that the signer's chain ends at.

        The library goes through its lists in no set order, and takes a chain that ends at a time-stamp authority for
        that of a trusted signer. So the lists before the one it named are asked one by one.
        """
        named = named_list(store.active)
        if named is None:
            return None
        for name, anchors in self._names.items():
            if name == named or self._vouches(name, media_type, file, sidecar):
                return anchors.facts.name
        return None

    def _vouches(self, name: str, media_type: str, file: BinaryIO, sidecar: bytes | None) -> bool:
        if name not in self._each:
            alone = {name: self._names[name]}
            self._each[name] = _context(settings(alone, self._store.usages, None))
        store = _stored(media_type, file, sidecar, self._each[name])
        return store is not None and named_list(store.active) is not None


class C2pa(Carrier):
    """Manifests embedded in a file, in a `.c2pa` sidecar beside it, or standing alone."""

    name = "c2pa"
    title = "Content Credentials: signed C2PA manifests in the file or in a .c2pa sidecar"
    media = EMBEDDING
    sidecars = (".c2pa",)

    def reads(self, media_type: str) -> bool:
        """Office documents, too, whose types are many."""
        return library_type(media_type) is not None

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield a Credential for each manifest store, what its manifests say, and what could not be read."""
        media_type = library_type(source.media_type)
        if media_type and (reason := costs_too_much(source)):
            yield from _oversized(source, reason)
        elif media_type:
            yield from _said(source, media_type, None, None)
        for name in source.sidecars:
            if name.lower().endswith(self.sidecars) and (sidecar := source.beside(name)):
                yield from _said(source, media_type or source.media_type, name, sidecar)


_store: TrustStore | None = None
_verifier: Verifier | None = None


def configure(store: TrustStore) -> None:
    """Set whom this process trusts; without it, the shipped lists. Cheap: the library is set up when it is needed."""
    global _store, _verifier
    _store, _verifier = store, None


def self_test(store: TrustStore) -> None:
    """Prove on a file with a known answer that trust is judged rightly with these lists.

    Raises `ProvenanceError` when it is not: no answer of the library could be believed then.
    """

    def look(lists: TrustStore, picture: bytes) -> Credential | None:
        told = Verifier(lists).read("image/png", io.BytesIO(picture))
        return _credential(told, "embedded", told.facts) if told else None

    found = "; ".join(complaints(store, look, _accepts))
    if found:
        hint = f"install the release of c2pa-python that this one asks for; installed is {c2pa.sdk_version()}"
        raise ProvenanceError(f"Content Credentials cannot be judged: {found}", hint)


def _said(source: Source, media_type: str, sidecar: str | None, manifest: bytes | None) -> Iterator[CarrierOutput]:
    """All that one manifest store says. A fault of the storage must not read as tampering, so it ends the look."""
    where = sidecar or "embedded"
    try:
        store = _verifier_here().read(media_type, source.file, manifest)
    except c2pa.C2paError as error:
        yield from _unread(source, where, manifest, error)
        return
    if source.fault:
        yield _unreadable(source)
        return
    if store is None:
        return
    if not store.active:
        yield Trouble("", "c2pa", Cause.MALFORMED, f"{where}: holds a manifest store that cannot be told")
        return
    alone = source.media_type == STORE and manifest is None
    facts = store.facts.unbound() if alone else store.facts
    yield _credential(store, where, facts)
    for visit in walk(store.document, source.limits.depth):
        own = facts if visit.about is About.ASSET else facts_of(visit.manifest, visit.recorded)
        standing = own.standing(store.state if visit.about is About.ASSET else "")
        yield from statements(visit, standing, sidecar or "")


def _unread(source: Source, where: str, manifest: bytes | None, error: c2pa.C2paError) -> Iterator[CarrierOutput]:
    """Why the library gave no manifest store; nothing for a file that does not seem to hold one."""
    said = str(error)
    if source.fault:
        yield _unreadable(source)
    elif said.startswith(_REMOTE):
        url = said.removeprefix(_REMOTE)
        yield Credential("remote", "unknown", "unknown", "unknown", "unknown", None, None, remote_url=url)
        yield Trouble("", "c2pa", Cause.REMOTE, f"it is said to be at {url}")
    elif _NO_MEMORY in said:
        yield Trouble("", "c2pa", Cause.OVERSIZED, f"{where}: needs more memory than a worker may have")
    elif manifest is not None or seems_to_hold_manifest(source):
        yield Trouble("", "c2pa", Cause.MALFORMED, f"{where}: a manifest that cannot be read: {said[:300]}")


def _oversized(source: Source, reason: str) -> Iterator[Trouble]:
    """Large pictures without a manifest are everyday material, so only one that holds a manifest is told."""
    if seems_to_hold_manifest(source):
        yield Trouble("", "c2pa", Cause.OVERSIZED, f"holds a manifest that is not read in {reason}")


def _unreadable(source: Source) -> Trouble:
    return Trouble("", "c2pa", Cause.UNREADABLE, f"the storage failed while the manifest was read: {source.fault}")


def _credential(store: Store, where: str, facts: Facts) -> Credential:
    return dataclasses.replace(credential(where, facts, store.active, store.vouching), remote_url=store.remote_url)


def _verifier_here() -> Verifier:
    global _verifier
    if _verifier is None:
        _verifier = Verifier(_store or trust.load())
    return _verifier


def _stored(media_type: str, file: BinaryIO, sidecar: bytes | None, context: c2pa.Context) -> Store | None:
    file.seek(0)
    reader = c2pa.Reader.try_create(media_type, file, sidecar, context)
    if reader is None:
        return None
    with reader:
        return Store(json.loads(reader.crjson()), reader.get_validation_state() or "", reader.get_remote_url())


def _context(given: ContextSettings) -> c2pa.Context:
    return c2pa.Context.from_dict(given)


def _accepts(given: ContextSettings) -> bool:
    try:
        _context(given).close()
    except c2pa.C2paError:
        return False
    return True

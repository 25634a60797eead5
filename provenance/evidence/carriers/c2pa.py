"""Content Credentials: the contents of signed C2PA manifests, and how far each manifest can be believed."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import c2pa

from provenance import trust
from provenance.credentials.facts import Facts, derive_facts, find_signer_list, make_credential
from provenance.credentials.manifests import walk
from provenance.credentials.self_test import find_problems
from provenance.credentials.settings import ContextSettings, make_settings
from provenance.credentials.statements import make_statements
from provenance.errors import ProvenanceError
from provenance.evidence.credential_hints import EMBEDDING, STORE, explain_excess, find_library_type, has_manifest_hint
from provenance.evidence.interface import Carrier, CarrierOutput, KeptManifest
from provenance.media import types
from provenance.media.formats import jumbf
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Credential, Trouble, TrustList
from provenance.model.vocabulary import About, Cause
from provenance.trust import TrustStore

_REMOTE_ERROR = "Remote: must fetch remote manifests from url "
"""How the library's error begins when a file only names the address of its manifest; the address follows."""
_MEMORY_ERROR = "out of memory"
"""Part of the library's error when an allocation fails."""
_LONGEST_ERROR = 300
"""Characters of a library error that a trouble repeats."""


class ManifestStore(NamedTuple):
    """All manifests of one file, as the library read and validated them."""

    document: Mapping[str, Any]
    """The library's crJSON document, active manifest first."""
    state: str
    """The library's verdict on the whole store: `Trusted`, `Valid`, `Invalid`; empty if it gives none."""
    remote_url: str | None
    signer_list: TrustList | None = None
    """The trust list that the active manifest's signer is on; None if it is on none of them."""

    @property
    def active(self) -> Mapping[str, Any]:
        """The manifest about the file itself; empty if the store has none."""
        return next(iter(self.document.get("manifests") or ()), {})

    @property
    def facts(self) -> Facts:
        """The four facts of the active manifest."""
        return derive_facts(self.active).require_list(self.signer_list)


class Verifier:
    """The C2PA library, set up with one trust store. One per process, made after the process has started."""

    def __init__(self, store: TrustStore) -> None:
        self._store = store
        self._lists = {str(index): anchors for index, anchors in enumerate(store.signers)}
        self._all_lists = _make_context(make_settings(self._lists, store.usages, store.stamps))
        # One context for each list on its own: setting one up takes time, and most files need none.
        self._single_lists: dict[str, c2pa.Context] = {}

    def read(self, media_type: str, file: BinaryIO, sidecar: bytes | None = None) -> ManifestStore | None:
        """Read the manifest store of a file, or validate the one in `sidecar` against it; None if there is none.

        Raises `c2pa.C2paError` if the library cannot read it.
        """
        store = _load_store(media_type, file, sidecar, self._all_lists)
        if store is None:
            return None
        return store._replace(signer_list=self._find_signer_list(store, media_type, file, sidecar))

    def _find_signer_list(
        self, store: ManifestStore, media_type: str, file: BinaryIO, sidecar: bytes | None
    ) -> TrustList | None:
        """Return the first list, in our order, at which the signer's certificate chain ends."""
        # The library's own answer is not enough: it goes through its lists in no fixed order, and it also accepts a
        # chain that ends at a time-stamp authority. So each list before the one it names is tried on its own.
        library_answer = find_signer_list(store.active)
        if library_answer is None:
            return None
        for key, anchors in self._lists.items():
            if key == library_answer or self._is_trusted_by(key, media_type, file, sidecar):
                # Where the file of a list lies says nothing about the signer.
                return dataclasses.replace(anchors.facts, source="")
        return None

    def _is_trusted_by(self, key: str, media_type: str, file: BinaryIO, sidecar: bytes | None) -> bool:
        if key not in self._single_lists:
            # No time-stamp authorities in this context: a chain that ends at one must not pass.
            only_this = {key: self._lists[key]}
            self._single_lists[key] = _make_context(make_settings(only_this, self._store.usages, None))
        store = _load_store(media_type, file, sidecar, self._single_lists[key])
        return store is not None and find_signer_list(store.active) is not None


class C2pa(Carrier):
    """Content Credentials (C2PA manifests) that are embedded in a file, in a `.c2pa` sidecar, or a file of their own.

    Signatures are verified and signers are looked up in the trust lists. A manifest that is kept on a server is
    reported with its address and is not fetched.
    """

    name = "c2pa"
    title = "Content Credentials: signed C2PA manifests in the file or in a .c2pa sidecar"
    media = EMBEDDING
    sidecars = (".c2pa",)

    def accepts_type(self, media_type: str) -> bool:
        """Whether files of this type can hold a manifest; office documents have too many types to list in `media`."""
        return find_library_type(media_type) is not None

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report each manifest store as a credential, the contents of its manifests, and what could not be read."""
        media_type = find_library_type(source.media_type)
        if media_type:
            if reason := explain_excess(source):
                yield from _report_size_limit(source, reason)
            else:
                yield from _read_store(source, media_type, None, None)
        for name, manifest in self.load_sidecars(source):
            # A sidecar may belong to any file, also of a type in which no manifest can be embedded.
            if manifest:
                yield from _read_store(source, media_type or source.media_type, name, manifest)


_trust_store: TrustStore | None = None
_verifier: Verifier | None = None


def configure(store: TrustStore) -> None:
    """Set the trust store of this process; without it, the shipped trust lists count.

    Cheap: the library is only set up when the first file is read.
    """
    global _trust_store, _verifier
    _trust_store, _verifier = store, None


def self_test(store: TrustStore) -> None:
    """Check on a file with a known answer that the library judges trust correctly with these lists.

    Raises `ProvenanceError` if it does not: then none of its answers could be believed.
    """

    def judge(lists: TrustStore, picture: bytes) -> Credential | None:
        manifests = Verifier(lists).read(types.PNG, io.BytesIO(picture))
        if manifests is None:
            return None
        return _make_credential(manifests, "embedded", manifests.facts)

    problems = "; ".join(find_problems(store, judge, _accepts_settings))
    if problems:
        hint = f"install the version of c2pa-python that this program requires; installed: {c2pa.sdk_version()}"
        raise ProvenanceError(f"Content Credentials cannot be verified: {problems}", hint)


def _read_store(
    source: Source, media_type: str, sidecar: str | None, manifest: bytes | None
) -> Iterator[CarrierOutput]:
    """Report the contents of one manifest store: the embedded one, or `manifest` from the sidecar of that name."""
    where = sidecar or "embedded"
    try:
        store = _get_verifier().read(media_type, source.file, manifest)
    except c2pa.C2paError as error:
        yield from _report_failure(source, where, manifest, error)
        return
    kept = _find_bytes(source, manifest) if store else None
    if source.fault:
        # The library may have taken a read error for changed bytes, and that must never be reported as tampering.
        yield _report_storage_fault(source)
        return
    if store is None:
        return
    if not store.active:
        yield Trouble("", "c2pa", Cause.MALFORMED, f"{where}: the manifest store contains no readable manifest")
        return
    facts = store.facts
    if source.media_type == STORE and manifest is None:
        # A manifest store that is a file of its own: the media file it belongs to is not here to compare with.
        facts = facts.drop_binding()
    yield _make_credential(store, where, facts)
    for visit in walk(store.document, source.limits.depth):
        if visit.about is About.ASSET:
            standing = facts.decide_standing(store.state)
        else:
            # The library's verdict is about the active manifest; an ingredient's manifest stands on its own facts.
            standing = derive_facts(visit.manifest, visit.recorded).decide_standing("")
        yield from make_statements(visit, standing, sidecar or "")
    if kept and len(kept) <= jumbf.LARGEST_STORE:
        yield KeptManifest(kept)


def _find_bytes(source: Source, manifest: bytes | None) -> bytes | None:
    """The bytes of a manifest store that the library has read: those of the sidecar, or cut out of the file."""
    if manifest is not None:
        return manifest
    # The library reads more ways of carrying one than are known here, and copes with more damage. The caller asks
    # whether the storage failed.
    with contextlib.suppress(MalformedContainer, OSError):
        return jumbf.find_manifest_store(source)
    return None


def _report_failure(
    source: Source, where: str, manifest: bytes | None, error: c2pa.C2paError
) -> Iterator[CarrierOutput]:
    """Report why the library could not read a manifest store; nothing for a file that does not seem to hold one."""
    message = str(error)
    if source.fault:
        yield _report_storage_fault(source)
    elif message.startswith(_REMOTE_ERROR):
        url = message.removeprefix(_REMOTE_ERROR)
        yield Credential("remote", "unknown", "unknown", "unknown", "unknown", None, None, remote_url=url)
        yield Trouble("", "c2pa", Cause.REMOTE, f"the manifest is kept on a server and was not fetched: {url}")
    elif _MEMORY_ERROR in message:
        detail = f"{where}: reading the manifest needs more memory than a worker may use"
        yield Trouble("", "c2pa", Cause.OVERSIZED, detail)
    elif manifest is not None or has_manifest_hint(source):
        detail = f"{where}: the manifest cannot be read: {message[:_LONGEST_ERROR]}"
        yield Trouble("", "c2pa", Cause.MALFORMED, detail)


def _report_size_limit(source: Source, reason: str) -> Iterator[Trouble]:
    # Large pictures without a manifest are everyday material, so only a file that seems to hold one is reported.
    if has_manifest_hint(source):
        yield Trouble("", "c2pa", Cause.OVERSIZED, f"contains a manifest, but manifests are not read in {reason}")


def _report_storage_fault(source: Source) -> Trouble:
    detail = f"the storage failed while the manifest was being read: {source.fault}"
    return Trouble("", "c2pa", Cause.UNREADABLE, detail)


def _make_credential(store: ManifestStore, where: str, facts: Facts) -> Credential:
    row = make_credential(where, facts, store.active, store.signer_list)
    return dataclasses.replace(row, remote_url=store.remote_url)


def _get_verifier() -> Verifier:
    global _verifier
    if _verifier is None:
        _verifier = Verifier(_trust_store or trust.load())
    return _verifier


def _load_store(media_type: str, file: BinaryIO, sidecar: bytes | None, context: c2pa.Context) -> ManifestStore | None:
    # Other carriers have moved the position.
    file.seek(0)
    reader = c2pa.Reader.try_create(media_type, file, sidecar, context)
    if reader is None:
        return None
    with reader:
        document = json.loads(reader.crjson())
        return ManifestStore(document, reader.get_validation_state() or "", reader.get_remote_url())


def _make_context(context_settings: ContextSettings) -> c2pa.Context:
    return c2pa.Context.from_dict(context_settings)


def _accepts_settings(context_settings: ContextSettings) -> bool:
    """Whether the library takes these settings: it refuses names that it does not know."""
    try:
        _make_context(context_settings).close()
    except c2pa.C2paError:
        return False
    return True

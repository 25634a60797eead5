"""`known`: hand the list of known material to others without the pictures, and take in the lists of others."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from provenance.catalogue.store import Catalogue
from provenance.errors import CatalogueDamaged, UsageError
from provenance.fingerprint import audio, block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.media.text import replace_surrogates
from provenance.model.asset import Fingerprint, is_comparable
from provenance.model.evidence import Evidence
from provenance.model.known_list import ListDeed, ListedItem, ListEvent
from provenance.model.match import Known
from provenance.model.vocabulary import SUSPECT
from provenance.signing import keys, trusted
from provenance.signing.trusted import TrustedKey
from provenance.workflows import known_hash_file, known_list_file
from provenance.workflows.known_list_file import Entry, ListHead
from provenance.workflows.run import RunContext
from provenance.workflows.sign import MINISIG, RAW, Signer, make_seal, sign
from provenance.workflows.verified import State
from provenance.workflows.verify_signature import ExpectedSigners, SignatureCheck, check_signature

PROVENANCE, PDQ, VPDQ = FORMATS = ("provenance", "pdq", "vpdq")
"""Formats of lists."""
_NAMED = "the key that was named"
"""Stands for the signer where the user named a key by its file, and nobody by name."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a list is to hold."""

    title: str
    with_sound: bool = False
    """Whether fingerprints of sound are in it. From them, speech can be made audible again."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    event: ListEvent
    replaced: ListEvent | None = None
    is_new: bool = True
    """False when the very same list is in force already: nothing was changed."""


# Export


def export_list(options: ExportOptions, signer: Signer | None, context: RunContext) -> tuple[dict[str, bytes], int]:
    """The list of all that is or may be generated in the storage, by ending of its files; and how many assets it has.

    Only what was ingested here is in it: nobody vouches for the lists of others by handing them on. Raises `UsageError`
    when there is nothing to hand on.
    """
    title = known_list_file.check_title(options.title)
    with context.open_catalogue(write=False) as catalogue:
        # The catalogue has them in the order in which workers were done.
        entries = sorted(_list_entries(catalogue, options), key=lambda entry: (entry[0].path, entry[0].digest))
        made_at = context.timestamp
        seal = make_seal(catalogue, made_at)
    if not entries:
        raise UsageError(
            "the catalogue knows no generated material with a fingerprint",
            "ingest it first, with --fingerprints full or light",
        )
    content = known_list_file.write(title, made_at, entries)
    if len(content) > known_list_file.LARGEST_FILE:
        raise UsageError(f"the list would have {len(content):,} bytes", "leave out the sound, or split the catalogue")
    files = {"": content}
    if signer:
        files |= sign(signer, content, seal)
    return files, len(entries)


def _list_entries(catalogue: Catalogue, options: ExportOptions) -> Iterator[Entry]:
    """Each asset with its fingerprints, which come one after the other."""
    current: Known | None = None
    fingerprints: list[Fingerprint] = []
    for known, fingerprint in catalogue.fingerprints(SUSPECT):
        if known.listed is not None or known.origin not in SUSPECT:
            continue
        if current and current.digest != known.digest and fingerprints:
            yield _describe(catalogue, current), tuple(fingerprints)
        if current is None or current.digest != known.digest:
            current, fingerprints = known, []
        fingerprints += _strip(fingerprint, options)
    if current and fingerprints:
        yield _describe(catalogue, current), tuple(fingerprints)


def _strip(fingerprint: Fingerprint, options: ExportOptions) -> Iterator[Fingerprint]:
    """The fingerprint without pictures; nothing for one that is left out."""
    if not is_comparable(fingerprint.method, fingerprint.version):
        return
    if fingerprint.method != audio.METHOD:
        bare = [block_signs.remove_thumbnail(one) for one in pictures.unpack(fingerprint)]
        yield pictures.pack(fingerprint.method, bare)
    elif options.with_sound:
        yield fingerprint


def _describe(catalogue: Catalogue, known: Known) -> ListedItem:
    reading = catalogue.find_reading(known.digest)
    if reading is None:
        return ListedItem(known.digest, known.path, known.origin)
    evidence = tuple(_bound(row) for row in reading.evidence if row.origin in SUSPECT)
    return ListedItem(known.digest, known.path, known.origin, reading.asset.media_type, evidence[:16])


def _bound(evidence: Evidence) -> Evidence:
    """Which mark it is and where it stands, without what it says: prompts stay in the house."""
    detail = f"a mark of {evidence.signal}, which whoever made the list has read"
    return dataclasses.replace(evidence, where=evidence.where[:500], detail=detail, used=None)


def export_hashes(format_name: str, context: RunContext) -> tuple[dict[str, bytes], int]:
    """Bare hashes of the same material: by name of the file, empty for the one file of PDQ; and how many assets.

    `format_name`: `pdq` for stills, `vpdq` for clips, of which each is a file. Raises `UsageError` without any.
    """
    method = {PDQ: "picture", VPDQ: "video"}[format_name]
    files: dict[str, bytes] = {}
    stills: list[tuple[str, PictureFingerprint]] = []
    with context.open_catalogue(write=False) as catalogue:
        for known, fingerprint in catalogue.fingerprints(SUSPECT):
            is_readable = is_comparable(fingerprint.method, fingerprint.version)
            if known.listed is not None or fingerprint.method != method or not is_readable:
                continue
            found = list(pictures.unpack(fingerprint))
            if format_name == PDQ:
                stills += [(known.path, one) for one in found]
                continue
            reading = catalogue.find_reading(known.digest)
            rate = reading.asset.frame_rate if reading else None
            name = f"{os.path.basename(known.path)[:100] or 'clip'}-{known.digest[-12:]}.vpdq.txt"
            files[name] = known_hash_file.write_vpdq(found, float(Fraction(rate or 24)))
    if not stills and not files:
        raise UsageError(f"the catalogue knows no generated {method} with a fingerprint", "ingest it first")
    if stills:
        stills.sort(key=lambda row: (row[0], row[1].perceptual_hash))
        files = {"": known_hash_file.write_pdq(stills)}
    return files, len(stills) or len(files)


# Import


def import_hashes(
    path: str, format_name: str, title: str | None, context: RunContext, *, allows_unsigned: bool = False
) -> tuple[Imported, int]:
    """Take in a list of bare hashes, and how many were passed over because their quality is too low.

    Such lists have no signature: `allows_unsigned` says that the user knows. Raises as `import_list`.
    """
    if not allows_unsigned:
        raise UsageError(
            f"a list of {format_name} hashes is not signed", "say with --unsigned that you know its sender"
        )
    content = _read(path, known_hash_file.LARGEST_FILE)
    read = {PDQ: known_hash_file.read_pdq, VPDQ: known_hash_file.read_vpdq}[format_name]
    name = os.path.basename(path)
    found = read(make_printable_name(name), content)
    head = ListHead(
        known_list_file.SCHEMA,
        known_list_file.check_title(title or make_printable_name(name)[: known_list_file.LONGEST_TITLE]),
        context.timestamp,
        len(found.entries),
        "",
    )
    return _enter(_make_event(head, content, None, context), found.entries, context), found.passed_over


def make_printable_name(name: str) -> str:
    """The name of a file as text that can be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in replace_surrogates(name))


def import_list(path: str, key: str | None, context: RunContext, *, allows_unsigned: bool = False) -> Imported:
    """Take in a list, all of it or nothing.

    `key`: file with the public key that must have signed it; None for any that the user trusts. Raises `UsageError` for
    a list that is not signed by one of these, is older than the one in force, or is no list; `CatalogueDamaged` for one
    that was changed after it was signed.
    """
    content = _read(path, known_list_file.LARGEST_FILE)
    signer = _find_signer(path, content, key, context, allows_unsigned=allows_unsigned)
    head, entries = known_list_file.read(os.path.basename(path), content)
    return _enter(_make_event(head, content, signer, context), entries, context)


def _enter(event: ListEvent, entries: Sequence[Entry], context: RunContext) -> Imported:
    with context.open_catalogue(write=True) as catalogue:
        in_force = {row.title: row for row in catalogue.known_lists.load()}.get(event.title)
        if in_force and in_force.digest == event.digest and in_force.key == event.key:
            return Imported(in_force, is_new=False)
        if in_force:
            _check_successor(in_force, event)
        catalogue.known_lists.record(event, entries)
    return Imported(event, in_force)


def _make_event(head: ListHead, content: bytes, signer: TrustedKey | None, context: RunContext) -> ListEvent:
    digest = hashlib.sha256(content).hexdigest()
    name, key = (signer.name, signer.key.fingerprint) if signer else ("", "")
    return ListEvent(head.title, ListDeed.IMPORTED, context.timestamp, head.made_at, name, key, digest, head.items)


def _check_successor(in_force: ListEvent, event: ListEvent) -> None:
    """A list is replaced by a newer one of the same signer alone."""
    remove = f"remove it first, if that is meant: provenance known remove {in_force.title!r}"
    if in_force.key != event.key:
        raise UsageError(f"the list {in_force.title!r} that is in force was not signed with the same key", remove)
    if event.made_at < in_force.made_at:
        raise UsageError(
            f"the list {in_force.title!r} that is in force was made {in_force.made_at}, and this one {event.made_at}",
            f"take the newer one, or {remove}",
        )


def _find_signer(
    path: str, content: bytes, key: str | None, context: RunContext, *, allows_unsigned: bool
) -> TrustedKey | None:
    """Who signed the list; None for one without a signature, where the user allows that."""
    minisig = _read(path + MINISIG, 64 * 1024) if os.path.exists(path + MINISIG) else None
    if minisig is None and key is None and allows_unsigned:
        return None
    if minisig is None:
        raise UsageError(
            f"{path} is not signed: there is no {os.path.basename(path)}{MINISIG} beside it",
            "ask for the signature; --unsigned takes a list that anybody may have made",
        )
    expected = ExpectedSigners(trusted.load_all(context.settings.trusted_keys))
    if key is not None:
        public = keys.load_public(key)
        # By the name under which the user trusts it, if he does.
        named = [row for row in expected.keys if row.key == public] or [TrustedKey(_NAMED, public)]
        expected = ExpectedSigners(named, is_named=True)
    raw = _read(path + RAW, 64 * 1024) if os.path.exists(path + RAW) else None
    check = SignatureCheck(os.path.basename(path), content, minisig, raw, expected)
    for part in check_signature(check):
        if part.state in (State.DIFFERS, State.MISSING):
            raise CatalogueDamaged(f"{part.name}: {part.detail}; nothing of the list was taken", "ask for it again")
        if part.state is State.UNKNOWN:
            raise UsageError(f"{part.name}: {part.detail}", "compare the fingerprint of the key with the sender first")
    for row in expected.keys:
        if row.key == check.key:
            return row
    raise CatalogueDamaged(f"{path}: its signature does not hold; nothing of the list was taken", "ask for it again")


def _read(path: str, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(most + 1)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "name the file of a list") from fault
    if len(content) > most:
        raise UsageError(f"{path} has more than {most:,} bytes; nothing of it was taken", "ask for a smaller list")
    return content


# Lists in force


def load_lists(context: RunContext) -> list[ListEvent]:
    """The lists in force, by title."""
    with context.open_catalogue(write=False) as catalogue:
        return catalogue.known_lists.load()


def remove_list(title: str, context: RunContext) -> ListEvent:
    """Take a list out of force. Raises `UsageError` when there is none of this title."""
    with context.open_catalogue(write=True) as catalogue:
        lists = {row.title: row for row in catalogue.known_lists.load()}
        if title not in lists:
            named = ", ".join(map(repr, lists)) or "none"
            raise UsageError(f"there is no list {title!r}", f"lists in force: {named}")
        event = dataclasses.replace(lists[title], deed=ListDeed.REMOVED, entered_at=context.timestamp)
        catalogue.known_lists.record(event)
    return event

"""By what a file was read, as versions, and whether the same would read it today.

A reading depends on the bytes of the file and on those parts of the program that took part in it: the carriers of its
media type, the fingerprints that were made of it, the trust lists if it has a credential, the limits if it reached one.
These parts, each with its version, have a short name, which stands in the change key of the file. The catalogue keeps
every name with what it stands for. So a run computes once which names still hold, and then compares one text a file.

Signals are not among the parts. They read statements, which are stored: when one of them changes, the evidence is
derived again without the file (`provenance.workflows.derive`).
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import provenance
from provenance import origin, registry
from provenance.evidence import carriers, same_mark, signals
from provenance.evidence.interface import Carrier, Signal
from provenance.evidence.text import visible_text
from provenance.intake import sequences
from provenance.intake.jobs import Contents
from provenance.intake.levels import DECODING_LEVELS, raise_level
from provenance.limits import DEFAULT, Limits
from provenance.media import sniff, types
from provenance.model.asset import FINGERPRINT_VERSIONS, FingerprintLevel, Reading

_DIGITS = 16
"""Hexadecimal digits of a name."""
_MOST_TYPES = 12
"""Media types of a file and of the files inside that are told apart; with more, it counts as having all types."""
_ANY_TYPE = "*"
_C2PA_LIBRARY = "c2pa-python"
_NOT_SEARCHED = "not searched"
"""Key of the statement that says that pixels were too many to be searched for a mark."""
_FIRST_VERSIONS = "cd4ee8e730f733be"
"""Name of all parts and signals as they were when catalogues began to keep them."""

Versions = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class ReadingConditions:
    """What decides what is read out of a file besides the file and the program: settings and installed libraries."""

    limits: Limits = DEFAULT
    trust_lists: tuple[str, ...] = ()
    """SHA-256 of each."""
    plugins: tuple[tuple[str, str], ...] = ()
    """Name, and distribution with its version, of every third-party detector that takes part."""
    former_name: str = ""
    """Name under which these conditions stand in the change keys of catalogues that keep no versions yet."""


@dataclass(frozen=True, slots=True)
class ReadingScope:
    """What there was to read: it selects the parts of the program that took part. It contains no version."""

    types: tuple[str, ...] = ()
    """Sniffed media types of the file and of every file inside, sorted; `*` for any."""
    sidecars: tuple[str, ...] = ()
    """Endings of the names of sidecars, in lower case, sorted."""
    methods: tuple[str, ...] = ()
    """Methods of fingerprints that were made, or tried, sorted."""
    is_interpreted: bool = True
    """False for a sidecar that was only digested: its words are read with the file it speaks of."""
    is_numbered: bool = False
    """Whether it is numbered files, which may be a sequence."""
    has_manifest: bool = False
    """Whether a credential was read, or could not be."""
    reached_limit: bool = False
    """Whether higher limits may show more."""
    keeps_statements: bool = True
    """Whether every statement that was read is stored; if not, a new signal needs the file again."""
    has_labels: bool = False
    """Whether labels were looked for in its pictures."""


EVERYTHING = ReadingScope((_ANY_TYPE,), (), tuple(sorted(FINGERPRINT_VERSIONS)), True, True, True, True, False)
"""The scope of a reading of which nobody knows it."""


def make_scope(
    readings: Sequence[Reading], contents: Contents, level: FingerprintLevel, limits: Limits
) -> ReadingScope:
    """The scope of a file that was read for a level of fingerprints: its own reading first, then those inside it."""
    media_types = contents.types or (readings[0].asset.media_type,)
    if len(media_types) > _MOST_TYPES:
        media_types = (_ANY_TYPE,)
    return ReadingScope(
        media_types,
        contents.sidecars,
        _list_methods(readings, level),
        is_interpreted=bool(contents.types),
        has_manifest=any(map(_has_manifest, readings)),
        reached_limit=any(_may_have_reached_limit(reading, limits) for reading in readings),
        keeps_statements=contents.keeps_statements,
        has_labels=any(map(_was_looked_at, readings)),
    )


def _list_methods(readings: Iterable[Reading], level: FingerprintLevel) -> tuple[str, ...]:
    """Methods of fingerprints that were made of these readings, or that could be made of their types."""
    methods: set[str] = set()
    for reading in readings:
        if raise_level(reading.evidence, level) not in DECODING_LEVELS:
            continue
        made = {fingerprint.method for fingerprint in reading.fingerprints}
        media_type = types.find_type(reading.asset.media_type)
        shows = media_type.shows_picture or media_type.is_moving
        if shows and made.isdisjoint({"picture", "video"}):
            # It could not be decoded, or there is nothing to see: a later version may make either of it.
            made.update(("picture", "video"))
        if media_type.has_sound:
            made.add("audio")
        methods |= made
    return tuple(sorted(methods))


def _was_looked_at(reading: Reading) -> bool:
    return any(row.key == visible_text.LOOKED for row in reading.statements)


def _has_manifest(reading: Reading) -> bool:
    return bool(reading.credentials) or any(trouble.stage == "c2pa" for trouble in reading.troubles)


def _may_have_reached_limit(reading: Reading, limits: Limits) -> bool:
    # What is cut off at a limit may look damaged, so that every trouble counts.
    if reading.troubles:
        return True
    return any(row.key == _NOT_SEARCHED or len(row.value) >= limits.text for row in reading.statements)


def list_parts(scope: ReadingScope, conditions: ReadingConditions) -> Versions:
    """Every part of the program that takes part in a reading of this scope, by name, with its version."""
    # A night in which nothing changed names no parts, and does not wait for their imports.
    from provenance.intake import examine
    from provenance.media import headers

    parts: dict[str, int | str] = {"examine": examine.VERSION}
    for what, versions in (("type", sniff.VERSIONS), ("header", headers.VERSIONS)):
        parts.update(_select_by_type(what, versions, scope.types))
    if scope.is_interpreted:
        parts.update(_list_readers(scope, conditions))
    if scope.methods:
        for method in scope.methods:
            parts[f"fingerprint {method}"] = FINGERPRINT_VERSIONS[method]
        parts.update(_select_by_type("decoder", types.DECODING_VERSIONS, scope.types))
    if scope.is_numbered:
        parts["sequence"] = sequences.VERSION
    if scope.has_labels:
        parts["labels"] = visible_text.VERSION
    if scope.has_manifest:
        parts["trust lists"] = _shorten(*conditions.trust_lists)
        parts["C2PA library"] = _find_library_version()
    if scope.reached_limit:
        parts["limits"] = _shorten(repr(conditions.limits))
    return parts


def _list_readers(scope: ReadingScope, conditions: ReadingConditions) -> Iterator[tuple[str, int | str]]:
    """The carriers and third-party detectors that take part, by name, with their versions."""
    for carrier in _select_carriers(scope):
        yield f"carrier {carrier.name}", carrier.version
    # Which files those of others read is known to the workers alone, and may change with their version.
    for name, distribution in conditions.plugins:
        yield f"plug-in {name}", distribution


def _select_by_type(what: str, versions: Mapping[str, int], media_types: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for media_type, version in versions.items():
        if media_type in media_types or _ANY_TYPE in media_types:
            yield f"{what} {media_type}", version


def _select_carriers(scope: ReadingScope) -> Iterator[Carrier]:
    """The carriers of the program that read files of this scope."""
    own = registry.list_names(carriers)
    for name, carrier in registry.load_members(carriers, Carrier).items():
        if name not in own:
            continue
        by_type = _ANY_TYPE in scope.types or any(map(carrier.accepts_type, scope.types))
        if by_type or not set(scope.sidecars).isdisjoint(carrier.sidecars):
            yield carrier


def list_signals() -> Mapping[str, int]:
    """Everything that makes evidence and an origin of statements, by name, with its version."""
    own = registry.list_names(signals)
    members = registry.load_members(signals, Signal)
    # These two work on what the signals give, and on nothing else.
    versions = {"origin": origin.VERSION, "same mark": same_mark.VERSION}
    for name, member in members.items():
        if name in own:
            versions[f"signal {name}"] = member.version
    return versions


@functools.cache
def _find_library_version() -> str:
    return importlib.metadata.version(_C2PA_LIBRARY)


def _shorten(*texts: str) -> str:
    """The first digits of the SHA-256 of some texts."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:_DIGITS]


def name_everything(conditions: ReadingConditions) -> str:
    """A short name of all parts, signals and conditions: machines with the same name read alike."""
    return _shorten(_encode(list_parts(EVERYTHING, conditions)), _encode(list_signals()), repr(conditions.limits))


def _encode(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@functools.cache
def hash_program() -> str:
    """SHA-256 over the source of the program: while it is the same, no version has changed. About 15 ms.

    Empty when there is no source.
    """
    digest = hashlib.sha256()
    has_source = False
    for path in _list_sources(str(Path(provenance.__file__).parent)):
        with open(path, "rb") as file:
            digest.update(file.read())
        has_source = True
    return digest.hexdigest() if has_source else ""


def _list_sources(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.name.endswith(".py"):
            yield entry.path
        elif entry.is_dir():
            yield from _list_sources(entry.path)


@dataclass(frozen=True, slots=True)
class ReaderState:
    """What read the files of a catalogue at the end of its last run; the newest one counts."""

    stamp: str
    """Stands for the source of the program and the conditions."""
    signals: Mapping[str, int]
    """By these the evidence of every reading was derived."""
    current: tuple[str, ...] = ()
    """Names that held with this stamp when it was new."""
    known: int = 0
    """How many names there were then: later ones were made with this stamp, and hold as well."""

    def encode(self) -> str:
        """As JSON, for the catalogue."""
        return _encode(asdict(self))


def decode_state(text: str) -> ReaderState:
    """Raises `ValueError` for what is no state."""
    try:
        return ReaderState(**json.loads(text))
    except TypeError as error:
        raise ValueError(str(error)) from error


@dataclass(slots=True)
class ReadingVersions:
    """Names for readings of this run, and the older names that still hold."""

    conditions: ReadingConditions = field(default_factory=ReadingConditions)
    current: set[str] = field(default_factory=set)
    """Names of which everything is as it was: a file kept under one of them need not be read again."""
    stamp: str = ""
    """As `make_stamp`."""
    unrecorded: dict[str, str] = field(default_factory=dict)
    """Names that the catalogue does not know yet, with what they stand for."""
    _names: dict[ReadingScope, str] = field(default_factory=dict)

    def name(self, scope: ReadingScope) -> str:
        """The name for a reading of this scope that was made now."""
        name = self._names.get(scope)
        if name is None:
            payload = self._encode(scope)
            name = self._names[scope] = _shorten(payload)
            if name not in self.current:
                self.current.add(name)
                self.unrecorded[name] = payload
        return name

    def compare(self, kept: Mapping[str, str]) -> None:
        """Find out which of the kept names, with what they stand for, still hold."""
        for name, payload in kept.items():
            scope = decode_scope(payload)
            if scope is not None and self._encode(scope) == payload:
                self.current.add(name)

    def adopt(self) -> bool:
        """Take over the readings of a catalogue that kept no versions, if nothing has changed since versions began.

        Returns whether it is so.
        """
        name = self.conditions.former_name
        if name_first_versions() != _FIRST_VERSIONS:
            return False
        self.current.add(name)
        self.unrecorded[name] = self._encode(EVERYTHING)
        return True

    def _encode(self, scope: ReadingScope) -> str:
        cells = asdict(scope)
        if not scope.has_labels:
            # Names that were kept before there were labels still hold.
            del cells["has_labels"]
        return _encode({"scope": cells, "parts": list_parts(scope, self.conditions)})


def is_name_of(name: str, payload: str) -> bool:
    """Whether a name that another machine made is that of what it is said to stand for."""
    return decode_scope(payload) is not None and _shorten(payload) == name


def name_first_versions() -> str:
    """A short name of all parts and signals, without any condition."""
    parts = list_parts(replace(EVERYTHING, has_manifest=False, reached_limit=False), ReadingConditions())
    return _shorten(_encode(parts), _encode(list_signals()))


def decode_scope(payload: str) -> ReadingScope | None:
    """The scope that a name stands for; None for what a newer version has written."""
    try:
        cells = json.loads(payload)["scope"]
        # JSON has no tuples, and a scope must be hashable.
        for key in ("types", "sidecars", "methods"):
            cells[key] = tuple(cells[key])
        return ReadingScope(**cells)
    except (ValueError, TypeError, KeyError):
        return None


def make_stamp(conditions: ReadingConditions) -> str:
    """A short text that is another one whenever any version or condition is; imports no carrier.

    Empty when that cannot be told, because the program came without its source.
    """
    if not hash_program():
        return ""
    return _shorten(hash_program(), repr(conditions), _find_library_version())

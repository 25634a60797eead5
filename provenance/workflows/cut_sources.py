"""What the sources of cuts may be: assets of the catalogue, and files in folders that the user named."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from fractions import Fraction

from provenance.catalogue.store import Catalogue
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.intake.walk import FoundFile
from provenance.media.places import is_folder
from provenance.model.asset import Asset, Location
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.vocabulary import SUSPECT, Zone
from provenance.origin import decide_origin
from provenance.timecode import Clock, parse_start
from provenance.timeline.interface import Cut
from provenance.timeline.names import read_umid
from provenance.timeline.resolve import KnownSource, KnownSources, list_names, list_own_names
from provenance.workflows.run import RunContext

_HIGHEST_RATE = 1_000
"""Frames a second; a file that says more is damaged or lies."""


@dataclass(frozen=True, slots=True)
class Media:
    """Files of the folders in which the user wants sources to be looked for."""

    cases: tuple[Case, ...] = ()
    """Those that a name in the cuts may mean, as they were just read."""
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class LookUp:
    """What sources are looked up in."""

    known: KnownSources = field(default_factory=KnownSources)
    cases: Mapping[str, Case] = field(default_factory=dict)
    """By digest, for every source in `known`; so are the zones."""
    zones: Mapping[str, frozenset[Zone]] = field(default_factory=dict)
    """By digest: the zones of all its places."""
    never_ingested: Collection[str] = ()
    """Digests of those that the catalogue has never read."""
    list_stored: Callable[[], AbstractSet[str]] = frozenset
    """Gives the names of files that lie on a storage, read or not. Asked only where a source is not known."""
    archive_names: Collection[str] = ()
    """Patterns of names of what is presented as archive."""


def load_known(
    catalogue: Catalogue | None,
    cuts: Sequence[Cut],
    *,
    packaged: Mapping[str, Sequence[str]] | None = None,
    media: Media | None = None,
    archive_names: Collection[str] = (),
) -> LookUp:
    """Every asset that a name in the cuts may mean, of the catalogue and of the media. Without either, none.

    `packaged`: by digest, the UUIDs that packages give to assets.
    """
    packaged, media = packaged or {}, media or Media()
    digests = dict.fromkeys([*packaged, *(case.reading.asset.digest for case in media.cases)])
    cases: dict[str, Case] = {}
    places: dict[str, list[str]] = {}
    zones: dict[str, frozenset[Zone]] = {}
    never_ingested = set()
    if catalogue:
        for case in _find_cases(catalogue, cuts, digests):
            _add_case(case, cases, places, zones)
        never_ingested = set(digests) - set(cases)
    for case in media.cases:
        _add_case(case, cases, places, zones)
    known = KnownSources()
    for digest, case in cases.items():
        known.add(_make_known_source(case, places[digest], packaged.get(digest, ())))
    return LookUp(known, cases, zones, never_ingested, archive_names=archive_names)


def _find_cases(catalogue: Catalogue, cuts: Sequence[Cut], digests: Iterable[str]) -> Iterator[Case]:
    """The cases that a name in the cuts may mean, then those of the digests. A case may come twice."""
    wanted = list_names(cuts)
    for case, _ in catalogue.find_named(lambda name: _is_named(name, wanted)):
        yield case
    for digest in digests:
        yield from catalogue.find_by_digest(digest)


def _is_named(name: str, wanted: Collection[str]) -> bool:
    return any(own in wanted for own in list_own_names(name))


def _add_case(
    case: Case, cases: dict[str, Case], places: dict[str, list[str]], zones: dict[str, frozenset[Zone]]
) -> None:
    digest = case.reading.asset.digest
    if not digest:
        return
    places.setdefault(digest, []).append(case.location.absolute.decode("utf-8", "replace"))
    zones[digest] = zones.get(digest, frozenset()) | {case.location.zone}
    # Generation is learned once and follows the content.
    if digest not in cases or (case.origin in SUSPECT and cases[digest].origin not in SUSPECT):
        cases[digest] = case


def read_media(engine: Engine, context: RunContext, folders: Sequence[str], cuts: Sequence[Cut]) -> Media:
    """Read the files below these folders whose names the cuts mention, and no others.

    Raises `UsageError` for a folder that is not there.
    """
    wanted = list_names(cuts)
    files: dict[bytes, FoundFile] = {}
    for listed in context.walk(folders).folders() if folders else ():
        for file in listed:
            if file.sidecar_for is None and _is_named(os.path.basename(file.shown), wanted):
                files[file.path] = file
    cases: list[Case] = []
    troubles: list[Trouble] = []
    for job, outcome in engine.run(ReadFile(file.path, file.state.size, file.sidecars) for file in files.values()):
        file = files[job.path]
        if isinstance(outcome, FileRead):
            location = Location(file.root, file.shown, file.relative)
            cases.append(Case(location, outcome.reading, decide_origin(outcome.reading.evidence)))
            troubles.extend(replace(trouble, path=file.shown) for trouble in outcome.reading.troubles)
        elif isinstance(outcome, Trouble):
            troubles.append(replace(outcome, path=file.shown))
    return Media(tuple(cases), tuple(troubles))


def list_stored_names(context: RunContext, folders: Sequence[str]) -> set[str]:
    """Every name by which a cut may mean a file below the folders that are there. Opens none of them."""
    present = [folder for folder in folders if is_folder(os.fsencode(folder))]
    names: set[str] = set()
    for listed in context.walk(present).folders() if present else ():
        for file in listed:
            names |= list_own_names(os.path.basename(file.shown))
    return names


def _make_known_source(case: Case, paths: Sequence[str], package_ids: Sequence[str]) -> KnownSource:
    asset = case.reading.asset
    clock, start = _read_clock(asset)
    frames = None
    if clock and asset.duration:
        frames = round(Fraction(asset.duration) * clock.rate)
    umids, reels = [], []
    for statement in case.reading.statements:
        key = statement.key.lower()
        if key.endswith("package_umid") and (umid := read_umid(statement.value.removeprefix("0x"))):
            umids.append(umid)
        elif key in ("reel_name", "com.apple.proapps.reel", "com.arri.camera.clipname"):
            reels.append(statement.value)
    return KnownSource(
        digest=asset.digest,
        paths=tuple(paths),
        umids=tuple(umids),
        package_ids=tuple(package_ids),
        reels=tuple(reels),
        start=start,
        clock=clock,
        frames=frames,
    )


def _read_clock(asset: Asset) -> tuple[Clock | None, int | None]:
    """How the timecode of an asset counts, and where it starts; None where it has none."""
    if not asset.frame_rate:
        return None, None
    try:
        rate = Fraction(asset.frame_rate)
    except (ValueError, ZeroDivisionError):
        return None, None
    if not 0 < rate <= _HIGHEST_RATE:
        return None, None
    if not asset.start_timecode:
        return Clock(rate), None
    start = parse_start(asset.start_timecode, rate)
    return Clock(rate, start.drop), start.frame

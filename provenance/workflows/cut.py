"""Cut lists -> what stands where, and what it is known to be. Opens no media; a name in a cut is only looked up."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from provenance import __version__
from provenance.errors import UsageError
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import CutsRead, ReadCuts
from provenance.media import types
from provenance.media.places import find_size, is_file
from provenance.model.cut import Share, Timeline, Use
from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Case
from provenance.model.match import Match, Span
from provenance.model.report import Coverage, Report
from provenance.model.vocabulary import SUSPECT, Cause
from provenance.object_place import make_absolute
from provenance.origin import find_strongest_mark
from provenance.policy import packs
from provenance.policy.archive import is_archive, list_doubts
from provenance.reports.compose import compose
from provenance.timecode import parse_rate
from provenance.timeline.interface import Cut, CutOptions, Event, change_clock
from provenance.timeline.resolve import (
    KnownSource,
    KnownSources,
    Resolution,
    find_rate,
    find_source_frame,
    normalise,
    strip_name,
)
from provenance.workflows.cut_sources import LookUp, load_known, read_media
from provenance.workflows.resolved_cuts import ResolvedCuts
from provenance.workflows.run import RunContext, describe_inputs

_CUT_SUFFIXES = (".edl", ".fcpxml", ".aaf", ".otio", ".otioz", ".ale", ".avb")
"""Of files that are cut lists."""
_BUNDLES = {".fcpxmld": "Info.fcpxml", ".otiod": "content.otio"}
"""Folders that are one document, and the cut list in them."""
_XML_TYPES = frozenset({types.XML})
"""Types of files that have to be opened to know whether they are."""
_PLACEHOLDER = re.compile(
    r"\b(placeholder|slug|scene missing|missing scene|shot missing|missing shot|temp card|to come|tbd|offline media)\b"
)
"""Names that editors give to what still has to be replaced."""


def look_up(
    paths: Sequence[str], rate: str | None, remember: bool, context: RunContext, media: Sequence[str] = ()
) -> Report:
    """Read cut lists and say what their sources are known to be. Judges nothing and writes nothing.

    `remember`: look into the catalogue. `media`: folders whose files are read where the cuts mention their names.
    """
    options = make_cut_options(rate)
    pack, store = packs.load(context.settings.policies[0]), context.load_trust_store()
    with context.start_engine(store) as engine:
        files = read_cut_files(engine, paths, options)
        cuts = list_cuts(files)
        found = read_media(engine, context, media, cuts)
    archive_names = context.settings.archive_names
    if remember:
        with context.open_catalogue(write=False) as catalogue:
            known = load_known(catalogue, cuts, media=found, archive_names=archive_names)
            inputs = describe_inputs(context, pack, store, _list_roots(files), catalogue)
    else:
        known = load_known(None, cuts, media=found, archive_names=archive_names)
        inputs = describe_inputs(context, pack, store, _list_roots(files))
    resolved = resolve_cuts(files, known)
    return compose(
        made_at=context.timestamp,
        version=__version__,
        inputs=inputs,
        coverage=Coverage(),
        uses=resolved.uses,
        timelines=resolved.timelines,
        troubles=[*resolved.troubles, *found.troubles],
    )


def list_cuts(files: Iterable[CutFile]) -> list[Cut]:
    """All cuts of the files."""
    cuts: list[Cut] = []
    for file in files:
        cuts.extend(file.cuts)
    return cuts


def _list_roots(files: Sequence[CutFile]) -> list[str]:
    return list(dict.fromkeys(file.root for file in files))


@dataclass(frozen=True, slots=True)
class CutFile:
    """One file that was read as a cut list."""

    path: str
    """Relative to `root`."""
    root: str
    digest: str
    cuts: tuple[Cut, ...]
    troubles: tuple[Trouble, ...]


def make_cut_options(rate: str | None) -> CutOptions:
    """The options for a rate as the user writes it. Raises `UsageError` for what is none."""
    if rate is None:
        return CutOptions()
    try:
        return CutOptions(*parse_rate(rate))
    except ValueError as fault:
        raise UsageError(str(fault), "write it as 24, 23.976, 24000/1001, 29.97df or 29.97ndf") from fault


def read_cut_files(engine: Engine, paths: Sequence[str], options: CutOptions) -> list[CutFile]:
    """Read cut lists that the user named, in that order. Raises `UsageError` for one that is not there."""
    places = []
    for path in dict.fromkeys(map(_find_document, map(make_absolute, paths))):
        if not is_file(os.fsencode(path)):
            hint = "name a cut list: an EDL, XML, FCPXML, AAF, OTIO or ALE file"
            raise UsageError(f"there is no file at {path}", hint)
        folder, name = os.path.split(os.fsencode(path))
        places.append((os.fsencode(path), _show(name), _show(folder)))
    return _read_cut_files(engine, places, options)


def _find_document(path: str) -> str:
    """The cut list in a bundle that is a folder; any other path as it is."""
    inner = _BUNDLES.get(os.path.splitext(path)[1].lower())
    if inner and os.path.isdir(path):
        return os.path.join(path, inner)
    return path


def read_found_cut_lists(
    engine: Engine, cases: Iterable[Case], named: Sequence[CutFile], options: CutOptions
) -> list[CutFile]:
    """Read the cut lists among scanned files, without those that the user named."""
    seen = {file.digest for file in named}
    places = []
    for case in cases:
        location = case.location
        is_candidate = case.reading.asset.media_type in _XML_TYPES or location.path.lower().endswith(_CUT_SUFFIXES)
        if location.parent is None and is_candidate and case.reading.asset.digest not in seen:
            places.append((location.absolute, location.path, location.root))
    return _drop_others(_read_cut_files(engine, places, options))


def _read_cut_files(engine: Engine, places: Sequence[tuple[bytes, str, str]], options: CutOptions) -> list[CutFile]:
    """Read files at absolute path, with path as shown and root. All in workers."""
    jobs = [ReadCuts(path, find_size(path), options) for path, _, _ in places]
    outcomes = {job.path: outcome for job, outcome in engine.run(jobs)}
    return [_make_cut_file(shown, root, outcomes[path]) for path, shown, root in places]


def _show(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _drop_others(files: Iterable[CutFile]) -> list[CutFile]:
    """The files that are cut lists, of those that only might have been."""
    kept = []
    for file in files:
        causes = {trouble.cause for trouble in file.troubles}
        # Most XML of a delivery is not a cut list, and nobody said that it was. A cut list that is damaged is kept.
        is_other = not file.cuts and causes <= {Cause.UNSUPPORTED}
        if not is_other:
            kept.append(file)
    return kept


def _make_cut_file(shown: str, root: str, outcome: object) -> CutFile:
    if isinstance(outcome, CutsRead):
        troubles = tuple(replace(trouble, path=shown) for trouble in outcome.troubles)
        return CutFile(shown, root, outcome.digest, outcome.cuts, troubles)
    if isinstance(outcome, Trouble):
        trouble = replace(outcome, path=shown)
    else:
        trouble = Trouble(shown, "cut", Cause.UNREADABLE, "could not be read")
    return CutFile(shown, root, "", (), (trouble,))


def resolve_cuts(files: Sequence[CutFile], look_up: LookUp) -> ResolvedCuts:
    """Look every source of every cut up."""
    result = ResolvedCuts()
    for file in files:
        result.troubles.extend(file.troubles)
        for number, cut in enumerate(file.cuts, 1):
            path = file.path
            if number > 1:
                path += f"#{number}"
            settled = settle_rate(cut, look_up.known)
            timeline, uses = resolve_cut(replace(file, path=path), settled, look_up)
            result.troubles.extend(list_lost(path, settled))
            result.timelines.append(timeline)
            result.uses.extend(uses)
    return result


def list_lost(path: str, cut: Cut) -> Iterator[Trouble]:
    """A trouble for everything that stands in a cut and could not be read: it may be anything."""
    for what, count in cut.lost.items():
        detail = f"{count:,} × {what}: what stands there is not known"
        yield Trouble(path, "cut", Cause.MALFORMED, detail)


def resolve_cut(file: CutFile, cut: Cut, look_up: LookUp) -> tuple[Timeline, list[Use]]:
    """The timeline of one cut, and a use for each of its events, in the same order."""
    uses = [_make_use(file.path, cut, event, look_up) for event in cut.events]
    start = frames = None
    if cut.start is not None:
        start = cut.clock.format(cut.start)
        if cut.end is not None:
            frames = cut.end - cut.start
    timeline = Timeline(
        path=file.path,
        root=file.root,
        digest=file.digest,
        format=cut.format,
        name=cut.name,
        rate=str(cut.clock.rate),
        rate_from=cut.rate_from,
        drop=cut.clock.drop,
        start=start,
        frames=frames,
        tracks=cut.tracks,
        events=len(cut.events),
        start_frame=cut.start or 0,
        not_read=dict(cut.not_read),
        totals=_compute_totals(cut, uses),
    )
    return timeline, uses


def settle_rate(cut: Cut, known: KnownSources) -> Cut:
    """The cut at the rate of its sources, where neither the file nor the user says one."""
    if cut.rate_from != "least":
        return cut
    rate = find_rate(cut, known)
    if rate is None:
        return cut
    return replace(change_clock(cut, replace(cut.clock, rate=rate)), rate_from="sources")


def _make_use(path: str, cut: Cut, event: Event, look_up: LookUp) -> Use:
    """What one event shows. What is known of the asset is filled in where the event leads to one."""
    resolution = look_up.known.resolve(event)
    source_in, source_out = _format_source_range(event, resolution)
    speed = None
    if event.speed is not None:
        speed = float(event.speed)
    names = [event.source.shown, *event.source.file_names, *event.labels, *event.via]
    use = Use(
        timeline=path,
        track=event.track,
        event=event.number,
        record_in=cut.clock.format(event.record_in),
        record_out=cut.clock.format(event.record_out),
        record_frames=(event.record_in, event.record_out),
        source=event.source.shown,
        source_in=source_in,
        source_out=source_out,
        digest=None,
        resolved_by=resolution.by,
        candidates=resolution.candidates,
        speed=speed,
        enabled=event.enabled,
        via=event.via,
        # Without an asset a name alone may say that this is archive material.
        is_archive=is_archive((), names, look_up.archive_names),
        is_placeholder=is_placeholder(event.source.shown),
        is_never_ingested=resolution.by == "missing" and _is_stored(event, look_up),
    )
    source = resolution.source
    if source is None:
        return use
    case = look_up.cases[source.digest]
    zones = look_up.zones[source.digest]
    known_as = case.location.path
    is_archive_use = is_archive(zones, [*names, known_as, os.path.basename(known_as)], look_up.archive_names)
    doubts: tuple[Evidence, ...] = ()
    if is_archive_use:
        doubts = list_doubts(case)
    return replace(
        use,
        digest=source.digest,
        origin=case.origin,
        mark=find_strongest_mark(case.reading.evidence),
        known_as=known_as,
        is_archive=is_archive_use,
        doubts=doubts,
        contains=tuple(_find_contained(cut, event, source, case)),
        is_never_ingested=source.digest in look_up.never_ingested,
    )


def _is_stored(event: Event, look_up: LookUp) -> bool:
    """Whether a file lies on a storage that the cut may mean. It is another thing than a source that is nowhere."""
    names = (normalise(event.source.shown), strip_name(event.source.shown))
    return not look_up.list_stored().isdisjoint(names)


def _find_contained(cut: Cut, event: Event, source: KnownSource, case: Case) -> Iterator[Match]:
    """Generated material in the used part of a source, at the record times of the cut.

    Of a picture track what the source shows, of a sound track what it plays.
    """
    used, speed = event.used, event.speed
    if speed is None:
        # The list does not say, or it changes on the way: as shot is the best guess.
        speed = Fraction(1)
    if used is None or speed <= 0:
        return
    # Seconds into the file at which the event begins. Matches are in seconds of the file, however it is labelled.
    begin = Fraction(used.start) / used.clock.rate
    if not used.is_relative and source.start is not None and source.clock is not None:
        frame = find_source_frame(used, used.start, source.clock)
        begin = Fraction((frame or 0) - source.start) / source.clock.rate
    record_frames_a_second = cut.clock.rate / speed
    for match in case.matches:
        if match.known.origin not in SUSPECT or match.time is None:
            continue
        if match.is_sound != event.track.startswith("A"):
            continue
        start = round((Fraction(match.time.start) - begin) * record_frames_a_second)
        end = round((Fraction(match.time.end) - begin) * record_frames_a_second)
        # A match may reach beyond what the event uses of the file.
        first = max(event.record_in, event.record_in + start)
        after = min(event.record_out, event.record_in + end)
        if first < after:
            yield replace(match, time=_make_record_span(cut, first, after), pictures=None)


def _make_record_span(cut: Cut, first: int, after: int) -> Span:
    """The record frames from `first` to before `after`, in seconds from the begin of the cut and as timecode."""
    rate = float(cut.clock.rate)
    cut_start = cut.start or 0
    start = (first - cut_start) / rate
    end = (after - cut_start) / rate
    return Span(start, end, cut.clock.format(first), cut.clock.format(after))


def _format_source_range(event: Event, resolution: Resolution) -> tuple[str | None, str | None]:
    """Timecode of the part that is used, as the source counts it."""
    used = event.used
    if used is None:
        return None, None
    clock, source = resolution.clock, resolution.source
    as_listed = used.clock.format(used.start), used.clock.format(used.end)
    if clock is None or used.clock.rate != clock.rate:
        return as_listed
    # The file itself knows whether it drops numbers, and where it starts.
    start = find_source_frame(used, used.start, clock)
    end = find_source_frame(used, used.end, clock)
    if start is None or end is None:
        return as_listed
    first = 0
    if used.is_relative and source and source.start:
        first = source.start
    return clock.format(start + first), clock.format(end + first)


def _compute_totals(cut: Cut, uses: Iterable[Use]) -> dict[str, Share]:
    """How much of the running time each kind of source takes, on tracks of pictures."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for use in uses:
        if use.kind and use.enabled and use.track.startswith("V"):
            spans.setdefault(use.kind, []).append(use.record_frames)
    whole = (cut.end or 0) - (cut.start or 0)
    totals = {}
    for kind, ranges in sorted(spans.items()):
        # Where two layers show one kind at the same time, that time counts once.
        frames = sum(end - start for start, end in _merge(ranges))
        seconds = round(float(frames / cut.clock.rate), 3)
        percent = 0.0
        if whole:
            percent = round(100 * frames / whole, 2)
        totals[kind] = Share(frames, seconds, percent)
    return totals


def is_placeholder(name: str) -> bool:
    """Whether a name says that something else is to stand there."""
    return bool(_PLACEHOLDER.search(name.lower().replace("_", " ")))


def _merge(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Overlapping ranges as one."""
    current: tuple[int, int] | None = None
    for start, end in sorted(ranges):
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current

"""The first screen of a report: cuts, movies and sequences with one line a shot, then all other findings in groups.

It only arranges what a report holds: nothing is judged here, and every finding is counted once.
"""

from __future__ import annotations

import itertools
import math
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Case, Finding
from provenance.model.match import COPY
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Origin, Severity
from provenance.reports import sentences
from provenance.reports.compose import collect_reasons, order_by_gravity
from provenance.reports.cut_overview import CutSummary, is_in_cut, map_timelines, summarize_cuts
from provenance.reports.escape import shorten
from provenance.reports.language import translate, translate_count
from provenance.reports.matches import list_matches_without_finding
from provenance.reports.shots import Shot, build_shots, get_match
from provenance.units import format_short_clock

_MOVIE_TYPES = ("video/", "application/mxf")
"""Beginnings of the media types of movies."""

LONGEST_TEXT = 120
"""Characters that say what was found, in a line of a list; the details have all of them."""

_MOST_FOLDERS = 3
"""Folders in which findings of one kind are listed apart; with more, one group names the folder above them."""


@dataclass(frozen=True, slots=True)
class Movie:
    """A movie or a frame sequence of the delivery."""

    path: str
    root: str
    length: str
    """As people say it; empty when it is not known."""
    shots: tuple[Shot, ...]
    """In the order of their place; those about the whole movie come first."""
    findings: tuple[Finding, ...]
    remark: str
    """What else must be said of it although no finding says it; may be empty."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one severity and rule that rest on the same kind of evidence, in one folder."""

    severity: Severity
    rule: str
    place: str
    """The folder, or the file when there is only one, with its time; empty is the folder that was scanned."""
    root: str
    text: str
    """What was found: the tool that left the mark, the known material, the cause."""
    findings: tuple[Finding, ...]
    files: int
    folders: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first screen between the verdict and the details."""

    movies: tuple[Movie, ...]
    """Those with findings, then those without; each longest first."""
    cuts: tuple[CutSummary, ...]
    """Those with findings, then those without."""
    groups: tuple[FindingGroup, ...]
    """Gravest first, then the largest."""
    waived: int
    troubles: int
    """Items that could not be checked and have no finding."""


def build_overview(report: Report) -> Overview:
    """Arrange the findings that are not waived.

    Those on movies and sequences become shots, those at places of a cut one line for each kind; those on stills,
    sounds, documents and files inside files are grouped.
    """
    cases = sorted(filter(is_movie, report.cases), key=_order_by_length)
    numbers = _number_places(report.cases, cases)
    found: dict[int | None, list[Finding]] = {}
    waived = Counter[int | None]()
    timelines = map_timelines(report)
    for finding in dict.fromkeys(report.findings):
        if is_in_cut(finding, timelines):
            continue
        number = numbers.get((finding.root, finding.path, finding.digest))
        if finding.waived_by:
            waived[number] += 1
        else:
            found.setdefault(number, []).append(finding)

    reported = collect_reasons(report, Trouble)
    allowed = Counter((row.root, row.path, row.digest) for row in list_matches_without_finding(report))
    movies = []
    for number, case in enumerate(cases):
        location, findings = case.location, found.get(number, [])
        remark = _describe_rest(
            case,
            has_findings=bool(findings),
            waived=waived[number],
            allowed=allowed[location.root, location.path, case.reading.asset.digest],
            causes=[str(trouble.cause) for trouble in case.reading.troubles if trouble not in reported],
        )
        shots = build_shots(findings)
        movies.append(Movie(location.path, location.root, _describe_length(case), shots, tuple(findings), remark))
    movies.sort(key=lambda movie: not movie.shots)

    return Overview(
        movies=tuple(movies),
        cuts=summarize_cuts(report),
        groups=tuple(group_findings(found.get(None, []), _map_to_containers(report.cases))),
        waived=waived.total(),
        troubles=sum(trouble not in reported for trouble in report.all_troubles),
    )


def list_open_findings(overview: Overview) -> list[Finding]:
    """All findings that are not waived, gravest first; within a severity cuts, then movies, then the groups."""
    findings: list[Finding] = []
    for cut in overview.cuts:
        findings += cut.findings
    for movie in overview.movies:
        findings += movie.findings
    for group in overview.groups:
        findings += group.findings
    return sorted(findings, key=order_by_gravity)


def is_movie(case: Case) -> bool:
    """Whether an asset is a movie or a frame sequence, and not one inside a container."""
    if case.location.parent is not None:
        return False
    return case.location.frames is not None or case.reading.asset.media_type.startswith(_MOVIE_TYPES)


_Key = tuple[str, str, str]
"""Root, path and digest; the root is empty where a finding does not name it."""


def _number_places(cases: Iterable[Case], movies: Sequence[Case]) -> dict[_Key, int]:
    """The number of the movie that each place belongs to; an odd frame belongs to its sequence."""
    numbers: dict[_Key, int] = {}
    sequences: dict[tuple[str, str | None], int] = {}
    for number, case in enumerate(movies):
        _add_place(numbers, case, number)
        sequences[case.location.root, case.location.path] = number
    for case in cases:
        sequence = sequences.get((case.location.root, case.location.sequence))
        if sequence is not None:
            _add_place(numbers, case, sequence)
    return numbers


def _add_place(numbers: dict[_Key, int], case: Case, number: int) -> None:
    path, digest = case.location.path, case.reading.asset.digest
    numbers[case.location.root, path, digest] = number
    numbers.setdefault(("", path, digest), number)


def _map_to_containers(cases: Iterable[Case]) -> dict[tuple[str, str], str]:
    """(path, digest) of every asset inside a file -> the path of that file."""
    containers = {}
    for case in cases:
        if case.location.parent is not None:
            containers[case.location.path, case.reading.asset.digest] = case.location.parent
    return containers


def _order_by_length(case: Case) -> tuple[float, int, str]:
    """The longest first. A movie of unknown length may be the master, so it comes before all others."""
    asset, frames = case.reading.asset, case.location.frames
    length = asset.duration
    if frames:
        # a sequence has no rate of its own; this one only serves to compare
        length = (frames[1] - frames[0] + 1) / 24
    if length is None or not math.isfinite(length):
        length = math.inf
    return -length, -asset.size, case.location.path


def _describe_length(case: Case) -> str:
    frames, duration = case.location.frames, case.reading.asset.duration
    if frames:
        return sentences.format_count(frames[1] - frames[0] + 1 - len(case.location.missing), "frame", "frames")
    if duration is None or not math.isfinite(duration):
        return ""
    return format_short_clock(duration)


def _describe_rest(case: Case, *, has_findings: bool, waived: int, allowed: int, causes: Sequence[str]) -> str:
    """What no open finding says of a movie, but its line has to."""
    parts = []
    if not has_findings and case.origin is not Origin.UNKNOWN:
        parts.append(sentences.name_word(case.origin))
    if waived:
        parts.append(translate_count("{number} finding waived", "{number} findings waived", waived))
    if allowed:
        parts.append(translate_count("{number} match without a finding", "{number} matches without a finding", allowed))
    if causes:
        named = ", ".join(dict.fromkeys(map(sentences.name_word, causes)))
        parts.append(translate("not fully checked: {causes}", causes=named))
    return ", ".join(parts)


# Groups: everything that is not about a movie.


def group_findings(findings: Sequence[Finding], containers: Mapping[tuple[str, str], str]) -> list[FindingGroup]:
    """Groups by severity, folder, rule and kind of evidence, gravest and then largest first.

    `containers`: (path, digest) of an asset -> path of the file that it is inside of. Such a file counts as a folder.
    """
    kinds: dict[tuple[Severity, str, str, str], dict[str, list[Finding]]] = {}
    for finding in findings:
        kind = finding.severity, finding.rule, finding.root, describe_kind(finding)
        folder = containers.get((finding.path, finding.digest)) or posixpath.dirname(finding.path)
        kinds.setdefault(kind, {}).setdefault(folder, []).append(finding)

    groups = []
    for (severity, rule, root, text), folders in kinds.items():
        gathered = folders
        if len(folders) > _MOST_FOLDERS:
            gathered = {_find_common(folders): list(itertools.chain.from_iterable(folders.values()))}
        for folder, rows in gathered.items():
            files = len({row.path for row in rows})
            place = _describe_single(rows) if files == 1 else folder
            inside = len(folders) if gathered is not folders else 1
            groups.append(
                FindingGroup(severity, rule, place, root, _name_known(text, rows), tuple(rows), files, inside)
            )
    groups.sort(key=_order_groups)
    return groups


def _order_groups(group: FindingGroup) -> tuple[int, int, int, str, str, str]:
    return *order_by_gravity(group.findings[0]), -group.files, group.place, group.rule, group.text


def _describe_single(findings: Sequence[Finding]) -> str:
    first = findings[0]
    at = sentences.describe_place(first)
    if at and len(findings) == 1:
        return translate("{path} at {place}", path=first.path, place=at)
    return first.path


def _name_known(text: str, findings: Sequence[Finding]) -> str:
    """The text of a group; where all its findings show the same known material, that is named."""
    matches = list(filter(None, map(get_match, findings)))
    if len(matches) == len(findings) and len({match.known.digest for match in matches}) == 1:
        return sentences.describe_match_briefly(matches[0])
    return text


def _find_common(folders: Iterable[str]) -> str:
    """The folder that all of them are in; empty when that is the folder that was scanned."""
    first, *others = (folder.split("/") for folder in folders)
    same = itertools.takewhile(lambda names: len(set(names)) == 1, zip(first, *others, strict=False))
    return "/".join(names[0] for names in same)


def describe_kind(finding: Finding) -> str:
    """What a finding rests on, in words that are alike for files made the same way."""
    marks = [reason for reason in finding.because if isinstance(reason, Evidence)]
    suspect = _choose_mark(mark for mark in marks if mark.origin in SUSPECT)
    other = _choose_mark(mark for mark in marks if mark.origin not in SUSPECT)
    if suspect and other:
        marks_against = {"mark": sentences.describe_mark(suspect), "other": sentences.describe_mark(other)}
        return translate("{mark}, against {other}", **marks_against)
    if mark := suspect or other:
        return sentences.describe_mark(mark)
    if match := get_match(finding):
        known = {"known": sentences.name_known(match.known), "method": sentences.name_word(match.method)}
        if match.verdict == COPY:
            return translate("copy of {known}, found by {method}", **known)
        return translate("shares content with {known}, found by {method}", **known)
    for reason in finding.because:
        if isinstance(reason, Trouble):
            cause = sentences.describe_cause(reason)
            if reason.is_about_search:
                return cause
            return f"{cause} ({reason.stage})"
    return translate("used in the cut")


def _choose_mark(marks: Iterable[Evidence]) -> Evidence | None:
    """The first mark that names a tool, else the first."""
    return min(marks, key=lambda mark: not mark.tool, default=None)


# The words for one line of a list.


def describe_notes(movie: Movie, *, has_roots: bool) -> str:
    """` (42:10, 1 finding approved, in /deliveries/EP101)`; empty without anything to say."""
    root = translate("in {folder}", folder=movie.root) if has_roots and movie.root else ""
    notes = ", ".join(filter(None, (movie.length, movie.remark, root)))
    return f" ({notes})" if notes else ""


def describe_group(group: FindingGroup, *, has_roots: bool) -> str:
    """`marketing/concepts: 29 files, ComfyUI, trace [generated_in_deliverable]`."""
    place = group.place or translate("the folder itself")
    if has_roots and group.root:
        place += f" ({translate('in {folder}', folder=group.root)})"
    what = f"{shorten(group.text, LONGEST_TEXT)} [{group.rule}]"
    if group.files == 1:
        return f"{place}: {what}"
    files = translate("{number} files", number=group.files)
    if group.folders > 1:
        files = translate("{number} files in {folders} folders", number=group.files, folders=group.folders)
    return f"{place}: {files}, {what}"

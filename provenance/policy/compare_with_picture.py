"""A cut against its rendered picture: whether each names the generated material that the other shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from provenance.cut_picture import find_picture_start, locate
from provenance.model.cut import Timeline, Use
from provenance.model.declared import NOTHING_DECLARED
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Span
from provenance.model.vocabulary import SUSPECT
from provenance.policy.cut_rules.cut_and_picture_disagree import CutAndPictureDisagree
from provenance.policy.one_cut import group_tracks
from provenance.policy.packs import Pack, Ruling
from provenance.policy.weigh import weigh

_SHORTEST = 12
"""Frames; shorter uses are not always found by picture."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of holding cuts against movies."""

    findings: list[Finding] = field(default_factory=list)
    pictures: dict[str, list[str]] = field(default_factory=dict)
    """By path of the cut: the movies that it was compared with."""


def compare_with_picture(
    timelines: Sequence[Timeline], uses: Sequence[Use], cases: Sequence[Case], pack: Pack
) -> Comparison:
    """Compare every cut with each movie that is its picture; there is a finding for each disagreement.

    The movies must have been searched for known material, or everything that the cut names would be missing in them.
    """
    result = Comparison()
    weighed = weigh(pack.by_rule.get(CutAndPictureDisagree.name, ()), (), (), NOTHING_DECLARED)
    if weighed is None:
        return result
    ruling = weighed.ruling
    for tracks in group_tracks(timelines, uses):
        cut = _ComparedCut(tracks, uses)
        for case in cases:
            start = find_picture_start(tracks, case)
            if start is None or case.reading.troubles:
                continue
            result.findings.extend(cut.compare(case, start, ruling))
            for timeline in tracks:
                result.pictures.setdefault(timeline.path, []).append(case.location.path)
    return result


class _ComparedCut:
    """The pictures that the lists of one cut name, by asset."""

    def __init__(self, tracks: Sequence[Timeline], uses: Sequence[Use]) -> None:
        self.timeline = tracks[0]
        self.clock = self.timeline.clock
        paths = {track.path for track in tracks}
        self._uses = [use for use in uses if use.timeline in paths and use.enabled and use.track.startswith("V")]
        self._by_digest: dict[str, list[Use]] = {}
        for use in self._uses:
            if use.digest:
                self._by_digest.setdefault(use.digest, []).append(use)

    def compare(self, case: Case, start: int, ruling: Ruling) -> Iterator[Finding]:
        """Yield the disagreements with a movie whose first frame has the timecode `start`, in frames."""
        seen: dict[str, list[tuple[int, int]]] = {}
        for match in case.matches:
            if match.known.origin not in SUSPECT or match.time is None or match.is_sound:
                continue
            frames = locate(match.time, start, self.clock.rate)
            seen.setdefault(match.known.digest, []).append(frames)
            named = self._by_digest.get(match.known.digest, ())
            if not any(_overlap(use.record_frames, frames) for use in named):
                message = f"{case.location.path} shows {match.known.path}, which the cut does not name there."
                yield self._build_finding(ruling, match, match.known.digest, message, frames)
        for use in self._uses:
            is_long = use.record_frames[1] - use.record_frames[0] >= _SHORTEST
            if use.origin not in SUSPECT or not use.digest or not is_long:
                continue
            is_seen = any(_overlap(use.record_frames, span) for span in seen.get(use.digest, ()))
            if not is_seen and not self._is_covered(use):
                message = f"The cut names {use.source}, and {case.location.path} does not show it there."
                yield self._build_finding(ruling, use, use.digest, message, use.record_frames)

    def _is_covered(self, use: Use) -> bool:
        """Whether a track above may show something else for as long. What order two lists have, nobody says."""
        first, after = use.record_frames
        for other in self._uses:
            is_above = other.track > use.track and len(other.track) >= len(use.track)
            is_other_list = other.timeline != use.timeline
            if (is_above or is_other_list) and other.record_frames[0] <= first and other.record_frames[1] >= after:
                return True
        return False

    def _build_finding(
        self, ruling: Ruling, because: Because, digest: str, message: str, frames: tuple[int, int]
    ) -> Finding:
        rule = CutAndPictureDisagree()
        # Of several lists of one cut, the finding stands at the one that names the material.
        path = because.timeline if isinstance(because, Use) else self.timeline.path
        return Finding(
            rule=rule.id,
            severity=ruling.severity,
            path=path,
            digest=digest,
            message=message,
            remedy=rule.remedy,
            because=(because,),
            time=self._make_span(frames),
            clause=ruling.clause,
            clause_is_quoted=ruling.is_quoted,
            root=self.timeline.root,
        )

    def _make_span(self, frames: tuple[int, int]) -> Span:
        first, after = frames
        begin = self.timeline.start_frame
        start = max(0.0, float((first - begin) / self.clock.rate))
        end = float((after - begin) / self.clock.rate)
        return Span(start, end, self.clock.format(first), self.clock.format(after))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]

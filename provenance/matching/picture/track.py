"""Search of a still or a shot for all known pictures. In a shot, every known asset that is found is tracked.

Tracking is step 7 of docs/matching.md; the numbers in the code are those of that page. Only the selected keyframes of a
shot are searched for everything. When an asset is found in one of them, others are searched for that asset alone, which
is cheap because it needs no candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from provenance.fingerprint.shots import Keyframe, Shot
from provenance.matching.known import KnownPictures
from provenance.matching.picture import describe, localise
from provenance.matching.picture.disguises import Disguised, find_closely, find_disguised, find_small, remove_disguise
from provenance.matching.picture.geometry import is_mirrored
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.insets import Inset
from provenance.matching.picture.select_keyframes import is_different, select_keyframes
from provenance.matching.picture.verdict import Judgement, is_common_element, judge
from provenance.matching.picture.verify import VerifiedCandidate, may_show_known, verify_candidate, verify_candidates
from provenance.model.match import Match, Span

_TOGETHER_INLIERS = 15
"""Points that several doubtful candidates at one place need between them."""
_TOGETHER_SHARE = 0.5
"""Share of the blocks that must agree in each of them: a title, which only looks alike, does so in every frame."""
_SECOND_LOOKS = 3
"""Other keyframes that are searched for a doubtful asset."""
_LOOKS_BEYOND = 3
"""Keyframes that are searched beyond an end which the picture alone has set, one after the other."""
_NARROWING_LOOKS = 2
"""Keyframes that are searched to narrow down where an asset comes or goes."""
_SMALLEST_RATIO = 0.75
"""Scale of the known picture in one keyframe over that in another, above which both are of one size."""
_LARGEST_RATIO = 1.33
"""The same, below which both are of one size."""
_FARTHEST = 0.2
"""Distance between two centres, as a share of the long side of the frame, below which they are at one place."""
_SHORTEST_FOR_SPEED = 0.5
"""Seconds between two keyframes above which they tell the speed of a clip."""
_FASTEST = 4.0
"""Speed of a clip as a multiple of its own, forwards or backwards, to which a measured speed is limited."""


@dataclass(slots=True)
class _Run:
    """Neighbouring searched keyframes that all show the asset."""

    candidates: list[VerifiedCandidate]
    absent_before: int | None = None
    """Frame of the nearest keyframe before them that is known not to show it; None if there is none."""
    absent_after: int | None = None
    """The same after them."""


def find_in_picture(keyframe: Keyframe, known: KnownPictures) -> list[Match]:
    """Find known material in a still."""
    candidates = _search_for_all(keyframe, known)
    if not _has_match(candidates):
        disguised = find_disguised(keyframe, candidates, known) or find_small(keyframe, known, [])
        if disguised := disguised or find_closely(keyframe, known):
            candidates = _leave_out_common(known, disguised.candidates)
    matches = []
    for candidate in candidates:
        if not candidate.is_match:
            continue
        if judgement := judge(known, [candidate]):
            matches.append(_make_match(known, judgement, None, None))
    return matches


def find_in_shot(shot: Shot, known: KnownPictures) -> list[Match]:
    """Find known material in a shot."""
    # 7.1 The selected keyframes are searched for everything: some closely, and others if they may show something.
    selected = select_keyframes(shot)
    closely = {each.keyframe.frame: _search_for_all(each.keyframe, known) for each in selected if each.is_close}
    is_found = any(_has_match(candidates) for candidates in closely.values())
    searched: dict[int, list[VerifiedCandidate]] = {}
    for keyframe, is_close in selected:
        if is_close:
            searched[keyframe.frame] = closely[keyframe.frame]
        elif is_found or may_show_known(keyframe, known):
            searched[keyframe.frame] = _search_for_all(keyframe, known)
        else:
            searched[keyframe.frame] = []
    # By asset, in order of the first keyframe in which each of them is a candidate.
    by_asset: dict[str, list[VerifiedCandidate]] = {}
    for candidates in searched.values():
        for candidate in candidates:
            by_asset.setdefault(known.items[candidate.item].known.digest, []).append(candidate)
    matches = []
    for asset, candidates in by_asset.items():
        matches += _AssetInShot(shot, known, asset, set(searched)).find_matches(candidates)
    # 7.8 A disguise lasts for the shot: what was looked at closely is enough.
    # 7.9 Something small may come and go between two keyframes that were looked at closely.
    return matches or _find_disguised_in_shot(shot, closely, known) or _find_small_in_shot(shot, set(searched), known)


def _find_disguised_in_shot(
    shot: Shot, searched: dict[int, list[VerifiedCandidate]], known: KnownPictures
) -> list[Match]:
    """Step 7.8: search the selected keyframes without disguises, and track what is found in the first one."""
    for keyframe in shot.keyframes:
        if keyframe.frame not in searched:
            continue
        disguised = find_disguised(keyframe, searched[keyframe.frame], known)
        if disguised is not None:
            return _track_disguised(shot, disguised, known, {keyframe.frame})
    return []


def _find_small_in_shot(shot: Shot, searched: set[int], known: KnownPictures) -> list[Match]:
    """Step 7.9: look into the boxes of the selected keyframes, and track what is found in the first one."""
    looked: list[Inset] = []
    for keyframe in shot.keyframes:
        if keyframe.frame not in searched:
            continue
        found = find_small(keyframe, known, looked)
        if found and (matches := _track_disguised(shot, found, known, searched)):
            return matches
    return []


def _track_disguised(shot: Shot, found: Disguised, known: KnownPictures, searched: set[int]) -> list[Match]:
    """Track what was found without a disguise through the shot. `searched`: as in `_AssetInShot`."""
    plain = remove_disguise(shot, found.disguise)
    matches = []
    for candidate in _leave_out_common(known, found.candidates):
        asset = known.items[candidate.item].known.digest
        matches += _AssetInShot(plain, known, asset, set(searched)).find_matches([candidate])
    return matches


def _search_for_all(keyframe: Keyframe, known: KnownPictures) -> list[VerifiedCandidate]:
    """Verify all candidates in a keyframe, without those that show no more than what many unrelated assets show."""
    return _leave_out_common(known, verify_candidates(keyframe, known))


def _leave_out_common(known: KnownPictures, candidates: list[VerifiedCandidate]) -> list[VerifiedCandidate]:
    return [candidate for candidate in candidates if not is_common_element(known, candidate, candidates)]


def _has_match(candidates: list[VerifiedCandidate]) -> bool:
    return any(candidate.is_match for candidate in candidates)


class _AssetInShot:
    """One known asset in one shot."""

    def __init__(self, shot: Shot, known: KnownPictures, asset: str, searched: set[int]) -> None:
        """`asset`: digest of the known asset. `searched`: frames of the keyframes that have been searched for it."""
        self.shot = shot
        self.known = known
        self.asset = asset
        self.is_clip = known.items[known.items_by_digest[asset][0]].method == "video"
        self.searched = searched
        self.present: dict[int, VerifiedCandidate] = {}
        """The asset in those of the searched keyframes that show it, by frame."""

    def find_matches(self, candidates: list[VerifiedCandidate]) -> list[Match]:
        """Find the times at which the asset is shown. `candidates`: the asset in the keyframes searched so far."""
        for candidate in candidates:
            if candidate.is_match:
                self._add(candidate)
        if self.present and self.is_clip:
            self._search_ends()
        if not self.present:
            self._look_again(candidates)
        if not self.present:
            return []
        self._fill_gaps()
        while True:
            runs = self._find_runs()
            spans = [self._locate(run) for run in runs]
            # Every look beyond adds a keyframe to those that are searched, so that this ends.
            if not self._look_beyond(spans):
                break
        matches = []
        for run, frames in zip(runs, spans, strict=True):
            if match := self._make_match(run, frames):
                matches.append(match)
        return matches

    def _add(self, candidate: VerifiedCandidate) -> None:
        self.searched.add(candidate.keyframe.frame)
        self.present[candidate.keyframe.frame] = candidate

    def _search_ends(self) -> None:
        """Step 7.2: search the first and the last keyframe too, because the ends tell the speed of a clip best."""
        for keyframe in (self.shot.keyframes[0], self.shot.keyframes[-1]):
            if keyframe.frame in self.searched:
                continue
            # Any frame of the clip may be shown there, so the index has to say which.
            for candidate in verify_candidates(keyframe, self.known):
                is_asset = self.known.items[candidate.item].known.digest == self.asset
                if is_asset and candidate.is_match:
                    self._add(candidate)

    def _look_again(self, candidates: list[VerifiedCandidate]) -> None:
        """Step 7.3: if no candidate is a match, search other keyframes for the best; several at one place suffice."""
        best = max(candidates, key=lambda candidate: candidate.strength)
        if not best.is_doubtful:
            return
        # A keyframe that shows the same again would prove nothing.
        others = [keyframe for keyframe in self.shot.keyframes if is_different(self.shot, keyframe, best.keyframe)]
        spread = others[:: max(1, len(others) // _SECOND_LOOKS)][:_SECOND_LOOKS]
        seen = [best]
        for keyframe in spread:
            candidate = self._search_for(best, keyframe)
            if candidate:
                seen.append(candidate)
        proven = [candidate for candidate in seen if candidate.is_match] or _prove_together(seen, best)
        for candidate in proven:
            self._add(candidate)

    def _fill_gaps(self) -> None:
        """Step 7.4: where the asset was not found, search for it like where it was: the index may have missed it."""
        for frame in sorted(self.searched - self.present.keys()):
            nearest = self._find_nearest(frame)
            candidate = self._search_for(nearest, self._get_keyframe(frame))
            if candidate and _is_found_again(candidate, nearest):
                self.present[frame] = candidate
            elif localise.is_shown_throughout(self.shot, nearest, frame):
                # It is too blurred or too dark to be verified there: that says nothing.
                self.searched.discard(frame)

    def _look_beyond(self, spans: list[range]) -> bool:
        """Step 7.7: where a match ends though no keyframe lacks the asset, look whether it goes on behind a flash.

        Returns whether it does somewhere.
        """
        for frames in spans:
            before = [keyframe for keyframe in self.shot.keyframes if keyframe.frame < frames.start]
            after = [keyframe for keyframe in self.shot.keyframes if keyframe.frame >= frames.stop]
            if self._search_onwards(before[::-1]) or self._search_onwards(after):
                return True
        return False

    def _search_onwards(self, keyframes: list[Keyframe]) -> bool:
        """Search keyframes for the asset, from the nearest on up to one that has been searched. Whether it is found."""
        for keyframe in keyframes[:_LOOKS_BEYOND]:
            if keyframe.frame in self.searched:
                return False
            nearest = self._find_nearest(keyframe.frame)
            candidate = self._search_for(nearest, keyframe)
            self.searched.add(keyframe.frame)
            if candidate and _is_found_again(candidate, nearest):
                self.present[keyframe.frame] = candidate
                return True
        return False

    def _find_runs(self) -> list[_Run]:
        """Step 7.5: join neighbouring keyframes that show the asset, with the nearest ones that do not."""
        runs: list[_Run] = []
        run: _Run | None = None
        absent: int | None = None
        for frame in sorted(self.searched):
            candidate = self.present.get(frame)
            if candidate is None:
                if run is not None:
                    run.absent_after = self._narrow(run.candidates[-1], frame)
                run = None
                absent = frame
                continue
            if run is None:
                run = _Run([])
                if absent is not None:
                    run.absent_before = self._narrow(candidate, absent)
                runs.append(run)
            run.candidates.append(candidate)
        return runs

    def _narrow(self, candidate: VerifiedCandidate, absent: int) -> int:
        """Step 7.6: narrow down where the asset comes or goes by bisection.

        `absent`: frame of a keyframe without the asset. Returns that of the nearest one to `candidate` that is known.
        """
        present = candidate.keyframe.frame
        for _ in range(_NARROWING_LOOKS):
            first, last = sorted((present, absent))
            between = [keyframe for keyframe in self.shot.keyframes if first < keyframe.frame < last]
            if not between:
                break
            keyframe = between[len(between) // 2]
            again = self._search_for(candidate, keyframe)
            is_found = again is not None and (again.is_match or again.is_doubtful)
            if is_found or localise.is_shown_throughout(self.shot, candidate, keyframe.frame):
                present = keyframe.frame
            else:
                absent = keyframe.frame
        return absent

    def _search_for(self, candidate: VerifiedCandidate, keyframe: Keyframe) -> VerifiedCandidate | None:
        """Search another keyframe for the same known picture, mirrored or not as in the candidate."""
        item = self.known.items[candidate.item]
        again = PictureCandidate(candidate.item, is_mirrored(candidate.affine), 1.0)
        if not candidate.inliers:
            # It has no points: a hash has named it.
            again = again._replace(votes=0.0, placement=candidate.placement)
        return verify_candidate(keyframe, item, again)

    def _find_nearest(self, frame: int) -> VerifiedCandidate:
        return min(self.present.values(), key=lambda candidate: abs(candidate.keyframe.frame - frame))

    def _get_keyframe(self, frame: int) -> Keyframe:
        return next(keyframe for keyframe in self.shot.keyframes if keyframe.frame == frame)

    def _locate(self, run: _Run) -> range:
        """Step 8: the frames from the in point of a run to its out point."""
        first_candidate = run.candidates[0]
        last_candidate = run.candidates[-1]
        # Each end is searched from the keyframe next to it, and in its own direction alone.
        after_first = before_last = None
        if len(run.candidates) == 1:
            # One keyframe is next to both ends.
            after_first, before_last = run.absent_after, run.absent_before
        first, _ = localise.find_in_and_out(self.shot, first_candidate, run.absent_before, after_first)
        _, end = localise.find_in_and_out(self.shot, last_candidate, before_last, run.absent_after)
        return range(first, end)

    def _make_match(self, run: _Run, frames: range) -> Match | None:
        """Step 9: judge a run. None if it shows nothing but what everybody has."""
        judgement = judge(self.known, run.candidates, self.shot, frames)
        if judgement is None:
            return None
        # 8.4 Frames -> seconds and timecode.
        start_time = float(self.shot.times[frames.start])
        end_time = float(self.shot.times[frames.stop])
        timecode = self.shot.start
        time = Span(start_time, end_time, timecode.format_at(start_time), timecode.format_at(end_time))
        return _make_match(self.known, judgement, time, self._measure_known_time(run.candidates, start_time, end_time))

    def _measure_known_time(self, candidates: list[VerifiedCandidate], start: float, end: float) -> Span | None:
        """Step 8.5: which time of the known clip is shown from `start` to `end` seconds; None for a still.

        A line is fitted through the candidates; a single one is taken to run at the clip's own speed.
        """
        if not self.is_clip:
            return None
        clip_times = np.array([candidate.time for candidate in candidates])
        shot_times = np.array([self.shot.times[candidate.keyframe.frame] for candidate in candidates])
        speed = 1.0
        if len(candidates) > 1 and np.ptp(shot_times) > _SHORTEST_FOR_SPEED:
            speed = float(np.clip(np.polyfit(shot_times, clip_times, 1)[0], -_FASTEST, _FASTEST))
        offset = float(clip_times.mean() - speed * shot_times.mean())
        # A clip that runs backwards begins at its later time.
        first, last = sorted((max(0.0, offset + speed * start), max(0.0, offset + speed * end)))
        return Span(round(first, 3), round(last, 3))


def _prove_together(candidates: list[VerifiedCandidate], best: VerifiedCandidate) -> list[VerifiedCandidate]:
    """Those of the doubtful candidates that prove each other, because they place the known picture alike; else none."""
    alike = []
    inliers = 0
    for candidate in candidates:
        has_blocks = candidate.block_check.share >= _TOGETHER_SHARE
        if candidate.is_doubtful and has_blocks and _is_at_one_place(candidate, best):
            alike.append(candidate)
            inliers += candidate.inliers
    if len(alike) > 1 and inliers >= _TOGETHER_INLIERS:
        return alike
    return []


def _is_found_again(candidate: VerifiedCandidate, nearest: VerifiedCandidate) -> bool:
    """Whether the asset is in a keyframe, given the nearest one that shows it."""
    return candidate.is_match or (candidate.is_doubtful and _is_at_one_place(candidate, nearest))


def _is_at_one_place(one: VerifiedCandidate, other: VerifiedCandidate) -> bool:
    """Whether two keyframes have the known picture at about the same place and in about the same size."""
    areas = np.linalg.det(one.affine[:, :2]) / np.linalg.det(other.affine[:, :2])
    ratio = np.sqrt(abs(areas))
    centre = np.array(one.size) / 2
    distance = np.linalg.norm((one.affine - other.affine) @ np.array([*centre, 1.0]))
    has_same_size = _SMALLEST_RATIO < ratio < _LARGEST_RATIO
    return bool(has_same_size and distance < _FARTHEST * max(one.keyframe.gray.shape))


def _make_match(known: KnownPictures, judgement: Judgement, time: Span | None, known_time: Span | None) -> Match:
    candidate = judgement.candidate
    item = known.items[candidate.item]
    return Match(
        known=item.known,
        method=item.method,
        verdict=judgement.verdict,
        time=time,
        known_time=known_time,
        score=round(min(1.0, candidate.block_check.share), 3),
        detail=describe.describe_edit(judgement),
        pictures=describe.render_pair(judgement, item.fingerprint.thumbnail),
    )

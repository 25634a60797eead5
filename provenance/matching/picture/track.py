"""One known asset through one shot: where it is seen, looked for again where it is doubtful, told with its times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from provenance.fingerprint.shots import Keyframe, Shot
from provenance.matching.known import KnownPictures
from provenance.matching.picture import describe, localise
from provenance.matching.picture.index import PictureCandidate
from provenance.matching.picture.select_keyframes import is_different, select_keyframes
from provenance.matching.picture.verify import VerifiedCandidate, verify_candidate, verify_candidates
from provenance.model.match import COPY, SHARES, Match, Span

_TOGETHER = 15
"""Points that several doubtful sightings of one thing at one place need between them."""
_SOME = 0.35
"""Share of the blocks that must agree in each: what only looks alike stays so from frame to frame, as a title does."""


def find_in_picture(view: Keyframe, known: KnownPictures, digest: str) -> list[Match]:
    """Known material in a still; `digest` names the still itself."""
    return [_match(known, seen, None, None) for seen in verify_candidates(view, known, digest) if seen.is_match]


def find_in_shot(shot: Shot, known: KnownPictures, digest: str) -> list[Match]:
    """Known material in a shot of the file `digest`."""
    looked = {view.frame: verify_candidates(view, known, digest) for view in select_keyframes(shot)}
    assets = dict.fromkeys(known.items[one.item].known.digest for seen in looked.values() for one in seen)
    return [match for asset in assets for match in _Track(shot, known, asset, looked).matches()]


@dataclass
class _Track:
    """One known asset through one shot."""

    shot: Shot
    known: KnownPictures
    asset: str
    looked: dict[int, list[VerifiedCandidate]]

    def matches(self) -> list[Match]:
        """Its stretches in the shot."""
        seen: dict[int, VerifiedCandidate | None] = {}
        for frame, found in self.looked.items():
            seen[frame] = next((one for one in found if self.known.items[one.item].known.digest == self.asset), None)
        sure = {frame: one for frame, one in seen.items() if one and one.is_match}
        if sure and self._is_clip:
            self._clock(seen, sure)
        if not sure:
            sure = self._second_look([one for one in seen.values() if one])
            seen |= sure
        if not sure:
            return []
        self._fill(seen, sure)
        return [self._told(run, before, after) for run, before, after in self._runs(seen, sure)]

    @property
    def _is_clip(self) -> bool:
        return self.known.items[self.known.items_by_digest[self.asset][0]].method == "video"

    def _clock(self, seen: dict[int, VerifiedCandidate | None], sure: dict[int, VerifiedCandidate]) -> None:
        """Two more looks, at the first and the last view: a clip's speed is told by its ends."""
        for view in (self.shot.keyframes[0], self.shot.keyframes[-1]):
            if view.frame not in seen:
                found = verify_candidates(view, self.known, "")
                one = next((one for one in found if self.known.items[one.item].known.digest == self.asset), None)
                if one and one.is_match:
                    seen[view.frame] = sure[view.frame] = one

    def _second_look(self, doubtful: list[VerifiedCandidate]) -> dict[int, VerifiedCandidate]:
        """A doubtful sighting is looked for in other views; enough when it stands in several at one place."""
        best = max(doubtful, key=lambda one: one.strength)
        if not best.is_doubtful:
            return {}
        others = [view for view in self.shot.keyframes if is_different(self.shot, view, best.view)]
        found = [best, *(one for view in others[:: max(1, len(others) // 3)][:3] if (one := self._again(view, best)))]
        if enough := {one.view.frame: one for one in found if one.is_match}:
            return enough
        alike = {
            one.view.frame: one for one in found if one.is_doubtful and one.block_check.share >= _SOME and _near(one, best)
        }
        return alike if len(alike) > 1 and sum(one.inliers for one in alike.values()) >= _TOGETHER else {}

    def _again(self, view: Keyframe, like: VerifiedCandidate) -> VerifiedCandidate | None:
        """The same item, mirrored or not as before, in another view."""
        mirrored = bool(np.linalg.det(like.matrix[:, :2]) < 0)
        return verify_candidate(view, self.known.items[like.item], PictureCandidate(like.item, mirrored, 1.0))

    def _fill(self, seen: dict[int, VerifiedCandidate | None], sure: dict[int, VerifiedCandidate]) -> None:
        """Look closer where it was not found beside where it was: the index may have passed it over."""
        for frame in [frame for frame in seen if frame not in sure]:
            nearest = min(sure.values(), key=lambda one: abs(one.view.frame - frame))
            again = self._again(self._view(frame), nearest)
            if again and (again.is_match or (again.is_doubtful and _near(again, nearest))):
                sure[frame] = seen[frame] = again
            else:
                seen[frame] = None

    def _view(self, frame: int) -> Keyframe:
        return next(view for view in self.shot.keyframes if view.frame == frame)

    def _runs(
        self, seen: dict[int, VerifiedCandidate | None], sure: dict[int, VerifiedCandidate]
    ) -> Iterable[tuple[list[VerifiedCandidate], int | None, int | None]]:
        """Sightings in neighbouring views, with the nearest views on both sides that have none."""
        run: list[VerifiedCandidate] = []
        before: int | None = None
        for frame in sorted(seen):
            if frame in sure:
                run.append(sure[frame])
                continue
            if run:
                yield run, before, self._narrowed(run[-1], frame)
            run, before = [], frame
            following = [later for later in sorted(sure) if later > frame]
            if following:
                before = self._narrowed(sure[following[0]], frame)
        if run:
            yield run, before, None

    def _narrowed(self, present: VerifiedCandidate, absent: int) -> int:
        """A view without it, nearer to where it was seen, if there is one: two more looks at most."""
        here = present.view.frame
        for _ in range(2):
            between = [view for view in self.shot.keyframes if min(here, absent) < view.frame < max(here, absent)]
            if not between:
                break
            view = between[len(between) // 2]
            again = self._again(view, present)
            if again and (again.is_match or again.is_doubtful):
                here = view.frame
            else:
                absent = view.frame
        return absent

    def _told(self, run: list[VerifiedCandidate], before: int | None, after: int | None) -> Match:
        first, _ = localise.find_in_and_out(self.shot, run[0], before, after if len(run) == 1 else None)
        _, end = localise.find_in_and_out(self.shot, run[-1], before if len(run) == 1 else None, after)
        best = max(run, key=lambda one: (one.is_copy, one.strength))
        start, stop = float(self.shot.times[first]), float(self.shot.times[end])
        span = Span(start, stop, self.shot.start.at(start), self.shot.start.at(stop))
        return _match(self.known, best, span, self._source_time(run, start, stop))

    def _source_time(self, run: list[VerifiedCandidate], start: float, stop: float) -> Span | None:
        """From when to when of the known clip, by the line through what was seen; speed 1 when seen once."""
        if not self._is_clip:
            return None
        there = np.array([one.time for one in run])
        here = np.array([self.shot.times[one.view.frame] for one in run])
        speed = 1.0
        if len(run) > 1 and np.ptp(here) > 0.5:
            speed = float(np.clip(np.polyfit(here, there, 1)[0], -4, 4))
        middle = float(there.mean() - speed * here.mean())
        ends = sorted((max(0.0, middle + speed * start), max(0.0, middle + speed * stop)))
        return Span(round(ends[0], 3), round(ends[1], 3))


def _near(one: VerifiedCandidate, other: VerifiedCandidate) -> bool:
    """Whether two sightings have the known picture at about the same place and size."""
    ratio = np.sqrt(abs(np.linalg.det(one.matrix[:, :2]) / np.linalg.det(other.matrix[:, :2])))
    centre = np.array(one.size) / 2
    apart = np.linalg.norm((one.matrix - other.matrix) @ np.array([*centre, 1.0]))
    return bool(0.75 < ratio < 1.33 and apart < 0.2 * max(one.view.gray.shape))


def _match(known: KnownPictures, seen: VerifiedCandidate, time: Span | None, source: Span | None) -> Match:
    item = known.items[seen.item]
    verdict = COPY if seen.is_copy else SHARES
    pictures = describe.render_pair(seen, item.fingerprint.thumbnail)
    score = round(min(1.0, seen.block_check.share), 3)
    return Match(item.known, item.method, verdict, time, source, score, describe.describe_edit(seen), pictures)

"""A deliverable watched as it passes: every shot looked at, what is known told with its times."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from provenance.looks import Shot, View
from provenance.matching import spans, words
from provenance.matching.index import Candidate
from provenance.matching.known import Library, library
from provenance.matching.sighting import Sighting, sighted, sightings
from provenance.model import Match, Span

COPY, SHARES = "confirmed-copy", "shares-content"
_SHORT, _EVERY = 1.5, 2.0
"""Seconds: a shot up to the first is looked at once, a longer one every so often."""
_EVENT, _CALM, _CLOSEST = 14.0, 6.0, 0.4
"""A part of the frame that changes at once by so many gray levels and so many times its usual step begins something
new, which is looked at too when it lasts so many seconds."""
_STILL = 1.0
"""Gray levels of mean difference up to which two views show the same."""
_TOGETHER = 15
"""Points that several doubtful sightings of one thing at one place need between them."""
_GAP = 0.26
"""Seconds between two stretches of one known asset that are told as one."""


@dataclass
class Watch:
    """Looks for everything laid out at `path`. Travels to the workers as that path alone."""

    path: str
    _found: list[Match] = field(default_factory=list)

    def __getstate__(self) -> str:
        return self.path

    def __setstate__(self, path: str) -> None:
        self.path, self._found = path, []

    def picture(self, view: View, digest: str) -> tuple[Match, ...]:
        """Known material in a still, `digest` naming the still itself."""
        known = library(self.path)
        seen = [one for one in sightings(view, known, digest) if one.enough]
        return tuple(_match(known, one, None, None) for one in seen)

    def shot(self, shot: Shot, digest: str) -> None:
        """The next shot of a moving picture."""
        known = library(self.path)
        looked: dict[int, list[Sighting]] = {}
        for view in _chosen(shot):
            looked[view.frame] = sightings(view, known, digest)
        for asset in dict.fromkeys(known.items[one.item].known.digest for seen in looked.values() for one in seen):
            self._found += _Trail(shot, known, asset, looked).matches()

    def done(self) -> tuple[Match, ...]:
        """Known material in all shots since the last time, one match for each stretch."""
        found, self._found = self._found, []
        return tuple(merged(found))


def _chosen(shot: Shot) -> list[View]:
    """Views spread over the shot; one that shows what the one before showed is left out."""
    wanted = [time for start, end in _calm(shot) for time in _spread(start, end)]
    at = np.array([shot.times[view.frame] for view in shot.views])
    chosen: list[View] = []
    for time in wanted:
        view = shot.views[int(np.abs(at - time).argmin())]
        if not chosen or _differ(shot, chosen[-1], view):
            chosen.append(view)
    return chosen


def _calm(shot: Shot) -> list[tuple[float, float]]:
    """Seconds from and to: the shot between sudden changes of some part of it."""
    steps = np.abs(np.diff(shot.tiny.astype(np.int16), axis=0)).reshape(-1, 6, 6, 8, 8).mean((2, 4)).reshape(-1, 48)
    begin, end = float(shot.times[0]), float(shot.times[-1])
    if not len(steps):
        return [(begin, end)]
    sudden = (steps > _EVENT + _CALM * np.median(steps, axis=0)).any(1)
    events = shot.times[1:-1][sudden]
    marks = [begin]
    for time in (*events, end):
        if time - marks[-1] >= _CLOSEST:
            marks.append(float(time))
    marks[-1] = end
    return list(itertools.pairwise(marks)) or [(begin, end)]


def _spread(start: float, end: float) -> list[float]:
    """Times at which to look at a stretch."""
    count = 1 if end - start <= _SHORT else math.ceil((end - start) / _EVERY)
    return [start + (number + 0.5) / count * (end - start) for number in range(count)]


def _differ(shot: Shot, one: View, other: View) -> bool:
    return float(cv2.absdiff(shot.tiny[one.frame], shot.tiny[other.frame]).mean()) > _STILL


@dataclass
class _Trail:
    """One known asset through one shot."""

    shot: Shot
    known: Library
    asset: str
    looked: dict[int, list[Sighting]]

    def matches(self) -> list[Match]:
        """Its stretches in the shot."""
        seen: dict[int, Sighting | None] = {}
        for frame, found in self.looked.items():
            seen[frame] = next((one for one in found if self.known.items[one.item].known.digest == self.asset), None)
        sure = {frame: one for frame, one in seen.items() if one and one.enough}
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
        return self.known.items[self.known.by_digest[self.asset][0]].method == "video"

    def _clock(self, seen: dict[int, Sighting | None], sure: dict[int, Sighting]) -> None:
        """Two more looks, at the first and the last view: a clip's speed is told by its ends."""
        for view in (self.shot.views[0], self.shot.views[-1]):
            if view.frame not in seen:
                found = sightings(view, self.known, "")
                one = next((one for one in found if self.known.items[one.item].known.digest == self.asset), None)
                if one and one.enough:
                    seen[view.frame] = sure[view.frame] = one

    def _second_look(self, doubtful: list[Sighting]) -> dict[int, Sighting]:
        """A doubtful sighting is looked for in other views; enough when it stands in several at one place."""
        best = max(doubtful, key=lambda one: one.strength)
        if not best.doubtful:
            return {}
        others = [view for view in self.shot.views if _differ(self.shot, view, best.view)]
        found = [best, *(one for view in others[:: max(1, len(others) // 3)][:3] if (one := self._again(view, best)))]
        if enough := {one.view.frame: one for one in found if one.enough}:
            return enough
        alike = {one.view.frame: one for one in found if one.doubtful and _near(one, best)}
        return alike if len(alike) > 1 and sum(one.inliers for one in alike.values()) >= _TOGETHER else {}

    def _again(self, view: View, like: Sighting) -> Sighting | None:
        """The same item, mirrored or not as before, in another view."""
        mirrored = bool(np.linalg.det(like.matrix[:, :2]) < 0)
        return sighted(view, self.known.items[like.item], Candidate(like.item, mirrored, 1.0))

    def _fill(self, seen: dict[int, Sighting | None], sure: dict[int, Sighting]) -> None:
        """Look closer where it was not found beside where it was: the index may have passed it over."""
        for frame in [frame for frame in seen if frame not in sure]:
            nearest = min(sure.values(), key=lambda one: abs(one.view.frame - frame))
            again = self._again(self._view(frame), nearest)
            if again and (again.enough or (again.doubtful and _near(again, nearest))):
                sure[frame] = seen[frame] = again
            else:
                seen[frame] = None

    def _view(self, frame: int) -> View:
        return next(view for view in self.shot.views if view.frame == frame)

    def _runs(
        self, seen: dict[int, Sighting | None], sure: dict[int, Sighting]
    ) -> Iterable[tuple[list[Sighting], int | None, int | None]]:
        """Sightings in neighbouring views, with the nearest views on both sides that have none."""
        run: list[Sighting] = []
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

    def _narrowed(self, present: Sighting, absent: int) -> int:
        """A view without it, nearer to where it was seen, if there is one: two more looks at most."""
        here = present.view.frame
        for _ in range(2):
            between = [view for view in self.shot.views if min(here, absent) < view.frame < max(here, absent)]
            if not between:
                break
            view = between[len(between) // 2]
            again = self._again(view, present)
            if again and (again.enough or again.doubtful):
                here = view.frame
            else:
                absent = view.frame
        return absent

    def _told(self, run: list[Sighting], before: int | None, after: int | None) -> Match:
        first, _ = spans.stretch(self.shot, run[0], before, after if len(run) == 1 else None)
        _, end = spans.stretch(self.shot, run[-1], before if len(run) == 1 else None, after)
        best = max(run, key=lambda one: (one.is_copy, one.strength))
        start, stop = float(self.shot.times[first]), float(self.shot.times[end])
        span = Span(start, stop, self.shot.start.at(start), self.shot.start.at(stop))
        return _match(self.known, best, span, self._source_time(run, start, stop))

    def _source_time(self, run: list[Sighting], start: float, stop: float) -> Span | None:
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


def _near(one: Sighting, other: Sighting) -> bool:
    """Whether two sightings have the known picture at about the same place and size."""
    ratio = np.sqrt(abs(np.linalg.det(one.matrix[:, :2]) / np.linalg.det(other.matrix[:, :2])))
    centre = np.array(one.size) / 2
    apart = np.linalg.norm((one.matrix - other.matrix) @ np.array([*centre, 1.0]))
    return bool(0.75 < ratio < 1.33 and apart < 0.2 * max(one.view.gray.shape))


def _match(known: Library, seen: Sighting, time: Span | None, source: Span | None) -> Match:
    item = known.items[seen.item]
    verdict = COPY if seen.is_copy else SHARES
    pictures = words.pair(seen, item.look.small)
    score = round(min(1.0, seen.agreement.share), 3)
    return Match(item.known, item.method, verdict, time, source, score, words.detail(seen), pictures)


def merged(found: Iterable[Match]) -> list[Match]:
    """One match for each known asset and stretch: pieces that touch are one, the surest giving verdict and words."""
    whole: list[Match] = []
    for match in sorted(found, key=lambda match: (match.known.digest, match.time.start if match.time else 0.0)):
        last = whole[-1] if whole else None
        if last and last.known == match.known and last.time and match.time and _touch(last.time, match.time):
            whole[-1] = _joined(last, match)
        else:
            whole.append(match)
    return sorted(whole, key=lambda match: (match.time.start if match.time else 0.0, match.known.path))


def _touch(one: Span, other: Span) -> bool:
    return other.start - one.end <= _GAP


def _joined(one: Match, other: Match) -> Match:
    assert one.time
    assert other.time
    best = max(one, other, key=lambda match: (match.verdict == COPY, match.score))
    last = max(one.time, other.time, key=lambda span: span.end)
    time = Span(one.time.start, last.end, one.time.timecode_in, last.timecode_out)
    source = best.known_time
    if one.known_time and other.known_time:
        source = Span(min(one.known_time.start, other.known_time.start), max(one.known_time.end, other.known_time.end))
    return dataclasses.replace(best, time=time, known_time=source)

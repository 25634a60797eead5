"""Generated material still in deliverables: sentences, groups and rows for every format, and the trend as a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from provenance.model.debt import Debt, DebtItem, DebtNight, DebtState
from provenance.reports.language import format_number, translatable, translate, translate_count

MOST_ROWS = 200
"""Materials that a report for people lists, the oldest first; json has all."""

_AGES = ((7, translatable("up to 7 days")), (30, translatable("8 to 30 days")), (90, translatable("31 to 90 days")))
"""Last day of each class of age, and its name."""
_OLDER = translatable("more than 90 days")

_STATES = {
    DebtState.OPEN: translatable("to replace or approve"),
    DebtState.APPROVED: translatable("approved"),
    DebtState.ALLOWED: translatable("no rule objects"),
}


@dataclass(frozen=True, slots=True)
class DebtRow:
    """One material as a report for people shows it. Dates and names are empty where they are not known."""

    path: str
    origin: str
    state: DebtState
    state_words: str
    places: tuple[str, ...]
    first_seen: str
    since: str
    days: str
    owner: str
    made_with: str
    """The tool, and its vendor where the register has it."""


def describe_debt(debt: Debt) -> str:
    """What has to be done, how old it is, and what is there besides."""
    pending = debt.select(DebtState.OPEN)
    parts = [translate("In deliverables, no generated material is known that must be replaced or approved.")]
    if pending:
        parts = [
            translate_count(
                "{number} piece of material in deliverables is or may be generated and must be replaced or approved.",
                "{number} pieces of material in deliverables are or may be generated and must be replaced or approved.",
                len(pending),
            )
        ]
    if counted := [item.days for item in pending if item.since]:
        days = translate_count("{number} day", "{number} days", max(counted))
        parts.append(translate("The oldest has been there for {days}.", days=days))
    if approved := debt.count(DebtState.APPROVED):
        parts.append(translate_count("{number} piece is approved.", "{number} pieces are approved.", approved))
    if allowed := debt.count(DebtState.ALLOWED):
        parts.append(
            translate_count(
                "No rule of the policy objects to {number} piece.",
                "No rule of the policy objects to {number} pieces.",
                allowed,
            )
        )
    return " ".join(parts)


def list_groups(debt: Debt) -> list[tuple[str, list[tuple[str, int]]]]:
    """What has to be replaced or approved, counted by age, owner and vendor: (heading, (name, number) of each)."""
    pending = debt.select(DebtState.OPEN)
    if not pending:
        return []
    by_age = []
    for name, number in count_by_age(pending).items():
        by_age.append((translate(name), number))
    return [
        (translate("By age"), by_age),
        (translate("By owner"), _count(pending, lambda item: item.owner or translate("no owner named"))),
        (translate("By vendor"), _count(pending, lambda item: name_vendor(item) or translate("not named"))),
    ]


def name_vendor(item: DebtItem) -> str:
    """The vendor of the tool as the register has it, else the tool as the mark names it; empty without either."""
    return item.vendor or item.tool


def count_by_age(items: Sequence[DebtItem]) -> dict[str, int]:
    """Number of materials in each class of age, the classes named in English."""
    # Every class is there, so that a script finds a zero and not nothing.
    ages = dict.fromkeys((*dict(_AGES).values(), _OLDER), 0)
    for item in items:
        ages[_name_age(item.days)] += 1
    return ages


def describe_left_out(debt: Debt) -> str:
    """How many materials a list of `MOST_ROWS` leaves out; empty when it has all."""
    number = len(debt.items) - MOST_ROWS
    if number <= 0:
        return ""
    return translate_count("and {number} more; json has all", "and {number} more; json has all", number)


def list_rows(debt: Debt) -> list[DebtRow]:
    """The materials, those first that have to be replaced or approved, and of these the oldest; `MOST_ROWS` of them."""
    order = list(DebtState)
    items = sorted(debt.items, key=lambda item: order.index(item.state))
    return [_make_row(item) for item in items[:MOST_ROWS]]


def _make_row(item: DebtItem) -> DebtRow:
    made_with = item.tool
    if item.vendor and item.tool:
        made_with = f"{item.tool} ({item.vendor})"
    return DebtRow(
        path=item.path,
        origin=translate(str(item.origin)),
        state=item.state,
        state_words=translate(_STATES[item.state]),
        places=item.places,
        first_seen=item.first_seen,
        since=item.since,
        days=translate_count("{number} day", "{number} days", item.days) if item.since else "",
        owner=item.owner,
        made_with=made_with,
    )


def _name_age(days: int) -> str:
    for last, name in _AGES:
        if days <= last:
            return name
    return _OLDER


def _count(items: Sequence[DebtItem], get_name: Callable[[DebtItem], str]) -> list[tuple[str, int]]:
    """Names with their numbers, the largest first."""
    counts = Counter(map(get_name, items))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


# The trend

WIDTH = 720
"""Units of the drawing across, about one pixel each."""
HEIGHT = 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 12, 26
"""Units around the field: numbers at the left, days below."""
_MOST_POINTS = 60
"""Nights up to which each has a point of its own."""


@dataclass(frozen=True, slots=True)
class Point:
    """One night that counted."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Nights that did not count, between two that did or at an end."""

    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The open materials from night to night, as a drawing."""

    label: str
    """What it shows, for those who do not see it."""
    lines: tuple[str, ...]
    """Points of a line each; a line ends where a night did not count."""
    points: tuple[Point, ...]
    gaps: tuple[Gap, ...]
    levels: tuple[tuple[float, str], ...]
    """Height of a level, and its number."""
    days: tuple[tuple[float, str, str], ...]
    """Place of a day below the field, the side at which its text is held, and the day."""


def draw_trend(debt: Debt) -> Trend | None:
    """The drawing; None for fewer than two nights that counted, which are no trend."""
    nights = debt.nights
    counted = debt.list_counted()
    if len(counted) < 2:
        return None
    highest = max(map(_get_open, counted))
    most = _round_up(highest)
    scale = _Scale(_parse(nights[0].at), _parse(nights[-1].at), most)
    runs = list(_split_into_runs(nights))
    # More points than these run into one another, and the line says it; what no line shows keeps its point.
    shown = counted if len(counted) <= _MOST_POINTS else list(_list_lonely(runs))
    first, last = counted[0], counted[-1]
    label = translate(
        "Material to replace or approve, night by night: {first} on {begin}, {last} on {end}, at most {most}.",
        first=format_number(first.open or 0),
        begin=first.at[:10],
        last=format_number(last.open or 0),
        end=last.at[:10],
        most=format_number(highest),
    )
    return Trend(
        label=label,
        lines=tuple(_draw_lines(runs, scale)),
        points=tuple(_make_point(night, scale) for night in shown),
        gaps=tuple(_list_gaps(nights, scale)),
        levels=tuple(map(scale.draw_level, (0, most // 2, most))),
        days=((_LEFT, "start", nights[0].at[:10]), (WIDTH - _RIGHT, "end", nights[-1].at[:10])),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Nights and numbers -> units of the drawing."""

    begin: float
    end: float
    most: int

    def place_night(self, night: DebtNight) -> float:
        """Units from the left, by the time of the night."""
        # A clock that was turned back puts a night at the edge instead of outside.
        share = (_parse(night.at) - self.begin) / max(1.0, self.end - self.begin)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (WIDTH - _LEFT - _RIGHT), 1)

    def place_level(self, level: int) -> float:
        """Units from the top."""
        return round(HEIGHT - _BOTTOM - level * (HEIGHT - _TOP - _BOTTOM) / self.most, 1)

    def draw_level(self, level: int) -> tuple[float, str]:
        """Its place, and its number."""
        return self.place_level(level), format_number(level)

    def place(self, night: DebtNight) -> str:
        """Both, as a line takes them."""
        return f"{self.place_night(night)},{self.place_level(_get_open(night))}"


def _get_open(night: DebtNight) -> int:
    return night.open or 0


def _split_into_runs(nights: Sequence[DebtNight]) -> Iterator[list[DebtNight]]:
    """Yield nights that counted, as long as none between them did not."""
    run: list[DebtNight] = []
    for night in nights:
        if night.open is not None:
            run.append(night)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _list_lonely(runs: Sequence[Sequence[DebtNight]]) -> Iterator[DebtNight]:
    """Nights with gaps at both sides: no line shows them."""
    for run in runs:
        if len(run) == 1:
            yield run[0]


def _draw_lines(runs: Sequence[Sequence[DebtNight]], scale: _Scale) -> Iterator[str]:
    for run in runs:
        if len(run) > 1:
            yield " ".join(map(scale.place, run))


def _make_point(night: DebtNight, scale: _Scale) -> Point:
    label = translate(
        "{day}: {open} to replace or approve, {approved} approved",
        day=night.at[:10],
        open=format_number(night.open or 0),
        approved=format_number(night.approved or 0),
    )
    return Point(scale.place_night(night), scale.place_level(night.open or 0), label)


def _list_gaps(nights: Sequence[DebtNight], scale: _Scale) -> Iterator[Gap]:
    """Yield the fields between nights that counted, where others did not."""
    begin, missing = float(_LEFT), 0
    for night in nights:
        if night.open is None:
            missing += 1
            continue
        x = scale.place_night(night)
        if missing:
            yield _make_gap(begin, x, missing)
        begin, missing = x, 0
    if missing:
        yield _make_gap(begin, float(WIDTH - _RIGHT), missing)


def _make_gap(begin: float, end: float, missing: int) -> Gap:
    label = translate_count("{number} night did not count", "{number} nights did not count", missing)
    return Gap(begin, round(max(1.0, end - begin), 1), label)


def _round_up(number: int) -> int:
    """The next even number up to ten, then the next of two digits that matter: the axis has a middle."""
    if number <= 10:
        return max(2, number + number % 2)
    step = int("1" + "0" * (len(str(number)) - 1))
    return -(-number // step) * step


def _parse(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()

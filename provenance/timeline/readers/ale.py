"""Avid Log Exchange: a table of clips with their tapes and timecodes.

Avid Log Specifications: a heading of keys and values, the names of the columns, then one line a
clip, separated by tabs.
A log has no record side: a clip stands at its own timecode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import ClassVar

from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock, snap_rate
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event, SourceNames, SourceRange, find_end
from provenance.timeline.names import get_file_name, is_path, name_source, read_reference, read_umid
from provenance.timeline.text_lists import decode_list, split_lines

_REELS = ("tape", "tape name", "reel", "reel name", "reel #", "source tape", "camroll", "tapeid")
_FILES = ("source file", "source file name", "filename", "file name", "display name", "original_file")
_PATHS = ("source file path", "source path", "file path", "unc path", "media file path")
_UMIDS = ("umid", "source umid", "mob id", "package id")
_MOST_COLUMNS = 2_000
_HIGHEST_RATE = 1_000
_MOST_ROWS = 200_000


class Ale(CutReader):
    """The clips of a log."""

    name = "ale"
    title = "Avid log (ALE)"
    suffixes: ClassVar[tuple[str, ...]] = (".ale",)

    def accepts(self, source: Source) -> bool:
        """By its first word, or its name."""
        return bool(
            re.match(rb"(\xef\xbb\xbf)?\s*Heading\s*[\r\n]", source.at(0, 200))
        ) or source.name.lower().endswith(self.suffixes)

    def read(self, source: Source, options: CutOptions) -> Iterator[Cut | Trouble]:
        """Yield the log as one cut."""
        size = source.limits.cut_list
        if source.size > size:
            yield Trouble("", self.name, Cause.OVERSIZED, f"only the first {size:,} bytes of the log were read")
        lines = split_lines(decode_list(source.at(0, size)))
        heading, columns, rows = _split(lines)
        if not columns:
            yield Trouble("", self.name, Cause.MALFORMED, "contains no table of clips")
            return
        clock, rate_from = options.settle_clock(_read_rate(heading))
        events = tuple(_make_event(number, columns, row, clock) for number, row in enumerate(rows[:_MOST_ROWS], 1))
        not_read = {}
        if len(rows) > len(events):
            not_read["row beyond the limit"] = len(rows) - len(events)
        yield Cut(
            format="ale",
            name=get_file_name(source.name).rpartition(".")[0],
            clock=clock,
            rate_from=rate_from,
            start=min((event.record_in for event in events), default=None),
            end=find_end(events, 0),
            events=events,
            tracks=("V1",),
            not_read=not_read,
        )


def _split(lines: list[str]) -> tuple[dict[str, str], list[str], list[list[str]]]:
    """The heading, the names of the columns in lower case, and the rows."""
    heading: dict[str, str] = {}
    columns: list[str] = []
    rows: list[list[str]] = []
    part = ""
    for line in lines:
        word = line.strip().lower()
        if word in ("heading", "column", "data") and "\t" not in line.strip():
            part = word
        elif not word:
            continue
        elif part == "heading":
            key, _, value = line.partition("\t")
            heading[key.strip().lower()] = value.strip()
        elif part == "column" and not columns:
            columns = _split_cells(line.lower())
        elif part == "data":
            rows.append(_split_cells(line))
    return heading, columns, rows


def _split_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")[:_MOST_COLUMNS]]


def _read_rate(heading: Mapping[str, str]) -> Fraction | None:
    try:
        rate = float(heading.get("fps", ""))
    except ValueError:
        return None
    # NaN, which `float` reads as well, is in no range.
    if not 1 <= rate <= _HIGHEST_RATE:
        return None
    return snap_rate(rate)


def _make_event(number: int, columns: list[str], row: list[str], clock: Clock) -> Event:
    values = {name: value for name, value in zip(columns, row, strict=False) if value}
    drop = clock.has_drop and ";" in values.get("start", "")
    source_clock = Clock(clock.rate, drop)
    start = source_clock.read(values.get("start", ""))
    end = source_clock.read(values.get("end", ""))
    event = Event("V1", 0, 0, _name_source(values), str(number))
    if start is None or end is None or start > end:
        return event
    used = SourceRange(start, end, source_clock, is_label=True)
    return replace(event, record_in=start, record_out=end, used=used)


def _name_source(values: Mapping[str, str]) -> SourceNames:
    files = _pick(values, _FILES)
    return name_source(
        clips=[values.get("name")],
        # Some programs write the whole path where others write the name.
        files=map(get_file_name, map(read_reference, files)),
        references=[*_pick(values, _PATHS), *filter(is_path, files)],
        reels=_pick(values, _REELS),
        umids=map(read_umid, _pick(values, _UMIDS)),
    )


def _pick(values: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    return [values[name] for name in names if name in values]

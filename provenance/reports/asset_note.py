"""All that is known of one asset, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.model.asset import Appearance
from provenance.model.evidence import Statement
from provenance.model.finding import Because, Case
from provenance.model.match import Match
from provenance.reports import sentences
from provenance.reports.escape import short, visible
from provenance.reports.reasons import reason


def lines(case: Case) -> Iterator[str]:
    """The note on one asset at one place, line by line. All that the file says in it is escaped."""
    asset, location = case.reading.asset, case.location
    yield visible(f"{location.path}  (in {location.root}, zone {location.zone})")
    yield f"  {case.origin}: {sentences.ORIGINS[case.origin]}"
    yield f"  {asset.digest}"
    yield visible(f"  {asset.media_type}, {sentences.size(asset.size)}{_shape(case)}")
    yield from _reasons(case)
    yield from _credentials(case)
    for trouble in case.reading.troubles:
        yield visible(f"  could not look ({trouble.stage}): {trouble.detail}")
    if case.reading.statements:
        yield f"  what the file says ({sentences.count(len(case.reading.statements), 'statement')}):"
        yield from map(_said, case.reading.statements)


def appearances(found: list[Appearance]) -> Iterator[str]:
    """Where a known asset was found, line by line."""
    if found:
        yield f"  found in ({sentences.count(len(found), 'time')}):"
    for row in found:
        match, place = row.match, row.location
        gone = f", gone since {row.vanished_at}" if row.vanished_at else ""
        at = f" at {_times(match)}" if sentences.found_at(match) else ""
        told = f"{sentences.verdict_of(match)} by {match.method}"
        yield visible(f"    {place.path}{at}: {told}, {match.detail}  (in {place.root}{gone})")


def _times(match: Match) -> str:
    """Frames and timecodes where the file has them, and seconds from its first frame."""
    coded = match.frames or (match.time and match.time.timecode_in)
    seconds = f" ({match.time.start:.3f} – {match.time.end:.3f} s)" if match.time and coded else ""
    return sentences.found_at(match) + seconds


def _shape(case: Case) -> str:
    asset = case.reading.asset
    size = f", {asset.width} x {asset.height}" if asset.width and asset.height else ""
    length = f", {sentences.clock(asset.duration)}" if asset.duration else ""
    return size + length + (f", written by {asset.writer}" if asset.writer else "")


def _reasons(case: Case) -> Iterator[str]:
    yield from _each(case.reading.evidence, "  ")
    if case.matches:
        yield f"  known material found in it ({sentences.count(len(case.matches), 'time')}):"
        yield from _each(case.matches, "    ")


def _each(reasons: Sequence[Because], indent: str) -> Iterator[str]:
    for row in map(reason, reasons):
        yield visible(f"{indent}- {row.said}")
        yield visible(f"{indent}  {' · '.join(row.facts)}")
        if row.used:
            yield visible(f"{indent}  {row.used}")


def _credentials(case: Case) -> Iterator[str]:
    for row in case.reading.credentials:
        yield visible(
            f"  credential ({row.where}): binding {row.binding}, signature {row.signature}, trust {row.trust}"
            f"{f' by {row.list}' if row.list else ''}, time {row.time}, signer {row.signer or 'not named'}"
        )


def _said(statement: Statement) -> str:
    return visible(f"    {statement.carrier} · {statement.where} · {statement.key} = {short(statement.value, 200)}")

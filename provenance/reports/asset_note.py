"""All that is known of one asset, in words."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model import Because, Case, Statement
from provenance.reports import words
from provenance.reports.clean import short, visible
from provenance.reports.reasons import reason


def lines(case: Case) -> Iterator[str]:
    """The note on one asset at one place, line by line. All that the file says in it is escaped."""
    asset, location = case.reading.asset, case.location
    yield visible(f"{location.path}  (in {location.root}, zone {location.zone})")
    yield f"  {case.origin}: {words.ORIGINS[case.origin]}"
    yield f"  {asset.digest}"
    yield visible(f"  {asset.media_type}, {words.size(asset.size)}{_shape(case)}")
    yield from _reasons(case)
    yield from _credentials(case)
    for trouble in case.reading.troubles:
        yield visible(f"  could not look ({trouble.stage}): {trouble.detail}")
    if case.reading.statements:
        yield f"  what the file says ({words.count(len(case.reading.statements), 'statement')}):"
        yield from map(_said, case.reading.statements)


def _shape(case: Case) -> str:
    asset = case.reading.asset
    size = f", {asset.width} x {asset.height}" if asset.width and asset.height else ""
    length = f", {words.clock(asset.duration)}" if asset.duration else ""
    return size + length + (f", written by {asset.writer}" if asset.writer else "")


def _reasons(case: Case) -> Iterator[str]:
    reasons: list[Because] = [*case.reading.evidence, *case.matches]
    for row in map(reason, reasons):
        yield visible(f"  - {row.said}")
        yield visible(f"    {' · '.join(row.facts)}")
        if row.used:
            yield visible(f"    {row.used}")


def _credentials(case: Case) -> Iterator[str]:
    for row in case.reading.credentials:
        yield visible(
            f"  credential ({row.where}): binding {row.binding}, signature {row.signature}, trust {row.trust}"
            f"{f' by {row.list}' if row.list else ''}, time {row.time}, signer {row.signer or 'not named'}"
        )


def _said(statement: Statement) -> str:
    return visible(f"    {statement.carrier} · {statement.where} · {statement.key} = {short(statement.value, 200)}")

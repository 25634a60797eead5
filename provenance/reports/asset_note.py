"""A note on one asset, in plain words: everything that is known about it, and where it was found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.model.asset import Appearance
from provenance.model.evidence import Credential, Statement
from provenance.model.finding import Because, Case
from provenance.model.match import Match
from provenance.reports import sentences
from provenance.reports.content import describe_content
from provenance.reports.escape import make_visible, shorten
from provenance.reports.reading_days import describe_reading
from provenance.reports.reasons import describe_reason
from provenance.reports.trust_sentences import describe_trust
from provenance.units import format_bytes, format_clock

_LONGEST_VALUE = 200
"""Characters of one statement's value; `--format json` has all of them."""


def describe_case(case: Case, contact: str | None = None) -> Iterator[str]:
    """Yield the note on one asset at one place, line by line. All text from the file is escaped.

    `contact`: whom to ask about the file, if that is known.
    """
    asset, location = case.reading.asset, case.location
    yield make_visible(f"{location.path}  (in {location.root}, zone {location.zone})")
    if contact:
        yield make_visible(f"  {contact}")
    if case.read_on:
        yield f"  {describe_reading(case)}"
    yield f"  own marks: {case.origin}. {sentences.ORIGINS[case.origin]}"
    yield f"  found content: {describe_content(case) or 'none recorded'}"
    yield f"  {asset.digest}"
    yield make_visible(f"  {_describe_shape(case)}")

    # first the conclusions, then the raw metadata that they come from
    yield from _describe_reasons(case.reading.evidence, "  ")
    if case.matches:
        yield f"  contains known material ({_format_matches(len(case.matches))}):"
        yield from _describe_reasons(case.matches, "    ")

    for credential in case.reading.credentials:
        yield make_visible(f"  {_describe_credential(credential)}")
    for trouble in case.reading.troubles:
        yield make_visible(f"  could not be checked ({trouble.stage}): {trouble.detail}")

    statements = case.reading.statements
    if statements:
        yield f"  metadata in the file ({sentences.format_count(len(statements), 'statement', 'statements')}):"
        yield from map(_describe_statement, statements)


def describe_appearances(appearances: list[Appearance]) -> Iterator[str]:
    """Yield the places in which a known asset was found again, line by line."""
    if appearances:
        yield f"  found in other files ({_format_matches(len(appearances))}):"
    for row in appearances:
        match, place = row.match, row.location
        path = place.path
        if sentences.describe_match_place(match):
            path += f" at {_describe_times(match)}"
        verdict = f"{sentences.describe_match_verdict(match)} by {match.method}"
        root = place.root
        if row.vanished_at:
            root += f", gone since {row.vanished_at}"
        yield make_visible(f"    {path}: {verdict}, {match.detail}  (in {root})")


def _format_matches(number: int) -> str:
    return sentences.format_count(number, "match", "matches")


def _describe_times(match: Match) -> str:
    """Frames and timecodes where the file has them, then seconds from its first frame."""
    place = sentences.describe_match_place(match)
    if match.time is None:
        return place
    if match.frames or match.time.timecode_in:
        return f"{place} ({match.time.start:.3f} – {match.time.end:.3f} s)"
    # without frames and timecode the place is seconds already
    return place


def _describe_shape(case: Case) -> str:
    asset = case.reading.asset
    parts = [asset.media_type, format_bytes(asset.size)]
    if asset.width and asset.height:
        parts.append(f"{asset.width} x {asset.height}")
    if asset.duration:
        parts.append(format_clock(asset.duration))
    if asset.writer:
        parts.append(f"written by {asset.writer}")
    return ", ".join(parts)


def _describe_reasons(reasons: Sequence[Because], indent: str) -> Iterator[str]:
    for row in map(describe_reason, reasons):
        yield make_visible(f"{indent}- {row.text}")
        yield make_visible(f"{indent}  {' · '.join(row.facts)}")
        if row.used:
            yield make_visible(f"{indent}  {row.used}")


def _describe_credential(credential: Credential) -> str:
    return (
        f"credential ({credential.where}): binding {credential.binding}, signature {credential.signature}, "
        f"trust {describe_trust(credential)}, time {credential.time}, signer {credential.signer or 'not named'}"
    )


def _describe_statement(statement: Statement) -> str:
    value = shorten(statement.value, _LONGEST_VALUE)
    return make_visible(f"    {statement.carrier} · {statement.where} · {statement.key} = {value}")

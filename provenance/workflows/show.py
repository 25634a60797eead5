"""`show`: all that is known of one asset, in words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.reports import asset_note
from provenance.reports.escape import make_visible
from provenance.trust import withhold_trust
from provenance.workflows.contact import describe_contact
from provenance.workflows.find import find_cases
from provenance.workflows.run import RunContext

_DIGITS = re.compile(r"[0-9a-f]{8,64}")


def describe_asset(name: str, context: RunContext) -> Iterator[str]:
    """All that is known of one asset, and where it was found. Raises `UsageError` when nothing is."""
    with context.open_catalogue(write=False) as catalogue:
        cases = find_cases(name, catalogue, context.settings.storages)
        listed = list(_describe_listed(name, catalogue))
        yield from listed
        if not cases and not listed:
            hint = "ingest or scan it first; name it as a report prints it, or give 8 digits of its digest"
            raise UsageError(f"the catalogue knows nothing of {name}", hint)
        lists = context.load_trust_store().lists
        for case in cases:
            yield from asset_note.describe_case(withhold_trust(case, lists), describe_contact(case.location))
        for digest in dict.fromkeys(case.reading.asset.digest for case in cases):
            yield from asset_note.describe_appearances(catalogue.find_appearances(digest))
            yield from _describe_earlier_places(catalogue, digest)


def _describe_listed(name: str, catalogue: Catalogue) -> Iterator[str]:
    """What lists of known material from elsewhere say of these bytes."""
    digits = name.removeprefix("sha256:")
    if not _DIGITS.fullmatch(digits):
        return
    for digest in catalogue.known_lists.find_digests(f"sha256:{digits}"):
        found = catalogue.known_lists.find_item(digest)
        if found is None:
            continue
        yield make_visible(f"{found.item.path} (known from a list)")
        yield make_visible(f"  list        {found.list.label}, taken in {found.list.entered_at}")
        yield f"  digest      {digest}"
        yield f"  origin      {found.item.origin.value}"
        for evidence in found.item.evidence:
            yield make_visible(f"  evidence    {evidence.standing.value}: {evidence.detail} ({evidence.where})")
        if catalogue.find_reading(digest) is None:
            yield from asset_note.describe_appearances(catalogue.find_appearances(digest))


def _describe_earlier_places(catalogue: Catalogue, digest: str) -> Iterator[str]:
    """Where the same bytes were before, and when they were last seen there."""
    for place in catalogue.list_earlier_places(digest):
        path = os.path.join(place.location.root, place.location.path)
        times = catalogue.find_times(place.location.root, place.location.path_bytes)
        if place.is_replaced or times is None:
            yield make_visible(f"  earlier at {path}: found replaced {place.gone_at}")
        else:
            yield make_visible(f"  earlier at {path}: last seen {times.last_at}, found gone {place.gone_at}")

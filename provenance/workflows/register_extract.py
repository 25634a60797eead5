"""What the register says about the content of one report: the extract that a bundle carries."""

from __future__ import annotations

from collections.abc import Collection

from provenance.catalogue.store import Catalogue
from provenance.reports.register_note import ListedEntry
from provenance.workflows.register import dump_listed, list_registered
from provenance.workflows.run import RunContext


def load_register_extract(catalogue: Catalogue, context: RunContext, digests: Collection[str]) -> str:
    """The document of `register list --format json`, with the entries about these contents alone.

    An intended use that such an entry names comes with it, and so does the tool of such a use. Entries about other
    material, and those that name no content, stay out: a client sees nothing of another production.
    """
    rows = list_registered(catalogue, context)
    chosen = [row for row in rows if _is_about(row, digests)]
    # An approval names a use, and a use names a tool.
    for kind in ("use", "tool"):
        named: set[str] = set()
        for row in chosen:
            named.update(row.registered.entry.list(kind))
        chosen += [row for row in rows if _is_called(row, kind, named) and row not in chosen]
    return dump_listed([row for row in rows if row in chosen])


def _is_about(row: ListedEntry, digests: Collection[str]) -> bool:
    return not set(row.registered.entry.list("content")).isdisjoint(digests)


def _is_called(row: ListedEntry, kind: str, names: Collection[str]) -> bool:
    return row.registered.entry.kind == kind and row.registered.entry.id in names

"""The register as rules of policies and `register check` ask of it, with what it has to look up in the catalogue."""

from __future__ import annotations

import os
from collections.abc import Sequence

from provenance.catalogue.store import Catalogue
from provenance.model.finding import Case
from provenance.policy.reconcile import ApprovedPlace, Register
from provenance.workflows.run import RunContext, find_today


def load_register(catalogue: Catalogue, context: RunContext) -> Register:
    """What counts in the register today, with all that it needs to look up."""
    entries = catalogue.load_entries()
    places = []
    for stored in catalogue.list_approvals():
        binding = stored.binding
        if binding and binding.entry:
            for path, place in zip(binding.paths, binding.places, strict=False):
                places.append(ApprovedPlace(binding.entry, stored.approval.digest, path, place))
    look_up = _LookUp(catalogue)
    return Register(entries, find_today(catalogue, context, entries), places, look_up.find_named, look_up.is_present)


class _LookUp:
    """Asks the catalogue, each question once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._named: dict[str, list[Case]] = {}

    def find_named(self, name: str) -> Sequence[Case]:
        """The cases of that file name."""
        if name not in self._named:
            self._named[name] = self._catalogue.find_by_name(name)
        return self._named[name]

    def is_present(self, digest: str, root: str) -> bool:
        """Whether a content is at any place below a folder now."""
        for case in self._catalogue.find_by_digest(digest):
            location = case.location
            if not location.is_below(os.fsencode(root)):
                continue
            now = self._catalogue.find_present(location.root, location.path_bytes)
            if now and now.reading.asset.digest == digest:
                return True
        return False

"""A hash that cannot be computed here."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageHashUnknown(PackageRule):
    """Fires on a file of which a list gives a hash by an algorithm that is not known here."""

    name = "package_hash_unknown"
    title = "A hash that cannot be computed here"
    why = "Nothing was compared."
    remedy = "Verify the list with the program that made it."

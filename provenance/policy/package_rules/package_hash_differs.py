"""A file is not the one that was listed."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageHashDiffers(PackageRule):
    """Fires on a file of which a list gives another hash."""

    name = "package_hash_differs"
    title = "A file is not the one that was listed"
    why = "A bit fell over in a copy, or the file was replaced by another of the same size."
    remedy = "Copy it again from its source, or find out who changed it."

"""A listed file is not there."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageFileMissing(PackageRule):
    """Fires on a file that an asset map, a packing list or a hash list names and that is not in the package."""

    name = "package_file_missing"
    title = "A listed file is not there"
    why = "The delivery is not whole; what is missing was not looked at either."
    remedy = "Deliver the file, or make the list anew."

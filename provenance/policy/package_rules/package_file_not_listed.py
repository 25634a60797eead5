"""A file that no list names."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageFileNotListed(PackageRule):
    """Fires on a file in a package or below an ASC MHL history that none of its lists names."""

    name = "package_file_not_listed"
    title = "A file that no list names"
    why = "Nobody vouches for it: it may have been added on the way."
    remedy = "Take it out, or make the list anew."

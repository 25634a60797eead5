"""A composition needs files that the package lacks."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageIncomplete(PackageRule):
    """Fires on a composition playlist that names track files which its asset map lacks, as supplemental packages do."""

    name = "package_incomplete"
    title = "A composition needs files that the package lacks"
    why = "What the composition shows is not all here, so it was not all looked at."
    remedy = "Scan it together with the package that it supplements."

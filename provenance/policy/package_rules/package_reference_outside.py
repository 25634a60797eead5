"""A list leads outside of its package."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageReferenceOutside(PackageRule):
    """Fires on a list that names an absolute path, or one that leads out of its folder. It is never opened."""

    name = "package_reference_outside"
    title = "A list leads outside of its package"
    why = "What is outside is not delivered, and may be anything on the machine of whoever opens it."
    remedy = "Make the package anew with everything inside it."

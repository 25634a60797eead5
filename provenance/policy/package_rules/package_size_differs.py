"""A file has another size than its list says."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageSizeDiffers(PackageRule):
    """Fires on a file whose size is not the one in a list. Its hash is not reported as well."""

    name = "package_size_differs"
    title = "A file has another size than its list says"
    why = "The file was cut short, or replaced after the list was made."
    remedy = "Copy it again from its source, or find out who changed it."

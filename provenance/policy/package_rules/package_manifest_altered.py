"""A list of files was changed."""

from __future__ import annotations

from provenance.policy.interface import PackageRule


class PackageManifestAltered(PackageRule):
    """Fires on a manifest of an ASC MHL history that the chain file gives another hash of."""

    name = "package_manifest_altered"
    title = "A list of files was changed"
    why = "Whoever changes a file can change its hash in the list as well; the chain shows that."
    remedy = "Ask whoever made the history for the manifest as it was."

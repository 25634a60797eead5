"""What is wrong with a package of files: a list says one thing, and the files another."""

from __future__ import annotations

from provenance.model.value import value


@value
class PackageFault:
    """One disagreement between a list of files and what is there."""

    rule: str
    """`package_file_missing` and the like: the rule that it violates."""
    path: str
    """The file concerned, relative to `root`."""
    root: str
    list_path: str
    """The list that names it, relative to `root`."""
    message: str
    digest: str = ""
    """Of the file, where it is there."""

"""Vocabularies of the contract: origins, standings, subjects of statements, causes of trouble, severities, zones."""

from __future__ import annotations

import enum


class Origin(enum.StrEnum):
    """How an asset was made, as far as it is known. `UNKNOWN` means no evidence, never "clean"."""

    GENERATED = "generated"
    PARTLY_GENERATED = "partly-generated"
    POSSIBLY_GENERATED = "possibly-generated"
    ENHANCED = "enhanced"
    CAPTURED = "captured"
    CREATED = "created"
    UNKNOWN = "unknown"


AI_ORIGINS = frozenset({Origin.GENERATED, Origin.PARTLY_GENERATED})
"""Origins of assets that generative AI made, whole or in part."""

SUSPECT = frozenset({*AI_ORIGINS, Origin.POSSIBLY_GENERATED})
"""Origins of the known material that is searched for in a deliverable by default."""


class Standing(enum.StrEnum):
    """How far a statement can be believed, strongest first."""

    TRUSTED = "trusted"
    """Valid signature, binding intact, signer on a trust list."""
    SIGNED = "signed"
    """Valid signature by a signer who is not on a trust list: anyone could have signed it."""
    BROKEN = "broken"
    """Signed once; the signature or the binding to these bytes no longer holds."""
    DECLARED = "declared"
    """A standard field says so; anyone can write or remove it."""
    TRACE = "trace"
    """A tool's own mark, which it leaves in the files that it saves."""
    INFERRED = "inferred"
    """Read from the pixels or samples themselves."""
    MATCHED = "matched"
    """Found again by content."""


class About(enum.StrEnum):
    """The subject of a statement, as seen from the asset that contains it."""

    ASSET = "asset"
    PARENT = "parent"
    """The one asset that this asset was derived from."""
    COMPONENT = "component"
    """Something placed inside this asset."""
    INPUT = "input"
    """Something that was given to a process; it need not be visible in the asset."""
    REMOVED = "removed"
    """Something that was placed in this asset and removed again."""


class Cause(enum.StrEnum):
    """Why something could not be checked."""

    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    SLOW = "slow"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    UNSTABLE = "unstable"
    NOT_INSTALLED = "not-installed"
    REMOTE = "remote"


PASSING_CAUSES = frozenset({Cause.UNREADABLE, Cause.UNSTABLE, Cause.SLOW, Cause.CRASHED, Cause.NOT_INSTALLED})
"""Causes that may be gone the next time: what they stopped is tried again although nothing about the file changed."""


class Severity(enum.StrEnum):
    """What a finding asks people to do: stop the delivery, review it, or take note."""

    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest severity, larger for milder ones."""
        return list(Severity).index(self)


class Zone(enum.StrEnum):
    """The purpose of a storage."""

    EDITORIAL = "editorial"
    TEMP = "temp"
    ARCHIVE = "archive"
    REFERENCE = "reference"
    DELIVERABLE = "deliverable"

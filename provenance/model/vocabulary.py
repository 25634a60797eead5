"""The closed vocabularies of the contract: what an asset may be, how far a statement can be believed, why it failed."""

from __future__ import annotations

import enum


class Origin(enum.StrEnum):
    """What an asset is known to be. `UNKNOWN` means no evidence, never "clean"."""

    GENERATED = "generated"
    PARTLY_GENERATED = "partly-generated"
    POSSIBLY_GENERATED = "possibly-generated"
    ENHANCED = "enhanced"
    CAPTURED = "captured"
    CREATED = "created"
    UNKNOWN = "unknown"


AI_ORIGINS = frozenset({Origin.GENERATED, Origin.PARTLY_GENERATED})
"""Origins that say generative AI made the asset or a part of it."""


SUSPECT = frozenset({*AI_ORIGINS, Origin.POSSIBLY_GENERATED})
"""Origins of what is looked for in a deliverable when nothing else is asked for."""


class Standing(enum.StrEnum):
    """How far a statement can be believed, strongest first."""

    TRUSTED = "trusted"
    """Valid signature, binding intact, signer on a trust list."""
    SIGNED = "signed"
    """Valid signature by somebody who is on no trust list: anyone could have signed it."""
    BROKEN = "broken"
    """Signed once; the signature or the binding to these bytes no longer holds."""
    DECLARED = "declared"
    """A standard field says so; anyone can write or remove it."""
    TRACE = "trace"
    """A tool's own mark, left by its way of saving files."""
    INFERRED = "inferred"
    """Read out of the pixels or samples themselves."""
    MATCHED = "matched"
    """Found again by content."""


class About(enum.StrEnum):
    """Of what a statement speaks, seen from the asset that carries it."""

    ASSET = "asset"
    PARENT = "parent"
    """The one thing this asset was derived from."""
    COMPONENT = "component"
    """Something placed inside this asset."""
    INPUT = "input"
    """Something that was fed to a process; it need not show in the asset."""
    REMOVED = "removed"
    """Something that was placed and taken out again."""


class Cause(enum.StrEnum):
    """Why something could not be looked at."""

    UNREADABLE = "unreadable"
    MALFORMED = "malformed"
    OVERSIZED = "oversized"
    SLOW = "slow"
    CRASHED = "crashed"
    UNSUPPORTED = "unsupported"
    UNSTABLE = "unstable"
    NOT_INSTALLED = "not-installed"
    REMOTE = "remote"


class Severity(enum.StrEnum):
    """What a finding asks for: stop, look, know."""

    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest; a lower rank outweighs a higher one."""
        return list(Severity).index(self)


class Zone(enum.StrEnum):
    """What a storage is used for."""

    EDITORIAL = "editorial"
    TEMP = "temp"
    ARCHIVE = "archive"
    REFERENCE = "reference"
    DELIVERABLE = "deliverable"

"""What people declared about one content, as far as the conditions of a policy ask for it."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from provenance.model.value import value


class Purpose(enum.StrEnum):
    """What generative AI is used for; six of them are the rows of Netflix's matrix of uses."""

    IDEATION = "ideation"
    BACKGROUND = "background"
    KEY_VISUAL = "key-visual"
    TALENT = "talent"
    TRAINING = "training"
    PROPRIETARY = "proprietary"
    ENHANCEMENT = "enhancement"
    OTHER = "other"


class Prominence(enum.StrEnum):
    """How much a use matters on screen."""

    INCIDENTAL = "incidental"
    STORY = "story"


class Licence(enum.StrEnum):
    """The terms under which the tool of a use is used."""

    ENTERPRISE = "enterprise"
    PAID = "paid"
    FREE = "free"
    LOCAL = "local"


class PresentedAsReal(enum.StrEnum):
    """Whether the audience is to take it for a real person, place or event."""

    YES = "yes"
    NO = "no"


WORLD = "world"
"""The territory that holds every other."""


@value
class DeclaredUse:
    """One intended use of a content. None: that was not declared."""

    purpose: Purpose | None = None
    prominence: Prominence | None = None
    licence: Licence | None = None
    """Of the tool that made it."""
    presented_as_real: PresentedAsReal | None = None


@value
class Declared:
    """Everything declared about one content. Both may be empty."""

    uses: tuple[DeclaredUse, ...] = ()
    territories: tuple[str, ...] = ()
    """Where it is to be shown: ISO 3166 codes of two letters, or `world`."""


Declarations = Mapping[str, Declared]
"""By digest. A content that is not in it: nothing is declared about it."""

NOTHING_DECLARED: Declarations = {}

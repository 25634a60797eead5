"""Signs of life of a night."""

from __future__ import annotations

import enum


class Sign(enum.Enum):
    """A sign, and what it adds to the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"

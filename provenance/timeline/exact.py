"""Exact times that stay small enough to be added up."""

from __future__ import annotations

from fractions import Fraction

_FINEST = 705_600_000
"""Parts of a second that hold a frame of every usual rate."""
_LARGEST_DENOMINATOR = 2**64


def keep_small(time: Fraction) -> Fraction:
    """The same time; rounded, when its fraction has grown so that every further sum would take longer."""
    if time.denominator < _LARGEST_DENOMINATOR:
        return time
    return Fraction(round(time * _FINEST), _FINEST)

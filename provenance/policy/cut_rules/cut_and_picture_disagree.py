"""A cut that names other generated material than its picture shows."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.model.cut import Use
from provenance.policy.interface import CutRule, Violation


class CutAndPictureDisagree(CutRule):
    """Fires where the rendered picture of a cut shows generated material that the cut does not name, or the reverse.

    The picture of a cut is a movie in the delivery at the rate of the cut, whose timecode covers it.
    """

    name = "cut_and_picture_disagree"
    title = "The cut and its picture disagree"
    why = "Either the list is not of this picture, or something came into the picture past the list."
    remedy = "Compare the picture with the cut at this place, and export the cut again if it is an older one."
    waivable = False

    def judge(self, use: Use) -> Iterator[Violation]:
        """Nothing for a use alone: `policy.compare_with_picture` sees cut and picture together."""
        del use
        yield from ()

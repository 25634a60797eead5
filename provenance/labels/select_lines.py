"""Which lines of a picture count as labels: whole lines that say something, at places where such labels stand.

What has to be known of the neighbours of a line is decided here: a subtitle that breaks before `AI-generated` is no
label, a credit in a corner is no preview, and a list of names is neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.evidence.text.visible_text import Meaning, find_meanings
from provenance.labels.reader import Box, Line

_WIDEST_GAP = 1.0
"""Heights of a line between two lines of one block, at most."""
_MOST_DIFFERENT = 1.6
"""Heights of two lines of one block, divided."""
_MOST_LINES_OF_LABEL = 4
"""Lines of a disclosure that is broken."""
_MOST_OTHERS = 3
"""Other lines in a frame up to which a preview or a word on a sign counts: credits and documents have more."""
_MOST_OTHERS_OF_SLATE = 12
"""The same for a slate: `MEDIA OFFLINE` is written in many languages at once."""
_EDGE = 0.2
"""Share of the width or height at each edge where names of generators stand."""
_TALLEST_NAME = 0.08
"""Share of the height of the frame up to which a name is small."""
_CREDIT_EDGE = 0.15
"""Share of the height at the upper and the lower edge, where credits stand …"""
_TALLEST_CREDIT = 0.05
"""… up to this share of the height."""
_SMALLEST_WORD = 0.025
"""Share of the height from which on a word of a slate that also stands on signs is large."""
_LARGE_WORD = 0.08
"""The same in a still, of which nobody can see whether it stands still."""

POSITIONS = (("upper left", "top", "upper right"), ("left", "middle", "right"), ("lower left", "bottom", "lower right"))
"""Words for the thirds of a frame."""


@dataclass(frozen=True, slots=True)
class Label:
    """A line, or the lines of one block, that count."""

    text: str
    box: Box
    meanings: frozenset[Meaning]

    @property
    def must_stand_still(self) -> bool:
        """Whether it counts only where it stands still for the shot: the word alone may be anything."""
        return self.meanings <= {Meaning.WEAK_VENDOR, Meaning.WEAK_SLATE}


def select_labels(lines: Sequence[Line], *, is_still: bool = False) -> list[Label]:
    """The labels among the lines of one picture. `is_still`: nobody can see whether a word stands still."""
    labels: list[Label] = []
    for block in _group(lines):
        labels.extend(_select_from_block(block))
    # A disclosure in the credits counts among them; a name or a slate there is one of many words.
    others = len(lines) - sum(1 for label in labels if Meaning.STATES not in label.meanings)
    repeated = [label for label in labels if _count_same(label, labels) > 1]
    counting = [label for label in labels if _counts_here(label, others, is_repeated=label in repeated)]
    if not is_still:
        return counting
    return [label for label in counting if not label.must_stand_still or _is_where_marks_are(label)]


def describe_position(box: Box) -> str:
    """`lower right` for the place of a box in the frame."""
    across, down = box.center
    return POSITIONS[min(2, int(down * 3))][min(2, int(across * 3))]


def _group(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines below each other, of one height, that people read as one text; from top to bottom."""
    blocks: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.top):
        for block in blocks:
            if _continues(block[-1].box, line.box):
                block.append(line)
                break
        else:
            blocks.append([line])
    return blocks


def _continues(above: Box, below: Box) -> bool:
    # Boxes of neighbouring lines may overlap a little: letters reach up and down.
    heights = sorted((above.height, below.height))
    is_alike = heights[1] <= _MOST_DIFFERENT * heights[0]
    gap = below.top - above.bottom
    is_near = -heights[0] / 2 <= gap <= _WIDEST_GAP * heights[1]
    overlap = min(above.right, below.right) - max(above.left, below.left)
    return is_alike and is_near and overlap > 0


def _select_from_block(block: Sequence[Line]) -> Iterator[Label]:
    """The whole block as one label, or those of its lines that are labels when no line of it is anything else."""
    meanings = [find_meanings(line.text) for line in block]
    # Long disclosures are set in two or three lines.
    if 1 < len(block) <= _MOST_LINES_OF_LABEL:
        text = " ".join(line.text for line in block)
        if Meaning.STATES in find_meanings(text):
            box = block[0].box
            for line in block[1:]:
                box = box.merge(line.box)
            yield Label(text, box, find_meanings(text))
            return
    says_something_else = not all(meanings)
    for line, own in zip(block, meanings, strict=True):
        # The second line of a sentence is no label, however much it looks like one.
        if says_something_else:
            own -= {Meaning.STATES}
        if own:
            yield Label(line.text, line.box, own)


def _count_same(label: Label, labels: Sequence[Label]) -> int:
    return sum(other.meanings == label.meanings for other in labels)


def _counts_here(label: Label, others: int, *, is_repeated: bool) -> bool:
    """Whether a label counts at its place. `others`: lines of the frame that are no names and slates."""
    meanings = label.meanings
    # These lines are nothing else, wherever they stand.
    if Meaning.STATES in meanings or Meaning.VENDOR in meanings:
        return True
    if Meaning.SLATE in meanings:
        return others <= _MOST_OTHERS_OF_SLATE
    if others > _MOST_OTHERS:
        return False
    if Meaning.STOCK in meanings:
        return is_repeated or not _is_credit(label.box)
    if Meaning.WEAK_SLATE in meanings:
        return label.box.height >= _SMALLEST_WORD
    return _is_small_at_edge(label.box)


def _is_credit(box: Box) -> bool:
    _, down = box.center
    return box.height < _TALLEST_CREDIT and not _CREDIT_EDGE <= down <= 1 - _CREDIT_EDGE


def _is_where_marks_are(label: Label) -> bool:
    """Whether a word that may be anything is where it hardly can be: a name in a corner, a slate that is large."""
    if Meaning.WEAK_SLATE in label.meanings:
        return label.box.height >= _LARGE_WORD
    across, down = label.box.center
    return not _EDGE < across < 1 - _EDGE and not _EDGE < down < 1 - _EDGE


def _is_small_at_edge(box: Box) -> bool:
    across, down = box.center
    is_inside = _EDGE < across < 1 - _EDGE and _EDGE < down < 1 - _EDGE
    return box.height < _TALLEST_NAME and not is_inside

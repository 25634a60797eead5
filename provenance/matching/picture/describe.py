"""Describe a match to a person: what an editor did to the known picture, as a text and as a pair of small pictures."""

from __future__ import annotations

import cv2
import numpy as np

from provenance.fingerprint import block_signs
from provenance.fingerprint.shots import Keyframe
from provenance.matching.picture.geometry import is_mirrored
from provenance.matching.picture.verify import VerifiedCandidate, measure_visible_area

_GREEN = (60, 255, 90)
"""Blue, green and red, 0 to 255, of the outline around the found picture."""
_JPEG_QUALITY = 85
"""Of the picture with the outline, 0 to 100."""
_STRAIGHT = 1.5
"""Degrees of rotation up to which nothing is said of it."""
_UNCROPPED = 0.97
"""Share of the known picture's area that is in the frame, from which on nothing is said of a crop."""
_SHRUNK = 0.93
"""Scale in width over scale in height, above which nothing is said of a stretch."""
_WIDENED = 1.07
"""The same, below which nothing is said of a stretch."""
_FULL_FRAME = 0.95
"""Share of the frame above which the known picture fills it."""


def describe_edit(candidate: VerifiedCandidate) -> str:
    """Describe crop, scale, mirror, rotation and place in the frame, and what the match is based on."""
    mirrored = is_mirrored(candidate.affine)
    # The columns of the affine warp are where it takes one pixel to the right and one pixel down.
    a, b, c, d = candidate.affine[:, :2].ravel()
    # The rotation is that of the picture before it was mirrored.
    rotation = np.degrees(np.arctan2(c, -a if mirrored else a))
    across = np.hypot(a, c)
    down = np.hypot(b, d)
    shown, filled = measure_visible_area(candidate)
    parts = []
    if mirrored:
        parts.append("mirrored")
    if abs(rotation) > _STRAIGHT:
        parts.append(f"turned by {rotation:.0f} degrees")
    if shown < _UNCROPPED:
        parts.append(f"cropped to {shown:.0%} of its area")
    if not _SHRUNK < across / down < _WIDENED:
        parts.append(f"stretched {across / down:.2f} times in width")
    if filled > _FULL_FRAME:
        parts.append("fills the frame")
    else:
        parts.append(f"fills {filled:.0%} of the frame, {_describe_place(candidate)}")
    scale = np.sqrt(across * down) * max(candidate.size) / max(candidate.keyframe.gray.shape)
    parts.append(f"scaled to {scale:.0%} of the frame's width")
    return f"{', '.join(parts)}; {_describe_proof(candidate)}"


def _describe_place(candidate: VerifiedCandidate) -> str:
    """The third of the frame in which the centre of the known picture lies."""
    height, width = candidate.keyframe.gray.shape
    x, y = candidate.outline.mean(0)
    row = ("top", "middle", "bottom")[int(np.clip(y * 3 / height, 0, 2))]
    column = ("left", "centre", "right")[int(np.clip(x * 3 / width, 0, 2))]
    if (row, column) == ("middle", "centre"):
        return "centre"
    return f"{row} {column}"


def _describe_proof(candidate: VerifiedCandidate) -> str:
    check = candidate.block_check
    proof = "the whole picture"
    if candidate.inliers:
        proof = f"{candidate.inliers} points"
    return f"{proof} and {check.share:.0%} of {check.compared} blocks agree"


def render_pair(candidate: VerifiedCandidate, known_thumbnail: bytes) -> tuple[bytes, bytes] | None:
    """The known picture as it is stored, and the found one with the outline of the known one in it. Both are JPEGs.

    None for a picture that is known from a list, without a thumbnail.
    """
    if block_signs.parse(known_thumbnail):
        return None
    return known_thumbnail, _draw_outline(candidate.keyframe, candidate)


def _draw_outline(keyframe: Keyframe, candidate: VerifiedCandidate) -> bytes:
    picture = cv2.cvtColor(keyframe.thumbnail, cv2.COLOR_RGB2BGR)
    height, width = picture.shape[:2]
    scale = width / keyframe.gray.shape[1]
    # The outline of a cropped picture lies outside of the frame: where it leaves the frame, the line follows the edge.
    frame = np.array([(1, 1), (width - 2, 1), (width - 2, height - 2), (1, height - 2)], np.float32)
    outline = (candidate.outline * scale).astype(np.float32)
    visible = cv2.intersectConvexConvex(outline, frame)[1]
    if visible is not None:
        corners = np.round(visible).astype(np.int32)
        cv2.polylines(picture, [corners], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()

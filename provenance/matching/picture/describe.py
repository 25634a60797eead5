"""Describe a match to a person: what an editor did to the known picture, as a text and as a pair of small pictures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import block_signs
from provenance.matching.picture.disguises import name_disguise
from provenance.matching.picture.geometry import is_mirrored
from provenance.matching.picture.region import Region
from provenance.matching.picture.verdict import Judgement
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
_FARTHEST_CORNER = 10_000
"""Pixels outside of the frame up to which a line is drawn."""
_FULL_FRAME = 0.95
"""Share of the frame above which the known picture fills it."""


def describe_edit(judgement: Judgement) -> str:
    """Describe disguise, crop, scale, mirror, rotation, place in the frame and part, and what the match is based on."""
    candidate = judgement.candidate
    mirrored = is_mirrored(candidate.affine)
    if candidate.hash_bits is not None:
        text = f"its PDQ hash differs in {candidate.hash_bits} of 256 bits, and nothing but its hash is known"
        return f"mirrored; {text}" if mirrored else text
    # The columns of the affine warp are where it takes one pixel to the right and one pixel down.
    a, b, c, d = candidate.affine[:, :2].ravel()
    # The rotation is that of the picture before it was mirrored.
    rotation = np.degrees(np.arctan2(c, -a if mirrored else a))
    across = np.hypot(a, c)
    down = np.hypot(b, d)
    shown, filled = measure_visible_area(candidate)
    parts = []
    if disguise := name_disguise(candidate.keyframe):
        parts.append(disguise)
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
    described = ", ".join(parts)
    if judgement.part:
        of_frame = measure_part_of_frame(candidate, judgement.part)
        described = f"a part of it: {judgement.part.area:.0%} of its area, {of_frame:.0%} of the frame; {described}"
    return f"{described}; {_describe_proof(judgement)}"


def measure_part_of_frame(candidate: VerifiedCandidate, part: Region) -> float:
    """Share of the frame that a part fills, 0 to 1."""
    height, width = candidate.keyframe.gray.shape
    part_height, part_width = part.mask.shape
    to_feature_size = np.diag((candidate.size[0] / part_width, candidate.size[1] / part_height, 1.0))
    warp = candidate.homography @ to_feature_size
    shown = cv2.warpPerspective(part.mask.astype(np.uint8), warp, (width, height), flags=cv2.INTER_NEAREST)
    return float(shown.mean())


def _describe_place(candidate: VerifiedCandidate) -> str:
    """The third of the frame in which the centre of the known picture lies."""
    height, width = candidate.keyframe.gray.shape
    x, y = candidate.outline.mean(0)
    row = ("top", "middle", "bottom")[int(np.clip(y * 3 / height, 0, 2))]
    column = ("left", "centre", "right")[int(np.clip(x * 3 / width, 0, 2))]
    if (row, column) == ("middle", "centre"):
        return "centre"
    return f"{row} {column}"


def _describe_proof(judgement: Judgement) -> str:
    candidate = judgement.candidate
    check = candidate.block_check
    if candidate.contours is not None:
        return f"contours agree by {candidate.contours:.2f}, and {check.share:.0%} of {check.compared} blocks of them"
    proof = "the whole picture"
    if candidate.inliers:
        proof = f"{candidate.inliers} points"
    described = f"{proof} and {check.share:.0%} of {check.compared} blocks agree"
    if candidate.mixture and candidate.is_whole_mixture and not candidate.is_whole_by_blocks:
        mixture = candidate.mixture
        described = f"{described}; {mixture.share:.0%} of {mixture.compared} hold it, with something else over it"
    if judgement.motion and judgement.motion.is_other_motion:
        return f"{described}; what moves is not the same"
    if candidate.is_other_take:
        return f"{described}; something else stands before the same set"
    if judgement.motion and judgement.motion.has_motion:
        return f"{described}; it moves alike"
    return described


def render_pair(judgement: Judgement, known_thumbnail: bytes) -> tuple[bytes, bytes] | None:
    """The known picture as it is stored, and the found one with the outline of the known one in it. Both are JPEGs.

    Of a part, its outline is in both. None for a picture that is known from a list, without a thumbnail.
    """
    if block_signs.parse(known_thumbnail):
        return None
    candidate = judgement.candidate
    found = np.asarray(cv2.cvtColor(candidate.keyframe.thumbnail, cv2.COLOR_RGB2BGR), np.uint8)
    scale = found.shape[1] / candidate.keyframe.gray.shape[1]
    if judgement.part is None:
        _draw_outline(found, np.asarray(candidate.outline * scale, np.float32))
        return known_thumbnail, _encode(found)
    known = np.asarray(cv2.imdecode(np.frombuffer(known_thumbnail, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    part_height, part_width = judgement.part.mask.shape
    to_feature_size = np.diag((candidate.size[0] / part_width, candidate.size[1] / part_height, 1.0))
    warp = np.diag((scale, scale, 1.0)) @ candidate.homography @ to_feature_size
    outlines, _ = cv2.findContours(judgement.part.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        cv2.polylines(known, [outline], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)
        warped = cv2.perspectiveTransform(outline.astype(np.float32), warp)
        corners = np.round(np.clip(warped, -_FARTHEST_CORNER, _FARTHEST_CORNER)).astype(np.int32)
        cv2.polylines(found, [corners], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)
    return _encode(known), _encode(found)


def _draw_outline(picture: NDArray[np.uint8], corners: NDArray[np.float32]) -> None:
    """Draw the outline of a known picture, (4, 2) in pixels, into the found one."""
    height, width = picture.shape[:2]
    # The outline of a cropped picture lies outside of the frame: where it leaves the frame, the line follows the edge.
    frame = np.array([(1, 1), (width - 2, 1), (width - 2, height - 2), (1, height - 2)], np.float32)
    visible = cv2.intersectConvexConvex(corners, frame)[1]
    if visible is not None:
        inside = np.round(visible).astype(np.int32)
        cv2.polylines(picture, [inside], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)


def _encode(picture: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()

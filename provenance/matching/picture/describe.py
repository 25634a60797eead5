"""What an editor did to a known picture, in words and in a pair of small pictures."""

from __future__ import annotations

import cv2
import numpy as np

from provenance.fingerprint.shots import Keyframe
from provenance.matching.picture.verify import VerifiedCandidate, outline, measure_visible_area

_GREEN = (60, 255, 90)


def describe_edit(seen: VerifiedCandidate) -> str:
    """Crop, scale, mirror, rotation, part of the frame, and what the claim rests on."""
    a, b, c, d = seen.matrix[:, :2].ravel()
    mirrored = a * d - b * c < 0
    turn = np.degrees(np.arctan2(c, -a if mirrored else a))
    across, down = np.hypot(a, c), np.hypot(b, d)
    shown, filled = measure_visible_area(seen)
    told = []
    if mirrored:
        told.append("mirrored")
    if abs(turn) > 1.5:
        told.append(f"turned by {turn:.0f} degrees")
    if shown < 0.97:
        told.append(f"cropped to {shown:.0%} of its area")
    if not 0.93 < across / down < 1.07:
        told.append(f"stretched {across / down:.2f} times in width")
    told.append("fills the frame" if filled > 0.95 else f"fills {filled:.0%} of the frame, {_place(seen)}")
    scale = np.sqrt(across * down) * max(seen.size) / max(seen.view.gray.shape)
    told.append(f"scaled to {scale:.0%} of the frame's width")
    by = f"{seen.inliers} points" if seen.inliers else "the whole picture"
    agreed = f"{by} and {seen.block_check.share:.0%} of {seen.block_check.blocks} blocks agree"
    return ", ".join(told) + "; " + agreed


def _place(seen: VerifiedCandidate) -> str:
    height, width = seen.view.gray.shape
    x, y = outline(seen).mean(0)
    row = ("top", "middle", "bottom")[int(np.clip(y * 3 / height, 0, 2))]
    column = ("left", "centre", "right")[int(np.clip(x * 3 / width, 0, 2))]
    return "centre" if (row, column) == ("middle", "centre") else f"{row} {column}"


def render_pair(seen: VerifiedCandidate, known: bytes) -> tuple[bytes, bytes]:
    """The known picture as it is kept, and the found one with the area drawn that the known one covers in it."""
    return known, _outlined(seen.view, seen)


def _outlined(view: Keyframe, seen: VerifiedCandidate) -> bytes:
    picture = cv2.cvtColor(view.thumbnail, cv2.COLOR_RGB2BGR)
    scale = picture.shape[1] / view.gray.shape[1]
    height, width = picture.shape[:2]
    frame = np.array([(1, 1), (width - 2, 1), (width - 2, height - 2), (1, height - 2)], np.float32)
    area = cv2.intersectConvexConvex((outline(seen) * scale).astype(np.float32), frame)[1]
    if area is not None:
        corners = np.round(area).astype(np.int32)
        cv2.polylines(picture, [corners], isClosed=True, color=_GREEN, thickness=1, lineType=cv2.LINE_AA)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()

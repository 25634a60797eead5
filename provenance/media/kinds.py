"""What shows moving pictures, and what a still, told by the media type alone."""

from __future__ import annotations

_WORDS_ABOUT_PICTURES = frozenset({"image/x-exv"})
_NO_SOUND = frozenset({"audio/midi"})
_INDEXED = frozenset(
    {"video/quicktime", "video/mp4", "video/x-m4v", "video/x-matroska", "video/webm", "application/mxf"}
)


def is_moving(media_type: str) -> bool:
    """Whether a file of this type is looked at as a moving picture."""
    return media_type.startswith("video/") or media_type == "application/mxf"


def is_picture(media_type: str) -> bool:
    """Whether a file of this type shows a picture, whether it can be decoded here or not."""
    return media_type.startswith("image/") and media_type not in _WORDS_ABOUT_PICTURES


def has_sound(media_type: str) -> bool:
    """Whether a file of this type is listened to."""
    return is_moving(media_type) or (media_type.startswith("audio/") and media_type not in _NO_SOUND)


def can_be_entered(media_type: str) -> bool:
    """Whether a movie of this type has times throughout, so that it can be entered in its middle."""
    return media_type in _INDEXED

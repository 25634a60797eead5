"""Every bomb: files built to exhaust, trap or mislead whoever reads them. None is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.hostile import archive_bombs, movie_bombs, picture_bombs, text_bombs


@dataclass(frozen=True, slots=True)
class Bomb:
    """One file, made when it is wanted."""

    name: str
    make: Callable[[], bytes]
    must_report: bool
    """Whether a trouble must be reported: what could not be read may not be passed over in silence."""

    @property
    def is_heavy(self) -> bool:
        """Whether it keeps a worker busy for a second or more, within all limits."""
        return self.name.removeprefix("bomb/") in _HEAVY


_HEAVY = frozenset({
    "170-megapixels-deep.png", "170-megapixels.png", "attributes.xmp", "chain.tif", "deep.xmp", "endless-parts.exr",
    "everything-of-one-value.tif", "forty-two.zip", "inflated-many.png", "many-members.zip", "million-attributes.exr",
    "million-boxes-in-moov.mp4", "million-boxes.mp4", "million-chunks.png", "million-chunks.wav",
    "million-comments.jpg", "million-extensions.gif", "million-frames.mp3", "many-comments.png", "overlapping.zip",
    "scans.jpg",
})  # fmt: skip


def list_bombs() -> Iterator[Bomb]:
    """Yield all of them, in a stable order."""
    for family in (archive_bombs, picture_bombs, movie_bombs, text_bombs):
        for name, make in family.make_reportable().items():
            yield Bomb(f"bomb/{name}", make, must_report=True)
        for name, make in family.make_harmless().items():
            yield Bomb(f"bomb/{name}", make, must_report=False)

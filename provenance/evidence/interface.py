"""What a carrier and a signal are. Adding one: a new file in its folder, a fixture, a test; nothing else changes."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from provenance.media.source import Source
from provenance.model.evidence import Credential, Evidence, Statement, Trouble


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A thing inside a file that is a file of its own: an archive's member, a layer, an attachment, a cover."""

    name: str
    """As the container calls it; made unique among its siblings by `examine`."""
    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """What the container keeps beside it that speaks of it, by name, as a sidecar beside a file: `image 7.xmp`."""


CarrierOutput = Statement | Credential | Trouble | EmbeddedFile
"""What a carrier may yield."""


class Carrier(abc.ABC):
    """Knows one way in which words are written in files, and nothing of what they mean.

    `read` yields what it finds as it finds it, so that damage behind it loses nothing. It may raise anything: the one
    guard in `examine` turns that into a Trouble and goes on with the next carrier.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """For the reference: where the words stand, in a few words."""
    media: ClassVar[frozenset[str]]
    """Sniffed media types it reads; `image/*` for a whole class, `*` for every file."""
    sidecars: ClassVar[tuple[str, ...]] = ()
    """Endings of sidecars it reads: a file of any type with such a sidecar is shown to it."""
    counts_as_read: ClassVar[bool] = True
    """Whether a file counts as looked at when no other carrier reads it."""

    def reads(self, media_type: str) -> bool:
        """Whether this carrier can stand in a file of that type."""
        return bool({"*", media_type, media_type.split("/")[0] + "/*"} & self.media)

    def accepts(self, source: Source) -> bool:
        """Whether this carrier can stand in that file or in a sidecar of it."""
        beside = bool(self.sidecars) and any(name.lower().endswith(self.sidecars) for name in source.sidecars)
        return beside or self.reads(source.media_type)

    @abc.abstractmethod
    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield what the file says by this carrier."""


class Signal(abc.ABC):
    """Knows what one kind of words means for the origin of an asset, wherever they stand.

    The class texts become the signal's page in the reference.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    written_by: ClassVar[str]
    """Who writes it, and where."""
    trust: ClassVar[str]
    """How far it can be believed."""
    traps: ClassVar[str]
    """What looks like it and is not."""

    @abc.abstractmethod
    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every statement that means something. Never raises on any text."""

"""Carriers and signals: the two families that turn a file into statements, and statements into evidence.

A *carrier* knows one place where words stand in a file (a PNG text chunk, an ID3 frame, a sidecar) and nothing of what
they mean. A *signal* knows what one kind of words means for the origin of an asset, wherever they stand. So a new
carrier teaches every signal at once, and a new signal is understood in every container at once.

Adding one: a new file in `carriers/` or `signals/` with exactly one class, named as the file is; a file that shows it
under `fixtures/media` or in its test; and that test. No list has to be edited: `provenance.registry` finds members by
file name. The contract tests (`tests/contract/test_carriers.py`, `test_signals.py`) run over every member.

Both run in worker processes only, under limits of time and memory. See `docs/how-to/add-a-carrier.md`,
`add-a-signal.md`, and `plug-in-a-detector.md` for members that other distributions provide.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from provenance.media.source import Source
from provenance.model.evidence import Credential, Evidence, Statement, Trouble


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file inside a file: a member of an archive, a placed layer, an attachment, cover art.

    `examine` reads it like any other file, and it gets a row of its own in reports.
    """

    name: str
    """Its name in the container; `examine` makes it unique among its siblings."""
    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """Metadata that the container keeps for it, by file name, read as a sidecar would be: `image 7.xmp`."""


@dataclass(frozen=True, slots=True)
class KeptManifest:
    """A C2PA manifest store, byte for byte, which the catalogue keeps: the evidence when the file is gone."""

    data: bytes


CarrierOutput = Statement | Credential | Trouble | EmbeddedFile | KeptManifest
"""Everything that a carrier may yield.

A Statement for one thing that the file says, a Credential for a C2PA manifest store, a KeptManifest for its bytes, an
EmbeddedFile for a file inside, and a Trouble for anything that could not be read. The `path` of a Trouble is left
empty: who collects the rows knows the file.
"""


class Carrier(abc.ABC):
    """Reads the words that stand in one place of a file, and does not interpret them.

    `read` yields each row as it finds it, so that damage further on loses nothing. It may raise any `Exception`:
    `examine` turns that into a Trouble and goes on with the next carrier. A carrier that knows why it cannot go on
    yields the Trouble itself. It reads within `source.limits`, and reports with `Cause.OVERSIZED` what it left unread.

    The class docstring, the docstring of `read`, `title`, `media` and `sidecars` become the carrier's section in the
    reference, so they are written for users.
    """

    name: ClassVar[str]
    """Same as the module's name; statements and troubles carry it."""
    title: ClassVar[str]
    """Where the words stand, in a few words, for the table in the reference."""
    media: ClassVar[frozenset[str]]
    """Sniffed media types that it reads; `image/*` is every type of a class, `*` is every file."""
    version: ClassVar[int] = 1
    """Raised with every change after which a file gives other rows: the files that it reads are then read again."""
    sidecars: ClassVar[tuple[str, ...]] = ()
    """Lower-case endings of sidecar names that it reads, beside a file of any type: `.xmp`."""
    counts_as_read: ClassVar[bool] = True
    """Whether a file that only this carrier accepts counts as read.

    If no accepting carrier counts, and the type is not one that needs no carrier, the file is reported as unsupported.
    False for a carrier that finds one thing and leaves the rest of the file unread.
    """

    def accepts_type(self, media_type: str) -> bool:
        """Whether it reads files of this sniffed media type."""
        whole_class = media_type.split("/")[0] + "/*"
        return not self.media.isdisjoint({"*", media_type, whole_class})

    def accepts(self, source: Source) -> bool:
        """Whether `examine` shall read this file with this carrier.

        That is so when it reads files of this type, or when a sidecar beside the file ends as `sidecars` says. Only the
        type and the names are compared; the content is not read.
        """
        if self.accepts_type(source.media_type):
            return True
        return any(self._is_own_sidecar(name) for name in source.sidecars)

    def load_sidecars(self, source: Source) -> Iterator[tuple[str, bytes]]:
        """Load the sidecars of this carrier one by one: name and content, cut at `source.limits.packet` bytes.

        A sidecar that is no longer there is left out. Raises what the storage raises.
        """
        for name in source.sidecars:
            if self._is_own_sidecar(name):
                content = source.beside(name)
                if content is not None:
                    yield name, content

    def _is_own_sidecar(self, name: str) -> bool:
        # `endswith` is False for an empty tuple, so a carrier without sidecars never matches.
        return name.lower().endswith(self.sidecars)

    @abc.abstractmethod
    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield everything that this carrier finds in the file and in the sidecars it accepts."""


class Signal(abc.ABC):
    """Interprets one kind of statement: what it means for the origin of an asset, and how far to believe it.

    It sees the statements of all carriers of one file at once. The class docstring and the four texts below become the
    signal's section in the reference, so they are written for users.
    """

    name: ClassVar[str]
    """Same as the module's name; evidence carries it."""
    version: ClassVar[int] = 1
    """Raised with every change after which statements give other evidence: it is then derived again from the stored
    statements of every file."""
    title: ClassVar[str]
    """What it recognises, in a few words, for the table in the reference."""
    written_by: ClassVar[str]
    """Who writes such statements, and where."""
    trust: ClassVar[str]
    """How far they can be believed."""
    traps: ClassVar[str]
    """What looks the same and means something else."""

    @abc.abstractmethod
    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every statement that means something to it.

        It must not raise, whatever the texts contain: they come out of hostile files. Should it raise nevertheless,
        `examine` turns that into a Trouble, and the evidence it had still to give is lost.
        """

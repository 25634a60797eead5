"""PNG: chunks wherever they stand. Checksums are not asked: what is written counts, also where a bit fell over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.intake.containers.readable import MalformedContainer, OversizedContainer, Readable

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; `offset` and `length` are those of its data."""

    kind: str
    offset: int
    length: int


def chunks(source: Readable) -> Iterator[Chunk]:
    """Every chunk to the end of the file, also those before the header, after the picture and after the end chunk.

    Raises `MalformedContainer` where the file ends before its end chunk, `OversizedContainer` beyond `limits.chunks`.
    """
    if source.at(0, 8) != _SIGNATURE:
        raise MalformedContainer("PNG: no signature")
    position, ended = 8, False
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        kind = head[4:]
        if len(head) < 8 or not kind.isalpha():
            if ended:  # whatever was appended, it is not PNG
                return
            raise MalformedContainer(f"PNG: no chunk at byte {position}, and no end chunk before it")
        declared = int.from_bytes(head[:4], "big")
        here = min(declared, source.size - position - 8)
        if ended and here < declared:
            return
        yield Chunk(kind.decode("ascii"), position + 8, here)
        if here < declared:
            raise MalformedContainer(f"PNG: file ends inside the {kind.decode('ascii')} chunk at byte {position}")
        ended = ended or kind == b"IEND"
        position += 12 + declared
    raise OversizedContainer(f"PNG: more than {source.limits.chunks} chunks")

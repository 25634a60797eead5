"""XMP packets, wherever they stand, and the sidecars written beside a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.rdf import properties
from provenance.media.formats.xmp_packets import MEDIA, UNREAD, Packet, packets
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import About, Cause

_OTHERS = {
    "xmpMM:DerivedFrom": About.PARENT, "xmpMM:ManagedFrom": About.PARENT,
    "xmpMM:Ingredients": About.COMPONENT, "xmpMM:Pantry": About.COMPONENT,
}  # fmt: skip
"""Properties whose inside speaks of another asset."""


class Xmp(Carrier):
    """Properties under their usual prefixes, structures flattened to paths."""

    name: ClassVar[str] = "xmp"
    title: ClassVar[str] = "XMP packets and sidecars"
    media: ClassVar[frozenset[str]] = MEDIA
    sidecars: ClassVar[tuple[str, ...]] = (".xmp",)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each property; list items are statements of their own."""
        left = source.limits.packet
        try:
            for packet in packets(source, source.media_type):
                left -= len(packet.data)
                yield from self._packet(packet, source.limits.depth)
                if left < 0:
                    raise OversizedContainer(f"more than {source.limits.packet} bytes of XMP")
        except OversizedContainer as excess:
            yield Trouble("", self.name, excess.cause, str(excess))
        except MalformedContainer:  # told by the carrier named after the container
            pass
        for name in source.sidecars:
            if name.lower().endswith(self.sidecars) and (data := source.beside(name)) is not None:
                yield from self._packet(Packet(data, f"sidecar {name}"), source.limits.depth)
        if source.media_type in UNREAD:
            yield Trouble("", self.name, Cause.UNSUPPORTED, f"{source.media_type}: only searched for XMP packets")

    def _packet(self, packet: Packet, depth: int) -> Iterator[CarrierOutput]:
        if packet.loss:
            yield Trouble(
                "", self.name, packet.loss, f"{packet.where}: only its first {len(packet.data)} bytes were read"
            )
        try:
            for key, value in properties(packet.data, depth):
                about = _OTHERS.get(key.split("/")[0].split("[")[0], packet.about) if "/" in key else packet.about
                yield Statement(self.name, f"{packet.where}, {key}", key, value, about=about)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, f"{packet.where}: {damage}")

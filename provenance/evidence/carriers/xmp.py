"""XMP packets, wherever they stand in a file, and XMP sidecars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.rdf import flatten_properties
from provenance.media.formats.xmp_packets import MEDIA, SEARCHED_ONLY, XmpPacket, find_packets
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import About, Cause

_ABOUT_OTHERS = {
    "xmpMM:DerivedFrom": About.PARENT, "xmpMM:ManagedFrom": About.PARENT,
    "xmpMM:Ingredients": About.COMPONENT, "xmpMM:Pantry": About.COMPONENT,
}  # fmt: skip
"""Structures whose fields are about another asset: one it was made from, or one that is placed in it."""


class Xmp(Carrier):
    """XMP properties under their usual prefixes; a field of a structure under its path, such as `xmpMM:History[1]/…`.

    Properties of the assets that a file was made from are marked as such.
    """

    name: ClassVar[str] = "xmp"
    title: ClassVar[str] = "XMP packets and sidecars"
    media: ClassVar[frozenset[str]] = MEDIA
    sidecars: ClassVar[tuple[str, ...]] = (".xmp",)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each property and each list item, and packets that could not be read."""
        bytes_left = source.limits.packet
        try:
            for packet in find_packets(source, source.media_type):
                bytes_left -= len(packet.data)
                # The packet that exceeds the limit is still read, for it has been loaded already.
                yield from self._read_packet(packet, source.limits.depth)
                if bytes_left < 0:
                    raise OversizedContainer(f"more than {source.limits.packet:,} bytes of XMP; the rest was not read")
        except OversizedContainer as excess:
            yield Trouble("", self.name, excess.cause, str(excess))
        except MalformedContainer:
            # The carrier of the file format reports damage.
            pass
        for name, data in self.load_sidecars(source):
            yield from self._read_packet(XmpPacket(data, f"sidecar {name}"), source.limits.depth)
        if source.media_type in SEARCHED_ONLY:
            yield Trouble("", self.name, Cause.UNSUPPORTED, f"{source.media_type}: only its XMP packets were read")

    def _read_packet(self, packet: XmpPacket, depth: int) -> Iterator[CarrierOutput]:
        if packet.loss:
            detail = f"{packet.where}: only the first {len(packet.data):,} bytes were read"
            yield Trouble("", self.name, packet.loss, detail)
        try:
            for key, value in flatten_properties(packet.data, depth):
                about = _find_subject(key, packet.about)
                yield Statement(self.name, f"{packet.where}, {key}", key, value, about=about)
        except MalformedContainer as damage:
            if not packet.may_be_cut:
                yield Trouble("", self.name, damage.cause, f"{packet.where}: {damage}")


def _find_subject(key: str, packet_about: About) -> About:
    """Return which asset a property is about: one within a structure may be about another asset than its packet is."""
    structure, slash, _ = key.partition("/")
    if not slash:
        return packet_about
    without_index = structure.split("[")[0]
    return _ABOUT_OTHERS.get(without_index, packet_about)

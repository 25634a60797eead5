"""IPTC records of the older kind (IIM): captions, credits, programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats import iptc
from provenance.media.formats.iptc import Dataset
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.model.evidence import Statement, Trouble

_NAMES = {
    5: "ObjectName", 7: "EditStatus", 15: "Category", 20: "SupplementalCategories", 22: "FixtureIdentifier",
    25: "Keywords", 40: "SpecialInstructions", 55: "DateCreated", 60: "TimeCreated", 62: "DigitalCreationDate",
    65: "OriginatingProgram", 70: "ProgramVersion", 80: "By-line", 85: "By-lineTitle", 90: "City", 95: "Province-State",
    101: "Country", 103: "OriginalTransmissionReference", 105: "Headline", 110: "Credit", 115: "Source",
    116: "CopyrightNotice", 118: "Contact", 120: "Caption-Abstract", 122: "Writer-Editor",
}  # fmt: skip
"""Datasets of the application record that are reported, and their names in the IIM standard."""
_APPLICATION_RECORD = 2
"""The record about the picture; the others are about its transmission."""


class Iptc(Carrier):
    """Datasets of the IPTC application record (captions, credits, keywords), under their names in the standard."""

    name: ClassVar[str] = "iptc"
    title: ClassVar[str] = "IPTC records (IIM) of JPEG, TIFF, PNG and PSD"
    media: ClassVar[frozenset[str]] = iptc.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each dataset that contains text, and damage of the records."""
        try:
            for block in iptc.find_records(source, source.media_type):
                yield from _read_block(block)
        except MalformedContainer:
            # Damage of the file around the records is reported by the carrier of that file format.
            return


def _read_block(block: iptc.IptcBlock) -> Iterator[CarrierOutput]:
    try:
        for dataset in iptc.walk_datasets(block.block):
            key = _NAMES.get(dataset.number)
            if dataset.record != _APPLICATION_RECORD or key is None:
                continue
            text = _decode_text(dataset)
            if text.strip():
                yield Statement(Iptc.name, f"{block.where}, dataset 2:{dataset.number:03}", key, text)
    except MalformedContainer as damage:
        yield Trouble("", Iptc.name, damage.cause, f"{block.where}: {damage}")


def _decode_text(dataset: Dataset) -> str:
    # The envelope declares UTF-8 with dataset 1:90. Many writers leave it out and write UTF-8 or Latin-1.
    if dataset.unicode:
        return dataset.data.decode("utf-8", "replace")
    return decode_text(dataset.data)

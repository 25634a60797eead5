"""IPTC records of the older kind (IIM): captions, credits, programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats import iptc
from provenance.media.formats.iptc import Dataset
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement, Trouble

_NAMES = {
    5: "ObjectName", 7: "EditStatus", 15: "Category", 20: "SupplementalCategories", 22: "FixtureIdentifier",
    25: "Keywords", 40: "SpecialInstructions", 55: "DateCreated", 60: "TimeCreated", 62: "DigitalCreationDate",
    65: "OriginatingProgram", 70: "ProgramVersion", 80: "By-line", 85: "By-lineTitle", 90: "City", 95: "Province-State",
    101: "Country", 103: "OriginalTransmissionReference", 105: "Headline", 110: "Credit", 115: "Source",
    116: "CopyrightNotice", 118: "Contact", 120: "Caption-Abstract", 122: "Writer-Editor",
}  # fmt: skip
_APPLICATION = 2
"""The record that speaks of the picture."""


class Iptc(Carrier):
    """Datasets of the application record, under their names in the standard."""

    name: ClassVar[str] = "iptc"
    title: ClassVar[str] = "IPTC records (IIM) of JPEG, TIFF, PNG and PSD"
    media: ClassVar[frozenset[str]] = iptc.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each dataset that says something."""
        try:
            for found in iptc.records(source, source.media_type):
                yield from _record(found)
        except MalformedContainer:  # told by the carrier named after the container
            return


def _record(found: iptc.IptcBlock) -> Iterator[CarrierOutput]:
    try:
        for dataset in iptc.datasets(found.block):
            key = _NAMES.get(dataset.number)
            if dataset.record == _APPLICATION and key and (text := _text(dataset)).strip():
                yield Statement(Iptc.name, f"{found.where}, dataset 2:{dataset.number:03}", key, text)
    except MalformedContainer as damage:
        yield Trouble("", Iptc.name, damage.cause, f"{found.where}: {damage}")


def _text(dataset: Dataset) -> str:
    return dataset.data.decode("utf-8", "replace") if dataset.unicode else decoded(dataset.data)

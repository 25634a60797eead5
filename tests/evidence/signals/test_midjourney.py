"""Midjourney jobs."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.midjourney import Midjourney
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Midjourney().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


JOB = "1c4a2b7e-0f5d-4c1a-9b8e-2f6d7a8b9c0d"
COMMAND = f"a lighthouse at night --ar 4:3 --v 5.2 Job ID: {JOB}"


@pytest.mark.parametrize(
    ("carrier", "key"),
    [
        ("png", "Description"),
        ("exif", "ImageDescription"),
        ("xmp", "dc:description[x-default]"),
        ("tags", "DESCRIPTION"),
    ],
)
def test_the_command(carrier: str, key: str) -> None:
    [evidence] = read((key, COMMAND), ("Author", "somebody"), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Midjourney")
    assert JOB in evidence.detail
    assert "a lighthouse at night" in evidence.detail


def test_a_command_without_switches_needs_the_number_in_xmp() -> None:
    bare = ("Description", f"a lighthouse Job ID: {JOB}")
    assert not read(bare)
    assert read(bare, ("Iptc4xmpExt:DigitalImageGUID", JOB.upper()))
    assert not read(bare, ("Iptc4xmpExt:DigitalImageGUID", "another"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Description", "An article about Midjourney and how --ar 16:9 works"),
        ("Description", "Render farm report. Job ID: 4711"),
        ("Description", f"Job ID: {JOB} was sent to the printer --fast "),
        ("Keywords", COMMAND),
        ("Title", "Midjourney v6"),
        ("Iptc4xmpExt:DigitalImageGUID", JOB),
        ("Software", "Midjourney"),
    ],
)
def test_talk_of_it_is_nothing(key: str, value: str) -> None:
    assert not read((key, value))

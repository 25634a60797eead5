"""Pictures inside drawings."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from provenance.limits import Limits
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.looking import MARKED, PLAIN, Look
from tests.growth import TIMES, grows_in_step


def drawing(*addresses: str) -> bytes:
    images = "".join(f'<image xlink:href="{address}" width="8"/>' for address in addresses)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{images}</svg>'.encode()


def packed(data: bytes, kind: str = "image/png", between: str = "") -> str:
    text = base64.b64encode(data).decode()
    return f"data:{kind};base64," + between.join(text[at : at + 76] for at in range(0, len(text), 76))


@pytest.mark.parametrize("between", ["", "\n", "&#10;", "&#xA;\t"])
def test_embedded_pictures_are_things_of_their_own(between: str, tmp_path: Path) -> None:
    look = Look(drawing(packed(PLAIN), packed(MARKED, between=between)), tmp_path)
    assert look.origins == {"picture 1": Origin.UNKNOWN, "picture 2": Origin.GENERATED}
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


def test_parameters_of_the_address(tmp_path: Path) -> None:
    address = packed(MARKED).replace(";base64", ";charset=utf-8;base64").replace("+", "%2B")
    assert Look(drawing(address), tmp_path).origins == {"picture 1": Origin.GENERATED}


def test_addresses_that_hold_no_picture(tmp_path: Path) -> None:
    look = Look(
        drawing("https://example.com/a.png", "data:image/svg+xml,%3Csvg%3E", "data:image/png;base64,"), tmp_path
    )
    assert (look.inside, look.causes) == ({}, set())


def test_damage_and_excess_are_told(tmp_path: Path) -> None:
    assert Look(drawing("data:image/png;base64,A"), tmp_path).causes == {Cause.MALFORMED}
    assert Cause.OVERSIZED in Look(drawing(packed(MARKED)), tmp_path, limits=Limits(packet=100)).causes


def test_work_grows_with_the_drawing(tmp_path: Path) -> None:
    def looked(size: int) -> Look:
        return Look(b"<svg>" + b"data:image/png;a" * size, tmp_path)

    assert grows_in_step(lambda: looked(20_000), lambda: looked(TIMES * 20_000))

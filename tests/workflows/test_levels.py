"""How much of which zone is kept, so that it is found again."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, PngImagePlugin

from provenance.model.vocabulary import Origin, Zone
from tests.cli.test_scan import PARAMETERS
from tests.matching.paint import paint_picture
from tests.workflows.show import Show


def paint(path: Path, seed: int, parameters: str | None = None) -> None:
    """A picture of its own, marked if it has parameters."""
    info = PngImagePlugin.PngInfo()
    if parameters:
        info.add_text("parameters", parameters)
    Image.fromarray(paint_picture(seed, 320, 180)).save(path, pnginfo=info)


def list_kept(show: Show) -> set[str]:
    """Paths of what has a fingerprint."""
    with show.open() as catalogue:
        return {known.path for known, _ in catalogue.fingerprints(list(Origin))}


def test_a_deliverable_is_not_decoded_to_be_found_again_unless_it_is_marked(show: Show) -> None:
    paint(show.edit / "rushes.png", 1)
    paint(show.out / "master.png", 2)
    paint(show.out / "made.png", 3, PARAMETERS)
    show.night()
    assert list_kept(show) == {"rushes.png", "made.png"}
    assert "master.png" in show.engine.searched, "it was decoded to be searched"


def test_a_deliverable_that_becomes_a_source_is_kept(show: Show) -> None:
    paint(show.out / "master.png", 2)
    show.night()
    show.change_zones({"out": Zone.EDITORIAL})
    show.night()
    assert show.engine.read == ["master.png"]
    assert list_kept(show) == {"master.png"}

"""Watermarks that image generators lay into the pixels by their own published code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.pixels import dwtdct
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_WRITERS = {
    dwtdct.STABLE_DIFFUSION_1: ("Stable Diffusion 1", Origin.GENERATED),
    dwtdct.STABLE_DIFFUSION_1_INPAINTING: ("Stable Diffusion 1 inpainting", Origin.PARTLY_GENERATED),
    dwtdct.STABLE_DIFFUSION_2: ("Stable Diffusion 2", Origin.GENERATED),
    dwtdct.SDXL: ("Stable Diffusion XL", Origin.GENERATED),
    dwtdct.FLUX: ("FLUX", Origin.GENERATED),
}


class Dwtdct(Signal):
    """A payload of a known generator, nearly all of its bits right."""

    name = "dwtdct"
    title = "Open watermark of Stable Diffusion and FLUX"
    written_by = (
        "The scripts published with Stable Diffusion 1 (`StableDiffusionV1`, for inpainting "
        "`StableDiffusionV1-Inpainting`) and 2 (`SDV2`), Stability's code for SDXL and diffusers' pipelines for it "
        "when the library is installed, the published code of FLUX. AUTOMATIC1111, ComfyUI and Fooocus write none."
    )
    trust = (
        "Read out of the pixels: inferred. It survives the loss of all metadata and any lossless saving, and dies by "
        "JPEG, scaling and cropping. Of its bits 44 of 48, 120 of 136, 198 of 224 or all 32 must be right; unmarked "
        "pictures come to 39, 89, 133 and 23. That it is absent means nothing."
    )
    traps = (
        "Other programs lay other payloads by the same library, and of those nothing is said. A flat picture reads as "
        "all zeros or all ones, which is no payload."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every payload that was read out of the pixels."""
        for statement in select_visible(statements):
            if statement.carrier == "watermark" and statement.key == "dwtDct":
                yield from self._named(statement)

    def _named(self, statement: Statement) -> Iterator[Evidence]:
        for payload, (tool, origin) in _WRITERS.items():
            right, bits = payload.agreement(statement.value), len(payload.bits)
            if right >= payload.least:
                detail = f"The pixels hold the watermark of {tool}: {right} of {bits} bits are right."
                yield make_evidence(self.name, statement, origin, detail, tool=tool, standing=Standing.INFERRED)

"""Watermarks that image generators embed in the pixels with their own published code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.pixels import dwtdct
from provenance.evidence.text.make_evidence import make_evidence, select_visible
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
    """Recognised by the payload of a known generator, with nearly all of its bits right."""

    name = "dwtdct"
    title = "Open watermark of Stable Diffusion and FLUX"
    written_by = (
        "The scripts published with Stable Diffusion 1 (`StableDiffusionV1`, for inpainting "
        "`StableDiffusionV1-Inpainting`) and 2 (`SDV2`), Stability's code for SDXL and diffusers' pipelines for it "
        "when the library is installed, the published code of FLUX. AUTOMATIC1111, ComfyUI and Fooocus write none."
    )
    trust = (
        "Read out of the pixels: inferred. It survives the loss of all metadata and any lossless saving; JPEG, scaling "
        "and cropping destroy it. Of its bits 44 of 48, 120 of 136, 198 of 224 or all 32 must be right; unmarked "
        "pictures reach 39, 89, 133 and 23. Its absence means nothing."
    )
    traps = (
        "Other programs embed other payloads with the same library; these are not reported. A flat picture reads as "
        "all zeros or all ones, which is not a payload."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every payload that was read out of the pixels."""
        for statement in select_visible(statements):
            if statement.carrier == "watermark" and statement.key == "dwtDct":
                yield from self._identify(statement)

    def _identify(self, statement: Statement) -> Iterator[Evidence]:
        for payload, (tool, origin) in _WRITERS.items():
            right = payload.count_matching_bits(statement.value)
            # Later changes to the pixels flip some bits, and chance sets some bits right in unmarked pictures.
            if right >= payload.least:
                detail = f"The pixels contain the watermark of {tool}: {right} of {len(payload.bits)} bits are right."
                yield make_evidence(self.name, statement, origin, detail, tool=tool, standing=Standing.INFERRED)

"""SwarmUI: its parameters as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import parse_json_object, as_object, as_text
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


class Swarmui(Signal):
    """An object named `sui_image_params`, whatever field holds it."""

    name = "swarmui"
    title = "SwarmUI parameters"
    written_by = (
        "SwarmUI: `sui_image_params` in the PNG text `parameters`, the EXIF UserComment (older: Model) of JPEG and "
        "WebP, comments of movies, and on request in the lowest bits of the alpha channel."
    )
    trust = "A tool's own trace: unsigned, lost by any re-save, and nobody writes it by hand."
    traps = "The bare word in a text is nothing: the object must parse and hold settings."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every statement that holds the object."""
        for statement in select_visible(statements):
            if "sui_image_params" not in statement.value:
                continue
            settings = as_object(parse_json_object(statement.value).get("sui_image_params"))
            if "prompt" in settings or "model" in settings:
                used = make_used_from_settings(settings)
                detail = f"SwarmUI saved the settings of a generation here: {describe_used(used)}."
                tool = f"SwarmUI {as_text(settings.get('swarm_version'))}".strip()
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)

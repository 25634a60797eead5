"""SwarmUI: its settings as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage_from_settings
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import as_object, as_text, parse_json_object
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_SETTINGS = "sui_image_params"


class Swarmui(Signal):
    """Recognised by an object named `sui_image_params`, whatever field holds it."""

    name = "swarmui"
    title = "SwarmUI parameters"
    written_by = (
        "SwarmUI: `sui_image_params` in the PNG text `parameters`, the EXIF UserComment (older: Model) of JPEG and "
        "WebP, comments of movies, and on request in the lowest bits of the alpha channel."
    )
    trust = "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes it by hand."
    traps = "The bare word in a text does not count: the object must parse and hold settings."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every statement that holds the object."""
        for statement in select_visible(statements):
            if _SETTINGS not in statement.value:
                continue
            settings = as_object(parse_json_object(statement.value).get(_SETTINGS))
            # An object without prompt and model holds no settings of a generation.
            if "prompt" in settings or "model" in settings:
                used = make_usage_from_settings(settings)
                detail = add_usage("The file contains the settings of a generation by SwarmUI", used)
                tool = f"SwarmUI {as_text(settings.get('swarm_version'))}".strip()
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, used=used)

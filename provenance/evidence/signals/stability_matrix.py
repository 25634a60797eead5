"""Stability Matrix: the project that it saves into every picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import as_object, as_text, normalise_key, parse_json_object
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_FIELDS = frozenset({"smproj", "software"})
"""In PNG a field of its own; in WebP the EXIF field for the software."""
_ENHANCING = "Upscale"
_UNKNOWN = "Unknown"


class StabilityMatrix(Signal):
    """Recognised by its project as JSON: the kind of the project, and the state of its cards."""

    name = "stability_matrix"
    title = "Stability Matrix project"
    written_by = (
        "Stability Matrix: PNG text `smproj`, and the EXIF field Software of WebP, hold the project as JSON "
        "(`Version`, `ProjectType`, `State`). The settings in `parameters` and `parameters-json` are read by others."
    )
    trust = (
        "A tool's own trace: it is unsigned and lost by any re-save, but nobody writes it by hand. A project that only "
        "enlarges makes the file enhanced."
    )
    traps = (
        "The key alone does not count: the object must name a kind of project and hold a prompt, a seed or a sampler."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every project."""
        for statement in select_visible(statements):
            if normalise_key(statement.key) not in _FIELDS or "ProjectType" not in statement.value:
                continue
            project = parse_json_object(statement.value)
            kind = as_text(project.get("ProjectType"))
            state = as_object(project.get("State"))
            if kind == _ENHANCING and state:
                detail = "The file contains a project of Stability Matrix that only enlarges."
                yield make_evidence(self.name, statement, Origin.ENHANCED, detail, tool="Stability Matrix")
            elif kind not in ("", _UNKNOWN) and state.keys() & {"Prompt", "Seed", "Sampler"}:
                used = _read_state(state)
                detail = add_usage(f"The file contains a project of Stability Matrix that generates ({kind})", used)
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="Stability Matrix", used=used)


def _read_state(state: Mapping[str, object]) -> Used:
    prompt = as_object(state.get("Prompt"))
    model = as_object(state.get("Model"))
    return make_usage(
        as_text(prompt.get("Prompt")),
        negative=as_text(prompt.get("NegativePrompt")),
        model=[as_text(model.get("SelectedModelName")), as_text(model.get("SelectedRefinerName"))],
        seed=as_text(as_object(state.get("Seed")).get("Seed")),
    )

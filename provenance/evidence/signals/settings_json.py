"""Generation settings as one JSON object: a prompt with steps, guidance, sampler and seed beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, compact_key, parse_json_object, normalise_key, as_text
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_FIELDS = FREE_TEXT_FIELDS | {"parameters-json", "generation_data", "settings", "metadata"}
_PROMPTS = ("prompt", "positiveprompt", "fullprompt")
_CONCEPTS = (
    ("steps", "numinferencesteps", "inferencesteps", "samplingsteps"),
    ("cfg", "cfgscale", "guidancescale", "guidance"),
    ("sampler", "samplername", "scheduler", "ksamplername"),
    ("seed",),
)
_OTHERS = frozenset({"uc", "signedhash", "v4prompt"})  # NovelAI and Draw Things, told by signals of their own
_TELLTALE = {"usestablediffusionmodel": "Easy Diffusion", "admguidance": "Fooocus", "performance": "Fooocus"}


class SettingsJson(Signal):
    """Recognised by structure: a prompt and two of steps, guidance, sampler and seed in one object."""

    name = "settings_json"
    title = "Generation settings in JSON"
    written_by = (
        "Fooocus and RuinedFooocus, Easy Diffusion, Hugging Face spaces, TensorArt, Stability Matrix, Wan2GP and "
        "others: in PNG text (`parameters`, `generation_data`, `parameters-json`), the EXIF UserComment, comments of "
        "movies."
    )
    trust = "A tool's own trace: unsigned, lost by any re-save, and nobody writes it by hand."
    traps = (
        "JSON of other programs: a seed or a prompt alone is nothing, and numbers of a simulation come without a "
        "prompt."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every text field that holds such an object."""
        for statement in select_visible(statements):
            if normalise_key(statement.key) not in _FIELDS or "rompt" not in statement.value:
                continue
            settings = {compact_key(key): value for key, value in parse_json_object(statement.value).items()}
            prompt = _first(settings, _PROMPTS)
            concepts = [group for group in _CONCEPTS if _first(settings, group)]
            if prompt and len(concepts) >= 2 and not _OTHERS & settings.keys():
                used = make_used_from_settings(settings)
                detail = f"Settings of a generation, as the generator saves them: {describe_used(used)}."
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=_tool(settings), used=used)


def _first(settings: Mapping[str, object], keys: Sequence[str]) -> str:
    return next((text for key in keys if (text := as_text(settings.get(key)))), "")


def _tool(settings: Mapping[str, object]) -> str | None:
    known = (tool for key, tool in _TELLTALE.items() if key in settings)
    return _first(settings, ("software", "generator", "app")) or next(known, None)

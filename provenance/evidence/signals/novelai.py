"""NovelAI, by the words it writes and by its signature."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import keep_first_per_carrier, select_visible, make_evidence
from provenance.evidence.text.generation_settings import describe_used, make_used_from_settings
from provenance.evidence.text.parse_text import shorten, parse_json_object, as_object, normalise_key, as_text
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_NAMED = {
    "software": re.compile(r"NovelAI(?: Diffusion\b.*)?", re.DOTALL),
    "source": re.compile(r"NovelAI Diffusion\b.*", re.DOTALL),
    "title": re.compile(r"NovelAI generated image"),
    "documentname": re.compile(r"NovelAI generated image"),
}
_SETTINGS = frozenset({"comment", "usercomment", "parameters"})
_OWN = frozenset({"uc", "signed_hash", "v4_prompt", "uncond_scale"})

_VERDICTS = {
    True: "The signature by NovelAI's published key holds over these pixels and these settings.",
    False: (
        "A signature as NovelAI's stands here and does not hold by its published key: pixels or settings were changed "
        "since, or others wrote it."
    ),
}


class Novelai(Signal):
    """Its settings as JSON, its name in the exact fields where it puts it, and whether its signature holds."""

    name = "novelai"
    title = "NovelAI text and signature"
    written_by = (
        "NovelAI: PNG text `Title`, `Software`, `Source`, `Description` and `Comment` (JSON), the same as EXIF in "
        "WebP, and all of it once more in the lowest bits of the alpha channel."
    )
    trust = (
        "The words are a tool's own trace. The settings carry a `signed_hash`: an Ed25519 signature over the colours "
        "of all pixels and the settings. Where it holds by the key that NovelAI published, these pixels are NovelAI's "
        "output, unchanged: signed. Where it does not, pixels or settings were changed afterwards, or others wrote "
        "them: broken, and still a mark of generation. Lossy pictures cannot be held against it."
    )
    traps = "The name in a caption, a keyword or a file name is nothing. JSON with the same words from Draw Things."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence per carrier, resting on settings if there are any, else on a name; signatures."""
        rows = list(select_visible(statements))
        yield from keep_first_per_carrier([*self._by_settings(rows), *self._by_name(rows)])
        yield from self._by_signature(rows)

    def _by_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if normalise_key(statement.key) in _SETTINGS and '"' in statement.value[:64]:
                outer = parse_json_object(statement.value)
                settings = _settings(outer)
                if settings or as_text(outer.get("Software")) == "NovelAI":
                    used = make_used_from_settings({**_beside(outer, statement, statements), **settings})
                    said = describe_used(used)
                    detail = f"Settings of a generation as NovelAI writes them{said and f': {said}'}."
                    yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI", used=used)

    def _by_name(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            pattern = _NAMED.get(normalise_key(statement.key))
            if pattern and pattern.fullmatch(statement.value.strip()):
                detail = (
                    f'The field {shorten(statement.key, 40)} says "{shorten(statement.value, 60)}", as NovelAI signs.'
                )
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI")

    def _by_signature(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            if statement.carrier == "signed_hash":
                detail = _VERDICTS[statement.standing is Standing.SIGNED]
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI")


def _beside(outer: Mapping[str, object], own: Statement, statements: Sequence[Statement]) -> Mapping[str, object]:
    """Model and prompt as the fields around the settings name them: those of the object, or of the same block."""
    block = {normalise_key(row.key): row.value for row in statements if row.carrier == own.carrier}
    return {
        "model": as_text(outer.get("Source")) or block.get("source", ""),
        "prompt": as_text(outer.get("Description")) or block.get("description", ""),
    }


def _settings(outer: Mapping[str, object]) -> Mapping[str, object]:
    """NovelAI's settings, bare or as a text under `Comment`; empty if it is something else."""
    inner = outer.get("Comment")
    settings = as_object(parse_json_object(inner) if isinstance(inner, str) else inner) or outer
    own = _OWN & settings.keys() and "sampler" in settings and "steps" in settings
    return settings if own and "c" not in settings else {}

"""NovelAI, recognised by its settings, its name and its signature."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import add_usage, make_usage_from_settings
from provenance.evidence.text.make_evidence import keep_first_per_carrier, make_evidence, select_visible
from provenance.evidence.text.parse_text import as_object, as_text, normalise_key, parse_json_object, shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_NAME_PATTERNS = {
    "software": re.compile(r"NovelAI(?: Diffusion\b.*)?", re.DOTALL),
    "source": re.compile(r"NovelAI Diffusion\b.*", re.DOTALL),
    "title": re.compile(r"NovelAI generated image"),
    "documentname": re.compile(r"NovelAI generated image"),
}
"""Field, and what its whole value must be."""
_SETTINGS_FIELDS = frozenset({"comment", "usercomment", "parameters"})
_OWN_SETTINGS = frozenset({"uc", "signed_hash", "v4_prompt", "uncond_scale"})
"""Settings that only NovelAI writes, apart from `uc`, which Draw Things writes as well."""
_JSON_BEGINNING = 64
"""Characters in which a JSON object has its first key, and so a quotation mark."""

_SIGNATURE_VALID = "NovelAI's published key verifies the signature over these pixels and these settings."
_SIGNATURE_INVALID = (
    "The file carries a signature in the form of NovelAI's, but NovelAI's published key does not verify it: the pixels "
    "or the settings were changed afterwards, or someone else wrote them."
)


class Novelai(Signal):
    """Recognised by its settings as JSON, by its name in exact fields, and by its signature."""

    name = "novelai"
    title = "NovelAI text and signature"
    written_by = (
        "NovelAI: PNG text `Title`, `Software`, `Source`, `Description` and `Comment` (JSON), the same as EXIF in "
        "WebP, and all of it once more in the lowest bits of the alpha channel."
    )
    trust = (
        "The texts are a tool's own trace. The settings contain a `signed_hash`: an Ed25519 signature over the colours "
        "of all pixels and the settings. If the key that NovelAI published verifies it, these pixels are NovelAI's "
        "unchanged output: signed. If not, pixels or settings were changed afterwards, or someone else wrote them: "
        "broken, and still a mark of generation. In lossy pictures it cannot be verified."
    )
    traps = (
        "The name in a caption, a keyword or a file name does not count. Draw Things writes JSON with some of the same "
        "settings."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier, from settings if there are any, else a name; then the signatures."""
        # Settings come first: they say more than the name, and only the first of each carrier is kept.
        rows = list(select_visible(statements))
        yield from keep_first_per_carrier([*self._find_settings(rows), *self._find_names(rows)])
        yield from self._find_signatures(rows)

    def _find_settings(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            is_candidate = normalise_key(statement.key) in _SETTINGS_FIELDS
            if not is_candidate or '"' not in statement.value[:_JSON_BEGINNING]:
                continue
            document = parse_json_object(statement.value)
            settings = _extract_settings(document)
            if settings or as_text(document.get("Software")) == "NovelAI":
                # Model and prompt in the settings themselves outweigh those in other fields.
                all_settings = {**_read_other_fields(document, statement, statements), **settings}
                used = make_usage_from_settings(all_settings)
                detail = add_usage("The file contains generation settings in the form of NovelAI's", used)
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI", used=used)

    def _find_names(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        for statement in statements:
            pattern = _NAME_PATTERNS.get(normalise_key(statement.key))
            if pattern and pattern.fullmatch(statement.value.strip()):
                key = shorten(statement.key, 40)
                detail = f'The field {key} contains "{shorten(statement.value, 60)}", which NovelAI writes there.'
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI")

    def _find_signatures(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        # The carrier `signed_hash` verifies them; its statement has the result as its standing.
        for statement in statements:
            if statement.carrier == "signed_hash":
                is_valid = statement.standing is Standing.SIGNED
                detail = _SIGNATURE_VALID if is_valid else _SIGNATURE_INVALID
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool="NovelAI")


def _extract_settings(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return NovelAI's settings, bare or as an object or JSON text under `Comment`; empty if they are not NovelAI's."""
    comment = document.get("Comment")
    if isinstance(comment, str):
        comment = parse_json_object(comment)
    settings = as_object(comment) or document
    has_own_settings = bool(_OWN_SETTINGS & settings.keys())
    is_drawthings = "c" in settings
    if has_own_settings and "sampler" in settings and "steps" in settings and not is_drawthings:
        return settings
    return {}


def _read_other_fields(
    document: Mapping[str, object], statement: Statement, statements: Sequence[Statement]
) -> Mapping[str, object]:
    """Read model and prompt from beside the settings: from the same object, else from the same block of metadata."""
    block = {normalise_key(row.key): row.value for row in statements if row.carrier == statement.carrier}
    return {
        "model": as_text(document.get("Source")) or block.get("source", ""),
        "prompt": as_text(document.get("Description")) or block.get("description", ""),
    }

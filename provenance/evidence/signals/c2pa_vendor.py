"""What makers of generators write into C2PA manifests besides the standard source type, and c2pa.ai-disclosure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from provenance.evidence.interface import Signal
from provenance.evidence.text.statement_context import StatementContext
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten, parse_json, parse_json_object, as_object, as_text
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_UNATTENDED = frozenset({"fully_autonomous", "prompt_guided"})
_SAYINGS = frozenset({"ai generated image", "created by google generative ai"})
_AGENTS = re.compile(
    r"image creator from (microsoft )?designer|bing image creator|azure openai (dall-e|imagegen)", re.IGNORECASE
)
_MICROSOFT = re.compile(r"microsoft[_ ]responsible[_ ]ai\b", re.IGNORECASE)
_MODEL_TYPES = ("c2pa.types.generator", "c2pa.types.model")


class Told(NamedTuple):
    """What a statement means, the program it names, and what it says was used."""

    origin: Origin
    detail: str
    tool: str | None = None
    prompt: str = ""
    model: str = ""
    version: str = ""


class C2paVendor(Signal):
    """Declarations of AI in vendors' own words, each in its exact shape."""

    name = "c2pa_vendor"
    title = "Vendors' own words in C2PA manifests"
    written_by = (
        "Any maker since C2PA 2.4: the assertion c2pa.ai-disclosure. Adobe: com.adobe.generative-ai, the parameter "
        "com.adobe.tool = generative_fill, metadata com.adobe.inference. Black Forest Labs: c2pa.ai_generated_content. "
        "Microsoft: the description AI Generated Image, Image Creator from Designer, Microsoft Responsible AI. Suno: "
        "providerName. Everyone: an ingredient inputTo whose data types are a model, a generator, its prompt or seed."
    )
    trust = (
        "As far as the manifest it stands in. A declaration of AI counts at any standing; it names the tool and the "
        "model better than the standard fields do."
    )
    traps = (
        "Permissions for training (c2pa.training-mining, cawg.training-mining) are common on human work. So are "
        "editing parameters of com.adobe.*, watermarking actions, identities, and having a manifest at all. A picture "
        "that was fed to a person's work as reference is no generation."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence for each declaration found."""
        agents = StatementContext(statements)
        for statement in select_visible(statements):
            if statement.carrier == "c2pa" and (told := _told(statement)):
                tool = told.tool or agents.find_program(statement)
                used = make_used(told.prompt, model=told.model, version=told.version, inputs=agents.find_inputs(statement))
                yield make_evidence(
                    self.name, statement, told.origin, told.detail, tool=tool, standing=Standing.DECLARED, used=used
                )


def _told(statement: Statement) -> Told | None:
    key, value = statement.key, statement.value
    for ending, reader in _READERS:
        if key.endswith(ending):
            return reader(value)
    return _provider(value) if key.startswith("assertion/") else None


def _ai_disclosure(value: str) -> Told | None:
    said = parse_json_object(value)
    if not said:
        return None
    oversight = as_text(as_object(said.get("contentProfile")).get("humanOversightLevel"))
    origin = Origin.GENERATED if oversight in _UNATTENDED else Origin.PARTLY_GENERATED
    human = f", human oversight {shorten(oversight, 40)}" if oversight else ""
    model = as_text(said.get("modelName")) or as_text(said.get("modelIdentifier"))
    kind = shorten(as_text(said.get("modelType")), 60) or "not named"
    detail = f"The assertion c2pa.ai-disclosure declares an AI model (type {kind}{human})."
    identifier = as_text(said.get("modelIdentifier"))
    return Told(origin, detail, model, model=f"{model} ({identifier})" if identifier not in ("", model) else model)


def _adobe_generative(value: str) -> Told | None:
    said = parse_json_object(value)
    words = shorten(as_text(said.get("description")), 90)
    tool = " ".join(filter(None, (as_text(said.get("description")), as_text(said.get("version")))))
    detail = f"Adobe's assertion com.adobe.generative-ai says that a generative tool was used ({words})."
    prompt, version = as_text(said.get("prompt")), as_text(said.get("version"))
    return Told(Origin.PARTLY_GENERATED, detail, tool, prompt, version=version) if said else None


def _adobe_tool(value: str) -> Told | None:
    if not value.startswith("generative_"):
        return None
    detail = f"The action was done with Adobe's generative tool {shorten(value, 40)}."
    return Told(Origin.PARTLY_GENERATED, detail)


def _adobe_metadata(value: str) -> Told | None:
    if not _holds(parse_json(value), "com.adobe.inference", 6):
        return None
    return Told(Origin.PARTLY_GENERATED, "Adobe's metadata com.adobe.inference says that a model made this part.")


def _black_forest(value: str) -> Told | None:
    said = parse_json_object(value)
    if not said or said.get("ai_generated", True) is not True:
        return None
    detail = "The assertion c2pa.ai_generated_content says that the content was generated by AI."
    model = as_text(said.get("model"))
    return Told(Origin.GENERATED, detail, model, as_text(said.get("prompt")), model)


def _description(value: str) -> Told | None:
    if value.strip().rstrip(".").casefold() not in _SAYINGS:
        return None
    return Told(Origin.GENERATED, f'The action is described as "{shorten(value, 60)}".')


def _agent(value: str) -> Told | None:
    if not _AGENTS.match(value):
        return None
    return Told(Origin.GENERATED, f"The action was done by the image generator {shorten(value, 60)}.", value)


def _claim_generator(value: str) -> Told | None:
    if not _MICROSOFT.match(value):
        return None
    detail = f"The manifest was made by {shorten(value, 60)}, which signs what Microsoft's image generators make."
    return Told(Origin.GENERATED, detail)


def _inputs(value: str) -> Told | None:
    found = parse_json(value)
    rows = found if isinstance(found, list) else [found]
    kinds = [as_text(row.get("type")) if isinstance(row, Mapping) else as_text(row) for row in rows]
    named = [kind for kind in kinds if kind.startswith(_MODEL_TYPES)]
    if not named:
        return None
    detail = f"What was fed to its making is of the kind {shorten(', '.join(named), 90)}: a generative model made it."
    return Told(Origin.GENERATED, detail)


def _provider(value: str) -> Told | None:
    if "providerName" not in value or as_text(parse_json_object(value).get("providerName")) != "Suno, Inc.":
        return None
    return Told(Origin.GENERATED, "The manifest names Suno, Inc., which generates music, as the provider.", "Suno")


_READERS: tuple[tuple[str, Callable[[str], Told | None]], ...] = (
    ("assertion/c2pa.ai-disclosure", _ai_disclosure),
    ("assertion/com.adobe.generative-ai", _adobe_generative),
    ("assertion/c2pa.ai_generated_content", _black_forest),
    ("/parameters/com.adobe.tool", _adobe_tool),
    ("/metadata", _adobe_metadata),
    ("c2pa.created/description", _description),
    ("/softwareAgent", _agent),
    ("claim_generator", _claim_generator),
    ("ingredient/inputTo/dataTypes", _inputs),
)


def _holds(value: object, key: str, depth: int) -> bool:
    """Whether `key` is true anywhere in a JSON value, to a bounded depth."""
    if depth and isinstance(value, dict):
        return value.get(key) is True or any(_holds(below, key, depth - 1) for below in value.values())
    return bool(depth) and isinstance(value, list) and any(_holds(below, key, depth - 1) for below in value)

"""Declarations of AI in C2PA manifests in the words of vendors, and the standard assertion c2pa.ai-disclosure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import as_list, as_object, as_text, parse_json, parse_json_object, shorten
from provenance.evidence.text.statement_context import StatementContext
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_WITHOUT_HUMAN_OVERSIGHT = frozenset({"fully_autonomous", "prompt_guided"})
"""Values of humanOversightLevel in c2pa.ai-disclosure at which the whole content comes from the model."""
_DESCRIPTIONS = frozenset({"ai generated image", "created by google generative ai"})
"""Descriptions of the action c2pa.created, of Microsoft and of Google."""
_GENERATOR_NAMES = re.compile(
    r"image creator from (microsoft )?designer|bing image creator|azure openai (dall-e|imagegen)", re.IGNORECASE
)
_MICROSOFT_GENERATOR = re.compile(r"microsoft[_ ]responsible[_ ]ai\b", re.IGNORECASE)
_MODEL_TYPES = ("c2pa.types.generator", "c2pa.types.model")
"""How the types of an ingredient begin that is a model or a part of one, such as its prompt or seed."""
_METADATA_DEPTH = 6
"""Levels of Adobe's metadata that are searched."""


class AiDeclaration(NamedTuple):
    """What a statement declares: an origin, the sentence about it, the tool it names and what was used."""

    origin: Origin
    detail: str
    tool: str | None = None
    prompt: str = ""
    model: str = ""
    version: str = ""


class C2paVendor(Signal):
    """Recognised by declarations of AI in vendors' own words, each in its exact form."""

    name = "c2pa_vendor"
    title = "Vendors' own words in C2PA manifests"
    written_by = (
        "Any maker since C2PA 2.4: the assertion c2pa.ai-disclosure. Adobe: com.adobe.generative-ai, the parameter "
        "com.adobe.tool = generative_fill, metadata com.adobe.inference. Black Forest Labs: c2pa.ai_generated_content. "
        "Microsoft: the description AI Generated Image, Image Creator from Designer, Microsoft Responsible AI. Suno: "
        "providerName. Everyone: an ingredient inputTo whose data types are a model, a generator, its prompt or seed."
    )
    trust = (
        "As far as the manifest that contains it. A declaration of AI counts at any standing; it names the tool and "
        "the model better than the standard fields do."
    )
    traps = (
        "Permissions for training (c2pa.training-mining, cawg.training-mining) are common on human work. So are "
        "editing parameters of com.adobe.*, watermarking actions, identities, and having a manifest at all. A picture "
        "that a person used as a reference does not make their work generated."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence for each declaration."""
        context = StatementContext(statements)
        for statement in select_visible(statements):
            declaration = None
            if statement.carrier == "c2pa":
                declaration = _read_declaration(statement)
            if declaration:
                yield self._make_evidence(statement, declaration, context)

    def _make_evidence(self, statement: Statement, declaration: AiDeclaration, context: StatementContext) -> Evidence:
        return make_evidence(
            self.name,
            statement,
            declaration.origin,
            declaration.detail,
            tool=declaration.tool or context.find_program(statement),
            standing=Standing.DECLARED,
            used=make_usage(
                declaration.prompt,
                model=declaration.model,
                version=declaration.version,
                inputs=context.find_inputs(statement),
            ),
        )


def _read_declaration(statement: Statement) -> AiDeclaration | None:
    for ending, reader in _READERS:
        if statement.key.endswith(ending):
            return reader(statement.value)
    if statement.key.startswith("assertion/"):
        return _read_provider(statement.value)
    return None


def _read_ai_disclosure(value: str) -> AiDeclaration | None:
    disclosure = parse_json_object(value)
    if not disclosure:
        return None
    oversight = as_text(as_object(disclosure.get("contentProfile")).get("humanOversightLevel"))
    origin = Origin.PARTLY_GENERATED
    if oversight in _WITHOUT_HUMAN_OVERSIGHT:
        origin = Origin.GENERATED
    model_type = shorten(as_text(disclosure.get("modelType")), 60) or "not named"
    detail = f"The assertion c2pa.ai-disclosure declares an AI model (type {model_type}"
    if oversight:
        detail += f", human oversight {shorten(oversight, 40)}"
    detail += ")."

    identifier = as_text(disclosure.get("modelIdentifier"))
    tool = as_text(disclosure.get("modelName")) or identifier
    model = tool
    if identifier not in ("", tool):
        model = f"{tool} ({identifier})"
    return AiDeclaration(origin, detail, tool, model=model)


def _read_adobe_generative_ai(value: str) -> AiDeclaration | None:
    assertion = parse_json_object(value)
    if not assertion:
        return None
    description = as_text(assertion.get("description"))
    version = as_text(assertion.get("version"))
    tool = f"{description} {version}".strip()
    detail = (
        f"Adobe's assertion com.adobe.generative-ai declares that a generative tool was used "
        f"({shorten(description, 90)})."
    )
    return AiDeclaration(Origin.PARTLY_GENERATED, detail, tool, as_text(assertion.get("prompt")), version=version)


def _read_adobe_tool(value: str) -> AiDeclaration | None:
    if not value.startswith("generative_"):
        return None
    detail = f"The C2PA action was performed with Adobe's generative tool {shorten(value, 40)}."
    return AiDeclaration(Origin.PARTLY_GENERATED, detail)


def _read_adobe_metadata(value: str) -> AiDeclaration | None:
    if not _has_true(parse_json(value), "com.adobe.inference", _METADATA_DEPTH):
        return None
    detail = "Adobe's metadata com.adobe.inference declares that a model made this part."
    return AiDeclaration(Origin.PARTLY_GENERATED, detail)


def _read_black_forest_labs(value: str) -> AiDeclaration | None:
    assertion = parse_json_object(value)
    # The assertion declares generation by being there; only a value other than true takes that back.
    if not assertion or assertion.get("ai_generated", True) is not True:
        return None
    detail = "The assertion c2pa.ai_generated_content declares that AI generated the content."
    model = as_text(assertion.get("model"))
    return AiDeclaration(Origin.GENERATED, detail, model, as_text(assertion.get("prompt")), model)


def _read_description(value: str) -> AiDeclaration | None:
    if value.strip().rstrip(".").casefold() not in _DESCRIPTIONS:
        return None
    return AiDeclaration(Origin.GENERATED, f'The C2PA action has the description "{shorten(value, 60)}".')


def _read_software_agent(value: str) -> AiDeclaration | None:
    if not _GENERATOR_NAMES.match(value):
        return None
    detail = f"The C2PA action was performed by the image generator {shorten(value, 60)}."
    return AiDeclaration(Origin.GENERATED, detail, value)


def _read_claim_generator(value: str) -> AiDeclaration | None:
    if not _MICROSOFT_GENERATOR.match(value):
        return None
    detail = f"The manifest was made by {shorten(value, 60)}, which signs the output of Microsoft's image generators."
    return AiDeclaration(Origin.GENERATED, detail)


def _read_input_types(value: str) -> AiDeclaration | None:
    # The data types of an ingredient are a list of objects or of texts, or a single one of either.
    data_types = parse_json(value)
    if not isinstance(data_types, list):
        data_types = [data_types]
    model_types = []
    for data_type in data_types:
        name = as_text(as_object(data_type).get("type")) or as_text(data_type)
        if name.startswith(_MODEL_TYPES):
            model_types.append(name)
    if not model_types:
        return None
    listed = shorten(", ".join(model_types), 90)
    detail = f"The manifest lists an input of the type {listed}: a generative model made the content."
    return AiDeclaration(Origin.GENERATED, detail)


def _read_provider(value: str) -> AiDeclaration | None:
    if "providerName" not in value or as_text(parse_json_object(value).get("providerName")) != "Suno, Inc.":
        return None
    detail = "The manifest names Suno, Inc., which generates music, as the provider."
    return AiDeclaration(Origin.GENERATED, detail, "Suno")


_READERS: tuple[tuple[str, Callable[[str], AiDeclaration | None]], ...] = (
    ("assertion/c2pa.ai-disclosure", _read_ai_disclosure),
    ("assertion/com.adobe.generative-ai", _read_adobe_generative_ai),
    ("assertion/c2pa.ai_generated_content", _read_black_forest_labs),
    ("/parameters/com.adobe.tool", _read_adobe_tool),
    ("/metadata", _read_adobe_metadata),
    ("c2pa.created/description", _read_description),
    ("/softwareAgent", _read_software_agent),
    ("claim_generator", _read_claim_generator),
    ("ingredient/inputTo/dataTypes", _read_input_types),
)
"""The ending of a statement's key, and the function that reads its value. The first ending that fits decides."""


def _has_true(value: object, key: str, depth: int) -> bool:
    """Whether `key` is true anywhere in a JSON value, down to `depth` levels."""
    if depth == 0:
        return False
    if as_object(value).get(key) is True:
        return True
    items = as_object(value).values() or as_list(value)
    return any(_has_true(item, key, depth - 1) for item in items)

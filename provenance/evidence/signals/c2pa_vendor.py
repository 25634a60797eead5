"""What makers of generators write into C2PA manifests besides the standard source type, and c2pa.ai-disclosure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from provenance.evidence.interface import Signal
from provenance.evidence.text.agents import Agents
from provenance.evidence.text.telling import speaking, tell
from provenance.evidence.text.usage import gathered
from provenance.evidence.text.vocabulary import excerpt, load, load_object, mapping, plain
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
        agents = Agents(statements)
        for statement in speaking(statements):
            if statement.carrier == "c2pa" and (told := _told(statement)):
                tool = told.tool or agents.behind(statement)
                used = gathered(told.prompt, model=told.model, version=told.version, inputs=agents.fed_to(statement))
                yield tell(
                    self.name, statement, told.origin, told.detail, tool=tool, standing=Standing.DECLARED, used=used
                )


def _told(statement: Statement) -> Told | None:
    key, value = statement.key, statement.value
    for ending, reader in _READERS:
        if key.endswith(ending):
            return reader(value)
    return _provider(value) if key.startswith("assertion/") else None


def _ai_disclosure(value: str) -> Told | None:
    said = load_object(value)
    if not said:
        return None
    oversight = plain(mapping(said.get("contentProfile")).get("humanOversightLevel"))
    origin = Origin.GENERATED if oversight in _UNATTENDED else Origin.PARTLY_GENERATED
    human = f", human oversight {excerpt(oversight, 40)}" if oversight else ""
    model = plain(said.get("modelName")) or plain(said.get("modelIdentifier"))
    kind = excerpt(plain(said.get("modelType")), 60) or "not named"
    detail = f"The assertion c2pa.ai-disclosure declares an AI model (type {kind}{human})."
    identifier = plain(said.get("modelIdentifier"))
    return Told(origin, detail, model, model=f"{model} ({identifier})" if identifier not in ("", model) else model)


def _adobe_generative(value: str) -> Told | None:
    said = load_object(value)
    words = excerpt(plain(said.get("description")), 90)
    tool = " ".join(filter(None, (plain(said.get("description")), plain(said.get("version")))))
    detail = f"Adobe's assertion com.adobe.generative-ai says that a generative tool was used ({words})."
    prompt, version = plain(said.get("prompt")), plain(said.get("version"))
    return Told(Origin.PARTLY_GENERATED, detail, tool, prompt, version=version) if said else None


def _adobe_tool(value: str) -> Told | None:
    if not value.startswith("generative_"):
        return None
    detail = f"The action was done with Adobe's generative tool {excerpt(value, 40)}."
    return Told(Origin.PARTLY_GENERATED, detail)


def _adobe_metadata(value: str) -> Told | None:
    if not _holds(load(value), "com.adobe.inference", 6):
        return None
    return Told(Origin.PARTLY_GENERATED, "Adobe's metadata com.adobe.inference says that a model made this part.")


def _black_forest(value: str) -> Told | None:
    said = load_object(value)
    if not said or said.get("ai_generated", True) is not True:
        return None
    detail = "The assertion c2pa.ai_generated_content says that the content was generated by AI."
    model = plain(said.get("model"))
    return Told(Origin.GENERATED, detail, model, plain(said.get("prompt")), model)


def _description(value: str) -> Told | None:
    if value.strip().rstrip(".").casefold() not in _SAYINGS:
        return None
    return Told(Origin.GENERATED, f'The action is described as "{excerpt(value, 60)}".')


def _agent(value: str) -> Told | None:
    if not _AGENTS.match(value):
        return None
    return Told(Origin.GENERATED, f"The action was done by the image generator {excerpt(value, 60)}.", value)


def _claim_generator(value: str) -> Told | None:
    if not _MICROSOFT.match(value):
        return None
    detail = f"The manifest was made by {excerpt(value, 60)}, which signs what Microsoft's image generators make."
    return Told(Origin.GENERATED, detail)


def _inputs(value: str) -> Told | None:
    found = load(value)
    rows = found if isinstance(found, list) else [found]
    kinds = [plain(row.get("type")) if isinstance(row, Mapping) else plain(row) for row in rows]
    named = [kind for kind in kinds if kind.startswith(_MODEL_TYPES)]
    if not named:
        return None
    detail = f"What was fed to its making is of the kind {excerpt(', '.join(named), 90)}: a generative model made it."
    return Told(Origin.GENERATED, detail)


def _provider(value: str) -> Told | None:
    if "providerName" not in value or plain(load_object(value).get("providerName")) != "Suno, Inc.":
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

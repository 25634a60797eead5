"""Every field of the JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from docs import markdown, texts
from provenance.model import asset, evidence, finding, match, report
from provenance.reports.document import SCHEMA, build_document
from tests.reports.golden.report import golden_report


class Part(NamedTuple):
    """One kind of object: its heading, where it stands, and the values that its fields come from."""

    title: str
    at: str
    kinds: tuple[type, ...] = ()


PARTS = (
    Part("The document", "", (report.Report,)),
    Part("inputs", "inputs", (report.Inputs,)),
    Part("summary", "summary"),
    Part("coverage", "coverage", (report.Coverage,)),
    Part("delta", "delta", (report.Delta,)),
    Part("Asset", "assets[]", (asset.Location, asset.Asset, asset.Reading)),
    Part("Evidence", "assets[].evidence[]", (evidence.Evidence,)),
    Part("Used", "assets[].evidence[].used", (evidence.Used,)),
    Part("Credential", "assets[].credentials[]", (evidence.Credential,)),
    Part("Match", "assets[].matches[]", (match.Match,)),
    Part("Known", "assets[].matches[].known", (match.Known,)),
    Part("Time", "assets[].matches[].time"),
    Part("Finding", "findings[]", (finding.Finding,)),
    Part("Approval", "findings[].waived_by", (finding.Approval,)),
    Part("Mark lost", "mark_lost[]", (match.Match,)),
    Part("Use", "uses[]", (finding.Use,)),
    Part("Trouble", "troubles[]", (evidence.Trouble,)),
)

_MORE = {
    "schema": "Which fields there are. A change of one that is there already is a new schema; more may be added.",
    "tool": "Name and version of the program.",
    "inputs": "What the report depends on besides the files.",
    "summary": "The figures.",
    "coverage": "How much was looked at.",
    "delta": "What changed since the run before; only `nightly` tells it.",
    "machine": "Facts about the machine that a reader may need.",
    "assets": "One Asset for each place, by root and path.",
    "findings": "The Findings, gravest first.",
    "mark_lost": "What was marked as generated when it came in and stands without a mark in a deliverable: Mark lost.",
    "uses": "Sources that stand in a cut, each a Use.",
    "troubles": "The Troubles: what could not be looked at.",
    "summary.assets": "How many.",
    "summary.bytes": "Bytes on the storage; a frame counts with its sequence.",
    "summary.origins": "How many assets of each [origin](words.md#origins).",
    "summary.findings": "How many of each [severity](words.md#severities), waived ones left out.",
    "summary.waived": "How many of each severity an approval lets through.",
    "summary.troubles": "How many.",
    "inputs.roots": "The folders and files that were named.",
    "inputs.policy": "Name of the pack, and SHA-256 of its text.",
    "inputs.trust_lists": "Name, day of issue, SHA-256 and source of each.",
    "inputs.catalogue": "The catalogue that was used; null without one.",
    "coverage.seen": "Assets that were looked at, and those that could not be.",
    "coverage.looked_at": "Assets that nothing stood in the way of.",
    "coverage.could_not": "Assets and files with a Trouble.",
    "coverage.excluded": "Left out by request.",
    "delta.newly_generated": "Paths whose mark of generation was not known before.",
    "Asset.root": "The folder that `path` starts at.",
    "Asset.path_bytes": "The true name in base64; only where it is no text.",
    "Asset.missing": "Gaps of a sequence as pairs of first and last number.",
    "Asset.evidence": "Evidence of origin, in the order in which the file says it.",
    "Asset.credentials": "One Credential for each C2PA manifest store.",
    "Asset.matches": "Known material found again in it, each a Match.",
    "Asset.xxh128": "XXH128 of the bytes, for exchange with media hash lists.",
    "Asset.size": "Bytes.",
    "Evidence.signal": "Which [signal](signals.md) understood it.",
    "Evidence.carrier": "Which [carrier](carriers.md) read it.",
    "Evidence.where": "The exact place in the file.",
    "Evidence.used": "What went into the generation, as far as the mark tells it.",
    "Credential.signer": "As the certificate names it; a name proves nothing without `trust`.",
    "Credential.remote_url": "Where a credential is kept that was not fetched.",
    "Match.frames": "Numbers of the first and the last frame, when it is found in a sequence.",
    "Mark lost.path": "Where it stands.",
    "Mark lost.root": "The folder that `path` starts at.",
    "Mark lost.digest": "SHA-256 of the asset in which it stands.",
    "Mark lost.known": "The known asset, with its mark.",
    "Mark lost.verdict": "`confirmed-copy` or `shares-content`.",
    "Mark lost.method": "How it was found again.",
    "Mark lost.time": "When, in the asset in which it stands.",
    "Mark lost.known_time": "When, in the known one.",
    "Mark lost.score": "As in a Match.",
    "Mark lost.detail": "As in a Match.",
    "Known.digest": "SHA-256 of the known asset.",
    "Known.path": "Where it stands, or stood when it was looked for.",
    "Known.origin": "What it is known to be.",
    "Match.method": "How it was found again.",
    "Match.verdict": "`confirmed-copy` or `shares-content`.",
    "Match.known": "The known asset.",
    "Match.time": "When, in this asset: a Time.",
    "Match.known_time": "When, in the known one.",
    "Finding.rule": "Which [rule](rules.md) it broke.",
    "Finding.because": "What the claim rests on: Evidence, Match, Use or Trouble. Never empty.",
    "Finding.time": "When, in the asset; null when all of it.",
    "Finding.frame": "Number of a frame in a sequence.",
    "Finding.waived_by": "The Approval that lets it through.",
    "expired_approval": "An Approval that counts no more.",
    "in": "Seconds from the first frame of the file, start timecode not added.",
    "out": "The same, of the first moment that is not in it any more.",
    "origin": "One of the [origins](words.md#origins).",
    "standing": "One of the [standings](words.md#standings).",
    "severity": "One of the [severities](words.md#severities).",
    "cause": "One of the [causes](words.md#causes).",
    "zone": "One of the [zones](words.md#zones).",
}
"""Where the code needs no text and a reader of the page does."""


def build_page() -> str:
    """The page: the fields of the golden report, which holds every kind of value, with the texts of the model."""
    made = build_document(golden_report())
    return markdown.build_page(
        "The JSON document",
        f"`--format json` prints one document of schema `{SCHEMA}`; scripts may rely on every name here. It is ASCII, "
        "lists stand in a stable order, and the same inputs give the same document but for `made_at`. "
        '`--format jsonl` prints the same rows as lines, `{"asset": …}`, `{"finding": …}` or `{"trouble": …}`, and '
        '`{"summary": …}` as the last one. How to use it: [read json from a script](../how-to/read-json.md).',
        *(_build_section(part, list(_at(made, part.at))) for part in PARTS),
    )


def _at(value: Any, path: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """Every object that stands at a path such as `assets[].evidence[]`."""
    name, _, rest = path.partition(".")
    below = value[name.removesuffix("[]")] if name else value
    for one in below if name.endswith("[]") else [below]:
        if one is not None:
            yield from _at(one, rest) if rest else [one]


def _build_section(part: Part, rows: list[dict[str, Any]]) -> str:
    meanings = {name: text for kind in part.kinds for name, text in texts.read_field_texts(kind).items()}
    fields: dict[str, list[str]] = {}
    for row in rows:
        for name, value in row.items():
            fields.setdefault(name, []).append(_kind(value))
    told = (
        [markdown.format_code(name), _kinds(kinds, always=len(kinds) == len(rows)), _meaning(part, name, meanings)]
        for name, kinds in fields.items()
    )
    place = f"At `{part.at}`.\n\n" if part.at else ""
    return f"## {part.title}\n\n{place}" + markdown.format_table(("field", "type", "meaning"), told)


def _meaning(part: Part, name: str, meanings: dict[str, str]) -> str:
    return _MORE.get(f"{part.title}.{name}") or _MORE.get(name) or markdown.escape_prose(meanings.get(name, ""))


def _kind(value: object) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "true or false"), (str, "text"), (int, "number"), (float, "number"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "list"


def _kinds(kinds: list[str], *, always: bool) -> str:
    named = " or ".join(sorted(set(kinds), key=lambda kind: (kind == "null", kind)))
    return named if always else f"{named}; may be absent"

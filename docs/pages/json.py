"""Every field of the JSON document."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from docs import markdown, texts
from provenance.model import asset, cut, debt, evidence, finding, match, report
from provenance.model.vocabulary import Cause, Origin, Severity
from provenance.reports import statement
from provenance.reports.document import SCHEMA, build_document
from tests.reports.golden.report import golden_report


class Part(NamedTuple):
    """One kind of object: its heading, its path in the document, and the classes that its fields come from."""

    title: str
    path: str
    kinds: tuple[type, ...] = ()


PARTS = (
    Part("The document", "", (report.Report,)),
    Part("inputs", "inputs", (report.Inputs,)),
    Part("searched", "inputs.searched", (report.SearchScope,)),
    Part("summary", "summary"),
    Part("Verdict", "verdicts[]"),
    Part("coverage", "coverage", (report.Coverage,)),
    Part("delta", "delta", (report.Delta,)),
    Part("Open finding", "delta.newly_open[]", (report.OpenFinding,)),
    Part("debt", "debt"),
    Part("Material", "debt.items[]", (debt.DebtItem,)),
    Part("Night", "debt.nights[]", (debt.DebtNight,)),
    Part("cover", "cover", (report.Cover,)),
    Part("statement", "statement", (statement.Statement,)),
    Part("Counts", "statement.assets", (statement.Counts,)),
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
    Part("Use", "uses[]", (cut.Use,)),
    Part("Timeline", "timelines[]", (cut.Timeline,)),
    Part("Share", "timelines[].totals.…", (cut.Share,)),
    Part("Register entry", "register[]", (report.RegisterEntry,)),
    Part("Trouble", "troubles[]", (evidence.Trouble,)),
)

_MORE = {
    "schema": "The set of fields. Changing a field makes a new schema; fields may be added.",
    "tool": "Name and version of the program.",
    "inputs": "What the report depends on besides the files.",
    "summary": "The figures.",
    "verdicts": "One Verdict for each `--policy`, the first one first; its figures are also in `summary`.",
    "Verdict.policy": "The pack, as in `inputs.policy`.",
    "Verdict.verdict": "The first sentences of the report by this policy.",
    "Verdict.findings": "How many of each [severity](words.md#severities), without waived ones.",
    "Verdict.waived": "How many of each severity an approval waives.",
    "Verdict.unopposed": "Assets that are or may be generated, or show such material, to which no rule of it objects.",
    "other_findings": "The Findings of the policies after the first, each with the name of its `policy`.",
    "coverage": "How much was checked.",
    "debt": "Generated material that is still in deliverables. Only in reports of `nightly`, and in those of `report` "
    "where there is any or a night has counted.",
    "debt.open": "How many materials must be replaced or approved: a rule objects to them.",
    "debt.approved": "How many are approved wherever they are.",
    "debt.allowed": "To how many no rule of the policies objects.",
    "debt.by_age": "The open ones by days in deliverables.",
    "debt.by_owner": "The open ones by owner; an empty name where no rule of the config names one.",
    "debt.by_vendor": "The open ones by vendor, as the register names it, else by tool; empty where no mark names one.",
    "debt.items": "Each Material, the oldest first.",
    "debt.nights": "Each Night of up to 400, oldest first; none in a report about a part of the deliverables.",
    "Material.digest": "SHA-256 of the content.",
    "Material.origin": "What the catalogue knows it to be.",
    "Material.state": "`open`, `approved` or `allowed`.",
    "Night.approved": "As in `debt`; null when the night did not count. `open` and `allowed` likewise.",
    "Night.allowed": "As in `debt`.",
    "Night.open": "As in `debt`; null when the night did not count, which is no zero.",
    "delta.newly_open": "Each Open finding that was not open in the last finished night.",
    "delta.newly_unchecked": "Each Trouble that the last finished night had not.",
    "delta": "What changed since the last night that finished, or since the report that `scan --since` names.",
    "cover": "What the issuer writes on the cover; empty texts were not given.",
    "cover.production": "The production.",
    "cover.client": "Who gets the delivery.",
    "cover.deliverable": "What is delivered.",
    "statement": "What was found, in one of three words, with the figures behind it.",
    "statement.kind": "`nothing-found`, `assistive` or `generative`; null when the report judges no deliverable.",
    "statement.assets": "Counts of judged assets.",
    "statement.uses": "Counts of uses in cuts.",
    "Counts.possibly": "With marks that generative AI leaves, but other software as well.",
    "Counts.enhanced": "Improved by an algorithm.",
    "register": "What is declared about the material, each a Register entry.",
    "Register entry.id": "The coordinator's own, unique by kind.",
    "Register entry.values": "Field to list of values.",
    "Register entry.entered_at": "When it was entered: UTC, from the clock of the program.",
    "machine": "Facts about the machine that a reader may need.",
    "assets": "One Asset for each place, sorted by root and path.",
    "findings": "The Findings, gravest first.",
    "mark_lost": "Material that carried an AI mark when it was ingested and has none in a deliverable: Mark lost.",
    "uses": "Sources in a cut, each a Use.",
    "timelines": "Cuts, each a Timeline, in the order in which they were read.",
    "troubles": "The Troubles: items that could not be checked.",
    "summary.assets": "How many.",
    "summary.bytes": "Bytes on the storage; a frame counts with its sequence.",
    "summary.origins": "How many assets of each [origin](words.md#origins).",
    "summary.findings": "How many of each [severity](words.md#severities), without waived ones.",
    "summary.waived": "How many of each severity an approval waives.",
    "summary.troubles": "How many.",
    "inputs.roots": "The folders and files named on the command line or in the config.",
    "inputs.policy": "Name of the pack, and SHA-256 of its text.",
    "inputs.trust_lists": "Name, day of issue, SHA-256 and source of each.",
    "inputs.catalogue": "The catalogue in use; null without one.",
    "inputs.searched": "How much known material the deliverables were compared with; null without a search.",
    "searched.clips": "The same for clips.",
    "searched.sounds": "The same for sounds.",
    "coverage.seen": "Assets that were checked, and assets that could not be.",
    "coverage.looked_at": "Assets that were checked in full.",
    "coverage.could_not": "Assets and files with a Trouble.",
    "coverage.excluded": "Excluded by request.",
    "coverage.looked_for_labels": "Shots and pictures in which text was looked for, and all of those; only with "
    "`--look-for labels`.",
    "coverage.left_for_next_night": "Files not read and contents not searched when the time of `--until` was over; "
    "only in a night with such a time.",
    "delta.since": "When the last finished night ended, null in the first; when the report of `scan --since` was made.",
    "delta.moved": "The same bytes at another path: `from` and `to`; in neither `new` nor `vanished`.",
    "delta.newly_generated": "Paths of content that was not known as generated anywhere before.",
    "delta.absent": "Storages that were not looked at: `storage` and `why`; nothing of them counts as vanished.",
    "Asset.root": "The folder that `path` starts at.",
    "Asset.path_bytes": "The true name in base64; only where it is not valid text.",
    "Asset.missing": "Gaps of a sequence as pairs of first and last number.",
    "Asset.evidence": "Evidence of origin, in the order in which the file gives it.",
    "Asset.credentials": "One Credential for each C2PA manifest store.",
    "Asset.matches": "Known material found again in it, each a Match.",
    "Asset.xxh128": "XXH128 of the bytes, for exchange with media hash lists.",
    "Asset.size": "Bytes.",
    "Evidence.signal": "Which [signal](signals.md) understood it.",
    "Evidence.carrier": "Which [carrier](carriers.md) read it.",
    "Evidence.where": "The exact place in the file.",
    "Evidence.used": "Model, prompt and inputs of the generation, as far as the mark gives them.",
    "Credential.signer": "As the certificate names it; a name proves nothing without `trust`.",
    "Credential.remote_url": "The address of a credential that was not fetched.",
    "Match.frames": "Numbers of the first and the last frame, when it is found in a sequence.",
    "Mark lost.path": "Where it was found.",
    "Mark lost.root": "The folder that `path` starts at.",
    "Mark lost.digest": "SHA-256 of the asset in which it was found.",
    "Mark lost.known": "The known asset, with its mark.",
    "Mark lost.verdict": "`confirmed-copy` or `shares-content`.",
    "Mark lost.method": "How it was found again.",
    "Mark lost.time": "When, in the asset in which it was found.",
    "Mark lost.known_time": "When, in the known one.",
    "Mark lost.score": "As in a Match.",
    "Mark lost.detail": "As in a Match.",
    "Known.digest": "SHA-256 of the known asset.",
    "Known.path": "Its path at the time of the search.",
    "Known.origin": "What the catalogue knows it to be.",
    "Match.method": "How it was found again.",
    "Match.verdict": "`confirmed-copy` or `shares-content`.",
    "Match.known": "The known asset.",
    "Match.time": "When, in this asset: a Time.",
    "Match.known_time": "When, in the known one.",
    "Finding.rule": "The [rule](rules.md) that the asset violates.",
    "Finding.because": "What the claim rests on: Evidence, Match, Use or Trouble. Never empty.",
    "Finding.time": "When, in the asset; null when it is about all of it.",
    "Finding.frame": "Number of a frame in a sequence.",
    "Finding.waived_by": "The Approval that waives it.",
    "expired_approval": "An Approval that expired and no longer counts.",
    "uncovered_by": "An Approval in force whose approver did not know of this finding.",
    "in": "Seconds from the first frame of the file, without the start timecode.",
    "out": "The same for the end, which is exclusive.",
    "origin": "One of the [origins](words.md#origins).",
    "standing": "One of the [standings](words.md#standings).",
    "severity": "One of the [severities](words.md#severities).",
    "cause": "One of the [causes](words.md#causes).",
    "zone": "One of the [zones](words.md#zones).",
}
"""Texts for fields that need none in the code; readers of the page need them."""


def _add_night(golden: report.Report) -> report.Report:
    """The report with what only a night adds to it."""
    place, day = "out: reel 1.mov", "2026-11-22"
    row = report.OpenFinding(place, "known-generated", Severity.BLOCK, "")
    trouble = evidence.Trouble(place, "", Cause.SLOW, "")
    item = debt.DebtItem("", place, Origin.GENERATED, debt.DebtState.OPEN, (place,), day, day, 0, "", "", "")
    assert golden.delta
    changes = dataclasses.replace(golden.delta, newly_open=(row,), newly_unchecked=(trouble,))
    return dataclasses.replace(golden, delta=changes, debt=debt.Debt((item,), (debt.DebtNight("", 1, 0, 0),)))


def build_page() -> str:
    """The page: the fields of the golden report, which contains every kind of value, with the texts of the model."""
    # no field can be forgotten: the page lists what the document really contains
    document = build_document(_add_night(golden_report()))
    sections = []
    for part in PARTS:
        objects = list(_list_objects(document, part.path))
        sections.append(_build_section(part, objects))
    return markdown.build_page(
        "The JSON document",
        f"`--format json` prints one document of schema `{SCHEMA}`; scripts may rely on every name here. It is ASCII, "
        "the order of its lists is stable, and the same inputs give the same document except for `made_at`. "
        '`--format jsonl` prints the same rows as lines, `{"asset": …}`, `{"finding": …}` or `{"trouble": …}`, and '
        '`{"summary": …}` as the last one. How to use it: [read json from a script](../how-to/read-json.md).',
        *sections,
    )


def _list_objects(value: Any, path: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """Yield every object at a path such as `assets[].evidence[]`; `…` is every name of an object."""
    name, _, rest = path.partition(".")
    if name == "…":
        for each in value.values():
            yield from _list_objects(each, rest)
        return
    below = value[name.removesuffix("[]")] if name else value
    entries = below if name.endswith("[]") else [below]
    for entry in entries:
        if entry is None:
            continue
        if rest:
            yield from _list_objects(entry, rest)
        else:
            yield entry


def _build_section(part: Part, objects: list[dict[str, Any]]) -> str:
    meanings: dict[str, str] = {}
    for kind in part.kinds:
        meanings |= texts.read_field_texts(kind)

    kinds_by_field: dict[str, list[str]] = {}
    for entry in objects:
        for name, value in entry.items():
            kinds_by_field.setdefault(name, []).append(_name_kind(value))

    rows = []
    for name, kinds in kinds_by_field.items():
        is_always_there = len(kinds) == len(objects)
        row = [markdown.format_code(name), _format_kinds(kinds, is_always_there), _describe_field(part, name, meanings)]
        rows.append(row)
    path = f"At `{part.path}`.\n\n" if part.path else ""
    return f"## {part.title}\n\n{path}" + markdown.format_table(("field", "type", "meaning"), rows)


def _describe_field(part: Part, name: str, meanings: dict[str, str]) -> str:
    return _MORE.get(f"{part.title}.{name}") or _MORE.get(name) or markdown.escape_prose(meanings.get(name, ""))


def _name_kind(value: object) -> str:
    if value is None:
        return "null"
    # bool first, because it is a subclass of int
    for kind, name in ((bool, "true or false"), (str, "text"), (int, "number"), (float, "number"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "list"


def _format_kinds(kinds: list[str], is_always_there: bool) -> str:
    text = " or ".join(sorted(set(kinds), key=lambda kind: (kind == "null", kind)))
    return text if is_always_there else f"{text}; may be absent"

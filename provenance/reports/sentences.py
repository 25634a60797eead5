"""What the words of a report mean, in plain language, and the sentences that several formats share."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from provenance.model.evidence import Evidence, Trouble, Used
from provenance.model.finding import Finding
from provenance.model.match import COPY, SHARES, Known, Match, Span
from provenance.model.report import Delta, Move, OpenFinding, PolicyName, Report, RuleName, SearchScope
from provenance.model.vocabulary import SUSPECT, Cause, Origin, Severity, Standing
from provenance.reports.compose import ReportSummary, summarize
from provenance.reports.escape import shorten
from provenance.reports.finding_texts import translate_message
from provenance.reports.language import (
    format_bytes,
    format_count,
    format_number,
    translatable,
    translatable_forms,
    translate,
    translate_count,
)
from provenance.reports.reading_days import describe_changed
from provenance.reports.trust_sentences import describe_voucher
from provenance.units import format_clock

__all__ = ["format_count"]

SEVERITIES = {
    Severity.BLOCK: translatable("must be resolved before delivery"),
    Severity.REVIEW: translatable("manual review needed"),
    Severity.NOTE: translatable("for information"),
}

ORIGINS = {
    Origin.GENERATED: translatable("Made by generative AI."),
    Origin.PARTLY_GENERATED: translatable("Contains a part made by generative AI: a fill, an element, an ingredient."),
    Origin.POSSIBLY_GENERATED: translatable(
        "Carries a mark that generative AI leaves, but other software leaves it as well."
    ),
    Origin.ENHANCED: translatable(
        "Improved by an algorithm, for example upscaled or denoised. Only some marks name an AI tool."
    ),
    Origin.CAPTURED: translatable("Recorded by a camera or a sound recorder; a trusted signature vouches for it."),
    Origin.CREATED: translatable(
        "Made by people or by software that is not generative; a trusted signature vouches for it."
    ),
    Origin.UNKNOWN: translatable(
        "The file carries no mark for or against generative AI. This does not mean that it is clean."
    ),
}

STANDINGS = {
    Standing.TRUSTED: translatable(
        "A signer on a trust list signed it; the signature is valid and belongs to this file."
    ),
    Standing.SIGNED: translatable(
        "The signature is valid, but no trust list used here has the signer: anyone could have signed it."
    ),
    Standing.BROKEN: translatable("It was signed once; the signature or its binding to this file is no longer valid."),
    Standing.DECLARED: translatable("A standard metadata field says so; anyone can write or remove that field."),
    Standing.TRACE: translatable("A tool left its own mark when it saved the file."),
    Standing.INFERRED: translatable("Read from the pixels or samples themselves."),
    Standing.MATCHED: translatable("Found again by content: the same material is known from another file."),
}

CAUSES = {
    Cause.UNREADABLE: translatable("the file could not be read from the storage"),
    Cause.MALFORMED: translatable("the file is damaged"),
    Cause.OVERSIZED: translatable("the file exceeds a size limit"),
    Cause.SLOW: translatable("the file exceeded the time limit"),
    Cause.CRASHED: translatable("the worker crashed while it read the file"),
    Cause.UNSUPPORTED: translatable("no reader supports this file type"),
    Cause.UNSTABLE: translatable("the file changed while it was read"),
    Cause.NOT_INSTALLED: translatable("an optional component is not installed"),
    Cause.REMOTE: translatable("the credential is on a server and was not fetched"),
}


def describe_cause(trouble: Trouble) -> str:
    """What stood in the way, in a few words."""
    if trouble.is_about_search:
        return translate("the search did not cover everything")
    return translate(CAUSES[trouble.cause])


VERDICTS = {COPY: translatable("copy"), SHARES: translatable("shares content")}

_LONGEST_USED = 300
"""Characters of a prompt or of a list of files on a page; the JSON report has all of them."""

_MOST_NOT_ASKED = 9
"""Rules that a policy leaves out, on a first screen: there are as many rules that find generated material."""

_LONGEST_TOOL = 60
"""Characters of a tool's name inside a sentence."""


WAIVED = translatable("waived")
"""The word of a finding that an approval lets stay."""
NAMES = (
    *(translatable("block"), translatable("review"), translatable("note")),
    *(translatable("generated"), translatable("partly-generated"), translatable("possibly-generated")),
    *(translatable("enhanced"), translatable("captured"), translatable("created"), translatable("unknown")),
    *(translatable("trusted"), translatable("signed"), translatable("broken"), translatable("declared")),
    *(translatable("trace"), translatable("inferred"), translatable("matched")),
    *(translatable("unreadable"), translatable("malformed"), translatable("oversized"), translatable("slow")),
    *(translatable("crashed"), translatable("unsupported"), translatable("unstable"), translatable("not-installed")),
    *(translatable("remote"), translatable("file-name"), translatable("picture"), translatable("video")),
    *(translatable("audio"), translatable("same-bytes"), WAIVED),
    # facts of credentials
    *(translatable("intact"), translatable("missing"), translatable("valid"), translatable("untrusted")),
    *(translatable("revoked"), translatable("stamped"), translatable("inside"), translatable("expired")),
    translatable("not-yet"),
    # states of files, outcomes of runs
    *(translatable("unchanged"), translatable("changed"), translatable("gone"), translatable("not-seen")),
    translatable("interrupted"),
    # keys of conditions
    *(translatable("purpose"), translatable("prominence"), translatable("licence"), translatable("territory")),
    translatable("presented as real"),
)
"""The words of the vocabularies, so that their translations can be collected."""


def name_word(word: str) -> str:
    """A word of the vocabulary - an origin, a standing, a severity, a cause - as a reader sees it."""
    return translate(str(word))


def pad_severity(word: str) -> str:
    """The name of a severity, or of a waived finding, padded to the longest of the severities."""
    width = max(len(name_word(severity)) for severity in Severity)
    return name_word(word).ljust(width)


def name_severities() -> dict[str, str]:
    """Severities and the word of waived findings -> how a reader sees them."""
    return {word: name_word(word) for word in (*Severity, WAIVED)}


def explain(meanings: Mapping[Origin, str] | Mapping[Standing, str]) -> dict[str, str]:
    """A table of words and their meanings, both as a reader sees them."""
    return {name_word(word): translate(meaning) for word, meaning in meanings.items()}


def format_span(span: Span) -> str:
    """A range of time: its timecodes where the file has them, else seconds from the first frame."""
    # editors find a place by timecode; seconds are for files that have none
    if span.timecode_in and span.timecode_out:
        return f"{span.timecode_in} – {span.timecode_out}"
    start, end = format_clock(span.start), format_clock(span.end)
    return translate("{start} – {end} from the first frame", start=start, end=end)


def format_short_span(span: Span) -> str:
    """A range of time for one line of a list: timecodes, else minutes and seconds from the first frame."""
    if span.timecode_in and span.timecode_out:
        return f"{span.timecode_in} – {span.timecode_out}"
    return f"{format_clock(span.start)} – {format_clock(span.end)}"


def format_frames(runs: list[tuple[int, int]]) -> str:
    """Runs of frame numbers: `1004, 1010-1012`."""
    return ", ".join(map(_format_run, runs))


def _format_run(run: tuple[int, int]) -> str:
    first, last = run
    if first == last:
        return str(first)
    return f"{first}-{last}"


def describe_place(finding: Finding) -> str:
    """Frame and time of a finding; empty when it is about the whole asset."""
    parts = []
    if finding.frame is not None:
        parts.append(translate("frame {frame}", frame=str(finding.frame)))
    if finding.time:
        parts.append(format_span(finding.time))
    return ", ".join(parts)


def describe_generation(used: Used) -> str:
    """What went into a generated asset, each part cut to a readable length; the JSON report has it whole."""
    parts = {
        translate("model"): used.model,
        translate("version"): used.version,
        translate("adapters"): ", ".join(used.adapters),
        translate("inputs"): ", ".join(used.inputs),
        translate("seed"): used.seed,
        translate("prompt"): used.prompt,
        translate("negative prompt"): used.negative_prompt,
    }
    return "; ".join(f"{name}: {shorten(text, _LONGEST_USED)}" for name, text in parts.items() if text)


def describe_match(match: Match) -> str:
    """A match in a sentence: `01:00:04:00 – 01:00:08:00 shows a.png (generated: Adobe Firefly, declared), mirrored`."""
    place, known, mark = describe_match_place(match), match.known.path, describe_known(match)
    sentence = _describe_showing(match, known, mark)
    if place and match.frames:
        sentence = _describe_frames_showing(match, place, known, mark)
    elif place:
        sentence = f"{place} {sentence}"
    if match.known_time:
        start, end = format_clock(match.known_time.start), format_clock(match.known_time.end)
        sentence += translate(", from {start} to {end} of that file", start=start, end=end)
    if match.detail:
        sentence += f", {match.detail}"
    return sentence


def _describe_showing(match: Match, known: str, mark: str) -> str:
    if match.verdict == COPY and match.is_sound:
        return translate("plays {path} ({mark})", path=known, mark=mark)
    if match.verdict == COPY:
        return translate("shows {path} ({mark})", path=known, mark=mark)
    return translate("shares content with {path} ({mark})", path=known, mark=mark)


def _describe_frames_showing(match: Match, frames: str, known: str, mark: str) -> str:
    # `frames 1004-1009 show`, but `01:00:04:00 – 01:00:08:00 shows`
    if match.verdict == COPY:
        return translate("{frames} show {path} ({mark})", frames=frames, path=known, mark=mark)
    return translate("{frames} share content with {path} ({mark})", frames=frames, path=known, mark=mark)


def describe_match_briefly(match: Match) -> str:
    """A match for one line of a list: `copy of dawn.png (ComfyUI)`; without a tool its origin is named."""
    known = match.known
    # an editor knows a clip by its name; the details have the folder
    name = shorten(known.path.rsplit("/", 1)[-1], _LONGEST_TOOL)
    tool = known.mark and known.mark.tool
    parts = []
    # the name of a tool says that it was generated; the other origins have to be said
    if known.is_reference:
        parts.append(translate("reference work"))
    elif not tool or known.origin is not Origin.GENERATED:
        parts.append(name_word(known.origin))
    if tool:
        parts.append(shorten(tool, _LONGEST_TOOL))
    made = ": ".join(parts)
    if match.is_sound:
        if match.verdict == COPY:
            return translate("copy of the sound of {name} ({made})", name=name, made=made)
        return translate("shares sound with {name} ({made})", name=name, made=made)
    if match.verdict == COPY:
        return translate("copy of {name} ({made})", name=name, made=made)
    return translate("shares content with {name} ({made})", name=name, made=made)


def describe_match_place(match: Match) -> str:
    """Where in the asset the known material was found: frames of a sequence, times; empty when it is all of it."""
    parts = []
    if match.frames:
        parts.append(translate("frames {frames}", frames=format_frames([match.frames])))
    if match.time:
        parts.append(format_span(match.time))
    return ", ".join(parts)


def describe_match_verdict(match: Match) -> str:
    """The verdict of a match in words: `copy`, `shares content`."""
    return translate(VERDICTS.get(match.verdict, match.verdict))


def describe_known(match: Match) -> str:
    """What the known asset is, and by which mark that is known: `generated: Adobe Firefly, declared`."""
    known = match.known
    text = _describe_known_mark(known)
    if known.listed:
        text += translate(", known from the list {list}", list=known.listed)
    return text


def _describe_known_mark(known: Known) -> str:
    if known.is_reference and known.origin not in SUSPECT:
        return translate("reference work")
    if known.mark is None:
        return name_word(known.origin)
    mark = describe_mark(known.mark)
    if known.mark.standing is Standing.TRUSTED:
        mark += f" {describe_voucher(known.mark)}"
    return f"{name_word(known.origin)}: {mark}".rstrip()


def name_known(known: Known) -> str:
    """`known generated material`, `a reference work`: what was found, in a list of findings."""
    if known.is_reference:
        return translate("a reference work")
    return translate("known {origin} material", origin=name_word(known.origin))


def describe_mark(mark: Evidence) -> str:
    """A mark in a few words: the tool that it names, else the kind of mark; then its standing."""
    name = mark.signal.replace("_", " ")
    if mark.tool:
        name = shorten(mark.tool, _LONGEST_TOOL)
    return f"{name}, {name_word(mark.standing)}"


def describe_verdict(report: Report) -> str:
    """The first sentences of a report: findings, and what the policy lets pass. It never calls material clean."""
    figures = summarize(report)
    findings, gaps = _describe_findings(report, figures), _describe_gaps(report.inputs.policy)
    # whoever reads one sentence must not read "no findings" over generated or changed material
    others = [_describe_unopposed(report, figures.unopposed), describe_changed(report)]
    parts = [*others, findings, gaps]
    if figures.findings[Severity.BLOCK] + figures.findings[Severity.REVIEW]:
        parts = [findings, *others, gaps]
    return " ".join(filter(None, parts))


def _describe_unopposed(report: Report, number: int) -> str:
    if not number:
        return ""
    return translate_count(
        "{number} asset is or may be generated, or shows such material, and no rule of the policy {policy} objects.",
        "{number} assets are or may be generated, or show such material, and no rule of the policy {policy} objects.",
        number,
        policy=report.inputs.policy.name,
    )


def _describe_gaps(policy: PolicyName) -> str:
    # a law that binds in some territories alone leaves no gap in the policy of a client
    left_out = [rule for rule in policy.not_asked if not rule.is_regional]
    if not left_out:
        return ""
    return translate_count(
        "The policy {policy} leaves out {number} rule, listed below.",
        "The policy {policy} leaves out {number} rules, listed below.",
        len(left_out),
        policy=policy.name,
    )


def _describe_findings(report: Report, figures: ReportSummary) -> str:
    block, review = figures.findings[Severity.BLOCK], figures.findings[Severity.REVIEW]
    notes, waived = figures.findings[Severity.NOTE], sum(figures.waived.values())
    could_not = report.coverage.could_not
    # in the order of the exit codes: a finding outweighs an item that could not be checked
    if block:
        return translate_count(
            "{number} finding must be resolved before delivery.",
            "{number} findings must be resolved before delivery.",
            block,
        )
    if review:
        return translate_count(
            "No blocking findings; {number} needs manual review.",
            "No blocking findings; {number} need manual review.",
            review,
        )

    # notes never close the gate by default, but a report that has some must not say that it found nothing
    nothing = translate("No findings")
    if notes:
        count = format_count(notes, "note", "notes")
        nothing = translate("No findings to resolve ({notes})", notes=count)
    if could_not:
        return translate_count(
            "{nothing}, but {number} asset could not be checked. This is not a pass.",
            "{nothing}, but {number} assets could not be checked. This is not a pass.",
            could_not,
            nothing=nothing,
        )
    if left := report.coverage.left_for_next_night:
        if waived and not notes:
            nothing = translate("No open findings")
        return translate_count(
            "{nothing} so far: the time of the night was over, and {number} file is left for the next one. "
            "This is not a pass.",
            "{nothing} so far: the time of the night was over, and {number} files are left for the next one. "
            "This is not a pass.",
            left,
            nothing=nothing,
        )
    if waived:
        return translate_count(
            "No open findings; {number} was approved.", "No open findings; {number} were approved.", waived
        )
    return translate("{nothing} in the material that was checked.", nothing=nothing)


def describe_policy(policy: PolicyName) -> str:
    """`netflix 2026.11.1, shipped with the program`: by which pack a report judges, and whose it is."""
    name = f"{policy.name} {policy.version}".strip()
    if policy.is_shipped:
        return translate("{policy}, shipped with the program", policy=name)
    return translate("{policy}, not shipped with the program", policy=name)


def describe_guidance(policy: PolicyName) -> str:
    """Title and source of the pack: `Netflix-style: …; after: Netflix Partner Help Center, …`; empty without them."""
    parts = []
    if policy.title:
        parts.append(policy.title)
    if policy.source:
        parts.append(translate("after: {source}", source=policy.source))
    return "; ".join(parts)


def describe_clause(finding: Finding) -> str:
    """The clause behind a finding, and in whose words it is; empty without a clause."""
    if not finding.clause:
        return ""
    sentence = translate("policy clause, in the pack's own words: {clause}", clause=finding.clause)
    if finding.clause_is_quoted:
        sentence = translate("policy clause, quoted from the client's guidance: {clause}", clause=finding.clause)
    if weighing := describe_weighing(finding):
        sentence += f" ({weighing})"
    return sentence


def list_not_asked(policy: PolicyName) -> list[str]:
    """The rules that the policy leaves out, by title and id, those that find generated material first."""
    texts = []
    for rule in _sort_not_asked(policy):
        name = rule.rule
        if rule.but_where:
            name += translate(", but where {conditions}", conditions=rule.but_where)
        texts.append(f"{translate(rule.title)} ({name})")
    return texts


def describe_not_asked(policy: PolicyName) -> str:
    """All of them in one text; empty when the policy asks every rule."""
    return "; ".join(list_not_asked(policy))


def describe_not_asked_briefly(policy: PolicyName) -> str:
    """The first of them by their titles, for a first screen: those that find generated material are among them."""
    titles = [translate(rule.title) for rule in _sort_not_asked(policy)]
    text = "; ".join(titles[:_MOST_NOT_ASKED])
    if len(titles) > _MOST_NOT_ASKED:
        text += translate("; and {number} more, listed below", number=len(titles) - _MOST_NOT_ASKED)
    return text


def _sort_not_asked(policy: PolicyName) -> list[RuleName]:
    return sorted(policy.not_asked, key=lambda rule: not rule.finds_generated)


def describe_weighing(finding: Finding) -> str:
    """Why the policy weighs a finding as it does, and what it would weigh it by; empty where no condition counts."""
    parts = []
    if finding.conditions:
        parts.append(translate("weighed by {conditions}", conditions=", ".join(finding.conditions)))
    if finding.not_declared:
        keys = ", ".join(map(name_key, finding.not_declared))
        parts.append(translate("not declared: {keys}", keys=keys))
    return "; ".join(parts)


def describe_undeclared(report: Report) -> str:
    """How many contents the policy would weigh by what people declare, and nothing is declared; empty without any."""
    keys: dict[str, None] = {}
    digests = set()
    for finding in report.findings:
        if finding.not_declared and not finding.waived_by:
            keys.update(dict.fromkeys(map(name_key, finding.not_declared)))
            digests.add(finding.digest)
    if not digests:
        return ""
    return translate_count(
        "not declared for {number} content with findings, so that no condition on it applied: {keys}",
        "not declared for {number} contents with findings, so that no condition on it applied: {keys}",
        len(digests),
        keys=", ".join(keys),
    )


def name_key(key: str) -> str:
    """A key of a condition in words: `presented as real`."""
    return translate(key.replace("_", " "))


def describe_uncovered(finding: Finding) -> str:
    """Why an approval that is in force does not waive a finding; empty when there is none."""
    approval = finding.uncovered_by
    if approval is None:
        return ""
    if approval.digest == finding.digest or not approval.entry:
        return translate(
            "approval {reference} by {who} does not cover this: it was not known when the approval was given",
            reference=approval.reference,
            who=approval.who,
        )
    return translate(
        "approval {reference} by {who} does not cover this: it is one of the material that was found here, and covers "
        "copies of it only where it says also_matched and no new mark was found in the material",
        reference=approval.reference,
        who=approval.who,
    )


def _describe_checked(report: Report) -> str:
    """How many assets were read by this run, and how many of them could not be checked."""
    coverage = report.coverage
    summary = summarize(report)
    if coverage.left_alone and coverage.seen < summary.assets:
        # A night opens what changed; the report is about everything, so its bytes would say something else.
        return translate_count(
            "checked {checked} of {number} asset (new, changed or due again); {could_not} could not be checked",
            "checked {checked} of {number} assets (new, changed or due again); {could_not} could not be checked",
            coverage.seen,
            checked=coverage.looked_at,
            could_not=coverage.could_not,
        )
    return translate_count(
        "checked {checked} of {number} asset ({bytes}); {could_not} could not be checked",
        "checked {checked} of {number} assets ({bytes}); {could_not} could not be checked",
        coverage.seen,
        checked=coverage.looked_at,
        bytes=format_bytes(summary.bytes),
        could_not=coverage.could_not,
    )


def describe_coverage(report: Report) -> str:
    """The one line that every run ends with."""
    coverage = report.coverage
    line = _describe_checked(report)
    parts = []
    if coverage.junk:
        parts.append(format_count(coverage.junk, "junk file", "junk files"))
    if coverage.skipped:
        parts.append(
            translate_count(
                "{number} link or device not opened", "{number} links or devices not opened", coverage.skipped
            )
        )
    if coverage.left_alone:
        parts.append(
            translate_count(
                "{number} file unchanged and not opened again",
                "{number} files unchanged and not opened again",
                coverage.left_alone,
            )
        )
    if coverage.excluded:
        parts.append(translate("{number} excluded by request", number=coverage.excluded))
    if coverage.looked_for_labels:
        looked, whole = coverage.looked_for_labels
        parts.append(
            translate_count(
                "looked for labels in {looked} of {number} shot or picture",
                "looked for labels in {looked} of {number} shots and pictures",
                whole,
                looked=looked,
            )
        )
    if coverage.left_for_next_night:
        parts.append(
            translate_count(
                "{number} file left for the next night",
                "{number} files left for the next night",
                coverage.left_for_next_night,
            )
        )
    if parts:
        line += f"; {', '.join(parts)}"
    if report.inputs.searched:
        line += f"; {describe_search(report.inputs.searched)}"
    else:
        # a report prints the matches of earlier runs, and --marks-only asks for no search
        line += f"; {translate('this run made no search for known material')}"
    if report.inputs.register is not None:
        line += f"; {describe_register(report.inputs.register)}"
    return line


_ENTRIES = {
    "tool": translatable_forms("tool entry", "tool entries"),
    "use": translatable_forms("use entry", "use entries"),
    "approval": translatable_forms("approval entry", "approval entries"),
    "consent": translatable_forms("consent entry", "consent entries"),
    "right": translatable_forms("right entry", "right entries"),
    "watch": translatable_forms("watch entry", "watch entries"),
}
"""Entries of the register by kind, one and many."""


def describe_register(register: Mapping[str, int]) -> str:
    """`held against the register (1 approval entry, 2 use entries)`, or that there is none."""
    if not register:
        return translate("no register of declarations")
    counts = []
    for kind, number in register.items():
        one, many = _ENTRIES.get(kind, (f"{kind} entry", f"{kind} entries"))
        counts.append(format_count(number, one, many))
    return translate("held against the register ({entries})", entries=", ".join(counts))


def describe_search(searched: SearchScope) -> str:
    """`compared with 12 pictures, 1 clip and 0 sounds that are or may be generated; the catalogue knows 30 …`."""
    pictures = format_count(searched.pictures, "picture", "pictures")
    clips = format_count(searched.clips, "clip", "clips")
    sounds = format_count(searched.sounds, "sound", "sounds")
    others = format_count(searched.known, "other asset", "other assets")
    scope = {"pictures": pictures, "clips": clips, "sounds": sounds}
    text = translate("compared with {pictures}, {clips} and {sounds} that are or may be generated", **scope)
    if searched.is_all:
        text = translate("compared with {pictures}, {clips} and {sounds} of all origins", **scope)
    if searched.without_fingerprint:
        missed = translate_count(
            "{number} known asset that is or may be generated has no fingerprint",
            "{number} known assets that are or may be generated have no fingerprint",
            searched.without_fingerprint,
        )
        text += f"; {missed}"
    if searched.reference_works:
        works = format_count(searched.reference_works, "reference work", "reference works")
        text += f"; {translate('searched for {works}', works=works)}"
    if searched.not_compared:
        missed = translate_count(
            "{number} generated asset elsewhere not yet searched for reference works",
            "{number} generated assets elsewhere not yet searched for reference works",
            searched.not_compared,
        )
        text += f"; {missed}"
    return translate("{compared}; the catalogue knows {others}", compared=text, others=others)


def describe_origins(report: Report) -> str:
    """`3 generated, 12 unknown`: only the origins that occur, gravest first."""
    numbers = summarize(report).origins
    counts = [f"{format_number(number)} {name_word(origin)}" for origin, number in numbers.items() if number]
    return ", ".join(counts) or translate("no assets")


def list_changes(delta: Delta | None) -> list[tuple[str, tuple[str, ...]]]:
    """What changed, as (kind, paths), the most important kind first."""
    if delta is None:
        return []
    changes = [
        (translate("newly found in a deliverable"), delta.newly_found),
        (translate("newly known as generated"), delta.newly_generated),
        (translate("new"), delta.new),
        (translate("changed"), delta.changed),
        (translate("vanished"), delta.vanished),
    ]
    if delta.moved is not None:
        changes.append((translate("moved"), tuple(map(_describe_move, delta.moved))))
    # Without an earlier report nobody knows what was open then.
    if delta.newly_open is not None:
        changes.append((translate("newly open"), tuple(map(_describe_open, delta.newly_open))))
    if delta.newly_approved is not None:
        changes.append((translate("newly approved"), delta.newly_approved))
    if delta.resolved is not None:
        changes.append((translate("resolved"), delta.resolved))
    if delta.newly_unchecked is not None:
        changes.append((translate("newly not checkable"), tuple(map(_describe_unchecked, delta.newly_unchecked))))
    if delta.absent:
        changes.append((translate("not looked at"), tuple(f"{row.storage}: {row.why}" for row in delta.absent)))
    return changes


def describe_changes(delta: Delta) -> str:
    """`Since the night of …: 1 newly found in a deliverable, 0 newly known as generated, …`."""
    counts = [f"{format_number(len(paths))} {kind}" for kind, paths in list_changes(delta)]
    if delta.unchanged is not None:
        counts.append(translate("{number} unchanged", number=delta.unchanged))
    return f"{describe_since(delta)}: {', '.join(counts)}"


def describe_since(delta: Delta) -> str:
    """`Since the night of 2026-11-26T22:00:00Z`: what the changes are counted from."""
    if not delta.is_since_night:
        return translate("Since the report of {time}", time=delta.since or "")
    if delta.since:
        return translate("Since the night of {time}", time=delta.since)
    return translate("In the first night")


def _describe_open(row: OpenFinding) -> str:
    return f"{row.path}: {name_word(row.severity)}, {translate_message(row.message)} [{row.rule}]"


def _describe_unchecked(trouble: Trouble) -> str:
    return f"{trouble.path}: {name_word(trouble.cause)}, {trouble.detail}"


def _describe_move(move: Move) -> str:
    return translate("{old} is now {new}", old=move.old, new=move.new)


def describe_missing_characters(characters: Collection[str], *, has_cjk_font: bool) -> str:
    """What a reader of the PDF must know about characters that could not be drawn; empty when all could be."""
    if not characters:
        return ""
    sentence = translate_count(
        "{number} character is not in the fonts of this report and printed as escapes such as {example}; the JSON "
        "report has the names as they are.",
        "{number} characters are not in the fonts of this report and printed as escapes such as {example}; the JSON "
        "report has the names as they are.",
        len(characters),
        example="\\u6d77",
    )
    if not has_cjk_font and any(map(is_cjk, characters)):
        sentence += " " + translate("For Chinese, Japanese and Korean install the package noto-cjk-sans-otc.")
    return sentence


def is_cjk(character: str) -> bool:
    """Whether it is a Chinese, Japanese or Korean character."""
    return unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


def capitalize(text: str) -> str:
    """The text with its first letter as a sentence begins; the others stay as they are."""
    return text[:1].upper() + text[1:]

"""What the words of a report mean, in plain language, and the sentences that several formats share."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping

from provenance.model.evidence import Evidence, Used
from provenance.model.finding import Finding
from provenance.model.match import COPY, SHARES, Known, Match, Span
from provenance.model.report import Delta, PolicyName, Report, RuleName, SearchScope
from provenance.model.vocabulary import SUSPECT, Cause, Origin, Severity, Standing
from provenance.reports.compose import ReportSummary, summarize
from provenance.reports.escape import shorten
from provenance.reports.language import translate
from provenance.reports.reading_days import describe_changed
from provenance.reports.trust_sentences import describe_voucher
from provenance.units import choose_form, format_bytes, format_clock, format_count

__all__ = ["format_count"]

SEVERITIES = {
    Severity.BLOCK: "must be resolved before delivery",
    Severity.REVIEW: "manual review needed",
    Severity.NOTE: "for information",
}

ORIGINS = {
    Origin.GENERATED: "Made by generative AI.",
    Origin.PARTLY_GENERATED: "Contains a part made by generative AI: a fill, an element, an ingredient.",
    Origin.POSSIBLY_GENERATED: "Carries a mark that generative AI leaves, but other software leaves it as well.",
    Origin.ENHANCED: "Improved by an algorithm, for example upscaled or denoised. Only some marks name an AI tool.",
    Origin.CAPTURED: "Recorded by a camera or a sound recorder; a trusted signature vouches for it.",
    Origin.CREATED: "Made by people or by software that is not generative; a trusted signature vouches for it.",
    Origin.UNKNOWN: "The file carries no mark for or against generative AI. This does not mean that it is clean.",
}

STANDINGS = {
    Standing.TRUSTED: "A signer on a trust list signed it; the signature is valid and belongs to this file.",
    Standing.SIGNED: "The signature is valid, but no trust list used here has the signer: anyone could have signed it.",
    Standing.BROKEN: "It was signed once; the signature or its binding to this file is no longer valid.",
    Standing.DECLARED: "A standard metadata field says so; anyone can write or remove that field.",
    Standing.TRACE: "A tool left its own mark when it saved the file.",
    Standing.INFERRED: "Read from the pixels or samples themselves.",
    Standing.MATCHED: "Found again by content: the same material is known from another file.",
}

CAUSES = {
    Cause.UNREADABLE: "the file could not be read from the storage",
    Cause.MALFORMED: "the file is damaged",
    Cause.OVERSIZED: "the file exceeds a size limit",
    Cause.SLOW: "the file exceeded the time limit",
    Cause.CRASHED: "the worker crashed while it read the file",
    Cause.UNSUPPORTED: "no reader supports this file type",
    Cause.UNSTABLE: "the file changed while it was read",
    Cause.NOT_INSTALLED: "an optional component is not installed",
    Cause.REMOTE: "the credential is on a server and was not fetched",
}

VERDICTS = {COPY: "copy", SHARES: "shares content"}

_LONGEST_USED = 300
"""Characters of a prompt or of a list of files on a page; the JSON report has all of them."""

_MOST_NOT_ASKED = 9
"""Rules that a policy leaves out, on a first screen: there are as many rules that find generated material."""

_LONGEST_TOOL = 60
"""Characters of a tool's name inside a sentence."""


def name_word(word: str) -> str:
    """A word of the vocabulary - an origin, a standing, a severity, a cause - as a reader sees it."""
    return translate(str(word))


def format_span(span: Span) -> str:
    """A range of time: its timecodes where the file has them, else seconds from the first frame."""
    # editors find a place by timecode; seconds are for files that have none
    if span.timecode_in and span.timecode_out:
        return f"{span.timecode_in} – {span.timecode_out}"
    return f"{format_clock(span.start)} – {format_clock(span.end)} from the first frame"


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
        parts.append(f"frame {finding.frame}")
    if finding.time:
        parts.append(format_span(finding.time))
    return ", ".join(parts)


def describe_generation(used: Used) -> str:
    """What went into a generated asset, each part cut to a readable length; the JSON report has it whole."""
    parts = {
        "model": used.model,
        "version": used.version,
        "adapters": ", ".join(used.adapters),
        "inputs": ", ".join(used.inputs),
        "seed": used.seed,
        "prompt": used.prompt,
        "negative prompt": used.negative_prompt,
    }
    return "; ".join(f"{name}: {shorten(text, _LONGEST_USED)}" for name, text in parts.items() if text)


def describe_match(match: Match) -> str:
    """A match in a sentence: `01:00:04:00 – 01:00:08:00 shows a.png (generated: Adobe Firefly, declared), mirrored`."""
    # `frames 1004-1009 show`, but `01:00:04:00 – 01:00:08:00 shows`
    ending = "s"
    if match.frames:
        ending = ""
    verb = f"share{ending} content with"
    if match.verdict == COPY:
        verb = f"show{ending}"
    sentence = f"{verb} {match.known.path} ({describe_known(match)})"

    place = describe_match_place(match)
    if place:
        sentence = f"{place} {sentence}"
    if match.known_time:
        start, end = format_clock(match.known_time.start), format_clock(match.known_time.end)
        sentence += f", from {start} to {end} of that file"
    if match.detail:
        sentence += f", {match.detail}"
    return sentence


def describe_match_briefly(match: Match) -> str:
    """A match for one line of a list: `copy of dawn.png (ComfyUI)`; without a tool its origin is named."""
    known = match.known
    verb = "shares content with"
    if match.verdict == COPY:
        verb = "copy of"
    # an editor knows a clip by its name; the details have the folder
    name = shorten(known.path.rsplit("/", 1)[-1], _LONGEST_TOOL)
    tool = known.mark and known.mark.tool
    parts = []
    # the name of a tool says that it was generated; the other origins have to be said
    if known.is_reference:
        parts.append("reference work")
    elif not tool or known.origin is not Origin.GENERATED:
        parts.append(str(known.origin))
    if tool:
        parts.append(shorten(tool, _LONGEST_TOOL))
    return f"{verb} {name} ({': '.join(parts)})"


def describe_match_place(match: Match) -> str:
    """Where in the asset the known material was found: frames of a sequence, times; empty when it is all of it."""
    parts = []
    if match.frames:
        parts.append(f"frames {format_frames([match.frames])}")
    if match.time:
        parts.append(format_span(match.time))
    return ", ".join(parts)


def describe_match_verdict(match: Match) -> str:
    """The verdict of a match in words: `copy`, `shares content`."""
    return VERDICTS.get(match.verdict, match.verdict)


def describe_known(match: Match) -> str:
    """What the known asset is, and by which mark that is known: `generated: Adobe Firefly, declared`."""
    known = match.known
    if known.is_reference and known.origin not in SUSPECT:
        return "reference work"
    if known.mark is None:
        return str(known.origin)
    mark = describe_mark(known.mark)
    if known.mark.standing is Standing.TRUSTED:
        mark += f" {describe_voucher(known.mark)}"
    return f"{known.origin}: {mark}".rstrip()


def name_known(known: Known) -> str:
    """`known generated material`, `a reference work`: what was found, in a list of findings."""
    if known.is_reference:
        return "a reference work"
    return f"known {known.origin} material"


def describe_mark(mark: Evidence) -> str:
    """A mark in a few words: the tool that it names, else the kind of mark; then its standing."""
    name = mark.signal.replace("_", " ")
    if mark.tool:
        name = shorten(mark.tool, _LONGEST_TOOL)
    return f"{name}, {mark.standing}"


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
    assets = format_count(number, "asset")
    are = choose_form(number, "is", "are")
    show = choose_form(number, "shows", "show")
    policy = report.inputs.policy.name
    return f"{assets} {are} or may be generated, or {show} such material, and no rule of the policy {policy} objects."


def _describe_gaps(policy: PolicyName) -> str:
    # a law that binds in some territories alone leaves no gap in the policy of a client
    left_out = [rule for rule in policy.not_asked if not rule.is_regional]
    if not left_out:
        return ""
    return f"The policy {policy.name} leaves out {format_count(len(left_out), 'rule')}, listed below."


def _describe_findings(report: Report, figures: ReportSummary) -> str:
    block, review = figures.findings[Severity.BLOCK], figures.findings[Severity.REVIEW]
    notes, waived = figures.findings[Severity.NOTE], sum(figures.waived.values())
    could_not = report.coverage.could_not
    # in the order of the exit codes: a finding outweighs an item that could not be checked
    if block:
        return f"{format_count(block, 'finding')} must be resolved before delivery."
    if review:
        need = choose_form(review, "needs", "need")
        return f"No blocking findings; {review:,} {need} manual review."

    # notes never close the gate by default, but a report that has some must not say that it found nothing
    nothing = "No findings"
    if notes:
        nothing = f"No findings to resolve ({format_count(notes, 'note')})"
    if could_not:
        return f"{nothing}, but {format_count(could_not, 'asset')} could not be checked. This is not a pass."
    if waived:
        were = choose_form(waived, "was", "were")
        return f"No open findings; {waived:,} {were} approved."
    return f"{nothing} in the material that was checked."


def describe_policy(policy: PolicyName) -> str:
    """`netflix 2026.11.1, shipped with the program`: by which pack a report judges, and whose it is."""
    name = f"{policy.name} {policy.version}".strip()
    if policy.is_shipped:
        return f"{name}, shipped with the program"
    return f"{name}, not shipped with the program"


def describe_guidance(policy: PolicyName) -> str:
    """Title and source of the pack: `Netflix-style: …; after: Netflix Partner Help Center, …`; empty without them."""
    parts = []
    if policy.title:
        parts.append(policy.title)
    if policy.source:
        parts.append(f"after: {policy.source}")
    return "; ".join(parts)


def describe_clause(finding: Finding) -> str:
    """The clause behind a finding, and in whose words it is; empty without a clause."""
    if not finding.clause:
        return ""
    words = "in the pack's own words"
    if finding.clause_is_quoted:
        words = "quoted from the client's guidance"
    sentence = f"policy clause, {words}: {finding.clause}"
    if weighing := describe_weighing(finding):
        sentence += f" ({weighing})"
    return sentence


def list_not_asked(policy: PolicyName) -> list[str]:
    """The rules that the policy leaves out, by title and id, those that find generated material first."""
    texts = []
    for rule in _sort_not_asked(policy):
        name = rule.rule
        if rule.but_where:
            name += f", but where {rule.but_where}"
        texts.append(f"{rule.title} ({name})")
    return texts


def describe_not_asked(policy: PolicyName) -> str:
    """All of them in one text; empty when the policy asks every rule."""
    return "; ".join(list_not_asked(policy))


def describe_not_asked_briefly(policy: PolicyName) -> str:
    """The first of them by their titles, for a first screen: those that find generated material are among them."""
    titles = [rule.title for rule in _sort_not_asked(policy)]
    text = "; ".join(titles[:_MOST_NOT_ASKED])
    if len(titles) > _MOST_NOT_ASKED:
        text += f"; and {len(titles) - _MOST_NOT_ASKED} more, listed below"
    return text


def _sort_not_asked(policy: PolicyName) -> list[RuleName]:
    return sorted(policy.not_asked, key=lambda rule: not rule.finds_generated)


def describe_weighing(finding: Finding) -> str:
    """Why the policy weighs a finding as it does, and what it would weigh it by; empty where no condition counts."""
    parts = []
    if finding.conditions:
        parts.append(f"weighed by {', '.join(finding.conditions)}")
    if finding.not_declared:
        parts.append(f"nothing is declared of its {', '.join(map(name_key, finding.not_declared))}")
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
    contents = format_count(len(digests), "content")
    return f"nothing is declared of the {', '.join(keys)} of {contents} with findings, so no condition on it applied"


def name_key(key: str) -> str:
    """A key of a condition in words: `presented as real`."""
    return key.replace("_", " ")


def describe_uncovered(finding: Finding) -> str:
    """Why an approval that is in force does not waive a finding; empty when there is none."""
    approval = finding.uncovered_by
    if approval is None:
        return ""
    name = f"approval {approval.reference} by {approval.who}"
    if approval.digest == finding.digest or not approval.entry:
        return f"{name} does not cover this: it was not known when the approval was given"
    return (
        f"{name} does not cover this: it is one of the material that was found here, and covers copies of it only "
        "where it says also_matched and no new mark was found in the material"
    )


def describe_coverage(report: Report) -> str:
    """The one line that every run ends with."""
    coverage = report.coverage
    line = (
        f"checked {coverage.looked_at:,} of {format_count(coverage.seen, 'asset')} "
        f"({format_bytes(summarize(report).bytes)}); {coverage.could_not:,} could not be checked"
    )
    parts = []
    if coverage.junk:
        parts.append(format_count(coverage.junk, "junk file"))
    if coverage.skipped:
        parts.append(f"{format_count(coverage.skipped, 'link or device', 'links or devices')} not opened")
    if coverage.left_alone:
        parts.append(f"{format_count(coverage.left_alone, 'file')} unchanged and not opened again")
    if coverage.excluded:
        parts.append(f"{coverage.excluded:,} excluded by request")
    if parts:
        line += f"; {', '.join(parts)}"
    if report.inputs.searched:
        line += f"; {describe_search(report.inputs.searched)}"
    else:
        # a report prints the matches of earlier runs, and --marks-only asks for no search
        line += "; this run made no search for known material"
    if report.inputs.register is not None:
        line += f"; {describe_register(report.inputs.register)}"
    return line


def describe_register(register: Mapping[str, int]) -> str:
    """`held against the register (1 approval entry, 2 use entries)`, or that there is none."""
    if not register:
        return "no register of declarations"
    counts = ", ".join(format_count(number, f"{kind} entry", f"{kind} entries") for kind, number in register.items())
    return f"held against the register ({counts})"


def describe_search(searched: SearchScope) -> str:
    """`compared with 12 pictures, 1 clip and 0 sounds that are or may be generated; the catalogue knows 30 …`."""
    pictures = format_count(searched.pictures, "picture")
    clips = format_count(searched.clips, "clip")
    sounds = format_count(searched.sounds, "sound")
    others = format_count(searched.known, "other asset")
    kind = "that are or may be generated"
    if searched.is_all:
        kind = "of all origins"
    text = f"compared with {pictures}, {clips} and {sounds} {kind}"
    if searched.without_fingerprint:
        missed = format_count(searched.without_fingerprint, "known asset")
        verb = choose_form(searched.without_fingerprint, "has", "have")
        text += f"; {missed} that is or may be generated {verb} no fingerprint"
    if searched.reference_works:
        text += f"; searched for {format_count(searched.reference_works, 'reference work')}"
    if searched.not_compared:
        missed = format_count(searched.not_compared, "generated asset")
        text += f"; {missed} elsewhere not yet searched for reference works"
    return f"{text}; the catalogue knows {others}"


def describe_origins(report: Report) -> str:
    """`3 generated, 12 unknown`: only the origins that occur, gravest first."""
    numbers = summarize(report).origins
    return ", ".join(f"{number:,} {origin}" for origin, number in numbers.items() if number) or "no assets"


def list_changes(delta: Delta | None) -> list[tuple[str, tuple[str, ...]]]:
    """What changed since the previous run, as (kind, paths), the most important kind first."""
    if delta is None:
        return []
    changes = [
        ("newly found in a deliverable", delta.newly_found),
        ("newly known as generated", delta.newly_generated),
        ("new", delta.new),
        ("changed", delta.changed),
        ("vanished", delta.vanished),
    ]
    if delta.moved is not None:
        changes.append(("moved", tuple(f"{move.old} is now {move.new}" for move in delta.moved)))
    # Without an earlier report nobody knows what was open then.
    if delta.newly_approved is not None:
        changes.append(("newly approved", delta.newly_approved))
    if delta.resolved is not None:
        changes.append(("resolved", delta.resolved))
    return changes


def describe_changes(delta: Delta) -> str:
    """`Since the previous run: 1 newly found in a deliverable, 0 newly known as generated, …`."""
    counts = [f"{len(paths):,} {kind}" for kind, paths in list_changes(delta)]
    if delta.unchanged is not None:
        counts.append(f"{delta.unchanged:,} unchanged")
    before = "the previous run"
    if delta.since:
        before = f"the report of {delta.since}"
    return f"Since {before}: {', '.join(counts)}"


def describe_missing_characters(characters: Collection[str], *, has_cjk_font: bool) -> str:
    """What a reader of the PDF must know about characters that could not be drawn; empty when all could be."""
    if not characters:
        return ""
    count = format_count(len(characters), "character is", "characters are")
    sentence = (
        f"{capitalize(count)} not in the fonts of this report and printed as escapes such as \\u6d77; "
        "the JSON report has the names as they are."
    )
    if not has_cjk_font and any(map(is_cjk, characters)):
        sentence += " For Chinese, Japanese and Korean install the package noto-cjk-sans-otc."
    return sentence


def is_cjk(character: str) -> bool:
    """Whether it is a Chinese, Japanese or Korean character."""
    return unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


def capitalize(text: str) -> str:
    """The text with its first letter as a sentence begins; the others stay as they are."""
    return text[:1].upper() + text[1:]

"""What the words of a report mean, in plain language, and figures as people read them."""

from __future__ import annotations

from provenance.model.evidence import Evidence, Used
from provenance.model.finding import Finding
from provenance.model.match import COPY, SHARES, Match, Span
from provenance.model.report import Delta, Report
from provenance.model.vocabulary import Cause, Origin, Severity, Standing
from provenance.reports.compose import summary
from provenance.reports.escape import short

SEVERITIES = {
    Severity.BLOCK: "must not be delivered as it is",
    Severity.REVIEW: "somebody has to look at it",
    Severity.NOTE: "good to know",
}

ORIGINS = {
    Origin.GENERATED: "Made by generative AI.",
    Origin.PARTLY_GENERATED: "Holds a part made by generative AI: a fill, an element, an ingredient.",
    Origin.POSSIBLY_GENERATED: "Carries a mark that generative AI leaves, and other software too; ask who made it.",
    Origin.ENHANCED: "Improved by a learning tool, such as upscaling or denoising.",
    Origin.CAPTURED: "Recorded by a camera or recorder; a trusted signature vouches for it.",
    Origin.CREATED: "Made by people or by software that is not generative; a trusted signature vouches for it.",
    Origin.UNKNOWN: "Nothing speaks for or against generative AI. This is not the same as clean.",
}

STANDINGS = {
    Standing.TRUSTED: "Signed by somebody on a trust list; signature and file belong together.",
    Standing.SIGNED: "The signature holds, but the signer is on no trust list: anyone could have signed it.",
    Standing.BROKEN: "Signed once; the signature or its tie to this file no longer holds.",
    Standing.DECLARED: "A standard metadata field says so; anyone can write or remove it.",
    Standing.TRACE: "A tool's own mark, left by its way of saving files.",
    Standing.INFERRED: "Read out of the pixels or samples themselves.",
    Standing.MATCHED: "Found again by content: the same material is known from elsewhere.",
}

CAUSES = {
    Cause.UNREADABLE: "the storage did not give it up",
    Cause.MALFORMED: "it is damaged",
    Cause.OVERSIZED: "it is larger than the limits allow",
    Cause.SLOW: "it took longer than the limits allow",
    Cause.CRASHED: "reading it brought a worker down",
    Cause.UNSUPPORTED: "no reader knows this kind",
    Cause.UNSTABLE: "it changed while it was read",
    Cause.NOT_INSTALLED: "an optional part is not installed",
    Cause.REMOTE: "its credential is kept elsewhere and was not fetched",
}

VERDICTS = {COPY: "copy", SHARES: "shares content"}

LIMITS = (
    "Absence of evidence is not proof. A re-encode, a screenshot or a stream copy loses every mark.",
    "An asset of unknown origin is one about which nothing was found; it is not thereby clean.",
    "What could not be looked at is neither clean nor suspect. It is listed here, and it is no pass.",
    "A claim of generation counts at any standing, because nobody forges it against their own interest.",
    "A claim of capture or of making by hand counts only when it is trusted, because anyone can write it.",
    "Signers were compared with the dated trust lists named here. A certificate revoked since is not noticed.",
    "This report tells where material comes from. It does not judge rights, likeness or consent.",
)


_USED = 300
"""Characters that a page shows of a prompt or a list of files."""


def count(number: int, thing: str, things: str | None = None) -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def size(number: int) -> str:
    """Bytes in decimal units, as storage is sold: `2.31 GB`."""
    value, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if value < 1000 or unit == "PB":
            break
        value /= 1000
    return f"{number:,} B" if unit == "B" else f"{value:.3g} {unit}" if value < 999.5 else f"{value:.0f} {unit}"


def stretch(span: Span) -> str:
    """A stretch of time: its timecodes where the file has them, else seconds from the first frame."""
    if span.timecode_in and span.timecode_out:
        return f"{span.timecode_in} – {span.timecode_out}"
    return f"{clock(span.start)} – {clock(span.end)} from the first frame"


def clock(seconds: float) -> str:
    """Seconds as `H:MM:SS.mmm`."""
    try:
        milliseconds = round(seconds * 1000)
    except (ValueError, OverflowError):  # a file may claim any duration, NaN and infinity too
        return "?"
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def frames(runs: list[tuple[int, int]]) -> str:
    """Runs of frame numbers: `1004, 1010-1012`."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def where(finding: Finding) -> str:
    """Frame and time of a finding, or nothing when it is about the whole asset."""
    parts = [f"frame {finding.frame}"] if finding.frame is not None else []
    return ", ".join([*parts, stretch(finding.time)] if finding.time else parts)


def used(what: Used) -> str:
    """What went into a generated asset, each part cut to a readable length; the JSON report has it whole."""
    parts = {
        "model": what.model,
        "version": what.version,
        "adapters": ", ".join(what.adapters),
        "inputs": ", ".join(what.inputs),
        "seed": what.seed,
        "prompt": what.prompt,
        "negative prompt": what.negative_prompt,
    }
    return "; ".join(f"{name}: {short(text, _USED)}" for name, text in parts.items() if text)


def matched(match: Match) -> str:
    """What a match says: `01:00:04:00 – 01:00:08:00 shows a.png (generated: Adobe Firefly, declared), mirrored; …`."""
    several = bool(match.frames)
    verb = ("show" if match.verdict == COPY else "share") + ("" if several else "s")
    content = "" if match.verdict == COPY else " content with"
    times = f"{found_at(match)} " if found_at(match) else ""
    there = f", its {clock(match.known_time.start)} – {clock(match.known_time.end)}" if match.known_time else ""
    changed = f", {match.detail}" if match.detail else ""
    return f"{times}{verb}{content} {match.known.path} ({identified(match)}){there}{changed}"


def found_at(match: Match) -> str:
    """Where in the asset it was found: frames of a sequence, times; nothing when it is all of it."""
    frame = [f"frames {frames([match.frames])}"] if match.frames else []
    return ", ".join([*frame, stretch(match.time)] if match.time else frame)


def verdict_of(match: Match) -> str:
    """The verdict in words."""
    return VERDICTS.get(match.verdict, match.verdict)


def identified(match: Match) -> str:
    """What the known asset is, and by which mark that is known: `generated: Adobe Firefly, declared`."""
    mark = match.known.mark
    return f"{match.known.origin}: {marked(mark)}" if mark else str(match.known.origin)


def marked(mark: Evidence) -> str:
    """A mark in a few words: the tool that it names, else what kind of mark it is."""
    return f"{short(mark.tool, 60) if mark.tool else mark.signal.replace('_', ' ')}, {mark.standing}"


def verdict(report: Report) -> str:
    """The first thing that anybody wants to know, in a sentence."""
    found = summary(report).findings
    block, review, could_not = found[Severity.BLOCK], found[Severity.REVIEW], report.coverage.could_not
    if block:
        return f"{count(block, 'finding')} must be resolved before delivery."
    if review:
        return f"Nothing blocks, but {count(review, 'finding')} {'needs' if review == 1 else 'need'} a person's look."
    if could_not:
        return f"Nothing was found, but {count(could_not, 'asset')} could not be looked at. This is no pass."
    waived = sum(summary(report).waived.values())
    if waived:
        return f"Nothing is left to resolve: {count(waived, 'finding')} {'was' if waived == 1 else 'were'} approved."
    return "Nothing was found in what was looked at."


def coverage(report: Report) -> str:
    """The one line that every run ends with."""
    seen = report.coverage
    line = (
        f"looked at {seen.looked_at:,} of {count(seen.seen, 'asset')} ({size(summary(report).bytes)}); "
        f"{seen.could_not:,} could not be looked at"
    )
    left = [
        text
        for number, text in (
            (seen.junk, f"{seen.junk:,} junk"),
            (seen.skipped, f"{count(seen.skipped, 'link or device', 'links or devices')} not opened"),
            (seen.left_alone, f"{count(seen.left_alone, 'file')} unchanged and not opened again"),
            (seen.excluded, f"{seen.excluded:,} excluded by request"),
        )
        if number
    ]
    return f"{line}; {', '.join(left)}" if left else line


def counted_origins(report: Report) -> str:
    """`3 generated, 12 unknown`: only what there is, gravest first."""
    numbers = summary(report).origins
    return ", ".join(f"{number:,} {origin}" for origin, number in numbers.items() if number) or "no assets"


def changes(delta: Delta | None) -> list[tuple[str, tuple[str, ...]]]:
    """What changed since the run before, the news that matters most first."""
    if delta is None:
        return []
    return [
        ("newly found", delta.newly_found),
        ("newly generated", delta.newly_generated),
        ("new", delta.new),
        ("changed", delta.changed),
        ("vanished", delta.vanished),
    ]


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]

"""What a night has to say that the night before had not: the text of `--only-changes`, and of messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provenance.model.report import Delta, Report
from provenance.reports import sentences
from provenance.reports.escape import make_visible
from provenance.reports.language import format_number, translate, translate_count
from provenance.reports.layout import WIDTH, Layout, Style, keep_plain, wrap
from provenance.reports.verdicts import list_verdicts

MOST_PATHS = 500
"""Paths below one word; a first night has as many as the storages have files, and a mail is no place for them."""


def has_news(report: Report) -> bool:
    """Whether anything is as it was not in the last finished night. Where nobody knows how it was, all is news."""
    if report.delta is None:
        return True
    if any(paths for _, paths in sentences.list_changes(report.delta)):
        return True
    is_compared = report.delta.newly_open is not None and report.delta.newly_unchecked is not None
    return not is_compared and bool(report.findings or report.all_troubles)


def format_news(report: Report, style: Style = keep_plain, width: int = WIDTH) -> Iterator[str]:
    """Yield the news line by line, without line ends; nothing at all when there is none.

    The verdict comes first, because it is about all that is there and not about the news alone.
    """
    if not has_news(report):
        return
    layout = Layout(style, width)
    for verdict in list_verdicts(report):
        yield from wrap(verdict, "", layout, role="verdict")
    yield from wrap(f"{sentences.capitalize(sentences.describe_coverage(report))}.", "", layout)
    if report.delta is None:
        return
    yield ""
    yield from wrap(_describe_news(report.delta), "", layout, role="heading")
    for kind, paths in sentences.list_changes(report.delta):
        if not paths:
            continue
        yield ""
        yield layout.style("heading", f"{sentences.capitalize(kind)}:")
        for path in paths[:MOST_PATHS]:
            yield f"  {layout.style('path', make_visible(path))}"
        if len(paths) > MOST_PATHS:
            left_out = translate_count("and {number} more", "and {number} more", len(paths) - MOST_PATHS)
            yield f"  {left_out}"
    if not any(paths for _, paths in sentences.list_changes(report.delta)):
        # An older version kept too little to compare with, so nothing may be left out by silence.
        yield from wrap(translate("The night before kept no findings to compare with: see the report."), "", layout)


def describe_outcome(report: Report) -> str:
    """The verdict of the first policy, in one line without the name of a file."""
    return list_verdicts(report)[0]


def list_facts(report: Report) -> list[str]:
    """Sentences about a night that name no file: verdicts, what was checked, how much changed."""
    facts = [*list_verdicts(report), f"{sentences.capitalize(sentences.describe_coverage(report))}."]
    if report.delta:
        facts.append(_describe_news(report.delta))
    return facts


def _describe_news(delta: Delta) -> str:
    """`Since the night of …: 1 new, 1 newly open.`: only what there is."""
    counts = []
    for kind, paths in sentences.list_changes(delta):
        if paths:
            counts.append(f"{format_number(len(paths))} {kind}")
    since = sentences.describe_since(delta)
    if not counts:
        return translate("{since}: nothing changed.", since=since)
    return f"{since}: {', '.join(counts)}."


def list_items(report: Report) -> Iterator[str]:
    """Yield what changed, one line each with the word for it, what asks for somebody before what only came and went."""
    if report.delta is None:
        return
    urgent = replace(report.delta, new=(), changed=(), vanished=(), moved=None)
    usual = Delta(
        report.delta.new, report.delta.changed, report.delta.vanished, moved=report.delta.moved, is_since_night=True
    )
    for delta in (urgent, usual):
        for kind, paths in sentences.list_changes(delta):
            for path in paths:
                yield f"{kind}: {path}"

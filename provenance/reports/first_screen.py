"""The first screen of a report on a terminal: the verdict, what it rests on, cuts, movies, and groups of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from provenance.model.report import Report
from provenance.model.vocabulary import Severity
from provenance.reports import sentences
from provenance.reports.content import describe_found_content
from provenance.reports.cut_overview import CutSummary
from provenance.reports.escape import make_visible, shorten
from provenance.reports.language import format_number, translate, translate_count
from provenance.reports.layout import Layout, wrap, wrap_entry
from provenance.reports.overview import LONGEST_TEXT, Movie, Overview, describe_group, describe_notes
from provenance.reports.reading_days import describe_days
from provenance.reports.shots import Shot
from provenance.reports.trust_sentences import describe_list
from provenance.reports.verdicts import list_not_asked, list_reports, list_verdicts

MOST_CUTS = 3
"""Cuts with findings on the first screen, and names of cuts without."""

MOST_KINDS = 5
"""Lines of a cut on the first screen."""

MOST_MOVIES = 6
"""Movies with findings on the first screen, and names of movies without."""

MOST_SHOTS = 12
"""Lines of shots on the first screen, of all movies together; each movie has at least one."""

MOST_GROUPS = 10
"""Groups of findings on the first screen."""


def format_first_screen(report: Report, overview: Overview, layout: Layout) -> Iterator[str]:
    """Yield it line by line."""
    inputs = report.inputs
    # whoever reads one line reads this one
    for verdict in list_verdicts(report):
        yield from wrap(verdict, "", layout, role="verdict")
    yield from wrap(f"{sentences.capitalize(sentences.describe_coverage(report))}.", "", layout)
    for root in inputs.roots:
        yield layout.style("faint", make_visible(root))
    for policy, not_asked in list_not_asked(report):
        yield from wrap(translate("not asked by {policy}: {rules}", policy=policy, rules=not_asked), "", layout)
    if undeclared := sentences.describe_undeclared(report):
        yield from wrap(undeclared, "", layout)
    if inputs.excluded:
        yield from wrap(translate("excluded by request: {patterns}", patterns=", ".join(inputs.excluded)), "", layout)
    if inputs.excluded_nothing:
        patterns = ", ".join(inputs.excluded_nothing)
        yield from wrap(translate("exclude pattern matched nothing: {patterns}", patterns=patterns), "", layout)

    has_roots = len(inputs.roots) > 1
    yield from _format_cuts(overview.cuts, layout)
    yield from _format_movies(overview.movies, layout, has_roots=has_roots)
    yield from _format_groups(overview, layout, has_roots=has_roots)
    yield ""
    if report.delta:
        yield from wrap(f"{sentences.describe_changes(report.delta)}.", "", layout)
    marks, found = sentences.describe_origins(report), describe_found_content(report)
    yield from wrap(translate("Own marks: {marks}. Found content: {found}.", marks=marks, found=found), "", layout)
    yield from wrap(_describe_inputs(report), "", layout, role="faint")


def _describe_inputs(report: Report) -> str:
    inputs = report.inputs
    made_with = [f"{report.tool} {report.version}", report.made_at, *filter(None, [describe_days(report)])]
    for each in list_reports(report):
        policy = each.inputs.policy
        named = sentences.describe_policy(policy)
        made_with.append(translate("policy {policy} ({digest})", policy=named, digest=policy.sha256[:12]))
    made_with += [translate("trust list {list}", list=describe_list(trust_list)) for trust_list in inputs.trust_lists]
    made_with += [translate("third-party detector {plugin}", plugin=plugin) for plugin in inputs.plugins]
    return ", ".join(made_with)


def _format_cuts(cuts: Sequence[CutSummary], layout: Layout) -> Iterator[str]:
    if not cuts:
        return
    with_findings = [cut for cut in cuts if cut.shots]
    yield ""
    heading = translate("Cuts ({number}; {found} with findings)", number=len(cuts), found=len(with_findings))
    yield from wrap(heading, "", layout, role="heading")
    for cut in with_findings[:MOST_CUTS]:
        yield f"  {layout.style('path', make_visible(cut.path))} ({make_visible(cut.notes)})"
        if cut.same_as:
            same = translate("the same {findings} as in {path}", findings=count_findings(cut.shots), path=cut.same_as)
            yield from wrap(same, "    ", layout)
            continue
        for shot in cut.shots[:MOST_KINDS]:
            yield from _format_shot(shot, layout)
        if hidden := cut.shots[MOST_KINDS:]:
            yield from wrap(_describe_hidden(hidden), "    ", layout)
    if unnamed := with_findings[MOST_CUTS:]:
        findings = count_findings(shot for cut in unnamed for shot in cut.shots)
        more_cuts = translate_count(
            "and {number} more cut with {findings}",
            "and {number} more cuts with {findings}",
            len(unnamed),
            findings=findings,
        )
        yield from wrap(more_cuts, "  ", layout)
    names = [f"{cut.path} ({cut.notes})" for cut in cuts[len(with_findings) :][:MOST_CUTS]]
    if more := len(cuts) - len(with_findings) - len(names):
        names.append(translate("{number} more", number=more))
    if names:
        yield from wrap(translate("no finding in: {names}", names=", ".join(names)), "  ", layout)


def _format_movies(movies: Sequence[Movie], layout: Layout, *, has_roots: bool) -> Iterator[str]:
    if not movies:
        return
    with_findings = [movie for movie in movies if movie.shots]
    yield ""
    heading = translate(
        "Movies and frame sequences, longest first ({number}; {found} with findings)",
        number=len(movies),
        found=len(with_findings),
    )
    yield from wrap(heading, "", layout, role="heading")

    named = with_findings[:MOST_MOVIES]
    shots_left = MOST_SHOTS - len(named)
    for movie in named:
        path, notes = make_visible(movie.path), make_visible(describe_notes(movie, has_roots=has_roots))
        yield f"  {layout.style('path', path)}{notes}"
        # one line is kept for each of the others
        shots = choose_shots(movie.shots, 1 + shots_left)
        shots_left -= len(shots) - 1
        for shot in shots:
            yield from _format_shot(shot, layout)
        hidden = [shot for shot in movie.shots if shot not in shots]
        if hidden:
            yield from wrap(_describe_hidden(hidden), "    ", layout)

    unnamed = with_findings[MOST_MOVIES:]
    if unnamed:
        findings = count_findings(shot for movie in unnamed for shot in movie.shots)
        more = translate_count(
            "and {number} more movie with {findings}",
            "and {number} more movies with {findings}",
            len(unnamed),
            findings=findings,
        )
        yield from wrap(more, "  ", layout)
    yield from _format_movies_without(movies[len(with_findings) :], layout, has_roots=has_roots)


def _format_movies_without(movies: Sequence[Movie], layout: Layout, *, has_roots: bool) -> Iterator[str]:
    # that the master has no finding is as important as what another movie has
    names = [movie.path + describe_notes(movie, has_roots=has_roots) for movie in movies[:MOST_MOVIES]]
    if len(movies) > MOST_MOVIES:
        names.append(translate("{number} more", number=len(movies) - MOST_MOVIES))
    if names:
        yield from wrap(translate("no finding in: {names}", names=", ".join(names)), "  ", layout)


def choose_shots(shots: Sequence[Shot], most: int) -> list[Shot]:
    """At most so many shots, the gravest, in the order of their places."""
    gravest = sorted(range(len(shots)), key=lambda number: (shots[number].severity.rank, number))
    return [shots[number] for number in sorted(gravest[:most])]


def _format_shot(shot: Shot, layout: Layout) -> Iterable[str]:
    text = "  ".join(filter(None, (shot.at, shorten(shot.text, LONGEST_TEXT))))
    return wrap_entry(shot.severity, sentences.pad_severity(shot.severity), text, "    ", layout)


def _describe_hidden(shots: Iterable[Shot]) -> str:
    return translate("and {findings} more in it", findings=count_findings(shots))


def count_findings(shots: Iterable[Shot]) -> str:
    """`3 findings (2 block, 1 review)`."""
    numbers = Counter[Severity]()
    for shot in shots:
        numbers[shot.severity] += shot.findings
    return _describe_numbers(numbers)


def _describe_numbers(numbers: Counter[Severity]) -> str:
    counts = [(numbers[severity], sentences.name_word(severity)) for severity in Severity]
    words = ", ".join(f"{format_number(number)} {word}" for number, word in counts if number)
    return f"{sentences.format_count(numbers.total(), 'finding', 'findings')} ({words})"


def _format_groups(overview: Overview, layout: Layout, *, has_roots: bool) -> Iterator[str]:
    groups = overview.groups
    if not groups and not overview.waived and not overview.troubles:
        return
    yield ""
    if groups:
        number = sum(len(group.findings) for group in groups)
        heading = translate("Findings ({number})", number=number)
        if overview.movies or overview.cuts:
            heading = translate_count(
                "Everything else ({number} finding)", "Everything else ({number} findings)", number
            )
        yield from wrap(heading, "", layout, role="heading")
    for group in groups[:MOST_GROUPS]:
        label, text = sentences.pad_severity(group.severity), describe_group(group, has_roots=has_roots)
        yield from wrap_entry(group.severity, label, text, "  ", layout)
    hidden = groups[MOST_GROUPS:]
    if hidden:
        numbers = Counter[Severity]()
        for group in hidden:
            numbers[group.severity] += len(group.findings)
        rest = translate_count(
            "and {number} more group: {findings}",
            "and {number} more groups: {findings}",
            len(hidden),
            findings=_describe_numbers(numbers),
        )
        yield from wrap(rest, "  ", layout)
    if overview.waived:
        yield from wrap(translate("waived, approved to stay: {number}", number=overview.waived), "  ", layout)
    if overview.troubles:
        text = translate("could not be checked, without a finding: {number}", number=overview.troubles)
        yield from wrap(text, "  ", layout)

"""One self-contained page for a browser: it loads nothing, runs only its own filter, and prints well."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import ClassVar

import jinja2
from markupsafe import Markup

from provenance.model.debt import Debt
from provenance.model.report import Report
from provenance.reports import cut_drawing, cut_strip, cut_table, debt, escape, html_page, sentences
from provenance.reports.compose import list_unopposed, summarize
from provenance.reports.content import describe_both, describe_found_content
from provenance.reports.cover_page import build_cover
from provenance.reports.interface import Format
from provenance.reports.language import format_bytes, format_number, get_language, translate, translate_count
from provenance.reports.limits import list_limits
from provenance.reports.matches import find_lost_marks, list_matches_without_finding
from provenance.reports.overview import build_overview, describe_group, describe_notes
from provenance.reports.reading_days import describe_days, describe_reading, describe_runs, list_changed
from provenance.reports.template_cache import TemplateCache
from provenance.reports.trust_sentences import describe_list, describe_voucher
from provenance.reports.verdicts import build_sections, list_verdicts


class Html(Format):
    """A self-contained page: findings first, with thumbnails; a filter; every asset with its evidence.

    The page carries a content security policy that allows only its two inline blocks, by their digests. Without
    scripts it shows everything.
    """

    name: ClassVar[str] = "html"
    title: ClassVar[str] = "one self-contained page with thumbnails, for a browser"
    suffix: ClassVar[str] = ".html"
    needs_thumbnails: ClassVar[bool] = True

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the page in pieces."""
        stream = _make_environment().get_template("report.html").stream(**_build_context(report))
        # one piece for each {{ }} would be millions of tiny writes
        stream.enable_buffering(64)
        for piece in stream:
            yield piece.encode()


def _make_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("provenance.reports", "templates"),
        bytecode_cache=TemplateCache([Path(__file__), Path(escape.__file__)]),
        autoescape=True,
        # a misspelt name in a template must raise, not print nothing
        undefined=jinja2.StrictUndefined,
        finalize=_make_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shorten"] = escape.shorten
    environment.filters["capitalize_first"] = sentences.capitalize
    environment.globals["t"] = translate
    environment.globals["tc"] = translate_count
    environment.globals["name_word"] = sentences.name_word
    environment.globals["format_number"] = format_number
    environment.globals["explain"] = sentences.explain
    return environment


def _make_harmless(value: object) -> object:
    # jinja calls this for every {{ }} of the templates, so no text from a file can be forgotten
    if isinstance(value, Markup):
        return value
    return escape.make_visible(str(value))


def _build_context(report: Report) -> dict[str, object]:
    css, js = _read_template("report.css"), _read_template("report.js")
    anchors = html_page.map_anchors(report)
    rows, figures = html_page.build_rows(report, anchors), summarize(report)
    overview, has_roots = build_overview(report), len(report.inputs.roots) > 1
    cut_paths = {timeline.path for timeline in report.timelines}
    groups = list(html_page.group_rows(rows, overview, has_roots=has_roots))
    return {
        "report": report,
        "language": get_language(),
        "page": build_cover(report),
        "css": Markup(css),  # noqa: S704 - our own file
        "js": Markup(js),  # noqa: S704 - our own file
        "csp": _build_csp(css, js),
        "coverage": sentences.capitalize(sentences.describe_coverage(report)),
        "origins_counted": sentences.describe_origins(report),
        "found_counted": describe_found_content(report),
        "figures": figures,
        "waived_count": sum(figures.waived.values()),
        "format_bytes": format_bytes,
        "describe_list": describe_list,
        "describe_voucher": describe_voucher,
        "name_anchor": html_page.name_anchor,
        "filters": _label_filters(),
        "groups": groups,
        "anchors": {section.anchor for group in groups for section in group.sections},
        "overview": overview,
        "movies_with": [movie for movie in overview.movies if movie.shots],
        "movies_without": [movie for movie in overview.movies if not movie.shots],
        "describe_group": functools.partial(describe_group, has_roots=has_roots),
        "describe_notes": functools.partial(describe_notes, has_roots=has_roots),
        # a cut list that was named and is not in the delivery has a card, but is no asset of it
        "assets": [row for row in rows if row.media_type or row.path not in cut_paths],
        "unopposed": list_unopposed(report),
        "describe_both": describe_both,
        "days": sentences.capitalize(describe_days(report)),
        "runs": describe_runs(report),
        "changed": list_changed(report),
        "describe_reading": describe_reading,
        "mark_lost": find_lost_marks(report),
        "matches_without_finding": list_matches_without_finding(report),
        "several_roots": has_roots,
        "troubles": report.all_troubles,
        "delta": sentences.list_changes(report.delta),
        "since": report.delta and sentences.describe_since(report.delta),
        "debts": report.debt and _build_debt(report.debt),
        "trend": report.debt and debt.draw_trend(report.debt),
        "trend_width": debt.WIDTH,
        "trend_height": debt.HEIGHT,
        "origins": sentences.ORIGINS,
        "standings": sentences.STANDINGS,
        "describe_cause": sentences.describe_cause,
        "policy": sentences.describe_policy(report.inputs.policy),
        "not_asked": sentences.describe_not_asked(report.inputs.policy),
        "verdicts": list_verdicts(report),
        "other_policies": build_sections(report),
        "undeclared": sentences.capitalize(sentences.describe_undeclared(report)),
        "guidance": sentences.describe_guidance(report.inputs.policy),
        "limits": list_limits(report),
        "strips": cut_strip.build_strips(report, anchors),
        "cut_paths": cut_paths,
        "drawing": cut_drawing,
        "describe_timeline": cut_table.describe_timeline,
        "describe_compared": cut_table.describe_compared,
    }


def _build_debt(counted: Debt) -> dict[str, object]:
    return {
        "text": debt.describe_debt(counted),
        "groups": debt.list_groups(counted),
        "rows": debt.list_rows(counted),
        "left_out": debt.describe_left_out(counted),
    }


def _label_filters() -> dict[str, str]:
    """Filter word -> label of its check box."""
    labels = {str(word): sentences.name_word(word) for word in html_page.FILTERS}
    labels["none"] = translate("no finding")
    return labels


def _build_csp(css: str, js: str) -> str:
    # second line of defence behind escaping: even markup that slipped through could load and run nothing
    return (
        f"default-src 'none'; img-src data:; style-src {_hash_for_csp(css)}; script-src {_hash_for_csp(js)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _read_template(name: str) -> str:
    return resources.files("provenance.reports").joinpath("templates", name).read_text("utf-8")


def _hash_for_csp(block: str) -> str:
    digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"

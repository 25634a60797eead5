"""One page for a browser, whole in itself: it asks for nothing, runs nothing but its own filter, and prints well."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib import resources
from typing import ClassVar

import jinja2
from markupsafe import Markup

from provenance.model.report import Report
from provenance.reports import escape, html_page, sentences
from provenance.reports.compose import summary
from provenance.reports.interface import Format
from provenance.reports.matches import mark_lost, unminded


class Html(Format):
    """A self-contained page: findings first with thumbnails, a filter, every asset with its evidence.

    The page carries a content-security policy under which only its two inline blocks count, known by their digests.
    Without scripts everything is shown.
    """

    name: ClassVar[str] = "html"
    title: ClassVar[str] = "one self-contained page with thumbnails, for a browser"
    suffix: ClassVar[str] = ".html"
    needs_thumbnails: ClassVar[bool] = True

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the page in pieces."""
        stream = _environment().get_template("report.html").stream(**_context(report))
        stream.enable_buffering(64)
        for piece in stream:
            yield piece.encode()


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("provenance.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = escape.short
    return environment


def _harmless(value: object) -> object:
    # every {{ }} of the template comes through here, so nothing that a file says can be forgotten
    return value if isinstance(value, Markup) else escape.visible(str(value))


def _context(report: Report) -> dict[str, object]:
    css, js = _asset("report.css"), _asset("report.js")
    rows, figures = html_page.rows(report), summary(report)
    return {
        "report": report,
        "css": Markup(css),  # noqa: S704 - our own file
        "js": Markup(js),  # noqa: S704 - our own file
        "csp": f"default-src 'none'; img-src data:; style-src {_known(css)}; script-src {_known(js)}; "
        "base-uri 'none'; form-action 'none'",
        "verdict": sentences.verdict(report),
        "coverage": sentences.capital(sentences.coverage(report)),
        "origins_counted": sentences.counted_origins(report),
        "figures": figures,
        "waived_count": sum(figures.waived.values()),
        "size": sentences.size,
        "filters": {**{word: word for word in html_page.FILTERS}, "none": "no finding"},
        "groups": list(html_page.groups(rows)),
        "assets": rows,
        "mark_lost": mark_lost(report),
        "unminded": unminded(report),
        "several_roots": len(report.inputs.roots) > 1,
        "troubles": report.all_troubles,
        "delta": sentences.changes(report.delta),
        "origins": sentences.ORIGINS,
        "standings": sentences.STANDINGS,
        "causes": sentences.CAUSES,
        "limits": sentences.LIMITS,
    }


def _asset(name: str) -> str:
    return resources.files("provenance.reports").joinpath("templates", name).read_text("utf-8")


def _known(block: str) -> str:
    digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"

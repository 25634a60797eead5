"""One page for a browser, whole in itself: it asks for nothing, runs nothing but its own filter, and prints well."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib import resources
from typing import ClassVar

import jinja2
from markupsafe import Markup

from provenance.model import Report
from provenance.reports import clean, page, words
from provenance.reports.compose import summary
from provenance.reports.family import Format
from provenance.reports.found import mark_lost, unminded


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
    environment.filters["short"] = clean.short
    return environment


def _harmless(value: object) -> object:
    # every {{ }} of the template comes through here, so nothing that a file says can be forgotten
    return value if isinstance(value, Markup) else clean.visible(str(value))


def _context(report: Report) -> dict[str, object]:
    css, js = _asset("report.css"), _asset("report.js")
    rows, figures = page.rows(report), summary(report)
    return {
        "report": report,
        "css": Markup(css),  # noqa: S704 - our own file
        "js": Markup(js),  # noqa: S704 - our own file
        "csp": f"default-src 'none'; img-src data:; style-src {_known(css)}; script-src {_known(js)}; "
        "base-uri 'none'; form-action 'none'",
        "verdict": words.verdict(report),
        "coverage": words.capital(words.coverage(report)),
        "origins_counted": words.counted_origins(report),
        "figures": figures,
        "waived_count": sum(figures.waived.values()),
        "size": words.size,
        "filters": {**{word: word for word in page.FILTERS}, "none": "no finding"},
        "groups": list(page.groups(rows)),
        "assets": rows,
        "mark_lost": mark_lost(report),
        "unminded": unminded(report),
        "several_roots": len(report.inputs.roots) > 1,
        "troubles": report.all_troubles,
        "delta": words.changes(report.delta),
        "origins": words.ORIGINS,
        "standings": words.STANDINGS,
        "causes": words.CAUSES,
        "limits": words.LIMITS,
    }


def _asset(name: str) -> str:
    return resources.files("provenance.reports").joinpath("templates", name).read_text("utf-8")


def _known(block: str) -> str:
    digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"

"""With which code a command ends."""

from __future__ import annotations

import re

from provenance_cli.main import cli

from docs import markdown, texts
from provenance import errors
from provenance.errors import ProvenanceError


def page() -> str:
    """The page, from the words of `provenance --help` and the errors that stop a run."""
    stops = {error.exit_code: _first(error) for error in _errors()}
    rows = ([markdown.code(code), meaning, stops.get(int(code), "")] for code, meaning in told().items())
    return markdown.page(
        "Exit codes",
        "Scripts may rely on these. Data goes to stdout, progress and complaints to stderr. "
        "Treat any other code as failure.",
        markdown.table(("code", "meaning", "what stops the run"), rows),
        "- `1` wins over `3`: when something was found, what else could not be looked at stands in the report.\n"
        "- `3` is no pass. What could not be looked at is listed, each with its [cause](words.md#causes).\n"
        "- `--fail-on review` or `--fail-on note` makes milder findings end with `1`, too; waived ones never do.\n"
        "- `ingest` gives no verdict: it ends with `0` or `3`, never with `1`.\n"
        "- `report` and `show` print what the catalogue knows and end with `0`, whatever that is.\n"
        "- `doctor` ends with `2` when a scan would not work.",
    )


def told() -> dict[str, str]:
    """Codes and their short meanings, as `provenance --help` gives them."""
    return dict(re.findall(r"(\d+) ([^,.]+)", cli.epilog or ""))


def _errors() -> list[type[ProvenanceError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ProvenanceError)]


def _first(error: type[ProvenanceError]) -> str:
    return f"{markdown.prose(texts.said(error).split('. ')[0]).removesuffix('.')}."

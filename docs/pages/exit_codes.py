"""The exit codes of every command."""

from __future__ import annotations

import re

from provenance_cli.main import cli

from docs import markdown, texts
from provenance import errors
from provenance.errors import ProvenanceError


def build_page() -> str:
    """The page, from the text of `provenance --help` and the errors that stop a run."""
    # codes 0, 1 and 3 come from the gate, the others from errors
    reasons: dict[int, str] = {}
    for error in _list_errors():
        reasons[error.exit_code] = f"{reasons.get(error.exit_code, '')} {_describe_error(error)}".strip()
    rows = []
    for code, meaning in read_codes().items():
        row = [markdown.format_code(code), meaning, reasons.get(int(code), "")]
        rows.append(row)
    return markdown.build_page(
        "Exit codes",
        "Scripts may rely on these codes. Data goes to stdout, progress and error messages to stderr. "
        "Treat any other code as a failure.",
        markdown.format_table(("code", "meaning", "what stops the run"), rows),
        "- `1` wins over `3`: when there are findings, the report also lists the items that could not be checked.\n"
        "- `3` is not a pass. The report lists every item that could not be checked, with its "
        "[cause](words.md#causes).\n"
        "- With `--fail-on review` or `--fail-on note`, milder findings end with `1` as well; waived ones never do.\n"
        "- `ingest` gives no verdict: it ends with `0` or `3`, never with `1`.\n"
        "- `report` and `show` print what the catalogue knows and end with `0`, whatever they print.\n"
        "- `verify REPORT` ends with `1` when something does not agree, and with `3` when nothing differs but "
        "something could not be compared, such as the signer with a key that somebody named.\n"
        "- `doctor` ends with `2` when a scan would not work.",
    )


def read_codes() -> dict[str, str]:
    """Codes and their short meanings, as `provenance --help` gives them."""
    return dict(re.findall(r"(\d+) ([^,.]+)", cli.epilog or ""))


def _list_errors() -> list[type[ProvenanceError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ProvenanceError)]


def _describe_error(error: type[ProvenanceError]) -> str:
    first_sentence = texts.get_docstring(error).split(". ")[0]
    return f"{markdown.escape_prose(first_sentence).removesuffix('.')}."

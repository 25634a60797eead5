"""Every format as a reader gets it, so that one truth can be looked for in all of them."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator

from provenance.model.report import Report
from provenance.registry import load_members
from provenance.reports import formats
from provenance.reports.interface import Format


def read_all(report: Report) -> dict[str, str]:
    """Format name -> its text without white space: a format may wrap a sentence wherever it likes."""
    texts = {}
    whole = {name: member for name, member in load_members(formats, Format).items() if member.is_whole}
    if shutil.which("pdftotext") is None:
        # Nothing is installed that reads a page: the other formats are held against the same truth all the same.
        whole.pop("pdf", None)
    for name, member in whole.items():
        texts[name] = squeeze(" ".join(_read(name, b"".join(member.render(report)))))
    return texts


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def _read(name: str, rendered: bytes) -> Iterator[str]:
    if name == "pdf":
        yield _read_pdf(rendered)
    elif name == "html":
        page = re.sub(r"(?s)<(style|script)>.*?</\1>", " ", rendered.decode())
        yield html.unescape(re.sub(r"<[^>]*>", " ", page))
    elif name in ("json", "jsonl"):
        for line in rendered.decode().splitlines() if name == "jsonl" else [rendered.decode()]:
            yield json.dumps(json.loads(line), ensure_ascii=False)
    elif name == "csv":
        for row in csv.reader(io.StringIO(rendered.decode("utf-8-sig"))):
            yield " ".join(row)
    else:
        yield rendered.decode()


def _read_pdf(rendered: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=rendered, capture_output=True, check=True)
    return done.stdout.decode()

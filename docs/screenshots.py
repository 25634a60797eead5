"""The pictures of the front page, made from the demo delivery: `python -m docs.screenshots`.

The terminal is the program's own coloured output, drawn as a page; the report is the html page itself. Both are taken
in a headless Chromium (Debian's `chromium`, with `fonts-dejavu-core`).
"""

from __future__ import annotations

import html
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from docs.texts import ROOT
from provenance.policy.judge import FOUND

IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
LARGEST = 200_000
"""Bytes of one picture."""

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
_INGEST = ("ingest", "fixtures/media/editorial")
_SCAN = ("scan", "fixtures/media/delivery", "--trust-list", "fixtures/media/certificates/test-root.pem")
_SHOWN = 35
"""Lines of the terminal that are shown from its beginning, and then its last ones."""
_ENDING = 3
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#f2cc60", "36": "#79c0ff"}
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0d1117; color: #d5dbe2; }}
pre {{ margin: 0; padding: 18px 22px; font: 14px/1.36 "DejaVu Sans Mono", monospace; }}
</style><pre>{lines}</pre>"""


def main() -> None:
    """Learn the demo's edit, run its scan twice and take both pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["PROVENANCE_CATALOGUE"] = str(folder / "demo.db")
        subprocess.run([*_program(), *_INGEST, "--quiet"], cwd=ROOT, check=True)
        report = folder / "report.html"
        done = subprocess.run([*_program(), *_SCAN, "--quiet", "--output", str(report)], cwd=ROOT, check=False)
        if done.returncode != FOUND:
            raise SystemExit(f"the demo scan ended with {done.returncode}, not {FOUND}: no pictures were taken")
        terminal = folder / "terminal.html"
        terminal.write_text(_PAGE.format(lines="\n".join(map(convert_to_html, keep_both_ends(record_terminal())))), encoding="utf-8")
        take_screenshot(terminal, IMAGES / "terminal.png", (900, 800), folder)
        report.write_text(strip_root(report.read_text(encoding="utf-8")), encoding="utf-8")
        take_screenshot(report, IMAGES / "report.png", (1100, 1010), folder)


def _program() -> list[str]:
    return [str(Path(sys.executable).with_name("provenance"))]


def record_terminal() -> list[str]:
    """What the demo scan prints on a terminal, colours included, after the command that was typed."""
    parent, child = pty.openpty()
    said = b""
    with subprocess.Popen([*_program(), *_SCAN, "--no-progress"], cwd=ROOT, stdout=child, env=_environment()):
        os.close(child)
        while block := _read(parent):
            said += block
    typed = [" ".join(("$ provenance", *_SCAN[:-2], "\\")), " ".join(("   ", *_SCAN[-2:]))]
    return [*(f"\x1b[1m{line}\x1b[0m" for line in typed), "", *said.decode().replace("\r\n", "\n").splitlines()]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "NO_COLOR"}


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""


def keep_both_ends(lines: list[str]) -> list[str]:
    """The beginning and the end, with a mark for what was left out."""
    shown = [strip_root(line) for line in lines]
    return [*shown[:_SHOWN], "\x1b[2m  …\x1b[0m", *shown[-_ENDING:]]


def strip_root(text: str) -> str:
    """The text with paths as the project calls them, wherever it stands on this machine."""
    return text.replace(f"{ROOT}/", "")


def convert_to_html(line: str) -> str:
    """A line with terminal colours as html."""
    out, opened = "", 0
    for part in re.split(r"(\x1b\[[\d;]*m)", line):
        if not part.startswith("\x1b"):
            out += html.escape(part)
        elif part == "\x1b[0m":
            out += "</span>" * opened
            opened = 0
        else:
            out += f'<span style="{_style(part[2:-1])}">'
            opened += 1
    return out + "</span>" * opened


def _style(codes: str) -> str:
    looks = {"1": "font-weight: bold", "2": "opacity: .62", "4": "text-decoration: underline"}
    return "; ".join(looks.get(code) or f"color: {_COLOURS.get(code, 'inherit')}" for code in codes.split(";"))


def take_screenshot(page: Path, picture: Path, size: tuple[int, int], scratch: Path) -> None:
    """A picture of a page, in few colours; the method keeps those of small areas, as the words of severity are."""
    raw = scratch / "raw.png"
    options = (f"--user-data-dir={scratch / 'profile'}", f"--window-size={size[0]},{size[1]}", f"--screenshot={raw}")
    subprocess.run([CHROMIUM, *_FLAGS, *options, page.as_uri()], check=True, capture_output=True, timeout=120)
    with Image.open(raw) as image:
        few = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(picture, optimize=True)
    if picture.stat().st_size > LARGEST:
        raise SystemExit(f"{picture} has more than {LARGEST} bytes")


if __name__ == "__main__":
    main()

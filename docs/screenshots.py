"""Takes the screenshots of the pages from the demo delivery: `python -m docs.screenshots`.

The terminal is the program's own coloured output, set as a page; the report is the html page itself. A headless
Chromium renders both (Debian's `chromium`, with `fonts-dejavu-core`).
"""

from __future__ import annotations

import base64
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
from tests.reports.chromium import browser

IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
LARGEST = 150_000
"""Bytes of one screenshot."""

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
)
_INGEST = ("ingest", "fixtures/media/editorial")
_SCAN = ("scan", "fixtures/media/delivery", "--trust-list", "fixtures/media/certificates/test-root.pem")
_REPORT = (
    *("report", "--for", "fixtures/media/delivery", *_SCAN[2:], "--production", "The Harbour, series 1"),
    *("--client", "A streaming service", "--deliverable", "Episode 101, master", "--issuer", "Post house, Berlin"),
    *("--number", "R-2026-014"),
)
_PARTS = {"header": "cover.png", "section[aria-labelledby=cues]": "cue-sheet.png", ".pair": "found-pair.png"}
"""Parts of the dossier's page, and their pictures."""
_FIRST_LINES = 42
"""Lines of the terminal's output that the screenshot shows from the beginning."""
_LAST_LINES = 3
"""Lines that it shows from the end."""
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#f2cc60", "36": "#79c0ff"}
_STYLES = {"1": "font-weight: bold", "2": "opacity: .62", "4": "text-decoration: underline"}
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #0d1117; color: #d5dbe2; }}
pre {{ margin: 0; padding: 18px 22px; font: 14px/1.36 "DejaVu Sans Mono", monospace; }}
</style><pre>{lines}</pre>"""


def main() -> None:
    """Ingest the demo's edit, scan the demo's delivery twice and take the screenshots."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["PROVENANCE_CATALOGUE"] = str(folder / "demo.db")
        program = [str(Path(sys.executable).with_name("provenance"))]
        subprocess.run([*program, *_INGEST, "--quiet"], cwd=ROOT, check=True)
        report = folder / "report.html"
        done = subprocess.run([*program, *_SCAN, "--quiet", "--output", str(report)], cwd=ROOT, check=False)
        if done.returncode != FOUND:
            raise SystemExit(f"the demo scan ended with {done.returncode}, not {FOUND}: no screenshots were taken")

        lines = map(convert_to_html, keep_both_ends(record_terminal(program)))
        terminal = folder / "terminal.html"
        terminal.write_text(_PAGE.format(lines="\n".join(lines)), encoding="utf-8")
        take_screenshot(terminal, IMAGES / "terminal.png", (900, 930), folder)

        # a reader has the project somewhere else
        report.write_text(strip_root(report.read_text(encoding="utf-8")), encoding="utf-8")
        take_screenshot(report, IMAGES / "report.png", (1100, 1010), folder)
        picture_element(report, "section.cut", IMAGES / "cut.png", folder)
        picture_dossier(program, folder)


def picture_dossier(program: list[str], folder: Path) -> None:
    """Take the pictures of the dossier's page: its cover, its cue sheet, and a pair of pictures."""
    page = folder / "dossier.html"
    made = subprocess.run(
        [*program, *_REPORT, "--quiet", "--output", str(page)], cwd=ROOT, check=False, capture_output=True
    )
    if made.returncode:
        raise SystemExit(made.stderr.decode())
    page.write_text(strip_root(page.read_text(encoding="utf-8")), encoding="utf-8")
    for selector, name in _PARTS.items():
        picture_element(page, selector, IMAGES / name, folder)


def record_terminal(program: list[str]) -> list[str]:
    """The lines that the demo scan prints on a terminal, colours included, after the command line itself."""
    # without a terminal on stdout the program prints no colours
    parent, child = pty.openpty()
    environment = dict(os.environ)
    environment.pop("NO_COLOR", None)
    output = b""
    with subprocess.Popen([*program, *_SCAN, "--no-progress"], cwd=ROOT, stdout=child, env=environment):
        os.close(child)
        while block := _read(parent):
            output += block
    command_line = [" ".join(("$ provenance", *_SCAN[:-2], "\\")), " ".join(("   ", *_SCAN[-2:]))]
    bold = [f"\x1b[1m{line}\x1b[0m" for line in command_line]
    return [*bold, "", *output.decode().replace("\r\n", "\n").splitlines()]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        # Linux gives EIO instead of an end of file when the other end is closed
        return b""


def keep_both_ends(lines: list[str]) -> list[str]:
    """The first and the last lines, with a mark for those between."""
    short = list(map(strip_root, lines))
    return [*short[:_FIRST_LINES], "\x1b[2m  …\x1b[0m", *short[-_LAST_LINES:]]


def strip_root(text: str) -> str:
    """The text with paths relative to the project, wherever it is on this machine."""
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
            out += f'<span style="{_convert_codes(part[2:-1])}">'
            opened += 1
    return out + "</span>" * opened


def _convert_codes(codes: str) -> str:
    return "; ".join(map(_convert_code, codes.split(";")))


def _convert_code(code: str) -> str:
    return _STYLES.get(code) or f"color: {_COLOURS.get(code, 'inherit')}"


def picture_element(page: Path, selector: str, picture: Path, scratch: Path) -> None:
    """Write a picture of the first element of a page that a CSS selector finds."""
    with browser(scratch / "second-profile") as chromium:
        chromium.call("Emulation.setDeviceMetricsOverride", width=1100, height=900, deviceScaleFactor=1, mobile=False)
        chromium.call("Emulation.setScrollbarsHidden", hidden=True)
        chromium.open(page)
        document = chromium.call("DOM.getDocument")["root"]["nodeId"]
        node = chromium.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        left, top, right, _, _, bottom, *_ = chromium.call("DOM.getBoxModel", nodeId=node)["model"]["border"]
        clip = {"x": left - 12, "y": top - 12, "width": right - left + 24, "height": bottom - top + 24, "scale": 1}
        shot = chromium.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
    raw = scratch / "element.png"
    raw.write_bytes(base64.b64decode(shot["data"]))
    write_small(raw, picture)


def take_screenshot(page: Path, picture: Path, size: tuple[int, int], scratch: Path) -> None:
    """Write a screenshot of a page."""
    raw = scratch / "raw.png"
    options = (f"--user-data-dir={scratch / 'profile'}", f"--window-size={size[0]},{size[1]}", f"--screenshot={raw}")
    subprocess.run([CHROMIUM, *_FLAGS, *options, page.as_uri()], check=True, capture_output=True, timeout=120)
    write_small(raw, picture)


def write_small(raw: Path, picture: Path) -> None:
    """Write a picture in at most 256 colours. Ends the program when it is larger than a page should carry."""
    with Image.open(raw) as image:
        # this method keeps the colours of small areas, such as the words of severity
        reduced = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        reduced.save(picture, optimize=True)
    if picture.stat().st_size > LARGEST:
        raise SystemExit(f"{picture} has more than {LARGEST} bytes")


if __name__ == "__main__":
    main()

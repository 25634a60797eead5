"""Nothing leaves the page, in any language: German words are longer than English ones."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.model.report import Report
from provenance.reports.interface import Format
from provenance.reports.language import LANGUAGES, use_language
from tests.reports.chromium import CHROMIUM, Browser, browser

languages = pytest.mark.parametrize("language", LANGUAGES)
_POINTS = 72 / 25.4
_MARGIN, _WIDTH = 22 * _POINTS, 210 * _POINTS
"""Of the PDF page, in points."""


@languages
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_no_word_leaves_its_margins_or_lies_on_another(
    golden: Report, known_formats: dict[str, Format], tmp_path: Path, language: str
) -> None:
    pytest.importorskip("typst")
    file = tmp_path / "report.pdf"
    with use_language(language):
        file.write_bytes(b"".join(known_formats["pdf"].render(golden)))
    done = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True)
    pages = done.stdout.decode("utf-8", "replace").split("<page ")[1:]
    assert len(pages) > 4
    for page in pages:
        words = [
            [float(edge) for edge in found]
            for found in re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', page)
        ]
        assert [word for word in words if word[0] < _MARGIN - 1 or word[2] > _WIDTH - _MARGIN + 1] == []
        assert [pair for pair in itertools.pairwise(words) if _is_on(*pair)] == []


def _is_on(one: list[float], other: list[float]) -> bool:
    """Whether two words share more than a little of a line and of its length."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 2 and down > 0.5 * min(one[3] - one[1], other[3] - other[1])


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@languages
@pytest.mark.browser
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
def test_no_page_is_wider_than_its_window(
    golden: Report, known_formats: dict[str, Format], chromium: Browser, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "report.html"
    with use_language(language):
        file.write_bytes(b"".join(known_formats["html"].render(golden)))
    chromium.open(file)
    for width in (1280, 800, 400):
        chromium.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        wide = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        across, window = chromium.value(wide)
        assert across <= window, width
    assert chromium.value("document.documentElement.lang") == language

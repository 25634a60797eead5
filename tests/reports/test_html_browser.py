"""The page in a real browser: hostile text runs nothing and asks for nothing, and the filter does what it says."""

from __future__ import annotations

import base64
import dataclasses
import enum
import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from provenance.model.report import Report
from provenance.reports.cut_kinds import KINDS
from provenance.reports.formats.html import Html
from provenance.reports.interface import Format
from tests.reports import cuts
from tests.reports.chromium import CHROMIUM, Browser, browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed"),
]

RUN = "document.documentElement.dataset.pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title></textarea></noscript><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    "<img src=http://evil.example/pixel.png>",
    f'"><svg onload={RUN}>',
    f"'><body onload={RUN}>",
    f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x="',
    f'<iframe src="javascript:parent.{RUN}"></iframe>',
    "<iframe src=http://evil.example/></iframe>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>@import 'http://evil.example/x.css';*{background:url(http://evil.example/y)}</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<base href=http://evil.example/>",
    "<form action=http://evil.example/><input autofocus></form>",
    "<object data=http://evil.example/x></object><embed src=http://evil.example/y>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"{{{{ ''.__class__ }}}}{{% raw %}}<script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;img src=x onerror={RUN}&#62;",
    f"<details open ontoggle={RUN}><video><source onerror={RUN}></video></details>",
    f"\x00<scr\x00ipt>{RUN}</scr\x00ipt>\u2028<!--><script>{RUN}</script>-->",
)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def poisoned(value: Any, payload: str) -> Any:
    """The same value with the payload in every text field, those of digests and pictures included."""
    if isinstance(value, (enum.Enum, bytes)):
        return value
    if isinstance(value, str):
        return payload + value
    if isinstance(value, tuple):
        return tuple(poisoned(entry, payload) for entry in value)
    if isinstance(value, dict):
        return {poisoned(key, payload): poisoned(entry, payload) for key, entry in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: poisoned(getattr(value, field.name), payload) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


def test_no_payload_runs_or_asks(
    golden: Report, known_formats: dict[str, Format], chromium: Browser, tmp_path: Path
) -> None:
    for number, payload in enumerate(PAYLOADS):
        file = tmp_path / f"{number}.html"
        file.write_bytes(b"".join(known_formats["html"].render(poisoned(golden, payload))))
        chromium.open(file)
        assert chromium.value("document.documentElement.dataset.pwned ?? 'no'") == "no", payload
        assert chromium.requests() == [], payload
        assert chromium.value("location.href") == file.as_uri(), payload
        assert chromium.value("document.scripts.length") == 1, payload
        assert chromium.value("document.querySelector('main article h3').textContent").startswith(
            ("<", '"', "'", "{", "&", "\\x00")
        )
        assert chromium.value("document.querySelector('output').textContent") == "12 assets shown", payload


def test_the_test_would_see_a_payload_run(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "open.html"
    file.write_text(f"<!doctype html><p>{PAYLOADS[0]}{PAYLOADS[5]}")
    chromium.open(file)
    assert chromium.value("document.documentElement.dataset.pwned ?? 'no'") == "1"
    assert chromium.requests() == ["http://evil.example/pixel.png"]


def test_the_filter_hides_what_was_not_asked_for(
    golden: Report, known_formats: dict[str, Format], chromium: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"".join(known_formats["html"].render(golden)))
    chromium.open(file)

    def shown(selector: str) -> list[str]:
        rows = f"[...document.querySelectorAll('{selector}')].filter(row => row.offsetParent !== null)"
        paths: list[str] = chromium.value(f"{rows}.map(row => row.dataset.path)")
        return paths

    def ask(change: str) -> None:
        bubbling = "tools.dispatchEvent(new Event('input', {bubbles: true}))"
        chromium.value(f"(() => {{ const tools = document.getElementById('tools'); {change}; {bubbling} }})()")

    assert len(shown("article")) == 12
    assert len(shown("tr[data-path]")) == 12
    ask("tools.querySelectorAll('input[type=checkbox]').forEach(box => box.checked = box.value === 'review')")
    lock = "paper/EP101_lock_v7.edl"
    reviewed = ["artwork/still_0042.jpg", "plates/AB_010.1007.exr", "plates/AB_010.[1001-1020].exr"]
    assert shown("tr[data-path]") == reviewed
    assert shown("article") == [lock, *reviewed[1:], reviewed[0]], "cards begin with cuts, movies and sequences"
    ask("tools.querySelector('select').value = 'unknown'")
    assert shown("article") == ["plates/AB_010.[1001-1020].exr", "artwork/still_0042.jpg"]
    ask("tools.querySelectorAll('input[type=checkbox]').forEach(box => box.checked = true)")
    ask("tools.querySelector('select').value = ''; tools.querySelector('input[type=search]').value = 'POSTER_V3'")
    assert shown("article") == ["artwork/poster_v3.png"]


def test_without_scripts_everything_is_shown(
    golden: Report, known_formats: dict[str, Format], chromium: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(b"".join(known_formats["html"].render(golden)))
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    chromium.open(file)
    hidden = chromium.call("DOM.getDocument")["root"]["nodeId"]
    found = chromium.call("DOM.querySelectorAll", nodeId=hidden, selector="[hidden]")["nodeIds"]
    assert len(found) == 1, "only the filter, which cannot work"
    chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_cut_reads_without_colour_script_or_mouse(chromium: Browser, tmp_path: Path) -> None:
    uses = [cuts.use(kind, number * 96, number * 96 + 96) for number, kind in enumerate(cuts.KINDS)]
    case = cuts.master(cuts.match(0, 96))
    report = cuts.report([cuts.timeline(uses, 960)], uses, list(map(cuts.finding, uses[:3])), [case])
    file = tmp_path / "cut.html"
    file.write_bytes(b"".join(Html().render(report)))
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    chromium.call("Emulation.setEmulatedVisionDeficiency", type="achromatopsia")
    chromium.call("Emulation.setDeviceMetricsOverride", width=1100, height=900, deviceScaleFactor=2, mobile=False)
    chromium.open(file)

    # 1. Every kind looks different in grey.
    document = chromium.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
    blocks = chromium.call("DOM.querySelectorAll", nodeId=document, selector=".strip g:first-of-type .use")["nodeIds"]
    assert len(blocks) == len(cuts.KINDS)
    shot = base64.b64decode(chromium.call("Page.captureScreenshot", format="png")["data"])
    with Image.open(io.BytesIO(shot)) as picture:
        grey = picture.convert("L")
        boxes = [chromium.call("DOM.getBoxModel", nodeId=node)["model"]["border"] for node in blocks]
        # all at the size of the tallest, from the line that they stand on upwards
        crops = [grey.crop((2 * box[0] + 4, 2 * box[5] - 46, 2 * box[0] + 150, 2 * box[5] - 2)) for box in boxes]
    for one, other in itertools.combinations(crops, 2):
        difference = ImageStat.Stat(ImageChops.difference(one, other)).mean[0]
        assert difference > 8

    # 2. The keyboard reaches what has to be looked at, in the order of time, and a reader hears what it is.
    names = []
    for _ in range(12):
        for kind in ("rawKeyDown", "keyUp"):
            chromium.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        tree = chromium.call("Accessibility.getFullAXTree")["nodes"]
        names += [node["name"]["value"] for node in tree if _is_focused(node)]
    begin = names.index("V1, 01:00:00:00 to 01:00:04:00: generated: generated.mov, by UMID")
    heard = [name.split(": ")[1] for name in names[begin : begin + 8]]
    assert heard == [kind.words for kind in KINDS if kind.letter]
    assert names[begin + 8].startswith("found 1, 01:00:00:00 to 01:00:04:00: copy of dawn.png")

    # 3. Nothing of it needs a script or is asked for elsewhere.
    assert chromium.requests() == []
    chromium.call("Emulation.clearDeviceMetricsOverride")
    chromium.call("Emulation.setEmulatedVisionDeficiency", type="none")
    chromium.call("Emulation.setScriptExecutionDisabled", value=False)


def test_paper_has_the_rows_that_a_screen_keeps_closed(chromium: Browser, tmp_path: Path) -> None:
    uses = [cuts.use("missing", number * 96, number * 96 + 96) for number in range(41)]
    file = tmp_path / "cut.html"
    file.write_bytes(b"".join(Html().render(cuts.report([cuts.timeline(uses, 4_000)], uses))))
    chromium.open(file)
    row = "document.getElementById('use-1-41').checkVisibility({contentVisibilityAuto: true})"
    assert not chromium.value(row)
    chromium.call("Emulation.setEmulatedMedia", media="print")
    # What is far from the window is laid out some frames later.
    assert chromium.value(
        "new Promise(done => { const until = performance.now() + 10000; const look = () => {"
        f" const is_shown = {row}; if (is_shown || performance.now() > until) done(is_shown);"
        " else setTimeout(look, 20); }; look(); })"
    )
    chromium.call("Emulation.setEmulatedMedia", media="")


def _is_focused(node: dict[str, Any]) -> bool:
    states = {state["name"]: state["value"].get("value") for state in node.get("properties", ())}
    return bool(states.get("focused")) and node.get("role", {}).get("value") == "link"

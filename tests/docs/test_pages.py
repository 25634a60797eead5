"""Pages written by hand name tests, rooms and causes that are there, and hold nothing that goes stale in silence."""

from __future__ import annotations

import re
from pathlib import Path

from docs import texts
from docs.pages import exit_codes
from provenance.model import evidence, vocabulary
from tests.test_architecture import FLOORS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_test_that_proves_something_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text("docs/threats.md"))
    assert len(named) > 40
    missing = [f"{file}::{test}" for file, test in named if not defines(ROOT / file, test)]
    assert missing == []


def defines(file: Path, test: str) -> bool:
    return file.exists() and re.search(rf"^def {test}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_every_threat_names_its_proof() -> None:
    rows = [
        line for line in text("docs/threats.md").splitlines() if line.startswith("| ") and not line.startswith("|---")
    ]
    heads = [row for row in rows if row.endswith("| Proof |")]
    assert len(heads) == text("docs/threats.md").count("\n|---")
    assert [row for row in rows if row not in heads and "::test_" not in row] == []


def test_the_rooms_are_those_of_the_tree() -> None:
    page = text("docs/architecture.md")
    named = set(re.findall(r"`provenance/(\w+)/`", page))
    rooms = {path.parent.name for path in (ROOT / "provenance").glob("*/__init__.py")}
    assert named == rooms
    assert rooms <= {room for floor in FLOORS for room in floor}


def test_every_cause_has_its_advice() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| .+ \| .+ \|$", text("docs/how-to/could-not-look.md"), re.MULTILINE)
    assert rows == [cause.value for cause in vocabulary.Cause]


def test_the_standings_stand_in_their_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", text("docs/evidence.md"), re.MULTILINE)
    assert rows == [standing.value for standing in vocabulary.Standing]


def test_the_front_page_has_every_exit_code() -> None:
    assert re.findall(r"^\| (\d+) \| ", text("README.md"), re.MULTILINE) == list(exit_codes.read_codes())


def test_what_it_cannot_do_is_still_true() -> None:
    """When one of these wings is built, the front page, the evidence and the threats have to say what it does."""
    for wing, words in (("matching", "not yet found again"), ("timeline", "Cut lists are not read yet")):
        assert (ROOT / "provenance" / wing).is_dir() != (words in text("README.md")), wing


def test_every_decision_is_listed_under_its_title() -> None:
    index = text("docs/decisions/index.md")
    pages = sorted(path for path in (DOCS / "decisions").glob("0*.md"))
    titles = [path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") for path in pages]
    assert [f"- [{title}]({path.name})" for title, path in zip(titles, pages, strict=True)] == index.splitlines()[5:]
    for path, title in zip(pages, titles, strict=True):
        assert title.split(".")[0] == str(int(path.name[:4]))
        assert [f"**{part}.**" in path.read_text(encoding="utf-8") for part in ("Context", "Decision", "Consequences")]


def test_pictures_are_small() -> None:
    pictures = list((DOCS / "images").iterdir())
    names = {"cover.png", "cue-sheet.png", "cut.png", "found-pair.png", "report.png", "terminal.png"}
    assert {picture.name for picture in pictures} == names
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 150_000


def test_texts_of_fields_are_found_where_they_stand() -> None:
    found = texts.read_field_texts(evidence.Statement)
    assert list(found) == ["carrier", "where", "key", "value", "standing", "about"]
    assert found["carrier"].startswith("Name of the carrier")
    assert found["value"] == ""
    assert texts.read_field_texts(vocabulary.Standing)["TRUSTED"].startswith("Valid signature")

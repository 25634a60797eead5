"""The rows of one folder: the files in it, what is inside them, and nothing of its subfolders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.catalogue.store import Catalogue
from provenance.model.asset import Location
from provenance.model.vocabulary import Zone
from tests.catalogue import make
from tests.catalogue.make import LATER, NOON, ROOT


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue.open(tmp_path / "c.db", write=True) as opened:
        yield opened


def _add(catalogue: Catalogue, *names: bytes, root: str = ROOT) -> None:
    run = catalogue.begin_run("nightly", NOON)
    for name in names:
        shown = name.decode("utf-8", "backslashreplace").replace("\0", "!")
        container, _, inside = name.partition(b"\0")
        parent = container.decode() if inside else None
        location = Location(root, shown, name, Zone.EDITORIAL, parent=parent)
        catalogue.add(location, f"key {shown}", make.reading(len(name)), run, NOON)


def _list(catalogue: Catalogue, folder: bytes, *names: bytes, root: str = ROOT) -> list[bytes]:
    rows = catalogue.load_folder(root, folder)
    return [name for name in names if rows.find(name)]


NAMES = (
    b"a",
    b"a-b",
    b"a.zip",
    b"a.zip\0dir/b.png",
    b"a/b",
    b"a/b-c/d",
    b"a/b/c",
    b"a/z",
    b"a0",
    b"b/x/y/z",
    b"\xff/y",
)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        (b"", [b"a", b"a-b", b"a.zip", b"a.zip\0dir/b.png", b"a0"]),
        (b"a", [b"a/b", b"a/z"]),
        (b"a/b", [b"a/b/c"]),
        (b"b", []),
        (b"b/x/y", [b"b/x/y/z"]),
        (b"\xff", [b"\xff/y"]),
        (b"nothing", []),
    ],
)
def test_a_folder_holds_its_own_files_and_what_is_inside_them(
    catalogue: Catalogue, folder: bytes, expected: list[bytes]
) -> None:
    _add(catalogue, *NAMES)
    assert _list(catalogue, folder, *NAMES) == expected


@pytest.mark.parametrize("root", ["/mnt", "/mnt/storage", "/mnt/storage/show"])
def test_the_same_under_every_root_that_reaches_the_folder(catalogue: Catalogue, root: str) -> None:
    _add(catalogue, b"show/day/a", b"show/day/sub/b", b"show/day/c.zip\0x/y")
    _add(catalogue, b"else", root=root)
    base = b"" if root == "/mnt/storage/show" else b"show/" if root == ROOT else b"storage/show/"
    names = [base + b"day/a", base + b"day/sub/b", base + b"day/c.zip\0x/y"]
    assert _list(catalogue, base + b"day", *names, root=root) == [names[0], names[2]]


def test_what_has_vanished_is_not_there(catalogue: Catalogue) -> None:
    _add(catalogue, b"d/a", b"d/b")
    run = catalogue.begin_run("nightly", LATER)
    rows = catalogue.load_folder(ROOT, b"d")
    place = rows.find(b"d/a")
    assert place
    assert place.change_key == "key d/a"
    catalogue.touch_all(rows, [place], run)
    assert catalogue.record_disappearances(ROOT, run, LATER) == ["d/b"]
    assert _list(catalogue, b"d", b"d/a", b"d/b") == [b"d/a"]


def test_one_file_alone_and_what_is_inside_it(catalogue: Catalogue) -> None:
    _add(catalogue, b"d/a", b"d/a\0x", b"d/ab")
    rows = catalogue.load_folder(ROOT, b"d", b"a")
    assert [bool(rows.find(name)) for name in (b"d/a", b"d/a\0x", b"d/ab")] == [True, True, False]


_part = st.sampled_from([b"a", b"b", b"a-", b"a.", b"a0", b"\xfe"])


@settings(deadline=None, max_examples=25)
@given(names=st.sets(st.lists(_part, min_size=1, max_size=4).map(b"/".join), min_size=1, max_size=12))
def test_every_name_is_found_in_its_own_folder_alone(
    names: set[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Catalogue.open(tmp_path_factory.mktemp("rows") / "c.db", write=True) as catalogue:
        _add(catalogue, *names)
        folders = {name.rpartition(b"/")[0] for name in names}
        for folder in folders:
            found = _list(catalogue, folder, *sorted(names))
            assert found == [name for name in sorted(names) if name.rpartition(b"/")[0] == folder]

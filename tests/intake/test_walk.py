"""Walking: stable order, odd names, links and pipes left alone, junk known by content, sidecars joined."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provenance.intake.sequences import group_by_number, may_hold_sequence
from provenance.intake.walk import (
    FolderListing,
    FoundFile,
    PassedBy,
    Walk,
    _list_entries,
    _NamedFile,
    outermost,
    shown_names,
)
from provenance.model.vocabulary import Cause
from tests.intake.plain_walk import list_plainly, show_plainly


def walked(*roots: Path, exclude: tuple[str, ...] = ()) -> tuple[list[FoundFile], Walk]:
    walk = Walk([os.fsencode(root) for root in roots], exclude)
    return [found for folder in walk.folders() for found in folder], walk


def test_order_is_that_of_bytes_folder_by_folder(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/B.txt", "c.txt", "a-b/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [found.shown for found in walked(tmp_path)[0]] == ["b.txt", "c.txt", "a/B.txt", "a/z.txt", "a-b/x.txt"]


def test_links_and_pipes_are_counted_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.mov")
    found, walk = walked(tmp_path)
    assert (found, walk.skipped) == ([], 3)


def test_a_root_that_is_a_file_is_shown_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"x")
    (tmp_path / "two.png").write_bytes(b"x")
    [found], _ = walked(tmp_path / "one.png")
    assert (found.root, found.shown) == (str(tmp_path), "one.png")


def test_roots_within_roots_are_walked_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "f.txt").write_text("x")
    assert len(walked(tmp_path, tmp_path / "in", tmp_path)[0]) == 1
    assert outermost([b"/a", b"/ab", b"/a/b"]) == [b"/a", b"/ab"]


def test_names_that_are_no_text_survive_and_stay_apart(tmp_path: Path) -> None:
    names = [b"caf\xe9.txt", b"caf\\xe9.txt", b"ok.txt", b"line\nbreak.txt", "é.txt".encode()]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"x")
    found, _ = walked(tmp_path)
    assert {f.relative for f in found} == set(names)
    assert len({f.shown for f in found}) == len(names)
    for f in found:
        f.shown.encode("utf-8")


def test_a_file_cannot_pose_as_a_thing_inside_its_neighbour() -> None:
    shown = shown_names([b"a.zip", b"a.zip!b.png", b"oh!no.png"])
    assert shown[0] == "a.zip"
    assert shown[1].startswith("a.zip!b.png ~")
    assert shown[2] == "oh!no.png"


@given(st.lists(st.binary(min_size=1, max_size=6), unique=True, max_size=20))
@settings(max_examples=200, deadline=None)
def test_shown_names_are_text_and_unique(names: list[bytes]) -> None:
    shown = shown_names(names)
    assert len(set(shown)) == len(names)
    assert all(name.encode("utf-8") for name in shown)


def test_junk_is_known_by_name_and_content(tmp_path: Path) -> None:
    (tmp_path / "._real.png").write_bytes(b"\x00\x05\x16\x07rest")
    (tmp_path / "._disguised.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (tmp_path / ".Trashes").mkdir()
    (tmp_path / "desktop.ini").write_bytes("\ufeff[.ShellClassInfo]".encode("utf-16-le"))
    (tmp_path / "Thumbs.db").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / ".localized").touch()
    (tmp_path / ".nfs_is_a_game.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found, walk = walked(tmp_path)
    assert [f.shown for f in found] == ["._disguised.png", ".nfs_is_a_game.png", "Thumbs.db"]
    assert walk.junk == 5


def test_excluded_paths_are_counted(tmp_path: Path) -> None:
    for name in ("keep.txt", "drop.tmp", "cache/a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found, walk = walked(tmp_path, exclude=("*.tmp", "cache"))
    assert ([f.shown for f in found], walk.excluded) == (["keep.txt"], 2)


def test_sidecars_belong_to_the_file_they_speak_of(tmp_path: Path) -> None:
    for name in ("still.jpg", "still.xmp", "still.jpg.c2pa", "other.png", "alone.xmp"):
        (tmp_path / name).write_bytes(b"x")
    by_name = {f.shown: f for f in walked(tmp_path)[0]}
    assert by_name["still.jpg"].sidecars == (b"still.jpg.c2pa", b"still.xmp")
    assert by_name["still.xmp"].sidecar_for == by_name["still.jpg.c2pa"].sidecar_for == b"still.jpg"
    assert by_name["alone.xmp"].sidecar_for is None
    assert by_name["other.png"].sidecars == ()


def test_notes_speak_of_what_stands_beside_them_and_of_themselves(tmp_path: Path) -> None:
    names = (
        "a.png",
        "a.txt",
        "a.json",
        "b.JPG",
        "b.jpg.txt",
        "b.JPG.json",
        "c.exr",
        "c.txt",
        "d.txt",
        "d.json",
        "e.mp4",
        "e.txt",
    )
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    by_name = {f.shown: f for f in walked(tmp_path)[0]}
    assert set(by_name) == set(names)
    assert {name: set(f.sidecars) for name, f in by_name.items() if f.sidecars} == {
        "a.png": {b"a.txt", b"a.json"}, "b.JPG": {b"b.JPG.json"}, "e.mp4": {b"e.txt"}
    }  # fmt: skip
    assert all(f.sidecar_for is None for f in by_name.values())


def test_a_changed_note_changes_the_mark(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    before = walked(tmp_path)[0][0].change_key
    (tmp_path / "a.txt").write_bytes(b"x")
    with_note = walked(tmp_path)[0][0].change_key
    (tmp_path / "a.txt").write_bytes(b"longer")
    assert len({before, with_note, walked(tmp_path)[0][0].change_key}) == 3


def test_a_changed_sidecar_changes_the_mark(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    (tmp_path / "a.xmp").write_bytes(b"x")
    before = walked(tmp_path)[0][0].change_key
    (tmp_path / "a.xmp").write_bytes(b"longer")
    assert walked(tmp_path)[0][0].change_key != before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    _, walk = walked(tmp_path)
    assert [trouble.cause for trouble in walk.troubles] == [Cause.UNREADABLE]


def test_a_thousand_folders_deep(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(200):
        folder /= "d"
    folder.mkdir(parents=True)
    (folder / "f.txt").write_text("x")
    assert len(walked(tmp_path)[0]) == 1


PIECES = [b"a", b"b", b"A", b".", b"._", b"!", b"\xe9", "é".encode(), b"\\xe9", b"\n", b" ~0", b"7", b"0012", b"thumbs"]
ENDS = [b"", b".png", b".PNG", b".txt", b".json", b".xmp", b".XMP", b".c2pa", b".png.xmp", b".jpg", b".mov", b".flac",
        b".db", b".ini", b".exr", b"!b.png", b".zip", b".", b"db", b".jpeg"]  # fmt: skip
WHOLE = [b".DS_Store", b"Thumbs.db", b"ehthumbs.DB", b"desktop.ini", b".localized", b".nfs0123456789abcdef",
         b"._a.png", b".Trashes", b"@eaDir", b"..a", b"...", b".xmp", b"a..txt"]  # fmt: skip
CONTENTS = [b"", b"text", b"\x00\x05\x16\x07", b"\x00\x00\x00\x01Bud1", b"\xd0\xcf\x11\xe0", b"[.ShellClassInfo]"]
NAMES = st.one_of(
    st.sampled_from(WHOLE),
    st.builds(lambda pieces, end: b"".join(pieces) + end, st.lists(st.sampled_from(PIECES), max_size=3),
              st.sampled_from(ENDS)),
).filter(lambda name: name not in (b"", b".", b".."))  # fmt: skip
FILE = ("file", b"text")
KINDS = st.sampled_from(["file"] * 8 + ["folder", "link", "pipe"])


@given(st.lists(st.dictionaries(NAMES, st.tuples(KINDS, st.sampled_from(CONTENTS)), max_size=9), max_size=3))
@example([{b"n.txt": FILE, b"n.jpg": FILE}, {b"n.json": FILE, b"n.webm": FILE}, {b"n.c2pa": FILE, b"n.exr": FILE}])
@example([{b"a.zip": FILE, b"a.zip!b.png": FILE}, {b"caf\xe9.txt": FILE, b"caf\\xe9.txt": FILE}])
@settings(max_examples=80, deadline=None)
def test_shortcuts_say_what_a_plain_walk_says(folders: list[dict[bytes, tuple[str, bytes]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = folder = os.path.realpath(os.fsencode(place))
        for number, entries in enumerate(folders):
            for name, (kind, content) in entries.items():
                make_entry(os.path.join(folder, name), kind, content)
            # The next one lies in this one, under a name that no text can have.
            folder = os.path.join(folder, b"in\xff%d" % number)
            os.mkdir(folder)
        counts = {"junk": 0, "skipped": 0}
        expected = list(list_plainly(root, counts))
        walk = Walk([root])
        assert list(walk.folders()) == expected
        assert {"junk": walk.junk, "skipped": walk.skipped} == counts
        compare_with_shortest_way(root, expected, counts)


class Known:
    """Knows a folder with an even number of files, each of which stands for itself, and what it is told to know."""

    def __init__(self) -> None:
        self.asked: dict[bytes, dict[bytes, str]] = {}
        self.states: dict[FolderListing, PassedBy] = {}

    def find_same(self, listing: FolderListing) -> PassedBy | None:
        return self.states.get(listing)

    def has_all(self, _root: bytes, listing: FolderListing, keys: Mapping[bytes, str]) -> bool:
        self.asked[listing.path] = dict(keys)
        return len(keys) % 2 == 0


def compare_with_shortest_way(root: bytes, expected: list[list[FoundFile]], counts: dict[str, int]) -> None:
    """Folders of which all files are known are left out, and those that are asked about hold just these files."""
    known, walk = Known(), Walk([root])
    closer, unclear = [], []
    for files in walk.folders(known):
        closer.append(files)
        if walk.current:
            known.states[walk.current[0]] = walk.current[1]
        else:
            # Such as one with a folder inside that has no text for a name.
            unclear.append(files)
    assert {"junk": walk.junk, "skipped": walk.skipped} == counts
    listed = {os.path.dirname(files[0].path): files for files in expected if files}
    for folder, keys in known.asked.items():
        files = listed[folder]
        assert {file.name: file.change_key for file in files} == keys
        assert not any(file.sidecars or file.sidecar_for for file in files)
        if not may_hold_sequence(keys):
            assert list(group_by_number(files)) == files
    left_out = [files for folder, files in listed.items() if len(known.asked.get(folder, "x")) % 2 == 0]
    assert [files for files in closer if files] == [files for files in expected if files and files not in left_out]
    # What was given once is passed by the next time, with the same counts.
    again = Walk([root])
    assert list(again.folders(known)) == unclear
    assert {"junk": again.junk, "skipped": again.skipped} == counts


def make_entry(path: bytes, kind: str, content: bytes) -> None:
    if kind == "folder":
        os.mkdir(path)
    elif kind == "link":
        os.symlink(b"nowhere", path)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        Path(os.fsdecode(path)).write_bytes(content)


@given(st.lists(st.one_of(NAMES, st.binary(min_size=1, max_size=6)), unique=True, max_size=20))
@example([b"a.zip", b"a.zip!b.png"])
@settings(max_examples=100, deadline=None)
def test_names_are_shown_as_plain_words_say(names: list[bytes]) -> None:
    assert shown_names(names) == show_plainly(names)


def test_the_root_of_all_files_has_no_second_slash() -> None:
    walk = Walk([b"/"])
    files, folders = walk._list_files(b"/", b"/", "", _list_entries(b"/"))
    assert all(path.count(b"/") == 1 for path, _ in folders)
    assert all(file.path == b"/" + file.relative for file in files)
    [below] = walk._list_files(b"/", b"/etc", "etc", [_NamedFile(b"hosts", b"/etc/hosts")])[0]
    assert (below.relative, below.shown) == (b"etc/hosts", "etc/hosts")

"""Plans and shards as files: what stays together, how even the shards are, and that no damage goes unnoticed."""

from __future__ import annotations

import io
import os
import random
from pathlib import Path

import pytest

from provenance.errors import ShardDamaged
from provenance.intake.checked_lines import DamagedLines, LineReader, LineWriter
from provenance.intake.collect import Item
from provenance.intake.plan_file import (
    FoundHere,
    Plan,
    PlanHeader,
    PlanLine,
    PlannedRoot,
    PlanWriter,
    Readers,
    Tool,
    decode_name,
    load_plan,
)
from provenance.intake.sequences import NumberedFiles, group_by_number
from provenance.intake.walk import Walk
from provenance.limits import DEFAULT
from provenance.model.asset import FingerprintLevel
from provenance.model.vocabulary import Zone
from provenance.number_ranges import format_ranges, parse_ranges


def make_plan(folder: Path, out: Path, shards: int) -> Plan:
    place = os.fsencode(folder)
    readers = Readers("digest", (), (), ())
    root = PlannedRoot(decode_name(place), is_folder=True, is_empty=False)
    none = ("2026-11-27T00:00:00Z", Tool("provenance", "0"), (root,), Zone.TEMP, (), ())
    header = PlanHeader("provenance-plan/1", *none, FingerprintLevel.NONE, False, DEFAULT, readers, None, 0, 0, (), "")
    with PlanWriter(str(out.parent)) as writer, open(out, "wb") as file:
        for found in Walk([place]).folders():
            writer.add_folder(0, list(group_by_number(found)))
        writer.write(file, header, shards)
    return load_plan(str(out))


def list_names(lines: list[PlanLine]) -> list[str]:
    names = []
    for line in lines:
        names += [line.file.path] if line.file else [file.path for _, file in line.frames]
    return names


def test_every_file_is_in_one_shard_and_what_belongs_together_stays_together(tmp_path: Path) -> None:
    tree, chance = tmp_path / "tree", random.Random(3)
    for number in range(40):
        folder = tree / f"d{number % 9}" / f"e{number}"
        folder.mkdir(parents=True)
        for name in ("a.mov", "a.mov.xmp", "a.mov.xmp.xmp", "b.png", "b.txt", "c.xmp", "z.wav"):
            (folder / name).write_bytes(b"x" * chance.randrange(1, 40_000))
    flat = tree / "flat"
    flat.mkdir()
    for number in range(400):
        (flat / f"take {number}x.mov").write_bytes(b"")
        if number % 3 == 0:
            (flat / f"take {number}x.xmp").write_bytes(b"")
    for number in range(1001, 1081):
        (flat / f"shot.{number}.exr").write_bytes(b"")
    (flat / os.fsdecode(b"caf\xe9\n.png")).write_bytes(b"")
    plan = make_plan(tree, tmp_path / "plan", 4)
    shards = [list(plan.lines(number)) for number in range(1, 5)]
    names = [list_names(lines) for lines in shards]
    everything = [os.path.relpath(place, tree) for place, _, files in os.walk(tree) for _ in files]
    assert len(everything) == sum(map(len, names)) == len({name for shard in names for name in shard})
    shard_of = {name: number for number, shard in enumerate(names) for name in shard}
    sequences = [line for lines in shards for line in lines if line.frames]
    assert [len(line.frames) for line in sequences] == [80]
    for name, number in shard_of.items():
        if name.startswith("flat/"):
            if name.endswith(".xmp"):
                assert shard_of[name.replace(".xmp", ".mov")] == number
        else:
            # A folder that is smaller than a shard is read as a whole.
            assert shard_of[os.path.join(os.path.dirname(name), "a.mov")] == number
    costs = [section.size + 1_000_000 * section.files for section in plan.header.sections[1:]]
    assert max(costs) < 1.1 * min(costs)


def test_a_plan_gives_back_what_the_walk_found(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("a.png", "a.png.xmp", "a.txt", *(f"s.{n:03}.exr" for n in range(20))):
        (tree / name).write_text(name)
    (tree / os.fsdecode(b"b\xff.png")).write_text("odd")
    plan = make_plan(tree, tmp_path / "plan", 1)
    here = FoundHere(plan, ())
    again = [here.find_item(line) for line in plan.lines(1)]
    walked: list[Item] = []
    for found in Walk([os.fsencode(tree)]).folders():
        walked += group_by_number(found)

    def place(item: Item | None) -> bytes:
        assert item is not None
        return item.relative

    assert sorted(again, key=place) == sorted(walked, key=place)
    (tree / "a.png.xmp").write_text("changed since")
    (tree / "s.003.exr").unlink()
    for line in plan.lines(1):
        item, named = here.find_item(line), here.name_item(line)
        assert item is not None
        assert named is not None
        assert item.relative == named.relative
        if isinstance(item, NumberedFiles):
            assert {number for number, frame in item.frames if not frame.change_key} == {3}
            continue
        is_changed = item.relative in (b"a.png", b"a.png.xmp")
        assert item.change_key == ("" if is_changed else named.change_key), item


@pytest.mark.parametrize("how", ["cut", "longer", "a line", "the header", "other root"])
def test_a_damaged_plan_is_refused(tmp_path: Path, how: str) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "note.txt").write_text("note")
    plan = tmp_path / "plan"
    make_plan(tmp_path / "tree", plan, 2)
    raw = plan.read_bytes()
    changed = {
        "cut": raw[:-1],
        "longer": raw + b"\n",
        "a line": raw.replace(b'"path":"note.txt"', b'"path":"../n.txt"'),
        "the header": raw.replace(b'"zone":"temp"', b'"zone":"tomb"'),
        "other root": raw.replace(b'"is_empty":false', b'"is_empty":"no!"'),
    }[how]
    assert changed != raw
    plan.write_bytes(changed)
    with pytest.raises(ShardDamaged):
        read_all(plan)


def read_all(plan: Path) -> list[PlanLine]:
    opened = load_plan(str(plan))
    return [line for number in (1, 2) for line in opened.lines(number)]


def test_no_cut_and_no_flipped_bit_goes_unnoticed() -> None:
    file = io.BytesIO()
    writer = LineWriter(file)
    texts = [b'{"a":%d}' % number for number in range(6)]
    for text in texts:
        writer.write(text)
    raw = file.getvalue()
    assert list(LineReader(io.BytesIO(raw))) == texts
    ends = [len(raw[: raw.index(text)]) + len(text) + 2 for text in texts]
    for cut in range(len(raw)):
        reader = LineReader(io.BytesIO(raw[:cut]))
        sound: list[bytes] = []
        try:
            sound.extend(reader)
        except DamagedLines:
            assert cut not in ends
        # Whole lines before the cut are sound, and their last digits are not those of the whole.
        assert reader.position == max([0, *(end for end in ends if end <= cut)])
        assert reader.digits != writer.digits
    for position in range(len(raw)):
        flipped = bytearray(raw)
        flipped[position] ^= 1 << position % 8
        with pytest.raises(DamagedLines):
            list(LineReader(io.BytesIO(bytes(flipped))))
    # A line that was taken out, or put elsewhere, shows as well.
    lines = raw.splitlines(keepends=True)
    for order in ((0, 1, 3, 4, 5), (0, 2, 1, 3, 4, 5), (0, 0, 1, 2, 3, 4, 5)):
        with pytest.raises(DamagedLines):
            list(LineReader(io.BytesIO(b"".join(lines[number] for number in order))))


def test_numbers_as_batch_systems_write_them() -> None:
    for numbers, text in (([], ""), ([4], "4"), ([1, 2, 3, 7, 9, 10], "1-3,7,9-10")):
        assert format_ranges(numbers) == text
        assert parse_ranges(text) == numbers

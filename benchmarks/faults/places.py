"""Rows 12 to 15 and 19: odd things, names, systems, times and sizes of folders."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.interface import Result, Setting
from benchmarks.faults.product import Show, make_show, run_apart, write_still

_SHIFTED_CLOCK = """
import os, time, datetime
_shift = float(os.environ.get("CLOCK_SHIFT", "0"))
if _shift:
    _time, _datetime = time.time, datetime.datetime
    time.time = lambda: _time() + _shift
    class datetime_shifted(_datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(_time() + _shift, tz)
    datetime.datetime = datetime_shifted
"""
"""A `sitecustomize` that sets the clock of one program forward or back, in seconds."""
_DAY = 86_400


def run(setting: Setting) -> Iterator[Result]:
    yield _odd_things(setting)
    yield _odd_names(setting)
    yield _leftovers(setting)
    yield _times(setting)
    yield _large_folders(setting)


def _make(setting: Setting, name: str, files: int = 0) -> Show:
    folder = setting.folder / name
    folder.mkdir()
    return make_show(folder, files)


def _night(show: Show, **more: str) -> dict[str, Any]:
    done = run_apart("nightly", "--config", show.config, "--jobs", "1", "--format", "json", more=more)
    return {**done.report, "code": done.code}


def _odd_things(setting: Setting) -> Result:
    show = _make(setting, "odd", 3)
    edit = show.edit
    os.mkfifo(edit / "pipe.mov")
    (edit / "loop").symlink_to(edit)
    (edit / "out.png").symlink_to("/etc/passwd")
    os.link(edit / "a.png", edit / "same.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(edit / "socket.png"))
        skipped = 4
        if not os.geteuid():
            os.mknod(edit / "null.wav", 0o600 | 0o020000, os.makedev(1, 5))
            skipped += 1
        with open(edit / "sparse.dat", "wb") as file:
            file.truncate(100_000_000)
        begin = time.process_time(), time.monotonic()
        report = _night(show)
        seconds = time.monotonic() - begin[1]
    coverage = report["coverage"]
    digests = {
        asset["path"]: asset["sha256"] if "sha256" in asset else asset.get("digest") for asset in report["assets"]
    }
    figure = (
        f"{coverage['skipped']} of {skipped} not opened; a hard link has the digest of its twin; "
        f"a sparse file of 100 MB is read as its size, the night takes {seconds:.0f} s"
    )
    holds = coverage["skipped"] == skipped and digests["same.png"] == digests["a.png"]
    return Result(12, "pipe, socket, device, links in a loop and outside, hard link, sparse file", figure, holds)


def _odd_names(setting: Setting) -> Result:
    show = _make(setting, "names")
    names = [
        b"\xff\xfe.png", b"e\xcc\x81.png", b"\xc3\xa9.png", b"new\nline.png", b"\x1b[2Jescape.png", b"-rf.png",
        "\u202egnp.exe.png".encode(), b"trailing .png ", b"dot.png.", b"x" * 251 + b".png", "\U0001f3ac.png".encode(),
        b"a\\b.png", b"'; DROP TABLE x;--.png", b"<script>.png", b"=cmd().png", b" .png",
    ]  # fmt: skip
    for number, name in enumerate(names):
        plain = show.edit / "plain"
        write_still(plain.with_suffix(".png"), f"words {number}", number)
        os.rename(plain.with_suffix(".png"), os.path.join(os.fsencode(show.edit), name))
    deep = os.fsencode(show.edit)
    os.chdir(deep)
    for _ in range(20):
        os.mkdir(b"d" * 220)
        os.chdir(b"d" * 220)
    # Further down than any system call reaches by one path.
    Path("deep.png").write_bytes(b"not reached")
    os.chdir("/")
    first, second = _night(show), _night(show)
    coverage = second["coverage"]
    read = len({asset["path"] for asset in first["assets"]} - {"deep.png"})
    formats = [
        run_apart("report", "--catalogue", show.catalogue, "--format", name).code for name in ("text", "csv", "html")
    ]
    figure = (
        f"{read} of {len(names)} read and shown apart; "
        f"a path of 4,400 bytes is {'told' if first['troubles'] else 'not told'}; "
        f"the next night opens {coverage['looked_at']}, changed {len(second['delta']['changed'])}; "
        f"other formats end with "
        f"{sorted(set(formats))}"
    )
    holds = read == len(names) and bool(first["troubles"]) and not coverage["looked_at"] and set(formats) <= {0, 3}
    return Result(
        13, "names that are no text, no line, no path, or someone's command; a path too long to open", figure, holds
    )


def _leftovers(setting: Setting) -> Result:
    show = _make(setting, "leftovers", 4)
    (show.edit / "._a.png").write_bytes(b"\0\5\x16\7" + bytes(60))
    (show.edit / ".DS_Store").write_bytes(b"\0\0\0\1Bud1" + bytes(60))
    (show.edit / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(60))
    # What only has such a name is a file like any other.
    write_still(
        show.edit / "._generated.png", "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: x"
    )
    for name in ("Clip.png", "clip.png", "CLIP.PNG"):
        write_still(show.edit / name, name)
    report = _night(show)
    coverage, assets = report["coverage"], {asset["path"] for asset in report["assets"]}
    figure = f"{coverage['junk']} of 3 left behind counted; {len(assets)} of 8 files read, 3 twins by case among them"
    holds = coverage["junk"] == 3 and len(assets) == 8
    return Result(14, "AppleDouble, .DS_Store, Thumbs.db and a file that poses as one; twins by case", figure, holds)


def _times(setting: Setting) -> Result:
    show = _make(setting, "times", 6)
    clock = setting.folder / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(_SHIFTED_CLOCK)
    moments = (-(2**31), 0, 2**31 - 1, 2**31, 4_102_444_800, 1_700_000_000.123456789)
    for path, moment in zip(sorted(show.edit.iterdir()), moments, strict=True):
        os.utime(path, (moment, moment))
    write_still(show.out / "made.png", "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: x")
    _night(show)
    until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * _DAY))
    words = ("--who", "A", "--reason", "allowed", "--reference", "x", "--expires", until)
    approved = run_apart("register", "add", "approval", show.out / "made.png", *words, "--catalogue", show.catalogue)
    codes = {}
    opened = 0
    for name, days in (("today", 0), ("+400 d", 400), ("-400 d", -400), ("today again", 0)):
        night = _night(show, PYTHONPATH=os.fspath(clock), CLOCK_SHIFT=str(days * _DAY))
        codes[name] = night["code"]
        opened += night["coverage"]["looked_at"]
    sound = run_apart("verify", "--catalogue", show.catalogue).code
    figure = (
        f"times of 1901, 1970, 2038, 2100 and nanoseconds: {opened} files opened again; exit "
        f"{', '.join(f'{name}: {code}' for name, code in codes.items())}; "
        f"verify {sound}; approval entered: {approved.code}"
    )
    # An approval that has ended once is not revived by a clock that is set back.
    holds = not opened and codes["+400 d"] == codes["-400 d"] == codes["today again"] == 1 and sound == 0
    return Result(15, "the clock a year forward and back; files of any time", figure, holds)


def _large_folders(setting: Setting) -> Result:
    show = _make(setting, "large")
    many, frames = setting.count(1_000_000, 5000), setting.count(100_000, 1000)
    folder = show.edit / "many"
    folder.mkdir()
    for number in range(many):
        (folder / f"{'abcdefghij'[number % 10]}{number}x.txt").write_bytes(b"%d" % number)
    sequence = show.edit / "sequence"
    sequence.mkdir()
    for number in range(frames):
        (sequence / f"f.{number:07}.exr").write_bytes(_make_exr(number))
    place = show.edit / "deep"
    for _ in range(900):
        place = place / "d"
    os.makedirs(place)
    (place / "last.txt").write_bytes(b"words")
    begin = os.times()
    report = _night(show)
    after = os.times()
    spent = after.children_user + after.children_system - begin.children_user - begin.children_system
    rows = report["coverage"]["seen"]
    figure = (
        f"{many:,} files in one folder, {frames:,} frames, a file 900 folders deep: {rows:,} rows, "
        f"exit {report['code']}, "
        f"{spent / (many + frames) * 1e6:,.0f} us of processor time a file"
    )
    return Result(
        19, "very many files in a folder, a long sequence, folders within folders", figure, report["code"] in (0, 3)
    )


def _make_exr(number: int) -> bytes:
    return b"v/1\1\2\0\0\0" + b"%d" % number + bytes(60)

"""Rows 22 and 23: what the program asks the system for while it reads: no network, no change of a storage."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.interface import NotPossibleError, Result, Setting
from benchmarks.faults.product import ROOT, Show, make_show, run_apart, write_still

_MEDIA = ROOT / "fixtures" / "media"
_SOCKETS = re.compile(r"socket\(AF_(?!UNIX|NETLINK)\w+|connect\(\d+, \{sa_family=AF_INET")
_CHANGES = re.compile(
    r"\b(unlink|unlinkat|rename\w*|mkdir\w*|rmdir|chmod|fchmod\w*|chown\w*|fchown\w*|utime\w*|truncate|link\w*|"
    r"symlink\w*|\w*setxattr|mknod\w*)\("
)
_OPENED_TO_WRITE = re.compile(r"\bopen(at)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)")


def run(setting: Setting) -> Iterator[Result]:
    if not shutil.which("strace"):
        raise NotPossibleError("no strace")
    show = make_show(setting.folder, setting.count(200, 20))
    for name in ("delivery", "editorial"):
        shutil.copytree(_MEDIA / name, show.edit / name)
    write_still(show.out / "master.png", "words")
    before = _describe(show)
    trace = setting.folder / "trace"
    calls = "trace=network,%file,fchmod,fchown,ftruncate,fsetxattr"
    words = ["strace", "-f", "-qq", "-s", "300", "-o", os.fspath(trace), "-e", calls]
    night = run_apart("nightly", "--config", show.config, "--jobs", "2", "--format", "json", before=words, seconds=900)
    lines = trace.read_text(errors="backslashreplace").splitlines()
    yield _judge_network(setting, show, lines, night.report["findings"])
    yield _judge_storage(show, lines, before)


def _judge_network(setting: Setting, show: Show, lines: list[str], findings: object) -> Result:
    sockets = sum(_SOCKETS.search(line) is not None for line in lines)
    other = setting.folder / "other.db"
    figure = f"{sockets} sockets beside local ones in {len(lines):,} calls"
    same = True
    if not os.geteuid() and shutil.which("unshare"):
        arguments = ("--config", show.config, "--catalogue", other, "--jobs", "2", "--format", "json")
        alone = run_apart("nightly", *arguments, before=["unshare", "-n"], seconds=900)
        same = alone.report["findings"] == findings
        figure += f"; without any network the findings are {'the same' if same else 'others'}"
    return Result(22, "a night under strace, and one in a network of its own", figure, not sockets and same)


def _judge_storage(show: Show, lines: list[str], before: dict[str, tuple[object, ...]]) -> Result:
    roots = (os.fspath(show.edit), os.fspath(show.out))
    writes = [
        line
        for line in lines
        if any(root in line for root in roots) and (_CHANGES.search(line) or _OPENED_TO_WRITE.search(line))
    ]
    after = _describe(show)
    changed = sum(after.get(path) != state for path, state in before.items()) + len(after.keys() - before.keys())
    figure = (
        f"{len(writes)} calls that would change something below the storages; "
        f"of {len(before):,} files {changed} have another "
        "digest, size, owner, permission or time (access times included)"
    )
    return Result(23, "digests and all times of a storage before and after a night", figure, not writes and not changed)


def _describe(show: Show) -> dict[str, tuple[object, ...]]:
    rows: dict[str, tuple[object, ...]] = {}
    for root in (show.edit, show.out):
        for path in sorted(root.rglob("*")):
            if path.is_file():
                rows[os.fspath(path)] = _describe_file(path)
    return rows


def _describe_file(path: Path) -> tuple[object, ...]:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOATIME", 0))
    with os.fdopen(descriptor, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    status = path.stat()
    return (
        digest,
        status.st_mode,
        status.st_uid,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_atime_ns,
    )

"""The program as people run it, on files and folders with hostile names and with hostile words on the command line."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import unicodedata
from base64 import b64decode
from pathlib import Path

import pytest

from tests.cli.conftest import SOON, Provenance
from tests.cli.conftest import provenance as provenance
from tests.evidence.build import jpeg, segment
from tests.hostile.payloads import PAYLOADS
from tests.hostile.places import exif, inner, raw

_OURS = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[K|\r\n|\r(?=\d)|\x1b\[K")
"""Paint, the progress line, and the ends of lines as a terminal device makes them."""
LONGEST = 200


def name(text: str) -> bytes:
    """The text as a file system takes it; some are cut within a letter."""
    return raw(text.replace("\0", "\u2400").replace("/", "\u2044"))[:LONGEST].strip(b".") or b"x"


def typed(text: str) -> str:
    """The text as an argument reaches a program: bytes that are no text become lone halves."""
    return os.fsdecode(raw(text.replace("\0", "")))


def acting(text: str) -> list[str]:
    return sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")})


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file named by each payload that says it, and a folder of that name with another."""
    root = os.fsencode(tmp_path_factory.mktemp("storage"))
    for text in PAYLOADS.values():
        file = os.path.join(root, name(text))
        with open(file, "wb") as out:
            out.write(inner(text))
        os.mkdir(file + b" d")
        with open(os.path.join(file + b" d", name(text)), "wb") as out:
            out.write(jpeg(segment(0xE1, b"Exif\0\0" + exif(text[:2000]))))
    return Path(os.fsdecode(root))


@pytest.mark.skipif(sys.platform == "win32", reason="has no such terminals")
def test_on_a_terminal_nothing_acts_but_our_own_paint(storage: Path, tmp_path: Path) -> None:
    printed = on_a_terminal(
        ["scan", str(storage), "--catalogue", str(tmp_path / "c.db"), "--progress", "--verbose",
         "--output", "text=-", "--output", f"json={tmp_path / 'r.json'}"], tmp_path,
    )  # fmt: skip
    assert b"\x1b[1" in printed, "it was painted"
    assert acting(_OURS.sub(b"", printed).decode()) == []
    report = json.loads((tmp_path / "r.json").read_text("ascii"))
    paths = {b64decode(row["path_bytes"]) if "path_bytes" in row else row["path"].encode() for row in report["assets"]}
    wanted = {name(text) for text in PAYLOADS.values()}
    assert {path for path in paths if b"/" not in path} == wanted
    assert {path for path in paths if b"/" in path} == {one + b" d/" + one for one in wanted}
    generated = sum(row["origin"] == "generated" for row in report["assets"])
    assert generated > len(wanted), "what is inside is read whatever the name"
    for shown in sorted(os.listdir(os.fsencode(storage)))[:60:20]:
        path = os.path.join(os.fsencode(storage), shown)
        printed = on_a_terminal([b"show", path, b"--catalogue", os.fsencode(tmp_path / "c.db")], tmp_path)
        assert acting(_OURS.sub(b"", printed).decode()) == [], shown


def on_a_terminal(arguments: list[str] | list[bytes], home: Path) -> bytes:
    """What a run writes to a terminal, stderr and stdout together."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from provenance_cli.main import main; main()", *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        parts = []
        while part := _read(ours):
            parts.append(part)
    os.close(ours)
    return b"".join(parts)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that the other end is closed
        return b""


WRONG = (
    ("scan", "/nowhere/{}"),
    ("scan", ".", "--policy", "{}"),
    ("scan", ".", "--format", "{}"),
    ("scan", "/nowhere/x", "--output", "{}"),
    ("scan", ".", "--config", "/nowhere/{}"),
    ("scan", ".", "--trust-list", "/nowhere/{}"),
    ("scan", ".", "--fail-on", "{}"),
    ("show", "{}"),
    ("{}",),
    ("scan", "--{}"),
    ("register", "add", "approval", "{}", "--who", "{}", "--reason", "{}", "--reference", "{}", "--expires", "{}"),
)


def test_complaints_are_plain(provenance: Provenance) -> None:
    for text in PAYLOADS.values():
        for arguments in WRONG:
            said = provenance(*(part.format(typed(text)) for part in arguments))
            assert said.code != 4, said.err
            assert acting((said.out + said.err).replace("\n", "")) == [], (arguments, text)


def test_configs_and_packs_that_attack_are_told_plainly(provenance: Provenance, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    for text in PAYLOADS.values():
        for written in (f"[{text}]\n", f"{json.dumps(text)} = 1\n", f"[nightly]\n{json.dumps(text)} = 1\n", text):
            config.write_bytes(raw(written))
            for option in ("--config", "--policy"):
                said = provenance("scan", tmp_path, "--no-catalogue", option, config)
                assert acting((said.out + said.err).replace("\n", "")) == [], (option, written)


def test_the_register_lists_what_was_typed_and_nothing_acts(provenance: Provenance, tmp_path: Path) -> None:
    file, catalogue = tmp_path / "a.png", ("--catalogue", tmp_path / "c.db")
    file.write_bytes(inner("x"))
    for text in PAYLOADS.values():
        words = typed(text)[:2000]
        said = provenance("register", "add", "approval", file, "--who", words, "--reason", words, "--reference", words,
                          "--expires", SOON, "--unseen", *catalogue)  # fmt: skip
        assert said.code in (0, 2), said.err
        assert acting((said.out + said.err).replace("\n", "")) == []
    listed = provenance("register", "list", *catalogue)
    assert listed.code == 0
    assert len(listed.out.splitlines()) > 50
    assert acting(listed.out.replace("\n", "")) == []

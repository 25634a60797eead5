"""What a page shows, run: consoles in a shell, Python as doctests; what they print must be what the page says."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(console|python|\w+ (\S+))\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATIENCE = 60
FLAGS = doctest.ELLIPSIS


def problems(page: str, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Everything that a page promises and does not keep, its blocks run in order, in the current folder.

    `...` in what it shows stands for anything. A Python block without prompts is run for what it defines; a block with
    the name of a file is written there.
    """
    names: dict[str, Any] = {"__name__": "page"}
    for language, file, text in BLOCK.findall(page):
        if file:
            (folder / file).write_text(text)
        elif language == "console":
            yield from _consoled(text, folder, environment)
        elif ">>> " in text:
            yield from _tested(text, names)
        else:
            exec(compile(text, "page", "exec"), names)


def _consoled(text: str, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    code = 0
    for block in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = block.splitlines(keepends=True)
        typed = 1 + next(i for i, line in enumerate(lines) if not line.rstrip("\n").endswith("\\"))
        command, wanted = "".join(lines[:typed]), "".join(lines[typed:])
        shell = ["/bin/bash", "-c", f"exec 2>&1; (exit {code}); {command}"]
        done = subprocess.run(shell, cwd=folder, env=environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
        code, got = done.returncode, done.stdout.decode()
        if not doctest.OutputChecker().check_output(wanted, got, FLAGS):
            yield f"$ {command}wanted:\n{wanted}got:\n{got}"


def _tested(text: str, names: dict[str, Any]) -> Iterator[str]:
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(text, names, "page", None, None)
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    runner.run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    if runner.failures:
        yield "".join(said)


def environment(home: Path) -> dict[str, str]:
    """A user with an empty home, whose `provenance` is the one under test."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PROVENANCE_", "XDG_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{ours['PATH']}"
    return {
        **ours,
        "PATH": path,
        "HOME": str(home),
        "NO_COLOR": "1",
        "PROVENANCE_CATALOGUE": str(home / "catalogue.db"),
    }

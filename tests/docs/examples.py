"""What a page shows, run: consoles as shells do, Python as doctests; what they print must be what the page says.

A plain call of the program is made in this process, where everything is loaded already; whatever a shell has a part in
is given to one, so that each page also starts the program as its reader does.
"""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

from provenance_cli.main import run

BLOCK = re.compile(r"^```(console|python|\w+ (\S+))\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATIENCE = 60
FLAGS = doctest.ELLIPSIS
NEEDS_A_SHELL = set("|&;<>()$`*?[]{}#~!%=\"'")
"""Characters that a shell may take for more than a part of a word."""


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
        code, got = _run(command, code, folder, environment)
        if not doctest.OutputChecker().check_output(wanted, got, FLAGS):
            yield f"$ {command}wanted:\n{wanted}got:\n{got}"


def _run(command: str, code: int, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and what was printed, in the order in which it was; `code` is that of the command before."""
    words = shlex.split(command.replace("\\\n", " "))
    if words[0] == "provenance" and NEEDS_A_SHELL.isdisjoint(command):
        return _run_here(words[1:], folder, environment)
    shell = ["/bin/bash", "-c", f"exec 2>&1; (exit {code}); {command}"]
    done = subprocess.run(shell, cwd=folder, env=environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout.decode()


def _run_here(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
        stack.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(redirect_stdout(file))
        stack.enter_context(redirect_stderr(file))
        code = run(arguments)
        file.seek(0)
        return code, file.read()


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

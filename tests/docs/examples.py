"""What a page shows, run: consoles as shells do, Python as doctests; what they print must be what the page says.

The program runs in this process, where everything is loaded already, also where a shell reads what it prints. A line in
which a shell has more to do is given to one, and starts the program as its reader does.
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
NEEDS_A_SHELL = set("|&;<>()$`*?[]{}#~!")
"""Characters that a shell may take for more than a part of a word, also in double quotes."""
READ_BY_A_SHELL = re.compile(r"(?<=\s)(\| (?!.*provenance)|> )(?=[^&;]*$)", re.DOTALL)
"""Where the rest of a line reads or keeps what the program before it printed."""


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
    call, *rest = READ_BY_A_SHELL.split(command, maxsplit=1)
    if call.startswith("provenance ") and NEEDS_A_SHELL.isdisjoint(call):
        arguments = shlex.split(call.replace("\\\n", " "))[1:]
        return _run_here(arguments, "".join(rest), folder, environment)
    return _run_in_a_shell(f"(exit {code}); {command}", b"", folder, environment)


def _run_in_a_shell(line: str, given: bytes, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    shell = ["/bin/bash", "-c", f"exec 2>&1; {line}"]
    done = subprocess.run(
        shell, cwd=folder, env=environment, input=given, stdout=subprocess.PIPE, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout.decode()


def _run_here(arguments: list[str], rest: str, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run the program; `rest` is what a shell does with its standard output."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
        errors = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="")) if rest else file
        stack.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        stack.enter_context(contextlib.chdir(folder))
        stack.enter_context(redirect_stdout(file))
        stack.enter_context(redirect_stderr(errors))
        code = run(arguments)
        for one in (file, errors):
            one.seek(0)
        printed = file.read()
        if not rest:
            return code, printed
        code, shown = _run_in_a_shell(f"cat {rest}", printed.encode(), folder, environment)
        return code, errors.read() + shown


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

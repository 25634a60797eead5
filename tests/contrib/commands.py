"""The commands in the files of contrib/, held against the options that the program has."""

from __future__ import annotations

import shlex

from provenance_cli.main import cli

PROGRAM = "/opt/provenance/bin/provenance"
"""Where the files expect it."""
WINDOWS_PROGRAM = r"C:\provenance\Scripts\provenance.exe"


def read_command(line: str) -> list[str]:
    """The arguments of the program in a command line. Fails where the line does not call it."""
    words = shlex.split(line)
    assert PROGRAM in words, line
    return words[words.index(PROGRAM) + 1 :]


def refuse_unknown_options(arguments: list[str]) -> None:
    """Raises `click.UsageError` for a command or an option that the program does not have."""
    with cli.make_context("provenance", list(arguments)) as outer:
        name, command, rest = cli.resolve_command(outer, [*outer._protected_args, *outer.args])
        assert name == "nightly"
        assert command is not None
        with command.make_context(name, rest, parent=outer) as context:
            assert context.params["quiet"], "a night that nobody watches prints nothing but errors"
            assert context.params["config"]

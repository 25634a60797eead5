"""Every command with its options, as in `--help`."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import click
from provenance_cli.main import cli

from docs import markdown

_COMMON = 3
"""The page describes an option once if this many commands share it."""


class OptionText(NamedTuple):
    """One option: its spellings, and what it does."""

    spelling: str
    does: str


def build_page() -> str:
    """The page, from the commands themselves."""
    commands = dict(list_commands(cli, "provenance"))
    # an option with the same name but another text in another command is another option
    uses = Counter[OptionText]()
    for command in commands.values():
        uses.update(list_options(command))
    common = [option for option, count in uses.items() if count >= _COMMON]
    return markdown.build_page(
        "Commands",
        "`provenance COMMAND --help` says the same. How each command ends: [exit codes](exit-codes.md).",
        markdown.format_table(("command", "does"), itertools.starmap(_build_row, commands.items())),
        *(_build_section(name, command, common) for name, command in commands.items()),
        "## Options that commands share\n\n" + _build_options(common),
    )


def list_commands(group: click.Group, called: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that a user can call, with the words that call it."""
    context = click.Context(group, info_name=called)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from list_commands(command, f"{called} {name}")
        elif command is not None:
            yield f"{called} {name}", command


def list_options(command: click.Command) -> Iterator[OptionText]:
    """Yield the options of a command, without `--help`."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield _describe_option(parameter, command)


def _describe_option(option: click.Option, command: click.Command) -> OptionText:
    spelling = ", ".join([*option.opts, *option.secondary_opts])
    if not option.is_flag:
        spelling += f" {option.make_metavar(click.Context(command))}"
    does = option.help or ""
    if option.required:
        does += " Required."
    if option.show_default:
        does += f" Default: {option.default}."
    return OptionText(spelling, does)


def _build_row(name: str, command: click.Command) -> list[str]:
    link = f"[`{name}`](#{markdown.make_anchor(name)})"
    return [link, markdown.escape_prose(command.get_short_help_str(limit=200))]


def _build_section(name: str, command: click.Command, common: list[OptionText]) -> str:
    options = list(list_options(command))
    own, shared = [], []
    for option in options:
        if option in common:
            shared.append(option.spelling.split()[0].strip(","))
        else:
            own.append(option)
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    parts = [f"## {name}", markdown.format_block(f"{name} {usage}"), *_build_help(command)]
    if own:
        parts.append(_build_options(own))
    if shared:
        parts.append(f"Also {markdown.format_codes(shared)}: see [below](#options-that-commands-share).")
    return "\n\n".join(parts)


def _build_help(command: click.Command) -> Iterator[str]:
    """Yield the paragraphs of the help text."""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        first_line, _, rest = paragraph.strip("\n").partition("\n")
        # with this mark click leaves the lines of a paragraph as they are, so they become a block here
        if first_line.strip() in ("\b", "\\b"):
            yield markdown.format_block(textwrap.dedent(rest))
        else:
            yield markdown.escape_prose(paragraph)


def _build_options(options: list[OptionText]) -> str:
    return markdown.format_table(("option", "does"), map(_build_option, options))


def _build_option(option: OptionText) -> list[str]:
    return [markdown.format_code(option.spelling), markdown.escape_prose(option.does)]

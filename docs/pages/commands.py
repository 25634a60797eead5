"""Every command with its options, as `--help` has them."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import click
from provenance_cli.main import cli

from docs import markdown

_COMMON = 3
"""An option that this many commands share is told once."""


class Told(NamedTuple):
    """One option: how it is written, and what it does."""

    spelt: str
    does: str


def build_page() -> str:
    """The page, from the commands themselves."""
    found = dict(commands(cli, "provenance"))
    counted = Counter(told for command in found.values() for told in options(command))
    common = [told for told, count in counted.items() if count >= _COMMON]
    return markdown.build_page(
        "Commands",
        "`provenance COMMAND --help` says the same. With which code they end: [exit codes](exit-codes.md).",
        markdown.format_table(("command", "does"), (_row(name, command) for name, command in found.items())),
        *(_build_section(name, command, common) for name, command in found.items()),
        "## Options that commands share\n\n" + _options(common),
    )


def commands(group: click.Group, called: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, under the words that call it."""
    context = click.Context(group, info_name=called)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{called} {name}")
        elif command is not None:
            yield f"{called} {name}", command


def options(command: click.Command) -> Iterator[Told]:
    """The options of a command, `--help` left out."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            spelt = ", ".join([*parameter.opts, *parameter.secondary_opts])
            metavar = "" if parameter.is_flag else f" {parameter.make_metavar(click.Context(command))}"
            must = " Must be given." if parameter.required else ""
            default = f" Default: {parameter.default}." if parameter.show_default else ""
            yield Told(spelt + metavar, f"{parameter.help or ''}{must}{default}")


def _row(name: str, command: click.Command) -> list[str]:
    return [f"[`{name}`](#{markdown.make_anchor(name)})", markdown.escape_prose(command.get_short_help_str(limit=200))]


def _build_section(name: str, command: click.Command, common: list[Told]) -> str:
    told = list(options(command))
    own = [option for option in told if option not in common]
    shared = [option.spelt.split()[0].strip(",") for option in told if option in common]
    usage = " ".join(command.collect_usage_pieces(click.Context(command)))
    parts = [f"## {name}", markdown.format_block(f"{name} {usage}"), *_help(command)]
    if own:
        parts.append(_options(own))
    if shared:
        parts.append(f"Also {markdown.format_codes(shared)}: see [below](#options-that-commands-share).")
    return "\n\n".join(parts)


def _help(command: click.Command) -> Iterator[str]:
    """Paragraphs of the help text; what click must not wrap becomes a block."""
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        first, _, rest = paragraph.strip("\n").partition("\n")
        yield markdown.format_block(textwrap.dedent(rest)) if first.strip() in ("\b", "\\b") else markdown.escape_prose(paragraph)


def _options(told: list[Told]) -> str:
    return markdown.format_table(("option", "does"), ([markdown.format_code(o.spelt), markdown.escape_prose(o.does)] for o in told))

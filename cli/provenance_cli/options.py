"""Options that several commands share, in one spelling."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

Body = Callable[..., Any]


def _together(*options: Callable[[Body], Body]) -> Callable[[Body], Body]:
    return lambda body: functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), body)


catalogue = click.option(
    "--catalogue", metavar="FILE", help="The catalogue. Default: $PROVENANCE_CATALOGUE, else the user's data folder."
)
config = click.option(
    "--config", metavar="FILE", help="The config. Default: $PROVENANCE_CONFIG, else the user's config folder."
)
jobs = click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes. Default: one per processor."
)
trust_list = click.option(
    "--trust-list",
    "trust_lists",
    multiple=True,
    metavar="FILE",
    help="Trust these certificates (PEM) as well. Repeatable.",
)
plugin = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="NAME",
    help="Switch on an installed third-party detector. Repeatable. Default: none but those in the config.",
)
exclude = click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out matching paths or names; the report lists the patterns. Repeatable.",
)
zone = click.option(
    "--zone",
    type=click.Choice(["editorial", "temp", "archive", "reference", "deliverable"]),
    default="editorial",
    show_default=True,
    help="What these folders are used for.",
)
fingerprints = click.option(
    "--fingerprints",
    type=click.Choice(["none", "light", "full"]),
    help="What is kept to find it again. Default: full in temp, in reference and of marked material; of other "
    "deliverables nothing; else light.",
)
look_for = click.option(
    "--look-for",
    "look_for",
    type=click.Choice(["labels"]),
    multiple=True,
    help="Look for text in pictures as well: labels of AI, previews of stock, slates. Needs the extra `labels`.",
)
files_from = _together(
    click.option("--files-from", metavar="FILE|-", help="Read more PATHs from FILE or stdin, one a line."),
    click.option("-0", "ends_with_null", is_flag=True, help="In --files-from a null byte ends each path, not a line."),
)
talk = _together(
    click.option("--quiet", "-q", is_flag=True, help="Print no progress and no summary, only what was asked for."),
    click.option("--verbose", "-v", count=True, help="Log runs and decisions to stderr; -vv logs every file."),
    click.option("--log-file", metavar="FILE", help="Write the log to FILE as well; JSON lines if it ends in .jsonl."),
    click.option("--progress/--no-progress", default=None, help="Progress on stderr. Default: only on a terminal."),
)
output = _together(
    click.option("--format", "format_name", metavar="NAME", help="What to print: text, json, jsonl, csv, html, pdf."),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="[FORMAT=]FILE",
        help="Write to a file instead of stdout; FORMAT from --format or the suffix. Repeatable.",
    ),
    click.option(
        "--summary", is_flag=True, help="Print only the first screen of the text report, without the details."
    ),
)
language = click.option(
    "--language",
    type=click.Choice(["en", "de"]),
    help="Language of the report; JSON stays as it is. Default: that of the config, else en.",
)
cover = _together(
    click.option("--production", metavar="TEXT", help="On the cover: the production. Default: that of the config."),
    click.option("--client", metavar="TEXT", help="On the cover: who gets the delivery."),
    click.option("--deliverable", metavar="TEXT", help="On the cover: what is delivered."),
    click.option("--issuer", metavar="TEXT", help="On the cover: who answers for the report."),
    click.option("--number", metavar="TEXT", help="On the cover: the number under which you keep the report."),
)
timeline_rate = click.option(
    "--timeline-rate",
    metavar="RATE",
    help="Frame rate of cut lists that do not say theirs: 24, 23.976, 24000/1001, 29.97df.",
)
policy = click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME|FILE",
    help="The client's policy pack. Repeatable: a verdict by each. Default: netflix.",
)
fail_on = click.option(
    "--fail-on",
    type=click.Choice(["block", "review", "note"]),
    help="Exit with 1 if there is a finding of this severity or worse. Default: block.",
)
gentle = _together(
    click.option(
        "--max-read-rate", metavar="RATE", help="Read no faster, all workers together: 200MB/s. Default: no limit."
    ),
    click.option("--nice", is_flag=True, help="Run with the lowest priority: everybody else's work goes first."),
    click.option(
        "--drop-cache/--keep-cache",
        default=None,
        help="Take pages it read out of the system's cache, but none that were there before, or leave them there.",
    ),
)
"""How a command that reads storages shares them and the machine with others."""
certificates = _together(
    click.option("--tls-ca", metavar="FILE", help="Certificate of the authority of the cluster (PEM)."),
    click.option("--tls-cert", metavar="FILE", help="This machine's own certificate, signed by that authority (PEM)."),
    click.option("--tls-key", metavar="FILE", help="The private key of that certificate (PEM)."),
)
cluster = _together(
    click.option(
        "--cluster", metavar="ADDRESS", help="Have files read by the workers of the scheduler at tls://HOST:PORT."
    ),
    click.option("--cluster-fallback", is_flag=True, help="When no worker comes for 60 s, read on this machine."),
    certificates,
)
everyday = _together(catalogue, config, jobs, trust_list, plugin, talk)
"""What every command that reads media has."""

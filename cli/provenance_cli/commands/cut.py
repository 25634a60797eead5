"""`provenance cut`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared


class _CutGroup(click.Group):
    """`cut FILE…` prints cuts, `cut diff OLD NEW` compares two: what is no name of a subcommand is a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the hidden subcommand before a file."""
        is_help = args and args[0] in ctx.help_option_names
        if args and not is_help and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(
    "cut",
    cls=_CutGroup,
    subcommand_metavar="FILE...",
    short_help="What stands where in a cut, and what it is known to be.",
)
def command() -> None:
    """Print cuts: what stands where, and what the catalogue knows of it. Judges nothing; opens no media unasked.

    \b
    provenance cut EP101_lock.edl                 what stands where
    provenance cut diff OLD.edl NEW.edl           what changed between two cuts
    provenance cut FILE --help                    every option

    Files: CMX 3600 EDL, Final Cut Pro 7 XML, FCPXML, AAF, OpenTimelineIO, ALE, Avid bins, composition playlists.
    """  # noqa: D301 - click reads \b


_no_catalogue = click.option("--no-catalogue", is_flag=True, help="Look nothing up.")


@command.command("show", hidden=True)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@shared.timeline_rate
@_no_catalogue
@click.option(
    "--media", multiple=True, metavar="FOLDER", help="Read the files in FOLDER that the cut names. Repeatable."
)
@shared.output
@shared.everyday
def show(files: tuple[str, ...], timeline_rate: str | None, media: tuple[str, ...], **options: Any) -> int:
    """Print cuts: what stands where, and what it is known to be."""
    from provenance.workflows.cut import look_up
    from provenance.workflows.cut_output import cut_lines
    from provenance_cli.context import run_context
    from provenance_cli.output import choose_targets, write_all

    targets = choose_targets(options["format_name"], options["outputs"])
    with run_context(options) as context:
        report = look_up(files, timeline_rate, not options["no_catalogue"], context, media)
    if any(target.is_text_on_stdout for target in targets):
        click.echo("\n".join(cut_lines(report)))
        for trouble in report.troubles:
            click.echo(f"{trouble.path}: {trouble.detail}", err=True)
    write_all([target for target in targets if not target.is_text_on_stdout], report)
    return 3 if report.troubles else 0


@command.command("diff", short_help="What came in, went, was trimmed or moved between two cuts.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@shared.timeline_rate
@_no_catalogue
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared.everyday
def diff(old: str, new: str, timeline_rate: str | None, format_name: str, **options: Any) -> int:
    """Compare two cuts of any two formats. Clips are tied by source and source timecode, not by their place.
    Of files with several cuts, those of the same name are compared.

    \b
    0  alike      1  they differ      3  one of them could not be read
    """  # noqa: D301 - click reads \b
    from provenance.workflows import cut_diff
    from provenance.workflows.cut_output import cut_diff_document, cut_diff_lines
    from provenance_cli.context import run_context

    with run_context(options) as context:
        found = cut_diff.diff(old, new, timeline_rate, not options["no_catalogue"], context)
    if format_name == "json":
        click.echo(cut_diff_document(found))
    else:
        click.echo("\n".join(cut_diff_lines(found)))
    for trouble in found.troubles:
        click.echo(f"{trouble.path}: {trouble.detail}", err=True)
    return found.exit_code

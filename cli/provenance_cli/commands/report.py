"""`provenance report`."""

from __future__ import annotations

from typing import Any

import click

from provenance_cli import options as shared

_COVER = ("production", "client", "deliverable", "issuer", "number")


@click.command("report", short_help="The dossier of what the catalogue knows, for legal.")
@click.option(
    "--for", "paths", multiple=True, metavar="PATH", help="Only what stands below PATH, judged as a deliverable."
)
@click.option("--since", metavar="YYYY-MM-DD", help="Only what was first seen on that day or later.")
@shared.policy
@shared.catalogue
@shared.config
@shared.trust_list
@shared.output
@shared.cover
@shared.language
@shared.talk
def command(paths: tuple[str, ...], since: str | None, **options: Any) -> int:
    """Print what the catalogue knows, with evidence, coverage and limits. Opens no media, and says what changed since.

    \b
    provenance report --for DELIVERY --output html=report.html --output pdf=report.pdf
    """  # noqa: D301 - click reads \b
    from provenance.workflows.output import use_language, with_cover
    from provenance.workflows.report import report
    from provenance_cli.context import run_context
    from provenance_cli.output import choose_targets, write_all

    wanted = choose_targets(options["format_name"], options["outputs"], is_summary=options["summary"])
    with run_context(options) as context:
        pictures = any(target.format.needs_thumbnails for target in wanted)
        policies = options["policies"] or context.settings.policies
        made = report(paths, since, policies, context, pictures=pictures)
    language = options["language"] or context.settings.report.language
    with use_language(language):
        write_all(wanted, with_cover(made, {field: options[field] for field in _COVER}))
    return 0

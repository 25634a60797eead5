"""`provenance register`: the declared side. Options are made from the fields of each kind of entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from provenance_cli import options as shared

if TYPE_CHECKING:
    from provenance.policy.declaration_interface import Declaration
    from provenance.policy.fields import Field
    from provenance.workflows.register import Entered, EnterResult

_FIELD = "field_"
"""Begins the names of parameters that are fields."""


@click.group("register", short_help="What was declared: tools, uses, approvals, consents, rights, words to watch for.")
def command() -> None:
    """Keep what people have declared. Entries are added, replaced and withdrawn; all that ever counted stays readable.

    \b
    provenance register import register.toml       from a file that is kept beside the production
    provenance register add use --tool t1 ...      one entry
    provenance register list                       what is registered, and what counts today
    """  # noqa: D301 - click reads \b


def _load_kinds() -> dict[str, Declaration]:
    from provenance.workflows.register import list_kinds

    return {kind.name: kind for kind in list_kinds()}


class _KindName(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions alone
    """The name of a kind; looked up when it is given, so that `--help` loads nothing."""

    name = "KIND"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if there is such a kind."""
        kinds = _load_kinds()
        if value not in kinds:
            self.fail(f"{value!r} is not one of {', '.join(kinds)}", param, ctx)
        return str(value)


class _Kinds(click.Group):
    """A group with one command for each kind of entry, made when it is asked for."""

    def __init__(self, *arguments: Any, make: Callable[[Declaration], click.Command], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._make = make

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the shape of every click group
        """Names of the kinds."""
        return list(_load_kinds())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """The command of a kind."""
        kind = _load_kinds().get(cmd_name)
        return self._make(kind) if kind else None


def _make_option(field: Field, *, is_needed: bool) -> click.Option:
    about = f"{field.does[0].upper()}{field.does[1:]}."
    if field.type.is_list:
        about += " Repeatable."
    if is_needed and field.is_required:
        about += " Required."
    spellings = [field.option, *field.aliases, f"{_FIELD}{field.name}"]
    return click.Option(spellings, multiple=field.type.is_list, metavar=field.type.metavar, help=about)


def _list_common_options() -> list[click.Parameter]:
    """The options that every command about one kind has."""

    @click.option("--unseen", "allows_unknown", is_flag=True, help="Take content that the catalogue does not know yet.")
    @shared.catalogue
    @shared.config
    def carry_options() -> None:
        """Only its options are used."""

    return list(reversed(carry_options.__click_params__))  # type: ignore[attr-defined]  # click keeps them there


def _collect_fields(options: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """The texts of the fields that were given, by name."""
    given: dict[str, Sequence[str]] = {}
    for name, value in options.items():
        if name.startswith(_FIELD) and value not in (None, ()):
            given[name.removeprefix(_FIELD)] = (value,) if isinstance(value, str) else value
    return given


def _make_add(kind: Declaration) -> click.Command:
    has_content = any(field.name == "content" for field in kind.fields)
    about = kind.about
    if has_content:
        about += (
            "\n\nName contents by PATH, by a name as a report prints it (`a.zip!b.psd!layer 3`), or by DIGEST. A file "
            "is digested now: if it changes, the entry does not follow."
        )

    def add(**options: Any) -> int:
        from provenance.workflows import register
        from provenance_cli.context import run_context

        given = _collect_fields(options)
        with run_context(options) as context:
            what = options.get("what") or ()
            result = register.declare(kind.name, what, given, context, allows_unknown=options["allows_unknown"])
        _print_result(result, allows_unknown=options["allows_unknown"])
        return 0

    parameters: list[click.Parameter] = []
    if has_content:
        parameters.append(click.Argument(["what"], nargs=-1, metavar="[PATH|NAME|DIGEST]..."))
    parameters += [_make_option(field, is_needed=True) for field in kind.fields]
    return click.Command(
        kind.name,
        callback=add,
        params=[*parameters, *_list_common_options()],
        help=about,
        short_help=f"Add one: {kind.title}.",
    )


def _make_replace(kind: Declaration) -> click.Command:
    def replace(**options: Any) -> int:
        from provenance.workflows import register
        from provenance_cli.context import run_context

        given = _collect_fields(options)
        with run_context(options) as context:
            done = register.replace_entry(
                kind.name, options["name"], given, context, allows_unknown=options["allows_unknown"]
            )
        click.echo(f"replaced {done.entry.called}")
        _print_covers(done, allows_unknown=options["allows_unknown"])
        return 0

    parameters = [_make_option(field, is_needed=False) for field in kind.own_fields]
    return click.Command(
        kind.name,
        callback=replace,
        params=[click.Argument(["name"], metavar="ID"), *parameters, *_list_common_options()],
        help="Give an entry other values. A field that is not given stays as it is; one that is given empty goes. "
        "The old values stay readable.",
        short_help=f"Give one other values: {kind.title}.",
    )


command.add_command(_Kinds("add", make=_make_add, help="Add one entry.", short_help="Add one entry."))
command.add_command(
    _Kinds("replace", make=_make_replace, help="Give an entry other values.", short_help="Give an entry other values.")
)


def _print_result(result: EnterResult, *, allows_unknown: bool = False, is_dry: bool = False) -> None:
    from provenance.workflows.output import make_visible

    for done in result.entered:
        verb = "would enter" if is_dry else "entered"
        if done.entry.kind == "approval" and not is_dry:
            click.echo(f"approved until {done.entry.get('until')}: {', '.join(done.entry.list('content'))}")
        click.echo(f"{verb} {done.entry.called}")
        _print_covers(done, allows_unknown=allows_unknown)
    if result.unchanged:
        click.echo(f"{result.unchanged:,} already in the register")
    for note in result.notes:
        click.echo(f"provenance: {make_visible(note)}", err=True)


def _print_covers(done: Entered, *, allows_unknown: bool) -> None:
    from provenance.workflows.output import describe_covered

    if done.entry.kind != "approval":
        return
    for line in describe_covered(done.covers):
        click.echo(f"  covers {line}")
    if not done.covers:
        click.echo(
            f"  {'covers what the first reading finds in it' if allows_unknown else 'nothing is found in it so far'}"
        )


@command.command("import", short_help="Enter every row of TOML, CSV or XLSX files, or none.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--kind", type=_KindName(), help="The kind of every row. Default: the name of the sheet or the file.")
@click.option("--sheet", metavar="NAME", help="Read this sheet of a workbook alone.")
@click.option("--columns", metavar="FILE", help='TOML that maps your headers to fields: "Tool used" = "tool".')
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what is wrong, or what would be entered.")
@click.option("--unseen", "allows_unknown", is_flag=True, help="Take content that the catalogue does not know yet.")
@shared.catalogue
@shared.config
def import_(
    files: tuple[str, ...],
    kind: str | None,
    sheet: str | None,
    columns: str | None,
    is_dry: bool,
    allows_unknown: bool,
    **options: Any,
) -> int:
    """Enter every row of every FILE, or none. All wrong rows are named, each with what to write instead.

    \b
    TOML        [[tool]], [[use]], [[approval]] ... with the fields as keys
    CSV, XLSX   one kind a file or sheet, named after it (uses.csv, sheet "Uses"); the first row names the fields

    A row that is in the register already is no change.
    """  # noqa: D301 - click reads \b
    from provenance.workflows.register_import import TableOptions, import_files, load_columns
    from provenance_cli.context import run_context

    with run_context(options) as context:
        table_options = TableOptions(kind, sheet, load_columns(columns))
        result = import_files(files, table_options, context, allows_unknown=allows_unknown, is_dry=is_dry)
    _print_result(result, allows_unknown=allows_unknown, is_dry=is_dry)
    return 0


@command.command("withdraw", short_help="Let an entry count no more; it stays readable.")
@click.argument("kind", type=_KindName(), metavar="KIND")
@click.argument("what", metavar="ID")
@click.option("--who", required=True, help="Who withdraws it.")
@click.option("--reason", required=True, help="Why.")
@shared.catalogue
@shared.config
def withdraw(kind: str, what: str, who: str, reason: str, **options: Any) -> int:
    """Let an entry count no more; it stays readable, with who withdrew it and why.

    An approval may also be named by its content, as PATH, NAME or DIGEST: every approval of it is then withdrawn.
    """
    from provenance.workflows import register
    from provenance_cli.context import run_context

    with run_context(options) as context:
        done = register.withdraw(kind, what, who, reason, context)
    for called in done:
        click.echo(f"withdrew {called}")
    return 0


@command.command("list", short_help="What is registered, and what counts today.")
@click.option("--kind", type=_KindName(), help="Entries of one kind alone.")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared.catalogue
@shared.config
def list_(kind: str | None, format_name: str, **options: Any) -> int:
    """List every entry with its fields and its history; withdrawn and replaced ones too."""
    from provenance.workflows import register
    from provenance_cli.context import run_context

    with run_context(options) as context:
        if format_name == "json":
            click.echo(register.list_document(kind, context))
        else:
            for line in register.list_lines(kind, context):
                click.echo(line)
    return 0


@command.command("check", short_help="What was declared, held against what was found.")
@click.option("--for", "paths", multiple=True, metavar="PATH", help="What was found at or below PATH. Repeatable.")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@shared.catalogue
@shared.config
def check(paths: tuple[str, ...], format_name: str, **options: Any) -> int:
    """Hold the register against what the catalogue knows: at or below PATHs, or altogether. Opens no media.

    \b
    0  all agrees
    1  something differs: an undeclared tool or use, an approval that is over or of another
       content, a watched word in a prompt, an input that a tool may not have, a missing consent
    3  nothing differs, but something could not be looked at
    """  # noqa: D301 - click reads \b
    from provenance.workflows import register_check
    from provenance_cli.context import run_context

    with run_context(options) as context:
        found = register_check.check(paths, context)
    if format_name == "json":
        click.echo(register_check.check_document(found))
    else:
        for line in register_check.check_lines(found):
            click.echo(line)
    return found.exit_code

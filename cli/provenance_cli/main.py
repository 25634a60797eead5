"""`provenance`: the group of commands, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import pkgutil
import re
import signal
import sys
import tempfile
import threading
import traceback

import click

from provenance import __version__
from provenance.errors import ProvenanceError
from provenance.interrupts import interrupt
from provenance_cli import commands
from provenance_cli.printable import make_printable

INTERRUPTED = 130
_SIGNALLED = 128
"""Added to the number of the signal that ended a run, as shells do it."""
INTERNAL = 4


_SECONDS_TO_END = 8.0
"""In which a run has to put everything in order after such a signal."""


class Commands(click.Group):
    """Finds each command in its own file, and imports that file when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the shape of every click group
        """Names of the files in `commands/`."""
        return sorted(info.name for info in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None when there is no such file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with. For an unknown one the error names the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            nearest = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"Did you mean {nearest[0]!r}?" if nearest else f"Commands: {', '.join(self.list_commands(ctx))}."
            raise click.UsageError(f"{error.message.rstrip('.')}. {hint}", ctx) from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "auto_envvar_prefix": None},
    epilog="Exit codes: 0 clean, 1 findings, 2 wrong usage, 3 something could not be checked, 4 internal error, "
    "5 catalogue damaged, 6 another run holds the catalogue, 130 interrupted, 143 ended by SIGTERM, "
    "129 ended by SIGHUP. Treat any other code as failure.",
)
@click.version_option(__version__, prog_name="provenance")
def cli() -> None:
    """Find AI-made material in final-cut media, with the evidence for every claim.

    \b
    Before lock:   provenance scan DELIVERY
    Every night:   provenance nightly
    For legal:     provenance report --for DELIVERY --output pdf=report.pdf
    """  # noqa: D301 - click reads \b


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: the run ends as it does on Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.name = signal.Signals(number).name


def main() -> None:
    """Entry point: run a command and end with its exit code. Never shows a traceback unless `--verbose` asks for it."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        # What was started with nohup goes on when the terminal is closed.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)
    sys.exit(run(sys.argv[1:]))


def _terminate(number: int, _frame: object) -> None:
    if number == signal.SIGINT:
        # Whoever presses Ctrl-C twice does not want to wait.
        signal.signal(number, signal.default_int_handler)
        interrupt(KeyboardInterrupt())
        return
    # A second signal must not break off what the first one has begun to put in order.
    signal.signal(number, signal.SIG_IGN)
    # Whoever sends it waits for a while and then kills. What hangs meanwhile is left as it is: all of it but the last
    # quarter of a second is committed, and workers end with this process.
    watchdog = threading.Timer(_SECONDS_TO_END, os._exit, (_SIGNALLED + number,))
    watchdog.daemon = True
    watchdog.start()
    interrupt(Terminated(number))


def run(arguments: list[str]) -> int:
    """Run one command line and give its exit code."""
    try:
        ended = cli.main(arguments, prog_name="provenance", standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        return _describe_interruption(error)
    except SystemExit:  # how click ends when whoever reads stdout has gone away: with 1, which means findings here
        return INTERRUPTED
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            _say(_describe_full_disk(error))
            return INTERNAL
        _say(f"{error.strerror or error}{f': {error.filename!r}' if error.filename else ''}")
        return INTERNAL
    except ProvenanceError as error:
        _say(f"{error.message}\n  {error.hint}" if error.hint else error.message)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last door: a sentence instead of a traceback
        _say(f"internal error: {type(error).__name__}: {error}\n  run again with --verbose and report what it prints")
        if any(re.fullmatch(r"-v+|--verbose", argument) for argument in arguments):
            traceback.print_exc()
        return INTERNAL


def find_exit_code(error: BaseException) -> int:
    """With which code the program ends when this error ends a command."""
    # click turns every interrupt into an `Abort` of its own, and keeps the cause.
    for cause in (error, error.__cause__):
        if isinstance(cause, Terminated):
            return _SIGNALLED + cause.number
    if isinstance(error, (click.Abort, KeyboardInterrupt, SystemExit)):
        return INTERRUPTED
    if isinstance(error, (ProvenanceError, click.ClickException)):
        return error.exit_code
    return INTERNAL


def _describe_interruption(error: BaseException) -> int:
    """Say what ended the run, and give the exit code for it."""
    for cause in (error, error.__cause__):
        if isinstance(cause, Terminated):
            _say(f"ended by {cause.name}; what was read so far is kept")
            break
    else:
        _say("interrupted")
    return find_exit_code(error)


def _describe_full_disk(error: OSError) -> str:
    """Which disk is full, as far as the system says."""
    where = "the temporary folder or the output"
    if error.filename:
        where = os.fsdecode(error.filename)
    return (
        f"the disk is full: {where} could not be written\n"
        f"  free some space (temporary files are in {tempfile.gettempdir()}) and start again; "
        "what the catalogue has recorded so far is kept"
    )


def _say(sentence: str) -> None:
    click.echo(f"provenance: {make_printable(sentence)}", err=True)

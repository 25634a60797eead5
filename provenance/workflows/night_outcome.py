"""Tells of a night: to the log, to people by webhook and e-mail, to a monitor by ping, to Prometheus by a file.

Nothing of it changes what a night found or its exit code: what cannot be delivered is said on stderr and in the log.
"""

from __future__ import annotations

import logging
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from provenance.errors import CatalogueBusy, ProvenanceError, UsageError
from provenance.intake.collect import Progress
from provenance.model.report import Report
from provenance.model.vocabulary import Cause
from provenance.notify import metrics
from provenance.notify.deliver import SECONDS, deliver
from provenance.notify.metrics import Metrics
from provenance.notify.notice import Notice
from provenance.notify.sign import Sign
from provenance.reports import news
from provenance.reports.compose import summarize
from provenance.reports.escape import make_visible, shorten
from provenance.reports.language import use_language
from provenance.settings import (
    PING_VARIABLE,
    SMTP_PASSWORD_VARIABLE,
    WEBHOOK_VARIABLE,
    Notify,
    Settings,
    read_secret_variable,
)
from provenance.units import format_bytes
from provenance.workflows.judge import Verdict
from provenance.workflows.run import RunContext

_log = logging.getLogger(__name__)

_INTERRUPTED = 128
"""Exit codes above it are signals that ended the night."""
_SECONDS_TO_END = 2.0
"""In which a monitor is told of a night that a signal has ended: who sent it waits no longer than ten."""
_SECONDS_TO_BEGIN = 10.0
"""For which a night waits until a monitor has heard that it begins."""
_MOST_ITEMS = 15
"""Lines of a short message that name files."""
_LONGEST_LINE = 300
"""Characters of one of them."""

Channels = dict[str, Callable[[], None]]
"""Name of a channel, and what delivers over it."""


@dataclass(slots=True)
class CountedProgress:
    """Passes progress on, and counts the bytes of all files that were read or searched."""

    shown: Progress
    size: int = 0

    def show_reading(self, path: str, size: int) -> None:
        """A file was read."""
        self.size += size
        self.shown.show_reading(path, size)

    def show_search(self, path: str, size: int, movie: tuple[float, float] | None = None) -> None:
        """A file was searched, or a part of it."""
        self.size += size
        self.shown.show_search(path, size, movie)


@dataclass(slots=True)
class Night:
    """A night while it goes on. Whoever runs it says when it begins, and leaves its verdict here."""

    context: RunContext
    """With a progress that counts; the night must be run with this one."""
    _counted: CountedProgress
    _began: float = field(default_factory=time.monotonic)
    verdict: Verdict | None = None

    def announce_begin(self) -> None:
        """Tell the log and the monitor that the night has begun."""
        storages = ", ".join(storage.name for storage in self.context.settings.storages)
        _log.info("night begun: storages %s; catalogue %s", storages, self.context.settings.catalogue)
        self._deliver({"ping": lambda: _ping(self.context.settings, Sign.START, "begun")}, _SECONDS_TO_BEGIN)

    def announce_end(self) -> None:
        """Tell everybody how the night ended. Those who want news are told only when there are some."""
        assert self.verdict is not None
        report, code = self.verdict.report, self.verdict.exit_code
        line = f"exit code {code}; {_describe_figures(report)}; {self._describe_time()}"
        _log.info("night ended: %s", line)
        channels = self._list_monitors(Sign.SUCCESS, line, self._measure(code, report))
        if news.has_news(report):
            with use_language(self.context.settings.report.language):
                notice = _make_notice(report, code, self.context.timestamp)
            channels |= _list_messages(self.context, notice)
        self._deliver(channels, SECONDS)

    def announce_failure(self, error: BaseException, code: int) -> None:
        """Tell everybody that the night did not finish. A signal is told to the log and monitors alone."""
        reason = _describe_error(error)
        line = f"exit code {code}; {reason}; {self._describe_time()}"
        _log.error("night ended without a result: %s", line)
        if isinstance(error, CatalogueBusy):
            # The night that is at work will tell of itself.
            return
        channels = self._list_monitors(Sign.FAIL, f"exit code {code}", self._measure(code, None))
        if code > _INTERRUPTED:
            self._deliver(channels, _SECONDS_TO_END)
            return
        notice = Notice(
            title=f"provenance: the night ended without a result (exit code {code})",
            outcome="failed",
            exit_code=code,
            made_at=self.context.timestamp,
            machine=_name_machine(),
            facts=("Nothing was reported; what was read so far is kept, and the next night goes on from there.",),
            items=(shorten(reason, _LONGEST_LINE),),
            text=(reason,),
        )
        self._deliver(channels | _list_messages(self.context, notice), SECONDS)

    def _list_monitors(self, sign: Sign, line: str, measured: Metrics) -> Channels:
        settings = self.context.settings
        channels: Channels = {"ping": lambda: _ping(settings, sign, line)}
        if (path := settings.notify.metrics) is not None:
            channels["metrics"] = lambda: metrics.write(measured, path)
        return channels

    def _measure(self, code: int, report: Report | None) -> Metrics:
        """The figures for Prometheus. Without a report only those of the night itself are known."""
        seconds = time.monotonic() - self._began
        ended_at = (self.context.now + timedelta(seconds=seconds)).timestamp()
        size = _measure_catalogue(self.context.settings.catalogue)
        if report is None:
            return Metrics(ended_at, False, code, seconds, catalogue_bytes=size)
        return Metrics(
            ended_at,
            True,
            code,
            seconds,
            files=_count_files(report),
            bytes_read=self._counted.size,
            findings=_count_findings(report),
            troubles=_count_troubles(report),
            catalogue_bytes=size,
        )

    def _describe_time(self) -> str:
        return f"{format_bytes(self._counted.size)} read in {time.monotonic() - self._began:.1f} seconds"

    def _deliver(self, channels: Channels, seconds: float) -> None:
        for name, problem in deliver(channels, seconds).items():
            if problem:
                sentence = f"{name}: not told of this night: {problem}"
                _log.warning("%s", sentence)
                self.context.announce(sentence)


@contextmanager
def tell_of_night(context: RunContext, find_exit_code: Callable[[BaseException], int]) -> Iterator[Night]:
    """Tell of the night that the block runs, however it ends. `find_exit_code`: of an error that ends the program."""
    counted = CountedProgress(context.progress)
    night = Night(replace(context, progress=counted), counted)
    try:
        yield night
    except BaseException as error:
        night.announce_failure(error, find_exit_code(error))
        raise
    if night.verdict is not None:
        night.announce_end()


def try_channels(context: RunContext) -> dict[str, str]:
    """Send one message over every channel of the settings, and say of each what went wrong; empty when it was taken.

    The ping is that of a night which went well: a monitor takes no other for a test. No figures are written, only the
    folder for them is looked at. Raises `UsageError` when nobody is to be told.
    """
    settings = context.settings.notify
    notice = Notice(
        title="provenance: a test message",
        outcome="test",
        exit_code=0,
        made_at=context.timestamp,
        machine=_name_machine(),
        facts=(f"Sent from {_name_machine()} to try out [notify] in the config. No night was run.",),
    )
    channels = _list_messages(context, notice)
    if settings.ping_file or read_secret_variable(PING_VARIABLE):
        channels["ping"] = lambda: _ping(context.settings, Sign.SUCCESS, "a test: no night was run")
    if (path := settings.metrics) is not None:
        channels["metrics"] = lambda: _look_at_folder(path)
    if not channels:
        raise UsageError("nobody is told of a night", "set webhook_file, email, ping_file or metrics under [notify]")
    return deliver(channels)


def _look_at_folder(path: str) -> None:
    folder = os.path.dirname(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ProvenanceError(f"{folder} is not there, or nothing can be written there", "name another file")


def _list_messages(context: RunContext, notice: Notice) -> Channels:
    """The channels for people."""
    settings = context.settings.notify
    channels: Channels = {}
    if settings.webhook_file or read_secret_variable(WEBHOOK_VARIABLE):
        channels["webhook"] = lambda: _post(settings, notice)
    if settings.email:
        now = datetime.now(UTC)
        channels["email"] = lambda: _mail(settings, notice, now)
    return channels


def _post(settings: Notify, notice: Notice) -> None:
    # What speaks over the network takes a while to import, and most nights tell nobody: likewise below.
    from provenance.notify import address, webhook

    value = read_secret_variable(WEBHOOK_VARIABLE)
    target = address.load_address(settings.webhook_file, WEBHOOK_VARIABLE, value)
    if target:
        webhook.send(notice, target, settings.webhook, names=settings.names)


def _mail(settings: Notify, notice: Notice, now: datetime) -> None:
    from provenance.notify import mail

    password = mail.load_password(settings, read_secret_variable(SMTP_PASSWORD_VARIABLE))
    mail.send(mail.build_mail(notice, settings, now), settings, password, notice.machine)


def _ping(settings: Settings, sign: Sign, line: str) -> None:
    value = read_secret_variable(PING_VARIABLE)
    if not settings.notify.ping_file and not value:
        return
    from provenance.notify import address, ping

    target = address.load_address(settings.notify.ping_file, PING_VARIABLE, value)
    if target:
        ping.send(sign, line, target)


def _make_notice(report: Report, code: int, made_at: str) -> Notice:
    """The news of a night that finished, in the language of its reports."""
    items: list[str] = []
    for line in news.list_items(report):
        if len(items) == _MOST_ITEMS:
            items.append("…")
            break
        items.append(shorten(make_visible(line), _LONGEST_LINE))
    return Notice(
        title=f"provenance: {news.describe_outcome(report)}",
        outcome="done",
        exit_code=code,
        made_at=made_at,
        machine=_name_machine(),
        figures={**_count_files(report), **_count_findings(report)},
        facts=tuple(map(make_visible, news.list_facts(report))),
        items=tuple(items),
        text=tuple(news.format_news(report)),
    )


def _count_files(report: Report) -> dict[str, int]:
    """Files of the night by what became of them."""
    delta, coverage = report.delta, report.coverage
    counts: dict[str, int] = {}
    if delta:
        counts = {"new": len(delta.new), "changed": len(delta.changed), "vanished": len(delta.vanished)}
        counts["moved"] = len(delta.moved or ())
    return {**counts, "unchanged": coverage.left_alone, "not_checked": coverage.could_not}


def _count_findings(report: Report) -> dict[str, int]:
    return {str(severity): count for severity, count in summarize(report).findings.items()}


def _count_troubles(report: Report) -> dict[str, int]:
    """Troubles by cause; every cause is there, because a series that appears at the first trouble raises no alarm."""
    counts = dict.fromkeys(map(str, Cause), 0)
    for trouble in report.all_troubles:
        counts[str(trouble.cause)] += 1
    return counts


def _describe_figures(report: Report) -> str:
    """`12 new, 3 changed, …; 2 block, 1 review, 0 note`: the line for a log and a monitor."""
    files = _join(_count_files(report))
    return f"{files}; findings: {_join(_count_findings(report))}"


def _join(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {word.replace('_', ' ')}" for word, count in counts.items())


def _describe_error(error: BaseException) -> str:
    """One visible line. What is no error of ours is named by its kind alone."""
    if isinstance(error, ProvenanceError):
        return make_visible(f"{error.message}; {error.hint}" if error.hint else error.message)
    if isinstance(error, OSError) and error.strerror:
        return make_visible(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    return type(error).__name__


def _measure_catalogue(path: str) -> int | None:
    """Bytes of the catalogue with its log; None when it is not there."""
    try:
        size = os.stat(path).st_size
    except OSError:
        return None
    try:
        return size + os.stat(f"{path}-wal").st_size
    except OSError:
        return size


def _name_machine() -> str:
    return make_visible(platform.node())

"""On which days the assets of a report were read, and which of them are not as they were then."""

from __future__ import annotations

from provenance.model.finding import CHANGED, GONE, NOT_SEEN, UNCHANGED, Case
from provenance.model.report import Report
from provenance.reports.language import translate, translate_count


def describe_days(report: Report) -> str:
    """`as read on 2026-11-22`, `as read between 2026-11-20 and 2026-11-22`; empty when no day is known."""
    days = sorted({case.read_on for case in report.cases if case.read_on})
    if not days:
        return ""
    if len(days) == 1:
        return translate("as read on {day}", day=days[0])
    return translate("as read between {first} and {last}", first=days[0], last=days[-1])


def map_days(report: Report) -> dict[tuple[str, str], str]:
    """(path, digest) of every asset whose day of reading is known -> that day."""
    days = {}
    for case in report.cases:
        if case.read_on:
            days[case.location.path, case.reading.asset.digest] = case.read_on
    return days


def describe_runs(report: Report) -> list[str]:
    """`scan on 2026-11-22 of /deliveries/EP101` for every run in which the assets were read."""
    texts = []
    for run in dict.fromkeys(report.inputs.runs):
        text = translate("{command} on {day} of {folders}", command=run.kind, day=run.on, folders=run.detail)
        if run.outcome != "done":
            text += f" ({translate(run.outcome)})"
        texts.append(text)
    return texts


def list_changed(report: Report) -> list[Case]:
    """The assets whose files have changed, or are gone, since they were read."""
    return [case for case in report.cases if case.state_now in (CHANGED, GONE)]


def count_states(report: Report) -> dict[str, int] | None:
    """Assets by what their files are now: `unchanged`, `changed`, `gone`, `not-seen`; None when nobody looked."""
    states = [case.state_now for case in report.cases]
    if not any(states):
        return None
    return {state: states.count(state) for state in (UNCHANGED, CHANGED, GONE, NOT_SEEN)}


def describe_changed(report: Report) -> str:
    """One sentence about them; empty when every file that can be seen is as it was read."""
    numbers = count_states(report) or {}
    changed, gone = numbers.get(CHANGED, 0), numbers.get(GONE, 0)
    if not changed and not gone:
        return ""
    parts = []
    if changed:
        parts.append(translate_count("{number} asset has changed", "{number} assets have changed", changed))
    if gone:
        parts.append(translate_count("{number} asset has disappeared", "{number} assets have disappeared", gone))
    return translate(
        "{changes} since this was read, and the report describes what was read: scan again.",
        changes=translate(" and ").join(parts),
    )


def describe_reading(case: Case) -> str:
    """`as read on 2026-11-22; changed since`; empty when the day is not known."""
    if not case.read_on:
        return ""
    if case.state_now == CHANGED:
        return translate("as read on {day}; the file has changed since", day=case.read_on)
    if case.state_now == GONE:
        return translate("as read on {day}; the file is gone", day=case.read_on)
    return translate("as read on {day}", day=case.read_on)


def describe_not_visible(report: Report) -> str:
    """What is not known about the files as they are now; empty when all were seen, or nobody looked."""
    number = (count_states(report) or {}).get(NOT_SEEN, 0)
    if not number:
        return ""
    return translate_count(
        "Whether the file of {number} asset has changed since it was read is not known: it could not be seen.",
        "Whether the files of {number} assets have changed since they were read is not known: they could not be seen.",
        number,
    )

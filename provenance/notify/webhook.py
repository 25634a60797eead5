"""News of a night to a webhook: any that takes JSON, Slack, or Microsoft Teams.

What files say is text there and nothing else: no mention, no link, no formatting.
"""

from __future__ import annotations

import dataclasses
import json

from provenance.notify.address import Address
from provenance.notify.notice import SCHEMA, Notice
from provenance.settings import WebhookKind

_LONGEST = 3_000
"""Characters of a message. Slack takes 40,000 and cuts off at 4,000 what it shows; Teams takes 28 kB in all."""
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""The three characters with which Slack begins mentions and links (api.slack.com, Formatting text)."""


def send(notice: Notice, address: Address, kind: WebhookKind, *, names: bool) -> None:
    """Post the news. `names`: whether files may be named. Raises `ProvenanceError` unless it was taken."""
    body = json.dumps(build_body(notice, kind, names=names), ensure_ascii=True).encode("ascii")
    address.post(body, "application/json")


def build_body(notice: Notice, kind: WebhookKind, *, names: bool) -> dict[str, object]:
    """What is posted."""
    if not names:
        notice = dataclasses.replace(notice, items=(), text=())
    if kind is WebhookKind.SLACK:
        return _build_slack(notice)
    if kind is WebhookKind.TEAMS:
        return _build_teams(notice)
    return {
        "schema": SCHEMA,
        "title": notice.title,
        "outcome": notice.outcome,
        "exit_code": notice.exit_code,
        "made_at": notice.made_at,
        "machine": notice.machine,
        "figures": dict(notice.figures),
        "facts": list(notice.facts),
        "items": list(notice.items),
    }


def _cut(notice: Notice) -> list[str]:
    """The lines of a message, as many as fit."""
    lines: list[str] = []
    left = _LONGEST
    for line in (notice.title, *notice.facts, *notice.items):
        left -= len(line) + 1
        if left < 0:
            lines.append("…")
            break
        lines.append(line)
    return lines


def _build_slack(notice: Notice) -> dict[str, object]:
    text = "\n".join(_cut(notice)).translate(_SLACK)
    # Formatting and previews off: a file may be called `*x*`, or like an address.
    return {"text": text, "mrkdwn": False, "link_names": False, "unfurl_links": False, "unfurl_media": False}


def _build_teams(notice: Notice) -> dict[str, object]:
    """An Adaptive Card. Its text stands in runs, because the text of a `TextBlock` would be read as Markdown."""
    rows = []
    for number, line in enumerate(_cut(notice)):
        run = {"type": "TextRun", "text": line, "weight": "Default" if number else "Bolder"}
        rows.append({"type": "RichTextBlock", "inlines": [run]})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": rows,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}

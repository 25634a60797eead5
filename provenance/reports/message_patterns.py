"""The patterns of the messages that rules write, for those who read a report in another language.

A test holds them against the rules. Of the parts in braces `marks` is a phrase with a pattern of its own, `standing`,
`method` and `what` are words of the vocabularies; all others are text from files and stay as they are.
"""

from __future__ import annotations

PATTERNS: tuple[str, ...] = ()

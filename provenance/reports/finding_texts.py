"""Messages and remedies of findings, in the language of the report.

Rules write them in English, as the catalogue and the JSON document have them. A remedy belongs to its rule and is a
message as it stands. A message has parts of the case in it: its pattern is found again, and the parts are put into the
translated one. What fits no pattern, such as the text of a rule of somebody else, stays as it is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from provenance.model.finding import Finding
from provenance.reports.language import SOURCE, get_language, translate
from provenance.reports.message_patterns import PATTERNS, PHRASES

_LONGEST = 1000
"""Characters of a message up to which it is held against the patterns: the time grows with the square of it."""

_WORDS = frozenset({"origin", "standing", "method"})
"""Parts that are one word of a vocabulary."""


def describe_message(finding: Finding) -> str:
    """What a finding says."""
    return translate_message(finding.message)


def describe_remedy(finding: Finding) -> str:
    """What to do about a finding."""
    return translate(finding.remedy)


def translate_message(text: str) -> str:
    """A message of a rule in the language of the report."""
    return _translate_by(PATTERNS, text)


def _translate_by(patterns: Sequence[str], text: str) -> str:
    if get_language() == SOURCE or len(text) > _LONGEST:
        return text
    for pattern, expression in map(_compile, patterns):
        if found := expression.fullmatch(text):
            parts = {name: _translate_part(name, part) for name, part in found.groupdict().items()}
            return translate(pattern, **parts)
    return text


def _translate_part(name: str, text: str) -> str:
    """A part of a message. What may come from a file is never translated, whatever it says."""
    if name == "message":
        return translate_message(text)
    if name in ("marks", "match"):
        return _translate_by(PHRASES, text)
    if name in _WORDS:
        return translate(text)
    return text


@functools.cache
def _compile(pattern: str) -> tuple[str, re.Pattern[str]]:
    """The pattern, and the expression that finds its parts."""
    parts = []
    for number, piece in enumerate(re.split(r"\{(\w+)\}", pattern)):
        parts.append(f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece))
    return pattern, re.compile("".join(parts), re.DOTALL)

"""Messages and remedies of findings, in the language of the report.

Rules write them in English, as the catalogue and the JSON document have them. A remedy belongs to its rule and is a
message as it stands. A message has parts of the case in it: its pattern is found again, and the parts are put into the
translated one. What fits no pattern, such as the text of a rule of somebody else, stays as it is.
"""

from __future__ import annotations

import functools
import re

from provenance.model.finding import Finding
from provenance.reports.language import SOURCE, get_language, translate
from provenance.reports.message_patterns import PATTERNS

_LONGEST = 4000
"""Characters of a message up to which it is held against the patterns."""


def describe_message(finding: Finding) -> str:
    """What a finding says."""
    return translate_message(finding.message)


def describe_remedy(finding: Finding) -> str:
    """What to do about a finding."""
    return translate(finding.remedy)


def translate_message(text: str) -> str:
    """A message of a rule in the language of the report."""
    if get_language() == SOURCE or len(text) > _LONGEST:
        return text
    for pattern, expression in _compile():
        if found := expression.fullmatch(text):
            return translate(pattern, **found.groupdict())
    return text


@functools.cache
def _compile() -> list[tuple[str, re.Pattern[str]]]:
    return [(pattern, _compile_pattern(pattern)) for pattern in PATTERNS]


def _compile_pattern(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", pattern)
    parts = []
    for number, piece in enumerate(pieces):
        parts.append(f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece))
    return re.compile("".join(parts), re.DOTALL)

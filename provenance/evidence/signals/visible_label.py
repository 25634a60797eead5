"""Labels that generators and laws put into the picture: `AI生成`, `Generated with AI`, `KLING AI`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text import visible_text
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.visible_text import Meaning
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_MEANINGS = (Meaning.STATES, Meaning.VENDOR, Meaning.WEAK_VENDOR)
_STANDINGS = {
    Meaning.STATES: Standing.DECLARED,
    Meaning.VENDOR: Standing.TRACE,
    Meaning.WEAK_VENDOR: Standing.INFERRED,
}
_NOBODY_KNOWS = "The picture itself does not say who put them there."


class VisibleLabel(Signal):
    """Recognised by a whole line of text in the picture, which says that AI made it or names a generator."""

    name = "visible_label"
    title = "Labels of AI in the picture"
    written_by = (
        "Services that generate, under the Chinese standard GB 45438-2025 or of their own accord (Kling, Jimeng, "
        "Doubao, Hailuo, Samsung, Meta); productions that disclose. Read in English, Chinese, Japanese, German, "
        "French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish and Indonesian, when `--look-for labels` is "
        "given."
    )
    trust = (
        "Text in a picture may be part of the story: a news graphic, a telephone on a set, a parody. So it never says "
        "more than that generative AI may have been used, and only where it stands in the whole picture or clip: of a "
        "label in some shots of a film the place is reported, and the film itself has no other origin. Most paid plans "
        "write no label: that none is there means nothing."
    )
    traps = (
        "Sentences about AI, denials and subtitles: only a whole line that is a label counts. Names of generators that "
        "are also names, places or things (Sora, Runway, Pika) count only where they are small, near the edge and "
        "still."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every line that is such a label."""
        for statement in select_visible(statements):
            if statement.key not in visible_text.LINES:
                continue
            meanings = visible_text.find_meanings(statement.value)
            meaning = next((meaning for meaning in _MEANINGS if meaning in meanings), None)
            if meaning is None:
                continue
            standing = _STANDINGS[meaning]
            if statement.key == visible_text.LINE_ONCE:
                standing = Standing.INFERRED
            tool = None if meaning is Meaning.STATES else statement.value
            detail = _describe(statement, meaning)
            # A label in some shots of a film says nothing about the film: its other shots would be suspect as well.
            origin = Origin.POSSIBLY_GENERATED if statement.key == visible_text.LINE else Origin.UNKNOWN
            yield make_evidence(self.name, statement, origin, detail, tool=tool, standing=standing)


def _describe(statement: Statement, meaning: Meaning) -> str:
    """One sentence on what stands there, and one on what that means."""
    words = f'The picture shows the words "{statement.value}".'
    if meaning is Meaning.VENDOR:
        words = f'The picture shows the words "{statement.value}", the name of a generator.'
    if meaning is Meaning.WEAK_VENDOR:
        words = (
            f'The picture shows the word "{statement.value}" small and still near its edge: the name of a generator, '
            "also a common name."
        )
    if meaning is Meaning.STATES and visible_text.is_chinese_label(statement.value):
        words += " Labels of this form are required by GB 45438-2025 of services that generate."
    if statement.key == visible_text.LINE_IN_SHOTS:
        words += " They stand in some of its shots."
    if statement.key == visible_text.LINE_ONCE:
        words += " They were read in one frame only."
    return f"{words} {_NOBODY_KNOWS}"

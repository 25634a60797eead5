"""Names of stock libraries across the picture: a preview that nobody licensed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text import visible_text
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.visible_text import Meaning
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


class StockPreview(Signal):
    """Recognised by a whole line in the picture that is the name of a library of stock pictures.

    It says nothing about the origin of the picture.
    """

    name = "stock_preview"
    title = "Previews of stock libraries"
    written_by = (
        "Libraries of stock pictures, across the previews that may be tried in a cut: Getty Images, Shutterstock, "
        "Adobe Stock, iStock, Alamy, Dreamstime, Depositphotos, 123RF, Pond5, Storyblocks and others, when "
        "`--look-for labels` is given."
    )
    trust = "Such a mark is in the preview alone: what is licensed comes without it. It is no evidence of AI."
    traps = (
        "A credit that names the library: a small line at the edge of the picture and a frame with more than three "
        "lines of text do not count."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence, without an origin, for every line that is such a name."""
        for statement in select_visible(statements):
            if statement.key not in visible_text.LINES:
                continue
            if Meaning.STOCK in visible_text.find_meanings(statement.value):
                detail = (
                    f'The picture shows the words "{statement.value}", as previews of that library do. '
                    "It says nothing about how the picture was made."
                )
                standing = Standing.TRACE
                if statement.key == visible_text.LINE_ONCE:
                    standing = Standing.INFERRED
                yield make_evidence(self.name, statement, Origin.UNKNOWN, detail, standing=standing)

"""The interface of a table reader: it turns a file that a person keeps as a table into rows, and knows no field.

To add one, write a new file in `tables/` with exactly one class, named as the file is, and its test. Readers run in
worker processes only: a spreadsheet is a ZIP archive full of XML, and anybody may have made it.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import ClassVar

from provenance.media.source import Source
from provenance.model.declaration import Sheet


class TableReader(abc.ABC):
    """Reads one format of tables."""

    name: ClassVar[str]
    """The name of its module."""
    suffixes: ClassVar[tuple[str, ...]]
    """How names of such files end, in lower case."""

    @abc.abstractmethod
    def read(self, source: Source) -> Iterator[Sheet]:
        """Yield every table of the file. Values are kept as they are written, never computed.

        Raises `MalformedContainer` when the file is not one, and `OversizedContainer` beyond the limits for tables.
        """

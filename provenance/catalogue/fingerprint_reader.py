"""Fingerprints read from a catalogue file by the numbers of their rows, as workers that search for them do."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Self

from provenance.catalogue import engine
from provenance.catalogue.engine import translate_errors


class FingerprintReader:
    """Reads parts of fingerprints, also while another process writes to the catalogue. Use as a context manager.

    Not for longer than needed: a writer that closes the file while it is open here leaves its log behind.
    """

    def __init__(self, path: Path) -> None:
        """Raises `CatalogueDamaged`, or another `ProvenanceError`."""
        self._path = path
        with translate_errors(path):
            self._db = engine.connect_reader(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def load(self, row: int, start: int, size: int) -> bytes:
        """`size` bytes of the fingerprint in a row, from `start` on.

        Raises `CatalogueDamaged` where they are not there, or another `ProvenanceError`.
        """
        # Opened as a file, and not selected: of a long clip, which has a hundred megabytes, one picture is wanted.
        with translate_errors(self._path), contextlib.closing(self._open_blob(row)) as blob:
            blob.seek(min(start, len(blob)))
            data = blob.read(size)
        if len(data) != size:
            raise engine.make_damage_error(self._path, f"fingerprint {row} is not the one that was indexed")
        return bytes(data)

    def _open_blob(self, row: int) -> Any:  # noqa: ANN401 - of two modules
        connection = self._db.conn
        # pysqlite3 has another name for it.
        open_blob = getattr(connection, "open_blob", None)
        if open_blob is not None:
            return open_blob("fingerprints", "data", row, True)
        return connection.blobopen("fingerprints", "data", row, readonly=True)

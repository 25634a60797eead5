"""FITS (the Flexible Image Transport System of astronomy): the cards of its headers.

Layout: blocks of 2,880 bytes. A header is cards of 80 ASCII characters, 36 in a block: a keyword of eight characters,
then `= ` and a value, or, for `COMMENT`, `HISTORY` and an empty keyword, text alone. `CONTINUE` goes on with the string
of the card before, which then ends with `&`. `END` ends the header. The data that the header describes follow, then
perhaps further headers with their data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

_BLOCK = 2880
"""Bytes of a block."""
_CARD = 80
"""Bytes of a card."""
_KEYWORD = 8
"""Bytes of its keyword."""
_MOST_HEADER = 64 * _BLOCK
"""Bytes of a header in which its end is looked for before the file is taken for FITS."""
_VALUE_MARK = "= "
_MOST_AXES = 999
"""Axes that the standard allows."""


def is_fits(read_at: Callable[[int, int], bytes]) -> bool:
    """Whether a file begins with a header that has an end.

    Astronomers keep headers alone as well, with or without line feeds: those are text.
    """
    position = 0
    while position < _MOST_HEADER:
        block = read_at(position, _BLOCK)
        if position == 0 and not (block.startswith(b"SIMPLE  =") and block[_CARD:].startswith(b"BITPIX  =")):
            return False
        if any(block[start : start + _KEYWORD] == b"END     " for start in range(0, len(block), _CARD)):
            return True
        if len(block) < _BLOCK:
            return False
        position += _BLOCK
    return True


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the cards with text or a value, of every header in the file.

    Raises `MalformedContainer` where a header is cut, `OversizedContainer` beyond `limits.chunks` cards.
    """
    left = source.limits.chunks
    position = 0
    # Bytes behind the last data that begin no header are special records, which the standard lets readers pass over.
    while source.at(position, _KEYWORD) in (b"SIMPLE  ", b"XTENSION"):
        numbers: dict[str, int] = {}
        pending: HeaderText | None = None
        for offset, keyword, text in _walk_cards(source, position):
            left -= 1
            if left < 0:
                raise OversizedContainer(f"FITS: more than {source.limits.chunks:,} cards; the rest was not read")
            if keyword == "CONTINUE" and pending:
                pending = pending._replace(value=pending.value.removesuffix("&") + _read_string(text))
                continue
            if pending:
                yield pending
            pending = _make_text(offset, keyword, text)
            _note_number(numbers, keyword, text)
            position = offset + _CARD
        if pending:
            yield pending
        # The END card and the padding of its block; then the data, in whole blocks.
        position = _round_up(position + _CARD) + _round_up(_measure_data(numbers))


def _walk_cards(source: Readable, start: int) -> Iterator[tuple[int, str, str]]:
    """Offset, keyword and the rest of every card up to `END`."""
    position = start
    while True:
        block = source.at(position, _BLOCK)
        for index in range(0, len(block) - _CARD + 1, _CARD):
            card = decode_text(block[index : index + _CARD])
            keyword = card[:_KEYWORD].rstrip()
            if keyword == "END":
                return
            yield position + index, keyword, card[_KEYWORD:]
        if len(block) < _BLOCK:
            raise MalformedContainer(f"FITS: the file ends inside the header at byte {start}")
        position += _BLOCK


def _make_text(offset: int, keyword: str, text: str) -> HeaderText | None:
    """A text for a card; None for one without any."""
    value = text.strip()
    if text.startswith(_VALUE_MARK):
        value = text.removeprefix(_VALUE_MARK).strip()
        value = _read_string(value) if value.startswith("'") else value.split("/", 1)[0].strip()
    return HeaderText(keyword or "COMMENT", value, offset) if value else None


def _read_string(text: str) -> str:
    """The string in quotes at the beginning of a text. Two quotes inside it stand for one."""
    inner = text.strip().removeprefix("'")
    end = 0
    while end < len(inner):
        if inner[end] == "'":
            if inner[end + 1 : end + 2] != "'":
                break
            end += 1
        end += 1
    return inner[:end].replace("''", "'").rstrip()


def _note_number(numbers: dict[str, int], keyword: str, text: str) -> None:
    """Keep the whole numbers that give the size of the data."""
    is_size = keyword in ("BITPIX", "PCOUNT", "GCOUNT") or keyword.startswith("NAXIS")
    number = text.removeprefix(_VALUE_MARK).split("/", 1)[0].strip()
    # Longer numbers than these name sizes that no storage has.
    if is_size and len(number) < 20 and number.removeprefix("-").isdecimal():
        numbers[keyword] = int(number)


def _measure_data(numbers: dict[str, int]) -> int:
    """Bytes of the data behind a header (FITS standard 4.0, equations 2 and 4)."""
    axes = min(numbers.get("NAXIS", 0), _MOST_AXES)
    if axes <= 0:
        return 0
    sides = [numbers.get(f"NAXIS{axis}", 0) for axis in range(1, axes + 1)]
    # Random groups, an old form, give the first axis as 0.
    if sides[0] == 0 and "GCOUNT" in numbers:
        sides = sides[1:]
    values = 1
    for side in sides:
        values *= max(0, side)
    groups = max(1, numbers.get("GCOUNT", 1))
    extra = max(0, numbers.get("PCOUNT", 0))
    return abs(numbers.get("BITPIX", 8)) // 8 * groups * (extra + values)


def _round_up(length: int) -> int:
    return -(-length // _BLOCK) * _BLOCK

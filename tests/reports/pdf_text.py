"""The text of a PDF as a reader copies it, and its pictures: by each font's own table from glyphs to characters."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

import pikepdf

_HEX = r"<([0-9a-fA-F]+)>"


def extract_pages(document: bytes) -> list[str]:
    """The text of each page, in the order in which it is drawn; lines end where the text moves on."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return ["".join(_read_page(page)) for page in pdf.pages]


def measure_pictures(document: bytes) -> list[list[float]]:
    """Widths in millimetres of the pictures of each page."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return [list(_measure_page(page)) for page in pdf.pages]


def _measure_page(page: pikepdf.Page) -> Iterator[float]:
    scale = 0.0
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "cm":
            scale = float(instruction.operands[0])
        elif operator == "Do":
            yield scale / 72 * 25.4


def _read_page(page: pikepdf.Page) -> Iterator[str]:
    fonts = {str(name): _read_table(font) for name, font in page.Resources.get("/Font", {}).items()}
    table: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        if operator == "Tf":
            table = fonts[str(operands[0])]
        elif operator in ("Td", "TD", "Tm", "T*", "ET"):
            yield "\n"
        elif operator in ("Tj", "TJ"):
            shown: Iterable[object] = operands[0] if operator == "TJ" else operands
            for piece in shown:
                if isinstance(piece, pikepdf.String):
                    data = bytes(piece)
                    for start in range(0, len(data), 2):
                        yield table.get(int.from_bytes(data[start : start + 2], "big"), "\N{REPLACEMENT CHARACTER}")


def _read_table(font: pikepdf.Object) -> dict[int, str]:
    """Glyph -> characters, from the ToUnicode table."""
    source = font.ToUnicode.read_bytes().decode("latin-1")
    table = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for glyph, text in re.findall(rf"{_HEX}\s*{_HEX}", block):
            table[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", source, re.DOTALL):
        for first, last, text in re.findall(rf"{_HEX}\s*{_HEX}\s*{_HEX}", block):
            for number in range(int(first, 16), int(last, 16) + 1):
                table[number] = chr(int(text, 16) + number - int(first, 16))
    return table

"""Mail and saved web pages (RFC 5322, MIME RFC 2045, MHTML RFC 2557): the parts of a message, decoded.

Layout: header fields, an empty line, the body. A body of several parts has a boundary between them, and every part has
fields of its own that say what it is and how its bytes are written. Read with the standard library.
"""

from __future__ import annotations

import email
import email.header
import posixpath
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.message import Message
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from provenance.media.formats.encoded_files import may_hold_files
from provenance.media.readable import Block, OversizedContainer, Readable
from provenance.media.sniff import sniff
from provenance.media.types import needs_no_carrier

_SIGNATURES = frozenset({"pkcs7-signature", "x-pkcs7-signature", "pgp-signature"})
"""Subtypes of parts that sign the others: certificates and digests."""


class MailPart(NamedTuple):
    """One part that is a file, or a text with files in it."""

    name: str
    content: bytes


def walk_parts(source: Readable) -> Iterator[MailPart]:
    """Walk the parts of a message that are files or hold some, at any depth, messages in it included.

    Raises `OversizedContainer` after the last one for a message of more than half of what one embedded file may have.
    """
    # The library holds a message several times over.
    most = source.limits.child // 2
    message = email.message_from_bytes(source.at(0, most))
    for number, part in enumerate(message.walk(), 1):
        yield from _read_beside(part)
        if part.is_multipart() or part.get_content_subtype() in _SIGNATURES:
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content:
            continue
        is_text = needs_no_carrier(sniff(Block(content, source.limits).at))
        if not is_text or may_hold_files(content):
            yield MailPart(_find_name(part) or f"part {number}", content)
    if source.size > most:
        raise OversizedContainer(f"mail: only the first {most:,} bytes were read")


def _read_beside(part: Message) -> Iterator[MailPart]:
    """Read the text before the first and behind the last part, which mail programs do not show."""
    for name, text in (("preamble", part.preamble), ("epilogue", part.epilogue)):
        content = (text or "").encode("utf-8", "surrogateescape")
        if may_hold_files(content):
            yield MailPart(name, content)


def _find_name(part: Message) -> str:
    """Find the name of an attachment, or of the file that a saved page had under an address; empty without one."""
    try:
        name = part.get_filename() or ""
        # Mail of today writes other letters than ASCII differently, but not all mail is of today.
        name = str(email.header.make_header(email.header.decode_header(name)))
        location = urlsplit(str(part.get("Content-Location", "")))
    except (HeaderParseError, LookupError, ValueError):
        return ""
    return name or unquote(posixpath.basename(location.path))

"""Recognises what a file is by its content; its name plays no part. The types are the rows of `types.MEDIA_TYPES`."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence

from provenance.media import types
from provenance.media.formats import fits, icc, icons, tga

VERSIONS: dict[str, int] = {types.UNKNOWN: 2}
"""By media type, 1 where nothing stands. Raise that of the type that a file had so far when it may now have another:
the files of that type are then read again."""

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, length)` gives at most that many bytes of the file."""

_HEAD = 4096
"""Bytes at the start of the file in which everything but a few marks further in is looked for."""


def _list_magic_numbers() -> tuple[tuple[int, bytes, str], ...]:
    """Offset, bytes and type of every magic number, in the order in which they are tried."""
    numbers: list[tuple[int, bytes, str]] = []
    for row in types.MEDIA_TYPES:
        numbers.extend((magic.offset, magic.pattern, row.name) for magic in row.magic)
    return tuple(numbers)


def _map_brands() -> dict[bytes, str]:
    """Types by the major brand of an ISO BMFF file."""
    type_of: dict[bytes, str] = {}
    for row in types.MEDIA_TYPES:
        type_of.update(dict.fromkeys(row.brands, row.name))
    return type_of


def _sort_by_first_byte(numbers: Sequence[tuple[int, bytes, str]]) -> list[list[tuple[int, bytes, str]]]:
    """By the first byte of a file: the magic numbers that it may have, in the order in which they are tried."""
    possible: list[list[tuple[int, bytes, str]]] = []
    for first in range(256):
        possible.append([])
        for offset, pattern, media_type in numbers:
            # One further in says nothing of the first byte.
            if offset or pattern[0] == first:
                possible[first].append((offset, pattern, media_type))
    return possible


_PLAIN = bytes([*b"\t\n\r", *range(32, 127)])
"""The bytes of a text in ASCII."""
_MAGIC_NUMBERS = _list_magic_numbers()
_MAGIC_BY_FIRST = _sort_by_first_byte(_MAGIC_NUMBERS)
_PLAIN_MAGIC_BY_FIRST = _sort_by_first_byte([row for row in _MAGIC_NUMBERS if not row[1].translate(None, _PLAIN)])
"""The same of those numbers that are such a text themselves."""
_BRANDS = _map_brands()
_BEHIND_ID3 = {
    b"fLaC": types.FLAC,
    b"MAC ": types.MONKEYS_AUDIO,
    b"MPCK": types.MUSEPACK,
    b"MP+": types.MUSEPACK,
    b"wvpk": types.WAVPACK,
    b"TTA1": types.TTA,
}
"""Sound that may follow an ID3 tag, besides MP3."""
_RIFF_FORMS = {row.riff_form: row.name for row in types.MEDIA_TYPES if row.riff_form}
_RAW_MAKERS = {row.raw_maker: row.name for row in types.MEDIA_TYPES if row.raw_maker}

_RIFF_IDS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
"""Little-endian, big-endian, and both kinds with 64-bit sizes (EBU Tech 3306, ITU-R BS.2088)."""
_WAVE64_ID = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb"
"""First twelve bytes of the GUID with which a Sony Wave64 file begins."""
_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof"})
"""Atoms with which a QuickTime movie without `ftyp` begins."""
_TIFF_ORDERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
"""Byte order and version: TIFF and BigTIFF."""
_DNG_VERSION = 50706
_SUB_IFDS = 330
"""TIFF tags."""
_BYTES = 1
"""TIFF type of a field of bytes."""
_BMP_HEADER_SIZES = (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x40\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0")
"""Sizes of the headers of all versions, so that text that begins with BM is not taken for a bitmap."""
_PDF_REACH = 1024
"""Bytes in front of a PDF that readers pass over: mail headers, line breaks, the header of an old Macintosh file."""
_PDF_HEADER = re.compile(rb"%PDF-[12]\.\d[ \t]*[\r\n]")
_PDF_OBJECT = re.compile(rb"[\r\n]\d{1,10} \d{1,5} obj\b")
"""The beginning of an object. The first one follows the header, so that a text about PDF is not taken for one."""
_AAF_CLASS_ID = bytes.fromhex("a598b3b3901cd4118053080036210804")
_MAIL_FIELD = re.compile(
    r"(?:from|to|cc|date|subject|sender|reply-to|return-path|received|delivered-to|message-id|mime-version"
    r"|content-[a-z-]+|snapshot-content-location|dkim-signature|authentication-results|(?:arc|list|x)-[a-z-]+)"
    r":[ \t]?.*(?:\r?\n[ \t].*)*\r?\n",
    re.IGNORECASE,
)
"""One header field of a message with the lines that belong to it."""
_NETPBM_IN_TEXT = re.compile(rb"P[1-3](?:[ \t]*[\r\n]|#[^\n]*\n)+(?:\s|#[^\n]*\n)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s")
"""Header of a PBM, PGM or PPM with its samples in text: the mark on a line of its own, width and height."""
_NETPBM = re.compile(rb"P[4-6](?:\s|#[^\n]*\n)+\d+(?:\s|#[^\n]*\n)+\d+\s")
"""The same with its samples in bytes."""
_PROTRACKER_MARKS = re.compile(rb"M\.K\.|M!K!|M&K!|FLT[48]|CD81|OKTA|[1-9]CHN|[1-3][0-9]C[HN]")
"""Letters at byte 1080 of a module: its number of channels, or the tracker that wrote it."""
_PROTRACKER_MARK = 1080
_NOT_PLAIN = re.compile(
    rb"RIF|RF64|BW64|FORM|IIR|MMOR|MMCR|P[1-6]|SIMPLE|G|.{4}(?:G|ftyp|moov|mdat|wide|free|skip|pnot|moof)", re.DOTALL
)
"""How what `_RECOGNISERS` and `_CHECKS` look for may begin although it has the bytes of a text alone. All others of
them look for bytes that no text in ASCII has."""
_CONTROL_CHARACTERS = bytes([*range(9), *range(14, 27), *range(28, 32)])
"""All but tab, line feeds, returns and escape: terminal recordings hold escapes."""
_TEXT_HEAD = 2048
"""Characters in which the kind of a text is looked for."""


def sniff(read_at: ReadAt) -> str:
    """The media type of a file; `types.UNKNOWN` when nothing fits."""
    head = read_at(0, _HEAD)
    if _is_plain(head):
        return _sniff_plain(head, read_at)
    return _sniff_anything(head, read_at)


def _is_plain(head: bytes) -> bool:
    """Whether a head is a text in ASCII, and has nothing at the places where other files have theirs."""
    if not head or head.translate(None, _PLAIN):
        return False
    return not (_NOT_PLAIN.match(head) or _PROTRACKER_MARKS.match(head, _PROTRACKER_MARK) or b"%PDF-" in head)


def _sniff_plain(head: bytes, read_at: ReadAt) -> str:
    """As `_sniff_anything`, for a plain head: most texts have one, and each of them would ask every recogniser."""
    for offset, pattern, media_type in _PLAIN_MAGIC_BY_FIRST[head[0]]:
        if head.startswith(pattern, offset):
            return _resolve_shared_magic(media_type, head, read_at)
    return _name_text(head.decode())


def _sniff_anything(head: bytes, read_at: ReadAt) -> str:
    for offset, pattern, media_type in _MAGIC_BY_FIRST[head[0]] if head else ():
        # Other files begin with the four bytes of an icon as well, a TGA among them.
        if head.startswith(pattern, offset) and (media_type != types.ICO or icons.is_icon(head)):
            return _resolve_shared_magic(media_type, head, read_at)
    for recognise in _RECOGNISERS:
        if media_type_found := recognise(head):
            return media_type_found
    # Nothing at one place alone shows these, so everything else comes first.
    for is_of_type, media_type in _CHECKS:
        if is_of_type(read_at):
            return media_type
    return _recognise_text(head) or types.UNKNOWN


def _resolve_shared_magic(media_type: str, head: bytes, read_at: ReadAt) -> str:
    """Tell apart the types that share a magic number."""
    # The document type and the first codec are named near the beginning.
    if media_type == types.MATROSKA and b"webm" in head[:64]:
        return types.WEBM
    if media_type == types.OGG_AUDIO and b"theora" in head[:256]:
        return types.OGG_VIDEO
    if media_type == types.ZIP:
        return _recognise_zip(head)
    if media_type == types.MPEG_AUDIO:
        return _recognise_behind_id3(head, read_at)
    if media_type == types.OLE and _is_aaf(head, read_at):
        return types.AAF
    return media_type


def _recognise_behind_id3(head: bytes, read_at: ReadAt) -> str:
    """Some taggers put an ID3 tag in front of other sound than MP3.

    The size of the tag is four bytes of seven bits each (ID3v2.4, 6.2).
    """
    if len(head) <= 10:
        return types.MPEG_AUDIO
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    start = read_at(10 + size, 4)
    for pattern, media_type in _BEHIND_ID3.items():
        if start.startswith(pattern):
            return media_type
    return types.MPEG_AUDIO


def _is_aaf(head: bytes, read_at: ReadAt) -> bool:
    """Whether the root entry of an OLE structured storage carries AAF's class id."""
    if head[8:16] == b"AAFB\x0d\x00OM":
        return True
    if len(head) < 512:
        return False
    sector_shift = head[30]
    first_directory_sector = int.from_bytes(head[48:52], "little")
    # [MS-CFB] allows sectors of 512 and of 4096 bytes only.
    if sector_shift not in (9, 12):
        return False
    root_entry = read_at((first_directory_sector + 1) << sector_shift, 128)
    return root_entry[80:96] == _AAF_CLASS_ID


def _recognise_zip(head: bytes) -> str:
    """A document that is a ZIP archive. OpenDocument and EPUB put an uncompressed `mimetype` first."""
    if b"[Content_Types].xml" in head or b"word/" in head[:400]:
        return types.OFFICE_OPEN_XML
    mimetype = re.search(rb"mimetype(application/(?:vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip))", head[:200])
    if mimetype:
        return mimetype[1].decode()
    return types.ZIP


def _recognise_iff(head: bytes) -> str | None:
    form = head[8:12]
    if head[:4] in _RIFF_IDS:
        return _RIFF_FORMS.get(form, types.RIFF)
    if head[:4] == b"FORM" and form in (b"AIFF", b"AIFC"):
        return types.AIFF
    if head.startswith(_WAVE64_ID):
        return types.WAVE64
    return None


def _recognise_tiff(head: bytes) -> str | None:
    order = head[:4]
    # Panasonic and Olympus write signatures of their own in the place of the version number.
    if order == b"IIU\x00":
        return types.PANASONIC_RW2
    if order in (b"IIRO", b"IIRS", b"MMOR"):
        return types.OLYMPUS_ORF
    if order in (b"IIRC", b"MMCR"):
        return types.CAMERA_PROFILE
    if order not in _TIFF_ORDERS:
        return None
    if head[8:10] == b"CR":
        return types.CANON_CR2
    byte_order = ">" if order[:2] == b"MM" else "<"
    if struct.pack(byte_order + "HH", _DNG_VERSION, _BYTES) in head:
        return types.DNG
    # Raw files of these makers keep their pixels in further directories.
    if struct.pack(byte_order + "H", _SUB_IFDS) in head[:512]:
        for maker, media_type in _RAW_MAKERS.items():
            if maker in head:
                return media_type
    return types.TIFF


def _recognise_isobmff(head: bytes) -> str | None:
    kind = head[4:8]
    if kind == b"ftyp":
        return _recognise_brand(head)
    # A size of 0 means up to the end of the file, 1 that a 64-bit size follows (ISO 14496-12, 4.2).
    has_box_size = int.from_bytes(head[:4], "big") >= 8 or head[:4] in (b"\0\0\0\0", b"\0\0\0\1")
    if kind in _QUICKTIME_ATOMS and has_box_size:
        return types.QUICKTIME
    if kind == b"jumb" and head[12:16] == b"jumd" and b"c2pa" in head[:64]:
        return types.C2PA
    return None


def _recognise_brand(head: bytes) -> str:
    size = min(max(int.from_bytes(head[:4], "big"), 16), len(head))
    major = head[8:12]
    compatible = {head[i : i + 4] for i in range(16, size, 4)}
    # With the generic brand in front, the brand of the codec is one of the compatible ones.
    if major in (b"mif1", b"msf1"):
        for brand in (b"avif", b"heic", b"heix"):
            if brand in compatible:
                return _BRANDS[brand]
    if major[:3] in (b"3gp", b"3g2"):
        return types.THREE_GPP
    return _BRANDS.get(major, types.MP4)


def _recognise_mpeg(head: bytes) -> str | None:
    if _has_sync_bytes(head, 0, 188) or _has_sync_bytes(head, 4, 192):
        return types.MPEG_TRANSPORT
    # A pack header of a program stream, or a sequence header of a bare video stream.
    if head[:4] in (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"):
        return types.MPEG_VIDEO
    if len(head) > 4:
        return _recognise_audio_frame(head)
    return None


def _has_sync_bytes(head: bytes, first: int, step: int) -> bool:
    """Whether three packets of a transport stream begin `step` bytes apart: 188, or 192 with a time in front (M2TS)."""
    return head[first : first + 2 * step + 1 : step] == b"\x47\x47\x47"


def _recognise_audio_frame(head: bytes) -> str | None:
    """An MPEG audio or ADTS frame, by its sync word of eleven or twelve bits."""
    has_sync_word = head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    # UTF-16 text begins with FF FE, which would pass for a sync word.
    if not has_sync_word or head[1] == 0xFE:
        return None
    # ADTS: a sync word of twelve bits and layer 0.
    if head[1] & 0xF6 == 0xF0:
        return types.AAC
    # Layer 0, bit rate 15 and sampling rate 3 are reserved in MPEG audio.
    has_layer = head[1] & 0x06
    has_valid_rates = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    if has_layer and has_valid_rates:
        return types.MPEG_AUDIO
    return None


def _recognise_bmp(head: bytes) -> str | None:
    if head[:2] == b"BM" and head[14:18] in _BMP_HEADER_SIZES:
        return types.BMP
    return None


def _recognise_shifted_pdf(head: bytes) -> str | None:
    """A PDF that begins behind some other bytes."""
    header = _PDF_HEADER.search(head, 0, _PDF_REACH + len(b"%PDF-1.7\n"))
    if header and _PDF_OBJECT.search(head, header.end() - 1):
        return types.PDF
    return None


def _recognise_netpbm(head: bytes) -> str | None:
    if _NETPBM.match(head) or _NETPBM_IN_TEXT.match(head):
        return types.NETPBM
    return None


def _recognise_module(head: bytes) -> str | None:
    # An end-of-file mark for DOS, and whether it is a module or a song alone.
    if head[44:48] == b"SCRM" and head[28:30] in (b"\x1a\x10", b"\x1a\x11"):
        return types.SCREAM_TRACKER
    if _PROTRACKER_MARKS.match(head, _PROTRACKER_MARK):
        return types.PROTRACKER
    return None


_RECOGNISERS: tuple[Callable[[bytes], str | None], ...] = (
    _recognise_iff,
    _recognise_tiff,
    _recognise_isobmff,
    _recognise_mpeg,
    _recognise_bmp,
    _recognise_shifted_pdf,
    _recognise_netpbm,
    _recognise_module,
)
"""In the order in which they are asked."""


_CHECKS: tuple[tuple[Callable[[ReadAt], bool], str], ...] = (
    (fits.is_fits, types.FITS),
    (tga.is_tga, types.TGA),
    (icc.is_profile, types.ICC),
)
"""Checks that look at several places of a file."""


def _recognise_text(head: bytes) -> str | None:
    text = _decode_text(head)
    if text is None:
        # A message may have parts in binary.
        fields = head.partition(b"\0")[0].decode("latin-1")
        return types.MESSAGE if _begins_with_fields(fields) else None
    return _name_text(text)


def _name_text(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:_TEXT_HEAD]
    if start.startswith("-----BEGIN "):
        return types.PEM
    if start.startswith("{\\rtf"):
        # Behind spaces or a byte order mark.
        return types.RTF
    if start.startswith(("{", "[")):
        return types.JSON
    if start.startswith("<"):
        return _recognise_markup(start.lower())
    if _begins_with_fields(start):
        return types.MESSAGE
    return types.TEXT


def _begins_with_fields(start: str) -> bool:
    """Whether a text begins with two header fields of a message."""
    first = _MAIL_FIELD.match(start)
    return first is not None and _MAIL_FIELD.match(start, first.end()) is not None


def _recognise_markup(start: str) -> str:
    """`start`: the first characters in lower case, beginning with `<`."""
    if "<svg" in start:
        return types.SVG
    if "<x:xmpmeta" in start or "<?xpacket" in start or "<rdf:rdf" in start:
        return types.RDF
    if start.startswith(("<!doctype html", "<html")):
        return types.HTML
    return types.XML


def _decode_text(head: bytes) -> str | None:
    """The head as text; None for binary data."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if b"\0" in head or not head:
        return None
    control_characters = len(head) - len(head.translate(None, _CONTROL_CHARACTERS))
    text = head.decode("utf-8", "replace")
    # Old text of one byte a letter loses a few characters here; binary data loses most of them.
    lost = text.count("\ufffd")
    if control_characters * 50 > len(head) or lost * 3 > len(text):
        return None
    return text

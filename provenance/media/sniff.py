"""What a file is, by its content. Its name is never asked."""

from __future__ import annotations

import re
from collections.abc import Callable

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

At = Callable[[int, int], bytes]
"""`at(offset, length)` gives at most that many bytes of the file."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\x8bJNG\r\n\x1a\n", "image/x-jng"),
    (0, b"\x8aMNG\r\n\x1a\n", "video/x-mng"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"v/1\x01", "image/x-exr"),
    (0, b"SDPX", "image/x-dpx"),
    (0, b"XPDS", "image/x-dpx"),
    (0, b"\x80\x2a\x5f\xd7", "image/x-cineon"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/x-j2c"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"FUJIFILMCCD-RAW", "image/x-fuji-raf"),
    (0, b"\xff\x01Exiv2", "image/x-exv"),
    (6, b"HEAPCCDR", "image/x-canon-crw"),
    (0, b"\x00MRM", "image/x-minolta-mrw"),
    (0, b"FOVb", "image/x-sigma-x3f"),
    (0, b"ARRI", "image/x-arriraw"),
    (4, b"RED1", "video/x-red-r3d"),
    (4, b"RED2", "video/x-red-r3d"),
    (0, b"#?RADIANCE", "image/vnd.radiance"),
    (0, b"DDS ", "image/x-dds"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"\x00\x00\x02\x00", "image/x-icon"),
    (0, b"\x01\xda", "image/x-sgi"),
    (0, b"BLP1", "image/x-blp"),
    (0, b"BLP2", "image/x-blp"),
    (0, b"PGF", "image/x-pgf"),
    (0, b"id=ImageMagick", "image/x-miff"),
    (128, b"DICM", "application/dicom"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", "application/mxf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"caff", "audio/x-caf"),
    (0, b"wvpk", "audio/x-wavpack"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (0, b".RMF", "application/vnd.rn-realmedia"),
    (0, b"FWS", "application/x-shockwave-flash"),
    (0, b"CWS", "application/x-shockwave-flash"),
    (0, b"\x0b\x77", "audio/ac3"),
    (0, b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d", "application/x-indesign"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"OTTO", "font/otf"),
    (0, b"\x00\x01\x00\x00\x00", "font/ttf"),
    (0, b"ttcf", "font/collection"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"\x00\x05\x16\x07", "multipart/appledouble"),
    (0, b"P4\n", "image/x-portable-anymap"),
    (0, b"P5\n", "image/x-portable-anymap"),
    (0, b"P6\n", "image/x-portable-anymap"),
    (0, b"P7\n", "image/x-portable-anymap"),
    (0, b"\x7fELF", "application/x-executable"),
)

_RIFF = {b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp", b"RMID": "audio/midi"}

_BRANDS = {
    b"avif": "image/avif", b"avis": "image/avif",
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"hevx": "image/heic",
    b"mif1": "image/heif", b"msf1": "image/heif", b"heim": "image/heif", b"heis": "image/heif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"M4P ": "audio/mp4",
    b"crx ": "image/x-canon-cr3",
    b"jp2 ": "image/jp2", b"jpx ": "image/jp2", b"jxl ": "image/jxl",
}  # fmt: skip

_QUICKTIME_ATOMS = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof"})

_MAKERS = {b"NIKON": "image/x-nikon-nef", b"SONY": "image/x-sony-arw", b"Canon": "image/x-canon-cr2",
           b"PENTAX": "image/x-pentax-pef", b"SAMSUNG": "image/x-samsung-srw"}  # fmt: skip

_TEXTUAL = frozenset({TEXT, "application/xml", "application/json", "application/x-pem-file", "text/html", "text/rtf"})


def needs_no_carrier(media_type: str) -> bool:
    """Whether a file of this type is looked at by digesting it: text, cut lists, fonts, certificates, hash lists.

    Inside another file it is no row: what holds it stands for it.
    """
    return media_type in _TEXTUAL or media_type.startswith("font/")


def sniff(at: At) -> str:
    """The media type of what `at` reads; `application/octet-stream` when nothing fits."""
    head = at(0, 4096)
    for offset, magic, media_type in _MAGIC:
        if head.startswith(magic, offset):
            return _refined(media_type, head, at)
    for guess in (_iff, _tiff, _isobmff, _mpeg, _bmp, _by_text):
        if guessed := guess(head):
            return guessed
    return UNKNOWN


def _refined(media_type: str, head: bytes, at: At) -> str:
    """Tell apart what shares a magic number."""
    if media_type == "video/x-matroska" and b"webm" in head[:64]:
        return "video/webm"
    if media_type == "audio/ogg" and b"theora" in head[:256]:
        return "video/ogg"
    if media_type == "application/zip":
        return _zip(head)
    if media_type == "audio/mpeg" and head.startswith(b"ID3") and len(head) > 10:
        body = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        return "audio/flac" if at(body, 4) == b"fLaC" else media_type
    if media_type == "application/x-ole-storage":
        return "application/x-aaf" if _holds_aaf(head, at) else media_type
    return media_type


def _holds_aaf(head: bytes, at: At) -> bool:
    """Whether the root entry of an OLE structured storage carries AAF's class id."""
    if head[8:16] == b"AAFB\x0d\x00OM":
        return True
    if len(head) < 512:
        return False
    shift, sector = head[30], int.from_bytes(head[48:52], "little")
    if shift not in (9, 12):
        return False
    root = at((sector + 1) << shift, 128)
    return root[80:96] == bytes.fromhex("a598b3b3901cd4118053080036210804")


def _zip(head: bytes) -> str:
    if b"[Content_Types].xml" in head or b"word/" in head[:400]:
        return "application/vnd.openxmlformats-officedocument"
    named = re.search(rb"mimetypeapplication/(vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)", head[:200])
    return "application/" + named[1].decode() if named else "application/zip"


def _iff(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12], "application/x-riff")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/x-aiff"
    if head[:12] == b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb":
        return "audio/x-w64"
    return None


def _tiff(head: bytes) -> str | None:
    order = head[:4]
    if order == b"IIU\x00":
        return "image/x-panasonic-rw2"
    if order[:3] in (b"IIR", b"MMO"):
        return "image/x-olympus-orf"
    if order not in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return None
    if head[8:10] == b"CR":
        return "image/x-canon-cr2"
    version = b"\x12\xc6\x01\x00" if order[:2] == b"II" else b"\xc6\x12\x00\x01"
    if version in head:  # tag 50706, DNGVersion
        return "image/x-adobe-dng"
    raw = (
        b"\x4a\x01" if order[:2] == b"II" else b"\x01\x4a"
    )  # tag 330, SubIFDs: raw files of this family keep pixels there
    if raw in head[:512]:
        for maker, media_type in _MAKERS.items():
            if maker in head:
                return media_type
    return "image/tiff"


def _isobmff(head: bytes) -> str | None:
    kind = head[4:8]
    if kind == b"ftyp":
        return _by_brand(head)
    if kind in _QUICKTIME_ATOMS and (int.from_bytes(head[:4], "big") >= 8 or head[:4] in (b"\0\0\0\0", b"\0\0\0\1")):
        return "video/quicktime"
    if kind == b"jumb" and head[12:16] == b"jumd"[:4] and b"c2pa" in head[:64]:
        return "application/c2pa"
    return None


def _by_brand(head: bytes) -> str:
    size = min(max(int.from_bytes(head[:4], "big"), 16), len(head))
    major, compatible = head[8:12], {head[i : i + 4] for i in range(16, size, 4)}
    if major in (b"mif1", b"msf1"):  # the generic brand: the codec's own brand stands among the compatible ones
        for brand in (b"avif", b"heic", b"heix"):
            if brand in compatible:
                return _BRANDS[brand]
    if major[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    return _BRANDS.get(major, "video/mp4")


def _mpeg(head: bytes) -> str | None:
    if head[:1] == b"\x47" and head[188:189] == b"\x47" and head[376:377] == b"\x47":
        return "video/mp2t"
    if head[4:5] == b"\x47" and head[196:197] == b"\x47" and head[388:389] == b"\x47":
        return "video/mp2t"
    if head[:4] in (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"):
        return "video/mpeg"
    if len(head) > 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] != 0xFE:  # UTF-16 begins with FF FE
        if head[1] & 0xF6 == 0xF0:
            return "audio/aac"
        if head[1] & 0x06 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C:
            return "audio/mpeg"
    return None


def _bmp(head: bytes) -> str | None:
    return "image/bmp" if head[:2] == b"BM" and head[14:18] in (b"\x28\0\0\0", b"\x0c\0\0\0", b"\x40\0\0\0",
                                                                 b"\x6c\0\0\0", b"\x7c\0\0\0") else None  # fmt: skip


def _by_text(head: bytes) -> str | None:
    text = _decoded(head)
    if text is None:
        return None
    start = text.lstrip("\ufeff \t\r\n")[:2048]
    if start.startswith("-----BEGIN "):
        return "application/x-pem-file"
    if start.startswith("{\\rtf"):
        return "text/rtf"
    if start.startswith(("{", "[")):
        return "application/json"
    if start[:1] != "<":
        return TEXT
    lowered = start.lower()
    if "<svg" in lowered:
        return "image/svg+xml"
    if "<x:xmpmeta" in lowered or "<?xpacket" in lowered or "<rdf:rdf" in lowered:
        return "application/rdf+xml"
    if lowered.startswith(("<!doctype html", "<html")):
        return "text/html"
    return "application/xml"


def _decoded(head: bytes) -> str | None:
    """The head as text, or None when it is none."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace")
    if b"\0" in head or not head:
        return None
    control = sum(byte < 9 or (13 < byte < 32 and byte != 27) for byte in head)
    text = head.decode("utf-8", "replace")
    lost = text.count("\ufffd")  # a few in old text of one byte a letter, most in what is no text at all
    return text if control * 50 <= len(head) and lost * 3 <= len(text) else None

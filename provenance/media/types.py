"""The one table of media types: how each is recognised, how its file is built, and what can be done with it.

Every other map from media types is derived from `MEDIA_TYPES`. To add a type, add a row; if code has to name the type,
add a constant for it as well. `sniff` does the recognising and may return only what has a row here.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

DECODING_VERSIONS: dict[str, int] = {
    # Every moving picture of a file is decoded, not the first alone.
    "video/mp4": 2,
    "video/quicktime": 2,
    "video/x-matroska": 2,
    "video/webm": 2,
    "video/mp2t": 2,
    "video/mpeg": 2,
    "video/x-msvideo": 2,
    "video/ogg": 2,
    "application/mxf": 2,
}
"""By media type, 1 where nothing stands. Raise that of a type of which pictures or sound are decoded that could not be
before: the files of that type are then fingerprinted again. Where fingerprints come out otherwise, raise the version
of the method as well."""

JPEG = "image/jpeg"
PNG = "image/png"
GIF = "image/gif"
WEBP = "image/webp"
BMP = "image/bmp"
EXR = "image/x-exr"
DPX = "image/x-dpx"
PHOTOSHOP = "image/vnd.adobe.photoshop"
SVG = "image/svg+xml"
JP2 = "image/jp2"
JPEG2000_CODESTREAM = "image/x-j2c"
JXL = "image/jxl"
AVIF = "image/avif"
HEIC = "image/heic"
HEIF = "image/heif"
TIFF = "image/tiff"
DNG = "image/x-adobe-dng"
CANON_CR2 = "image/x-canon-cr2"
CANON_CR3 = "image/x-canon-cr3"
FUJI_RAF = "image/x-fuji-raf"
OLYMPUS_ORF = "image/x-olympus-orf"
PANASONIC_RW2 = "image/x-panasonic-rw2"
EXV = "image/x-exv"
CINEON = "image/x-cineon"
NETPBM = "image/x-portable-anymap"
RADIANCE = "image/vnd.radiance"
MIFF = "image/x-miff"
FITS = "image/fits"
SGI = "image/x-sgi"
DDS = "image/x-dds"
TGA = "image/x-tga"
ICO = "image/x-icon"
EMF = "image/emf"
WMF = "image/wmf"
ICNS = "image/x-icns"
XCURSOR = "image/x-xcursor"
JNG = "image/x-jng"
MNG = "video/x-mng"

MP4 = "video/mp4"
QUICKTIME = "video/quicktime"
THREE_GPP = "video/3gpp"
AVI = "video/x-msvideo"
MATROSKA = "video/x-matroska"
WEBM = "video/webm"
OGG_VIDEO = "video/ogg"
MPEG_TRANSPORT = "video/mp2t"
MPEG_VIDEO = "video/mpeg"
MXF = "application/mxf"

WAV = "audio/x-wav"
WAVE64 = "audio/x-w64"
AIFF = "audio/x-aiff"
FLAC = "audio/flac"
MPEG_AUDIO = "audio/mpeg"
AAC = "audio/aac"
MP4_AUDIO = "audio/mp4"
OGG_AUDIO = "audio/ogg"
WAVPACK = "audio/x-wavpack"
MONKEYS_AUDIO = "audio/x-ape"
MUSEPACK = "audio/x-musepack"
TTA = "audio/x-tta"
MIDI = "audio/midi"
RIFF_MIDI = "audio/x-rmi"
XM = "audio/x-xm"
IMPULSE_TRACKER = "audio/x-it"
SCREAM_TRACKER = "audio/x-s3m"
PROTRACKER = "audio/x-mod"

PDF = "application/pdf"
POSTSCRIPT = "application/postscript"
ZIP = "application/zip"
EPUB = "application/epub+zip"
OFFICE_OPEN_XML = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
"""A sniffed type goes on with the kind of document, such as `.text`."""
TAR = "application/x-tar"
OLE = "application/x-ole-storage"
AAF = "application/x-aaf"
RIFF = "application/x-riff"
RDF = "application/rdf+xml"
C2PA = "application/c2pa"
GLB = "model/gltf-binary"
INDESIGN = "application/x-indesign"
CAMERA_PROFILE = "application/x-camera-profile"
ICC = "application/vnd.iccprofile"
APPLE_DOUBLE = "multipart/appledouble"

TEXT = "text/plain"
HTML = "text/html"
RTF = "text/rtf"
XML = "application/xml"
JSON = "application/json"
MESSAGE = "message/rfc822"
PEM = "application/x-pem-file"
UNKNOWN = "application/octet-stream"


class Kind(enum.Enum):
    """What a person gets from a file of a type."""

    PICTURE = enum.auto()
    """One picture; some formats can hold an animation."""
    MOVIE = enum.auto()
    """Moving pictures in a container, with or without sound."""
    SOUND = enum.auto()
    TEXT = enum.auto()
    """Text, cut lists, certificates, hash lists."""
    FONT = enum.auto()
    """Fonts, and colour profiles, which hold no more pictures or sound than fonts do."""
    OTHER = enum.auto()


class Container(enum.Enum):
    """How a file is built, where several types share a structure or several readers ask for it."""

    JPEG = enum.auto()
    """Segments behind markers."""
    PNG = enum.auto()
    """Chunks."""
    GIF = enum.auto()
    TIFF = enum.auto()
    """The whole file is a TIFF structure: TIFF itself and most camera raws."""
    RIFF = enum.auto()
    """Chunks."""
    BOXES = enum.auto()
    """ISO BMFF boxes without items: MP4, QuickTime, JPEG 2000, Canon CR3."""
    HEIF = enum.auto()
    """ISO BMFF boxes that describe pictures as items: HEIC, HEIF, AVIF."""
    JXL = enum.auto()
    """ISO BMFF boxes or a bare codestream."""
    ZIP = enum.auto()
    OLE = enum.auto()


class Decoder(enum.Enum):
    """What turns a picture file into pixels."""

    PILLOW = enum.auto()
    FFMPEG = enum.auto()
    HEIF = enum.auto()
    """pi-heif, an optional part."""
    RAW_PREVIEW = enum.auto()
    """The JPEG preview in a camera's raw file; the raw samples are not developed."""


class SequenceKind(enum.Enum):
    """How numbered files of a type are used as frames."""

    FILM = enum.auto()
    """Written frame by frame in film work; hardly anything else."""
    STILL = enum.auto()
    """More often single stills."""


class C2paAccess(enum.Enum):
    """How the C2PA library reads a file in which a manifest can be embedded."""

    STREAMED = enum.auto()
    """Piece by piece."""
    BUFFERED = enum.auto()
    """Whole in memory, some types twice."""


class XmpSearch(enum.Enum):
    """Where XMP packets are searched by their marks, because no structure leads to them."""

    NEAR_ENDS = enum.auto()
    """Near both ends of the file."""
    DOCUMENT = enum.auto()
    """Further in, because documents hold packets anywhere."""
    NOTHING_ELSE = enum.auto()
    """Near both ends, and nothing else in the file is understood; every run reports it."""


class Magic(NamedTuple):
    """Bytes at an offset that identify a type."""

    offset: int
    pattern: bytes


def _at_start(*patterns: bytes) -> tuple[Magic, ...]:
    """Alternative patterns, each at the first byte."""
    return tuple(Magic(0, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class MediaType:
    """One row of the table."""

    name: str
    kind: Kind
    container: Container | None = None

    # How it is recognised. `sniff` has further rules in code, for types without a fixed number.
    magic: tuple[Magic, ...] = ()
    """Alternatives."""
    riff_form: bytes = b""
    """Form type of a RIFF file: `WAVE`."""
    brands: tuple[bytes, ...] = ()
    """Major brands of an ISO BMFF file."""
    raw_maker: bytes = b""
    """Maker's name that identifies a raw file built as a TIFF."""
    suffixes: tuple[str, ...] = ()
    """Suffixes of numbered frames. The type is never guessed from a suffix."""

    # How its pictures are decoded. Movies and sound are decoded by FFmpeg.
    decoder: Decoder | None = None
    """None for a type that is not a picture, or whose pictures nothing here decodes."""
    pillow_format: str = ""
    """Pillow's name of the format."""
    ffmpeg_codec: str = ""
    """FFmpeg's name of the codec; together with `pillow_format`, for files that Pillow does not recognise."""
    may_animate: bool = False
    """Whether the file can hold several frames that are shown one after the other."""
    may_be_lossless: bool = False
    """Whether some of its pictures keep every bit of their samples, so that marks in single bits survive."""
    sequence: SequenceKind | None = None
    """How numbered files of it are used as frames; None for types that are not."""
    has_demuxer: bool = True
    """Whether FFmpeg opens a movie or sound of this type."""
    is_indexed: bool = False
    """Whether a movie has times throughout, so that it can be entered in its middle."""

    # What can be embedded in it.
    c2pa: C2paAccess | None = None
    """None where no C2PA manifest can be embedded."""
    c2pa_name: str = ""
    """The name under which the C2PA library knows the type, where it differs."""
    xmp_search: XmpSearch | None = None
    has_id3: bool = False
    """Whether ID3 tags are written in it."""
    has_ape_tags: bool = False
    """Whether APE tags are written in it."""
    compression: str = ""
    """Method of a file that is one compressed stream: `gzip`."""

    # Whether it is looked at.
    is_unread: bool = False
    """Whether no carrier of its own reads the type, so that a run reports its files; text and fonts need none."""

    @property
    def shows_picture(self) -> bool:
        """Whether it shows one picture, whether or not it can be decoded here."""
        return self.kind is Kind.PICTURE

    @property
    def is_moving(self) -> bool:
        """Whether it is a movie."""
        return self.kind is Kind.MOVIE

    @property
    def has_sound(self) -> bool:
        """Whether it can have sound."""
        return self.kind in (Kind.MOVIE, Kind.SOUND)

    @property
    def needs_no_carrier(self) -> bool:
        """Whether digesting it is enough."""
        return self.kind in (Kind.TEXT, Kind.FONT)


# Magic numbers are tried in the order of the rows, and the first that fits wins. A short number that stands before a
# longer one at a later offset would hide it: keep the order when adding a row.
MEDIA_TYPES: tuple[MediaType, ...] = (
    # Pictures
    MediaType(
        JPEG,
        Kind.PICTURE,
        Container.JPEG,
        magic=_at_start(b"\xff\xd8\xff"),
        suffixes=(".jpg", ".jpeg"),
        decoder=Decoder.PILLOW,
        pillow_format="JPEG",
        sequence=SequenceKind.STILL,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(
        PNG,
        Kind.PICTURE,
        Container.PNG,
        magic=_at_start(b"\x89PNG\r\n\x1a\n"),
        suffixes=(".png",),
        decoder=Decoder.PILLOW,
        pillow_format="PNG",
        may_animate=True,
        may_be_lossless=True,
        sequence=SequenceKind.STILL,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(JNG, Kind.PICTURE, magic=_at_start(b"\x8bJNG\r\n\x1a\n")),
    MediaType(MNG, Kind.MOVIE, magic=_at_start(b"\x8aMNG\r\n\x1a\n"), has_demuxer=False),
    MediaType(
        GIF,
        Kind.PICTURE,
        Container.GIF,
        magic=_at_start(b"GIF87a", b"GIF89a"),
        decoder=Decoder.PILLOW,
        pillow_format="GIF",
        may_animate=True,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(
        EXR,
        Kind.PICTURE,
        magic=_at_start(b"v/1\x01"),
        suffixes=(".exr",),
        decoder=Decoder.FFMPEG,
        ffmpeg_codec="exr",
        sequence=SequenceKind.FILM,
    ),
    MediaType(
        DPX,
        Kind.PICTURE,
        # Big-endian and little-endian.
        magic=_at_start(b"SDPX", b"XPDS"),
        suffixes=(".dpx",),
        decoder=Decoder.FFMPEG,
        ffmpeg_codec="dpx",
        sequence=SequenceKind.FILM,
    ),
    MediaType(
        CINEON,
        Kind.PICTURE,
        magic=_at_start(b"\x80\x2a\x5f\xd7"),
        suffixes=(".cin",),
        sequence=SequenceKind.FILM,
    ),
    MediaType(PHOTOSHOP, Kind.PICTURE, magic=_at_start(b"8BPS"), decoder=Decoder.PILLOW, pillow_format="PSD"),
    MediaType(
        JP2,
        Kind.PICTURE,
        Container.BOXES,
        magic=_at_start(b"\x00\x00\x00\x0cjP  \r\n\x87\n"),
        brands=(b"jp2 ", b"jpx "),
        suffixes=(".jp2",),
        decoder=Decoder.PILLOW,
        pillow_format="JPEG2000",
        sequence=SequenceKind.FILM,
    ),
    MediaType(
        JPEG2000_CODESTREAM,
        Kind.PICTURE,
        magic=_at_start(b"\xff\x4f\xff\x51"),
        suffixes=(".j2c", ".j2k"),
        decoder=Decoder.PILLOW,
        pillow_format="JPEG2000",
        sequence=SequenceKind.FILM,
    ),
    MediaType(
        JXL,
        Kind.PICTURE,
        Container.JXL,
        # In boxes, and as a bare codestream.
        magic=_at_start(b"\x00\x00\x00\x0cJXL \r\n\x87\n", b"\xff\x0a"),
        brands=(b"jxl ",),
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(FUJI_RAF, Kind.PICTURE, magic=_at_start(b"FUJIFILMCCD-RAW"), decoder=Decoder.RAW_PREVIEW),
    # Exiv2 writes the metadata of a picture without the picture.
    MediaType(EXV, Kind.OTHER, Container.JPEG, magic=_at_start(b"\xff\x01Exiv2")),
    # Raws that are not TIFF structures.
    MediaType("image/x-canon-crw", Kind.PICTURE, magic=(Magic(6, b"HEAPCCDR"),), xmp_search=XmpSearch.NOTHING_ELSE),
    MediaType("image/x-minolta-mrw", Kind.PICTURE, magic=_at_start(b"\x00MRM"), xmp_search=XmpSearch.NOTHING_ELSE),
    MediaType("image/x-sigma-x3f", Kind.PICTURE, magic=_at_start(b"FOVb"), xmp_search=XmpSearch.NOTHING_ELSE),
    MediaType("image/x-arriraw", Kind.PICTURE, magic=_at_start(b"ARRI"), is_unread=True),
    MediaType("video/x-red-r3d", Kind.MOVIE, magic=(Magic(4, b"RED1"), Magic(4, b"RED2"))),
    MediaType(
        RADIANCE,
        Kind.PICTURE,
        magic=_at_start(b"#?RADIANCE", b"#?RGBE"),
        decoder=Decoder.FFMPEG,
        ffmpeg_codec="hdr",
    ),
    MediaType(
        DDS,
        Kind.PICTURE,
        magic=_at_start(b"DDS "),
        decoder=Decoder.PILLOW,
        pillow_format="DDS",
    ),
    MediaType(
        ICO,
        Kind.PICTURE,
        # Icons and cursors.
        magic=_at_start(b"\x00\x00\x01\x00", b"\x00\x00\x02\x00"),
        decoder=Decoder.PILLOW,
        pillow_format="ICO",
    ),
    MediaType(
        SGI,
        Kind.PICTURE,
        magic=_at_start(b"\x01\xda"),
        decoder=Decoder.PILLOW,
        pillow_format="SGI",
    ),
    MediaType(ICNS, Kind.PICTURE, magic=_at_start(b"icns"), decoder=Decoder.PILLOW, pillow_format="ICNS"),
    MediaType(XCURSOR, Kind.PICTURE, magic=_at_start(b"Xcur")),
    MediaType(
        "image/x-blp",
        Kind.PICTURE,
        magic=_at_start(b"BLP1", b"BLP2"),
        decoder=Decoder.PILLOW,
        pillow_format="BLP",
        is_unread=True,
    ),
    MediaType("image/x-pgf", Kind.PICTURE, magic=_at_start(b"PGF"), is_unread=True),
    MediaType(MIFF, Kind.PICTURE, magic=_at_start(b"id=ImageMagick")),
    MediaType(FITS, Kind.PICTURE, decoder=Decoder.PILLOW, pillow_format="FITS"),
    # Documents, movies, sound
    MediaType("application/dicom", Kind.OTHER, magic=(Magic(128, b"DICM"),), is_unread=True),
    MediaType(PDF, Kind.OTHER, magic=_at_start(b"%PDF-"), c2pa=C2paAccess.BUFFERED, xmp_search=XmpSearch.DOCUMENT),
    MediaType(
        POSTSCRIPT,
        Kind.OTHER,
        # Plain, and behind the binary header of an EPS with a preview.
        magic=_at_start(b"%!PS", b"\xc5\xd0\xd3\xc6"),
        xmp_search=XmpSearch.DOCUMENT,
    ),
    # Windows metafiles: commands that draw lines, text and bitmaps.
    MediaType(EMF, Kind.OTHER, magic=(Magic(40, b" EMF\0\0\1\0"),)),
    MediaType(WMF, Kind.OTHER, magic=_at_start(b"\xd7\xcd\xc6\x9a", b"\1\0\x09\0\0\3", b"\2\0\x09\0\0\3")),
    # WebM begins in the same way; `sniff` tells them apart by the document type.
    MediaType(MATROSKA, Kind.MOVIE, magic=_at_start(b"\x1a\x45\xdf\xa3"), is_indexed=True),
    MediaType(
        MXF,
        Kind.MOVIE,
        magic=_at_start(b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"),
        is_indexed=True,
        xmp_search=XmpSearch.NEAR_ENDS,
    ),
    # Ogg with Theora in it is a movie; `sniff` tells them apart.
    MediaType(OGG_AUDIO, Kind.SOUND, magic=_at_start(b"OggS")),
    MediaType(FLAC, Kind.SOUND, magic=_at_start(b"fLaC"), c2pa=C2paAccess.BUFFERED, has_id3=True),
    MediaType(
        MPEG_AUDIO,
        Kind.SOUND,
        # MP3 without a tag is recognised by its first frame; a tag may also stand in front of FLAC.
        magic=_at_start(b"ID3"),
        c2pa=C2paAccess.BUFFERED,
        xmp_search=XmpSearch.NEAR_ENDS,
        has_id3=True,
        has_ape_tags=True,
    ),
    MediaType("audio/x-caf", Kind.SOUND, magic=_at_start(b"caff")),
    MediaType(WAVPACK, Kind.SOUND, magic=_at_start(b"wvpk"), has_ape_tags=True, has_id3=True),
    MediaType(MONKEYS_AUDIO, Kind.SOUND, magic=_at_start(b"MAC "), has_ape_tags=True, has_id3=True),
    MediaType(MUSEPACK, Kind.SOUND, magic=_at_start(b"MPCK", b"MP+"), has_ape_tags=True, has_id3=True),
    MediaType(TTA, Kind.SOUND, magic=_at_start(b"TTA1"), has_ape_tags=True, has_id3=True),
    MediaType("audio/basic", Kind.SOUND, magic=_at_start(b".snd")),
    MediaType("audio/x-voc", Kind.SOUND, magic=_at_start(b"Creative Voice File\x1a")),
    MediaType("audio/amr", Kind.SOUND, magic=_at_start(b"#!AMR")),
    MediaType("audio/x-dsf", Kind.SOUND, magic=_at_start(b"DSD ")),
    # Modules of trackers: notes with samples of their own. FFmpeg does not play them.
    MediaType(XM, Kind.SOUND, magic=_at_start(b"Extended Module: "), has_demuxer=False),
    MediaType(IMPULSE_TRACKER, Kind.SOUND, magic=_at_start(b"IMPM"), has_demuxer=False),
    MediaType("video/x-flv", Kind.MOVIE, magic=_at_start(b"FLV\x01")),
    MediaType("video/x-ms-asf", Kind.MOVIE, magic=_at_start(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
    MediaType("application/vnd.rn-realmedia", Kind.OTHER, magic=_at_start(b".RMF"), is_unread=True),
    # Plain and compressed.
    MediaType("application/x-shockwave-flash", Kind.OTHER, magic=_at_start(b"FWS", b"CWS"), is_unread=True),
    MediaType("audio/ac3", Kind.SOUND, magic=_at_start(b"\x0b\x77")),
    MediaType(
        INDESIGN,
        Kind.OTHER,
        magic=_at_start(b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5\xbd\x31\xef\xe7\xfe\x74\xb7\x1d"),
        xmp_search=XmpSearch.DOCUMENT,
    ),
    # Archives and other files of files
    MediaType(ZIP, Kind.OTHER, Container.ZIP, magic=_at_start(b"PK\x03\x04", b"PK\x05\x06"), c2pa=C2paAccess.BUFFERED),
    MediaType("application/gzip", Kind.OTHER, magic=_at_start(b"\x1f\x8b"), compression="gzip"),
    MediaType("application/x-bzip2", Kind.OTHER, magic=_at_start(b"BZh"), compression="bzip2"),
    MediaType("application/x-xz", Kind.OTHER, magic=_at_start(b"\xfd7zXZ\x00"), compression="xz"),
    MediaType("application/x-7z-compressed", Kind.OTHER, magic=_at_start(b"7z\xbc\xaf\x27\x1c"), is_unread=True),
    MediaType("application/vnd.rar", Kind.OTHER, magic=_at_start(b"Rar!\x1a\x07"), is_unread=True),
    MediaType(TAR, Kind.OTHER, magic=(Magic(257, b"ustar"),)),
    # AAF is an OLE storage with a class id of its own, which `sniff` looks up.
    MediaType(OLE, Kind.OTHER, Container.OLE, magic=_at_start(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    MediaType("application/vnd.sqlite3", Kind.OTHER, magic=_at_start(b"SQLite format 3\x00"), is_unread=True),
    MediaType("font/otf", Kind.FONT, magic=_at_start(b"OTTO")),
    MediaType("font/ttf", Kind.FONT, magic=_at_start(b"\x00\x01\x00\x00\x00")),
    MediaType("font/collection", Kind.FONT, magic=_at_start(b"ttcf")),
    # A Type 1 font in binary segments: the first segment begins after six bytes.
    MediaType("font/x-type1", Kind.FONT, magic=(Magic(6, b"%!PS-AdobeFont-"), Magic(6, b"%!FontType1"))),
    MediaType("font/x-pcf", Kind.FONT, magic=_at_start(b"\x01fcp")),
    MediaType("font/woff", Kind.FONT, magic=_at_start(b"wOFF")),
    MediaType("font/woff2", Kind.FONT, magic=_at_start(b"wOF2")),
    # With its version, for a text may begin with the same letters.
    MediaType(GLB, Kind.OTHER, magic=_at_start(b"glTF\x01\0\0\0", b"glTF\x02\0\0\0")),
    MediaType(APPLE_DOUBLE, Kind.OTHER, magic=_at_start(b"\x00\x05\x16\x07"), is_unread=True),
    MediaType(
        NETPBM,
        Kind.PICTURE,
        # PBM, PGM, PPM and PAM in their binary forms; `sniff` recognises those in text.
        magic=_at_start(b"P4\n", b"P5\n", b"P6\n", b"P7\n"),
        decoder=Decoder.PILLOW,
        pillow_format="PPM",
    ),
    MediaType("application/x-executable", Kind.OTHER, magic=_at_start(b"\x7fELF"), is_unread=True),
    # RIFF forms
    MediaType(WAV, Kind.SOUND, Container.RIFF, riff_form=b"WAVE", c2pa=C2paAccess.STREAMED, has_id3=True),
    MediaType(AVI, Kind.MOVIE, Container.RIFF, riff_form=b"AVI ", c2pa=C2paAccess.STREAMED),
    MediaType(
        WEBP,
        Kind.PICTURE,
        Container.RIFF,
        riff_form=b"WEBP",
        decoder=Decoder.PILLOW,
        pillow_format="WEBP",
        may_animate=True,
        may_be_lossless=True,
        c2pa=C2paAccess.BUFFERED,
    ),
    # Projects of After Effects keep their XMP behind everything else. Some of their lists hold no chunks.
    MediaType(
        "application/vnd.adobe.aftereffects.project",
        Kind.OTHER,
        riff_form=b"Egg!",
        xmp_search=XmpSearch.DOCUMENT,
    ),
    # MIDI holds notes, not samples: there is nothing to listen to.
    MediaType(MIDI, Kind.OTHER, magic=_at_start(b"MThd")),
    MediaType(RIFF_MIDI, Kind.OTHER, Container.RIFF, riff_form=b"RMID"),
    MediaType(RIFF, Kind.OTHER, Container.RIFF, xmp_search=XmpSearch.NEAR_ENDS),
    # ISO BMFF brands
    MediaType(
        AVIF,
        Kind.PICTURE,
        Container.HEIF,
        # Stills and animations.
        brands=(b"avif", b"avis"),
        decoder=Decoder.PILLOW,
        pillow_format="AVIF",
        may_animate=True,
        c2pa=C2paAccess.STREAMED,
    ),
    MediaType(
        HEIC,
        Kind.PICTURE,
        Container.HEIF,
        brands=(b"heic", b"heix", b"hevc", b"hevx"),
        decoder=Decoder.HEIF,
        c2pa=C2paAccess.STREAMED,
    ),
    MediaType(
        HEIF,
        Kind.PICTURE,
        Container.HEIF,
        brands=(b"mif1", b"msf1", b"heim", b"heis"),
        decoder=Decoder.HEIF,
        c2pa=C2paAccess.STREAMED,
    ),
    MediaType(QUICKTIME, Kind.MOVIE, Container.BOXES, brands=(b"qt  ",), is_indexed=True, c2pa=C2paAccess.STREAMED),
    MediaType(MP4_AUDIO, Kind.SOUND, Container.BOXES, brands=(b"M4A ", b"M4B ", b"M4P "), c2pa=C2paAccess.STREAMED),
    MediaType(CANON_CR3, Kind.PICTURE, Container.BOXES, brands=(b"crx ",)),
    # Any other brand is taken for MP4.
    MediaType(MP4, Kind.MOVIE, Container.BOXES, is_indexed=True, c2pa=C2paAccess.STREAMED),
    # The C2PA library knows 3GPP only as MP4.
    MediaType(THREE_GPP, Kind.MOVIE, Container.BOXES, c2pa=C2paAccess.STREAMED, c2pa_name=MP4),
    # TIFF structures; makers are tried in the order of the rows
    MediaType(
        TIFF,
        Kind.PICTURE,
        Container.TIFF,
        suffixes=(".tif", ".tiff"),
        decoder=Decoder.PILLOW,
        pillow_format="TIFF",
        ffmpeg_codec="tiff",  # for the floating-point files that Pillow does not open
        may_be_lossless=True,
        sequence=SequenceKind.FILM,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(DNG, Kind.PICTURE, Container.TIFF, decoder=Decoder.RAW_PREVIEW, c2pa=C2paAccess.BUFFERED),
    MediaType(
        "image/x-nikon-nef",
        Kind.PICTURE,
        Container.TIFF,
        raw_maker=b"NIKON",
        decoder=Decoder.RAW_PREVIEW,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(
        "image/x-sony-arw",
        Kind.PICTURE,
        Container.TIFF,
        raw_maker=b"SONY",
        decoder=Decoder.RAW_PREVIEW,
        c2pa=C2paAccess.BUFFERED,
    ),
    MediaType(CANON_CR2, Kind.PICTURE, Container.TIFF, raw_maker=b"Canon", decoder=Decoder.RAW_PREVIEW),
    MediaType("image/x-pentax-pef", Kind.PICTURE, Container.TIFF, raw_maker=b"PENTAX", decoder=Decoder.RAW_PREVIEW),
    MediaType("image/x-samsung-srw", Kind.PICTURE, Container.TIFF, raw_maker=b"SAMSUNG", decoder=Decoder.RAW_PREVIEW),
    # These two write signatures of their own in the place of TIFF's version number.
    MediaType(PANASONIC_RW2, Kind.PICTURE, Container.TIFF, decoder=Decoder.RAW_PREVIEW),
    MediaType(OLYMPUS_ORF, Kind.PICTURE, Container.TIFF, decoder=Decoder.RAW_PREVIEW),
    # A profile for a camera's raw files (DCP, in the DNG specification): tables and texts, without a picture.
    MediaType(CAMERA_PROFILE, Kind.OTHER, Container.TIFF),
    # Types that `sniff` recognises in code
    MediaType(
        BMP,
        Kind.PICTURE,
        decoder=Decoder.PILLOW,
        pillow_format="BMP",
        may_be_lossless=True,
        xmp_search=XmpSearch.NEAR_ENDS,
    ),
    MediaType(SVG, Kind.PICTURE, c2pa=C2paAccess.BUFFERED),
    MediaType(WEBM, Kind.MOVIE, is_indexed=True),
    MediaType(OGG_VIDEO, Kind.MOVIE),
    MediaType(MPEG_TRANSPORT, Kind.MOVIE),
    MediaType(MPEG_VIDEO, Kind.MOVIE),
    # Recognised by the sync words of their frames.
    MediaType(AAC, Kind.SOUND, has_id3=True, has_ape_tags=True),
    # Recognised by letters further in.
    MediaType(SCREAM_TRACKER, Kind.SOUND, has_demuxer=False),
    MediaType(PROTRACKER, Kind.SOUND, has_demuxer=False),
    # Recognised by the fields of its header.
    MediaType(TGA, Kind.PICTURE, decoder=Decoder.PILLOW, pillow_format="TGA", xmp_search=XmpSearch.NEAR_ENDS),
    MediaType(ICC, Kind.FONT),
    MediaType(AIFF, Kind.SOUND, xmp_search=XmpSearch.NEAR_ENDS, has_id3=True),
    MediaType(WAVE64, Kind.SOUND),
    # Documents that are ZIP archives, recognised by their first members.
    MediaType(EPUB, Kind.OTHER, Container.ZIP, c2pa=C2paAccess.BUFFERED),
    MediaType(OFFICE_OPEN_XML, Kind.OTHER, Container.ZIP, c2pa=C2paAccess.BUFFERED),
    MediaType(OPEN_DOCUMENT, Kind.OTHER, Container.ZIP, c2pa=C2paAccess.BUFFERED),
    MediaType(AAF, Kind.OTHER, Container.OLE),
    MediaType(C2PA, Kind.OTHER, c2pa=C2paAccess.BUFFERED),
    MediaType(RDF, Kind.OTHER),
    MediaType(TEXT, Kind.TEXT),
    MediaType(HTML, Kind.TEXT),
    # By its magic number, for it may have pictures in binary.
    MediaType(RTF, Kind.TEXT, magic=_at_start(b"{\\rtf")),
    MediaType(XML, Kind.TEXT),
    MediaType(JSON, Kind.TEXT),
    # Mail, and web pages saved as one file.
    MediaType(MESSAGE, Kind.TEXT),
    MediaType(PEM, Kind.TEXT),
    MediaType(UNKNOWN, Kind.OTHER, xmp_search=XmpSearch.NOTHING_ELSE),
)

_BY_NAME = {row.name: row for row in MEDIA_TYPES}
_FAMILIES = (OFFICE_OPEN_XML, OPEN_DOCUMENT)
"""Types whose names may go on behind a full stop."""


# Asked several times for every file. Types come from a table, and very few from elsewhere.
@functools.lru_cache(maxsize=512)
def find_type(media_type: str) -> MediaType:
    """The row of a sniffed type; a row without any abilities for a name that is not in the table."""
    for family in _FAMILIES:
        if media_type.startswith(family + "."):
            return _BY_NAME[family]
    return _BY_NAME.get(media_type) or MediaType(media_type, Kind.OTHER, is_unread=True)


def select_names(has_property: Callable[[MediaType], object]) -> frozenset[str]:
    """Names of all types whose rows have a property: `select_names(lambda row: row.has_id3)`."""
    return frozenset(row.name for row in MEDIA_TYPES if has_property(row))


def names_in(*containers: Container) -> frozenset[str]:
    """Names of all types that are built in one of these ways."""
    return select_names(lambda row: row.container in containers)


def is_moving(media_type: str) -> bool:
    """Whether a file of this type is a movie."""
    return find_type(media_type).is_moving


def is_picture(media_type: str) -> bool:
    """Whether a file of this type shows one picture, whether or not it can be decoded here."""
    return find_type(media_type).shows_picture


def has_sound(media_type: str) -> bool:
    """Whether a file of this type can have sound."""
    return find_type(media_type).has_sound


def has_demuxer(media_type: str) -> bool:
    """Whether FFmpeg opens a movie or sound of this type."""
    return find_type(media_type).has_demuxer


def is_indexed(media_type: str) -> bool:
    """Whether a movie of this type has times throughout, so that it can be entered in its middle."""
    return find_type(media_type).is_indexed


def needs_no_carrier(media_type: str) -> bool:
    """Whether digesting a file of this type is enough: text, cut lists, fonts, certificates, hash lists.

    Inside another file it gets no row of its own: the row of the file that holds it covers it.
    """
    return find_type(media_type).needs_no_carrier


class FrameFormats(NamedTuple):
    """Formats that hold one frame a file in a frame sequence."""

    media_types: frozenset[str]
    suffixes: frozenset[bytes]
    """Lower case, with the dot."""


def _find_frame_formats(kind: SequenceKind) -> FrameFormats:
    rows = [row for row in MEDIA_TYPES if row.sequence is kind]
    suffixes: set[bytes] = set()
    for row in rows:
        suffixes.update(suffix.encode() for suffix in row.suffixes)
    return FrameFormats(frozenset(row.name for row in rows), frozenset(suffixes))


FILM_FRAMES = _find_frame_formats(SequenceKind.FILM)
"""Written frame by frame in film work."""
STILL_FRAMES = _find_frame_formats(SequenceKind.STILL)
"""More often single stills."""
TIFF_STRUCTURES = names_in(Container.TIFF)
"""TIFF itself and the camera raws that are TIFF structures as a whole."""

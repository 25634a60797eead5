from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance.evidence.carriers.xmp import Xmp
from provenance.limits import DEFAULT, Limits
from provenance.media.formats.isobmff import XMP
from provenance.media.sniff import sniff
from provenance.model.vocabulary import About, Cause
from tests.evidence import build
from tests.evidence.build import Heard, box, jpeg, packet, png, png_chunk, segment, source

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
KEY = "Iptc4xmpExt:DigitalSourceType"
MARK = packet(f"<{KEY}>{SOURCE_TYPE}</{KEY}>")
JPEG_MAIN, JPEG_MORE = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"


def gif(data: bytes) -> bytes:
    exit_table = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"GIF89a\x01\0\x01\0\0\0\0" + b"!\xff\x0bXMP DataXMP" + data + exit_table + b";"


def psd(data: bytes) -> bytes:
    resource = b"8BIM\x04\x24\0\0" + struct.pack(">I", len(data)) + data
    return b"8BPS\0\x01" + bytes(20) + bytes(4) + struct.pack(">I", len(resource)) + resource


def heif(data: bytes) -> bytes:
    entry = box("infe", b"\x02\0\0\0", b"\0\x01\0\0mime\0application/rdf+xml\0")
    place = b"\0\x01" + struct.pack(">HHHII", 1, 0, 1, 0, len(data))  # method 1: in the idat box
    meta = box("meta", bytes(4), box("iinf", bytes(4), b"\0\x01", entry),
               box("iloc", b"\x01\0\0\0", b"\x44\0\0\x01" + place), box("idat", data))  # fmt: skip
    return box("ftyp", b"heic\0\0\0\0heic") + meta


def wrapped(data: bytes) -> dict[str, bytes]:
    chunk = build.riff_chunk
    uuid = box("uuid", bytes.fromhex(XMP), data)
    return {
        "image/jpeg": jpeg(segment(0xE1, JPEG_MAIN + data)),
        "image/png": png(after=[png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + data)]),
        "image/webp": build.riff(b"WEBP", chunk(b"VP8L", bytes(6)), chunk(b"XMP ", data)),
        "image/gif": gif(data),
        "image/tiff": build.tiff([{700: (1, data)}]),
        "image/x-adobe-dng": build.tiff([{700: (7, data)}], ">"),
        "image/heic": heif(data),
        "image/jp2": box("jP  ", b"\r\n\x87\n") + uuid,
        "image/jxl": box("JXL ", b"\r\n\x87\n") + box("xml ", data),
        "video/mp4": box("ftyp", b"isom") + box("mdat", b"x") + box("moov", uuid),
        "video/quicktime": box("moov", box("udta", box("XMP_", data))),
        "video/x-msvideo": build.riff(b"AVI ", chunk(b"_PMX", data)),
        "audio/x-wav": build.riff(b"WAVE", chunk(b"_PMX", data)),
        "image/vnd.adobe.photoshop": psd(data),
        "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg"><metadata>' + data + b"</metadata></svg>",
        "application/rdf+xml": data,
        "application/pdf": b"%PDF-1.7\n1 0 obj<</Type/Metadata>>stream\n" + data + b"\nendstream",
        "application/postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%begin_xml_code\n" + data,
        "application/x-indesign": bytes(9000) + data,
        "application/octet-stream": bytes(9000) + data,
    }


def heard(data: bytes, media_type: str, limits: Limits = DEFAULT) -> Heard:
    return Heard(Xmp(), source(data, media_type, limits=limits))


@pytest.mark.parametrize("media_type", list(wrapped(b"")))
def test_the_same_mark_in_every_container(media_type: str) -> None:
    told = heard(wrapped(MARK)[media_type], media_type)
    assert told.said == {KEY: SOURCE_TYPE}
    assert {row.about for row in told.statements} == {About.ASSET}
    assert {row.cause for row in told.troubles} <= {Cause.UNSUPPORTED}


def test_an_unknown_binary_file_is_not_called_looked_at() -> None:
    assert [row.cause for row in heard(bytes(100), "application/octet-stream").troubles] == [Cause.UNSUPPORTED]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_what_pillow_wrote(kind: str) -> None:
    file = io.BytesIO()
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", MARK.decode(), zip=True)
    own: dict[str, dict[str, Any]] = {"TIFF": {"tiffinfo": {700: MARK}}, "PNG": {"pnginfo": info}}
    Image.new("RGB", (8, 8)).save(file, kind, **own.get(kind, {"xmp": MARK}))
    assert heard(file.getvalue(), f"image/{kind.lower()}").said == {KEY: SOURCE_TYPE}


def test_a_packet_in_an_exif_block() -> None:
    def block(data: bytes) -> bytes:
        return build.tiff([{700: (1, data)}, {700: (1, packet("<b>of the thumbnail</b>"))}], links={0: 1})

    exif = block(packet("<xmp:CreatorTool>Adobe Firefly</xmp:CreatorTool>"))
    inside = {
        "image/jpeg": jpeg(segment(0xE1, b"Exif\0\0" + exif)),
        "image/webp": build.riff(b"WEBP", build.riff_chunk(b"VP8L", bytes(6)), build.riff_chunk(b"EXIF", exif)),
    }
    for media_type, data in inside.items():
        told = heard(data, media_type)
        assert (told.said, told.troubles) == ({"xmp:CreatorTool": "Adobe Firefly"}, [])
        assert told.statements[0].where.startswith("EXIF tag 700 in ")
    damaged = segment(0xE1, b"Exif\0\0" + exif[:30])
    main = segment(0xE1, JPEG_MAIN + packet("<xmp:CreatorTool>other</xmp:CreatorTool>"))
    assert heard(jpeg(damaged, main), "image/jpeg").said == {"xmp:CreatorTool": "other"}


def test_extended_xmp_is_put_together_in_any_order() -> None:
    more = packet("<dc:format>" + "long " * 20_000 + "</dc:format>")
    identity, half = b"0123456789ABCDEF0123456789ABCDEF", len(more) // 2
    parts = [
        segment(0xE1, JPEG_MORE + identity + struct.pack(">II", len(more), offset) + more[offset : offset + half + 1])
        for offset in (half, 0)
    ]
    main = packet(attributes=f'xmpNote:HasExtendedXMP="{identity.decode()}"')
    told = heard(jpeg(segment(0xE1, JPEG_MAIN + main), *parts), "image/jpeg")
    assert told.values("dc:format") == ["long " * 20_000]
    assert told.troubles == []
    cut = heard(b"\xff\xd8" + segment(0xE1, JPEG_MAIN + main) + b"".join(parts), "image/jpeg")
    assert cut.values("dc:format") == told.values("dc:format")
    stranger = heard(jpeg(segment(0xE1, JPEG_MAIN + MARK), *parts), "image/jpeg")
    assert stranger.said == {KEY: SOURCE_TYPE}


def test_extended_xmp_that_claims_to_be_huge_costs_nothing() -> None:
    part = JPEG_MORE + b"A" * 32 + struct.pack(">II", 0xFFFFFFFF, 0xF0000000) + b"x"
    told = heard(jpeg(segment(0xE1, JPEG_MAIN + MARK), segment(0xE1, part)), "image/jpeg")
    assert told.said == {KEY: SOURCE_TYPE}
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]


def test_extensions_of_many_identities_are_stopped() -> None:
    parts = [segment(0xE1, JPEG_MORE + b"%032d" % i + bytes(8) + b"x") for i in range(5000)]
    told = heard(jpeg(segment(0xE1, JPEG_MAIN + MARK), *parts), "image/jpeg")
    assert told.said == {KEY: SOURCE_TYPE}
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]


def test_a_packed_packet_that_explodes_is_told_as_too_large() -> None:
    bomb = zlib.compress(b" " * 5_000_000)
    data = png([png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb)])
    told = heard(data, "image/png", Limits(inflated=100_000))
    assert Cause.OVERSIZED in {row.cause for row in told.troubles}


def test_sidecars_speak_for_the_file() -> None:
    told = Heard(Xmp(), source(b"", "video/x-matroska", {"still.xmp": MARK, "still.c2pa": b"\0"}))
    assert told.statements[0].where == f"sidecar still.xmp, {KEY}"


def test_every_way_of_writing_a_property() -> None:
    told = heard(packet(
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A title</rdf:li>"
        "<rdf:li xml:lang='de'>Titel</rdf:li></rdf:Alt></dc:title>",
        "<dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>",
        "<xmpMM:History><rdf:Seq><rdf:li stEvt:action='created' stEvt:softwareAgent='Tool'/>"
        "<rdf:li rdf:parseType='Resource'><stEvt:action>saved</stEvt:action></rdf:li></rdf:Seq></xmpMM:History>",
        "<xmpMM:Structure><rdf:Description><xmp:Label>deep</xmp:Label></rdf:Description></xmpMM:Structure>",
        "<Iptc4xmpExt:DigitalSourceType rdf:resource='http://x/y'/>",
        "<xmp:Nickname><rdf:Description><rdf:value>Nick</rdf:value></rdf:Description></xmp:Nickname>",
        "<other:Thing>own</other:Thing>", "<TC260:AIGC>{&quot;Label&quot;:&quot;1&quot;}</TC260:AIGC>",
        attributes='xmp:CreatorTool="Program 1"',
    ), "application/rdf+xml")  # fmt: skip
    assert told.values("dc:title") == ["A title", "Titel"]
    assert told.values("dc:subject") == ["one", "two"]
    assert (
        told.said.items()
        >= {
            "xmpMM:History[1]/stEvt:softwareAgent": "Tool",
            "xmpMM:History[2]/stEvt:action": "saved",
            "xmpMM:Structure/xmp:Label": "deep",
            KEY: "http://x/y",
            "xmp:Nickname": "Nick",
            "{urn:other#}Thing": "own",
            "TC260:AIGC": '{"Label":"1"}',
            "xmp:CreatorTool": "Program 1",
        }.items()
    )


def test_prefixes_are_those_everybody_knows_whatever_the_file_calls_them() -> None:
    data = MARK.replace(b"Iptc4xmpExt:", b"zz:").replace(b"xmlns:Iptc4xmpExt=", b"xmlns:zz=")
    assert heard(data, "application/rdf+xml").said == {KEY: SOURCE_TYPE}


def test_what_stands_inside_of_ingredients_speaks_of_them() -> None:
    inner = f"<rdf:li rdf:parseType='Resource'><{KEY}>{SOURCE_TYPE}</{KEY}></rdf:li>"
    told = heard(packet(
        f"<xmpMM:Ingredients><rdf:Bag>{inner}</rdf:Bag></xmpMM:Ingredients>",
        f"<xmpMM:DerivedFrom rdf:parseType='Resource'><{KEY}>x</{KEY}></xmpMM:DerivedFrom>",
        f"<{KEY}>own</{KEY}>",
    ), "application/rdf+xml")  # fmt: skip
    assert {row.key: row.about for row in told.statements} == {
        f"xmpMM:Ingredients[1]/{KEY}": About.COMPONENT,
        f"xmpMM:DerivedFrom/{KEY}": About.PARENT,
        KEY: About.ASSET,
    }


def test_in_a_document_the_first_packet_is_its_own_and_others_are_parts() -> None:
    data = b"%!PS\n" + packet("<dc:format>own</dc:format>") + b"\n" + MARK
    told = heard(data, "application/postscript")
    assert [(row.value, row.about) for row in told.statements] == [("own", About.ASSET), (SOURCE_TYPE, About.COMPONENT)]


def test_in_a_pdf_the_packet_that_speaks_of_pdf_is_its_own() -> None:
    own = packet("<dc:format>own</dc:format>", attributes='xmlns:pdf="http://ns.adobe.com/pdf/1.3/" pdf:Producer="P"')
    told = heard(b"%PDF-1.4 " + MARK + b" " + own, "application/pdf")
    assert {row.value: row.about for row in told.statements} == {
        SOURCE_TYPE: About.COMPONENT, "own": About.ASSET, "P": About.ASSET
    }  # fmt: skip


def test_utf_16_packets_and_documents() -> None:
    text = MARK.decode()
    for codec in ("utf-16-le", "utf-16-be", "utf-16"):
        assert heard(jpeg(segment(0xE1, JPEG_MAIN + text.encode(codec))), "image/jpeg").said == {KEY: SOURCE_TYPE}
        assert heard(b"%PDF-1.4" + text.encode(codec), "application/pdf").said == {KEY: SOURCE_TYPE}


def test_a_packet_cut_short_keeps_what_stands_before_the_cut() -> None:
    data = packet("<dc:format>kept</dc:format>", "<dc:type>lost</dc:type>")
    told = heard(jpeg(segment(0xE1, JPEG_MAIN + data[: data.find(b"lost")])), "image/jpeg")
    assert told.said == {"dc:format": "kept"}
    assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_bytes_that_are_no_text_are_overlooked() -> None:
    told = heard(MARK.replace(b"</Iptc", b"\x01\x92</Iptc"), "application/rdf+xml")
    assert told.values(KEY)[0].startswith(SOURCE_TYPE)
    assert told.troubles == []


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""


def test_entities_are_refused() -> None:
    for declared in (LAUGHS, b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'):
        data = declared + MARK.replace(SOURCE_TYPE.encode(), b"&b;").split(b"?>", 1)[1]
        told = heard(wrapped(b"")["image/gif"][:13] + gif(data)[13:], "image/gif")
        assert told.statements == []
        assert [row.cause for row in told.troubles] == [Cause.MALFORMED]


def test_drawings_with_entities_of_their_own_still_show_their_packet() -> None:
    svg = b'<!DOCTYPE svg [<!ENTITY ns "http://x/">]><svg xmlns:x="&ns;"><metadata>' + MARK + b"</metadata></svg>"
    assert heard(svg, "image/svg+xml").said == {KEY: SOURCE_TYPE}


def test_a_drawing_with_bare_rdf_is_read_as_a_whole() -> None:
    svg = (b'<svg xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#" '
           b'xmlns:dc="http://purl.org/dc/elements/1.1/"><g><metadata><rdf:RDF><cc:Work><dc:format>image/svg+xml'
           b"</dc:format></cc:Work></rdf:RDF></metadata></g></svg>")  # fmt: skip
    assert heard(svg, "image/svg+xml").said == {"dc:format": "image/svg+xml"}


def test_endless_depth_and_endless_packets_end() -> None:
    deep = packet("<dc:a rdf:parseType='Resource'>" * 3000 + "</dc:a>" * 3000)
    assert heard(deep, "application/rdf+xml").statements == []
    many = heard(b"%PDF-1.4" + MARK * 100, "application/pdf")
    assert len(many.statements) == 64
    assert [row.cause for row in many.troubles] == [Cause.OVERSIZED]
    large = heard(b"%PDF-1.4" + MARK * 30, "application/pdf", Limits(packet=len(MARK) * 10))
    assert Cause.OVERSIZED in {row.cause for row in large.troubles}


def test_a_large_unknown_file_is_searched_at_both_ends_only() -> None:
    limits = Limits(packet=64 * 1024, block=16 * 1024)
    gap = os.urandom(1) * 300_000
    for data, found in ((MARK + gap, 1), (gap + MARK, 1), (gap + MARK + gap, 0)):
        assert len(heard(data, "application/octet-stream", limits).statements) == found


def test_a_packet_across_two_windows_is_found() -> None:
    limits = Limits(block=1024)
    for shift in range(0, 40, 3):
        told = heard(b"%PDF-1.4".ljust(4096 - 20 + shift) + MARK, "application/pdf", limits)
        assert told.said == {KEY: SOURCE_TYPE}


def resources(packet_bytes: bytes) -> bytes:
    """An APP13 segment whose image resource 1060 is a packet."""
    padded = packet_bytes + b"\0" * (len(packet_bytes) % 2)
    resource = b"8BIM" + (1060).to_bytes(2, "big") + b"\0\0" + len(packet_bytes).to_bytes(4, "big") + padded
    return segment(0xED, b"Photoshop 3.0\0" + resource)


def test_image_resources_of_a_jpeg_hold_packets() -> None:
    own = packet("<dc:format>only here</dc:format>")
    heard = Heard(Xmp(), source(jpeg(resources(own)), "image/jpeg"))
    assert heard.values("dc:format") == ["only here"]
    assert heard.statements[0].where.startswith("APP13 at byte 2, image resource 1060")


def test_a_copy_of_the_main_packet_is_said_once() -> None:
    own = packet("<dc:format>twice</dc:format>")
    main = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + own)
    assert Heard(Xmp(), source(jpeg(main, resources(own)), "image/jpeg")).values("dc:format") == ["twice"]


def test_a_project_of_after_effects_keeps_its_packet_behind_its_chunks() -> None:
    chunk = b"LIST" + (12).to_bytes(4, "big") + b"btdk" + b"no chunk"
    project = b"RIFX" + (4 + len(chunk)).to_bytes(4, "big") + b"Egg!" + chunk
    data = project + packet("<xmp:CreatorTool>Adobe After Effects</xmp:CreatorTool>")
    assert sniff(lambda offset, length: data[offset : offset + length]).endswith("aftereffects.project")
    heard = Heard(Xmp(), source(data, "application/vnd.adobe.aftereffects.project"))
    assert heard.values("xmp:CreatorTool") == ["Adobe After Effects"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("is_bare", [False, True])
@pytest.mark.parametrize("before", [b"\x01" * 40, b"\x01" * 43, bytes(40), bytes(41)])
def test_a_packet_is_found_in_every_encoding(codec: str, is_bare: bool, before: bytes) -> None:
    text = packet("<dc:format>a 字 ü</dc:format>").decode()
    if is_bare:
        text = text[text.find("<x:xmpmeta") : text.find("<?xpacket end")].strip()
    data = text.encode(codec)
    told = heard(b"%!PS\n" + before + data + b"\x01" * 50, "application/postscript")
    assert told.said == {"dc:format": "a 字 ü"}
    assert told.troubles == []
    if before.startswith(b"\x01"):
        assert told.statements[0].where.startswith(f"XMP packet at byte {5 + len(before)}")


def test_a_packet_of_ascii_alone_begins_where_its_first_zero_is() -> None:
    data = MARK.decode().replace("\ufeff", "").encode("utf-16-be")
    told = heard(b"%!PS\n\n" + data, "application/postscript")
    assert told.statements[0].where.startswith("XMP packet at byte 6")


def test_a_packet_across_the_windows_of_the_search() -> None:
    limits = Limits(block=1000)
    for codec in ("utf-16-be", "utf-32-be"):
        for length in range(3860, 3990, 7):
            told = heard(b"%!PS" + b"\x01" * length + MARK.decode().encode(codec), "application/postscript", limits)
            assert told.said == {KEY: SOURCE_TYPE}


@pytest.mark.parametrize(
    "empty",
    [
        b"",
        b"\0" * 40,
        b" \n ",
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n  <?xpacket end="w"?>',
        b"<!-- -->",
    ],
)
def test_an_empty_packet_is_no_damage(empty: bytes) -> None:
    told = heard(jpeg(segment(0xE1, JPEG_MAIN + empty)), "image/jpeg")
    assert (told.said, told.troubles) == ({}, [])


def indesign(*streams: bytes, pages: bytes = b"", pages_until: int = 3, order: str = "big") -> bytes:
    """Two master pages, of which the second counts, pages, and an object for each stream."""
    guid = bytes.fromhex("0606edf5d81d46e5bd31efe7fe74b71d")
    masters = b""
    for number, count in ((4, 1), (5, pages_until)):
        master = bytearray(4096)
        master[:24] = guid + b"DOCUMENT"
        master[24] = 2 if order == "big" else 1
        master[264:272] = number.to_bytes(8, "little")
        master[280:284] = count.to_bytes(4, "little")
        masters += bytes(master)
    objects = b""
    for stream in streams:
        inner = len(stream).to_bytes(4, "big" if order == "big" else "little") + stream
        frame = bytes.fromhex("de39397951884b6c8e63eef8aee0dd38") + bytes(8) + struct.pack("<I", len(inner)) + bytes(4)
        objects += frame + inner + bytes(32)
    return masters + pages.ljust(4096 * (pages_until - 2), b"\0") + objects


@pytest.mark.parametrize("order", ["big", "little"])
def test_packets_of_indesign_by_object(order: str) -> None:
    own, placed = packet("<dc:format>own</dc:format>"), packet("<dc:format>placed</dc:format>")
    told = heard(indesign(b"words", own, MARK, pages=placed, order=order), "application/x-indesign")
    assert [(row.value, row.about) for row in told.statements] == [
        ("own", About.ASSET), (SOURCE_TYPE, About.COMPONENT), ("placed", About.COMPONENT)
    ]  # fmt: skip
    assert told.troubles == []


def test_a_packet_that_the_pages_of_indesign_cut_is_no_damage() -> None:
    own, placed = packet("<dc:format>own</dc:format>"), packet("<dc:format>kept</dc:format>", "<dc:type>lost</dc:type>")
    cut = placed[: placed.find(b"lost")] + bytes(300) + placed[placed.find(b"lost") + 60 :]
    told = heard(indesign(own, pages=cut), "application/x-indesign")
    assert told.said["dc:format"] in ("own", "kept")
    assert told.troubles == []

"""Archives: members become rows, names lead nowhere, and no bomb is unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.evidence.carriers.archive import Archive
from provenance.limits import DEFAULT, Limits
from provenance.media.formats import tar
from provenance.media.formats import zip as zips
from provenance.media.formats.unpacking import DECOMPRESSORS, DecompressedStream
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, packet
from tests.evidence.looking import MARKED, PLAIN, Look
from tests.growth import TIMES, grows_in_step

PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
ZEROS = bytes(40 * 1024 * 1024)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members: Mapping[str, bytes], kind: int = tarfile.PAX_FORMAT, mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=kind) as archive:  # type: ignore[call-overload]  # mode is a text
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_are_rows_of_their_own(method: int, tmp_path: Path) -> None:
    look = Look(zipped({"still.png": MARKED, "art/plain.png": PLAIN, "read me.txt": b"words"}, method), tmp_path)
    assert look.origins == {"still.png": Origin.GENERATED, "art/plain.png": Origin.UNKNOWN}
    assert look.origin is Origin.UNKNOWN
    assert look.causes == set()


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_every_make(kind: int, tmp_path: Path) -> None:
    long = "a/" * 40 + "still.png" if kind == tarfile.USTAR_FORMAT else "folder/" * 40 + "stéll.png"
    look = Look(tarred({"notes.txt": b"words", long: MARKED, "plain.png": PLAIN}, kind), tmp_path)
    assert look.origins == {long: Origin.GENERATED, "plain.png": Origin.UNKNOWN}
    assert look.causes == set()


@pytest.mark.parametrize(("mode", "suffix"), [("w:gz", "gz"), ("w:bz2", "bz2"), ("w:xz", "xz")])
def test_a_packed_tar_is_walked_through_at_once(mode: str, suffix: str, tmp_path: Path) -> None:
    data = tarred({"a.txt": b"words" * 500, "b/still.png": MARKED}, mode=mode)
    assert Look(data, tmp_path, f"roll.tar.{suffix}").origins == {"b/still.png": Origin.GENERATED}


@pytest.mark.parametrize("method", PACK)
def test_one_packed_file_has_its_name_from_outside(method: str, tmp_path: Path) -> None:
    suffix = {"gzip": "gz", "bzip2": "bz2", "xz": "xz"}[method]
    look = Look(PACK[method](MARKED), tmp_path, f"still.png.{suffix}")
    assert look.origins == {"still.png": Origin.GENERATED}
    assert list(Look(PACK[method](MARKED), tmp_path, "still").inside) == ["content"]


def test_gzip_keeps_a_name_and_may_be_several_streams(tmp_path: Path) -> None:
    file = io.BytesIO()
    with gzip.GzipFile("frame.png", "wb", fileobj=file) as packed:
        packed.write(MARKED[:50])
    look = Look(file.getvalue() + gzip.compress(MARKED[50:]) + bytes(9), tmp_path, "x.gz")
    assert look.origins == {"frame.png": Origin.GENERATED}
    assert look.causes == set()


def test_a_project_of_packed_xml_is_looked_at_and_no_more(tmp_path: Path) -> None:
    look = Look(gzip.compress(b'<?xml version="1.0"?><PremiereData/>'), tmp_path, "cut.prproj")
    assert (look.inside, look.own.troubles) == ({}, ())


def test_files_within_files_within_files(tmp_path: Path) -> None:
    inner = zipped({"still.png": MARKED})
    look = Look(zipped({"day 1/roll.tar.gz": tarred({"pick.zip": inner}, mode="w:gz"), "cut.zip": b"no zip"}), tmp_path)
    assert look.origins["day 1/roll.tar.gz!pick.zip!still.png"] is Origin.GENERATED
    assert look.parents["day 1/roll.tar.gz!pick.zip!still.png"] == "day 1/roll.tar.gz!pick.zip"
    assert look.origins["day 1/roll.tar.gz!pick.zip"] is Origin.UNKNOWN


def test_fifty_archives_within_each_other(tmp_path: Path) -> None:
    data = MARKED
    for _ in range(50):
        data = zipped({"in.zip": data})
    look = Look(data, tmp_path)
    assert len(look.inside) == DEFAULT.nesting
    deepest = look.inside["!".join(["in.zip"] * DEFAULT.nesting)]
    assert [(row.cause, row.stage) for row in deepest.troubles] == [(Cause.OVERSIZED, "archive")]


def test_names_are_only_text(tmp_path: Path) -> None:
    names = ["/etc/passwd.png", "../../up.png", "C:\\x\\y.png", "a!b.png", "caf\u00e9.png", "line\nbreak\x1b[2J.png"]
    folder = tmp_path / "within"
    folder.mkdir()
    look = Look(zipped(dict.fromkeys(names, MARKED)), folder)
    assert set(look.inside) == set(names)
    assert set(os.listdir(folder)) == {"file"}
    assert os.listdir(tmp_path) == ["within"]


def test_the_same_name_twice_gives_two_rows(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", PLAIN)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.png", MARKED)
    assert Look(file.getvalue(), tmp_path).origins == {"a.png": Origin.UNKNOWN, "a.png (2)": Origin.GENERATED}


def test_names_of_the_first_pcs(tmp_path: Path) -> None:
    data = zipped({"xx.png": MARKED}).replace(b"xx.png", b"\x81\x9a.png")
    assert list(Look(data, tmp_path).inside) == ["üÜ.png"]


def test_encrypted_members_are_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"secret.png": PLAIN, "open.png": MARKED}))
    data[data.find(b"PK\x01\x02") + 8] |= 1
    look = Look(bytes(data), tmp_path)
    assert look.told(Cause.UNSUPPORTED) == 'encrypted: "secret.png"'
    assert list(look.inside) == ["open.png"]


def test_an_unknown_method_is_named(tmp_path: Path) -> None:
    look = Look(zipped({"a.png": PLAIN}, zipfile.ZIP_LZMA), tmp_path)
    assert "method 14" in look.told(Cause.UNSUPPORTED)
    assert '"a.png"' in look.told(Cause.UNSUPPORTED)


def test_ten_thousand_members(tmp_path: Path) -> None:
    def looked(count: int) -> Look:
        return Look(zipped({f"{n}.txt": b"words" for n in range(count)} | {"a.png": MARKED}), tmp_path)

    many = looked(10_000)
    assert (many.origins, many.causes) == ({"a.png": Origin.GENERATED}, set())
    assert grows_in_step(partial(looked, 10_000 // TIMES), partial(looked, 10_000))


def test_thousands_of_encrypted_members_are_one_trouble(tmp_path: Path) -> None:
    def looked(count: int) -> Look:
        encrypted = bytearray(zipped({f"{n}.bin": b"\0\1\2" for n in range(count)}))
        place = -1
        while (place := encrypted.find(b"PK\x01\x02", place + 1)) >= 0:
            encrypted[place + 8] |= 1
        return Look(bytes(encrypted), tmp_path)

    many = looked(3_000)
    assert len(many.own.troubles) == 1
    assert "2,980 more" in many.told(Cause.UNSUPPORTED)
    assert grows_in_step(partial(looked, 3_000 // TIMES), partial(looked, 3_000))


def test_more_things_than_are_looked_at(tmp_path: Path) -> None:
    look = Look(zipped({f"{n}.png": PLAIN for n in range(30)}), tmp_path, limits=Limits(children=10))
    assert len(look.inside) == 10
    assert "more than 10 files" in look.told(Cause.OVERSIZED)


def test_what_takes_too_long_keeps_what_was_read(tmp_path: Path) -> None:
    look = Look(zipped({"a.png": MARKED}), tmp_path, limits=Limits(base_seconds=0, bytes_per_second=10**12))
    assert look.causes == {Cause.SLOW}


def test_a_bomb_is_named_and_not_unpacked(tmp_path: Path) -> None:
    look = Look(zipped({"bomb.bin": ZEROS, "a.png": MARKED}), tmp_path)
    assert '"bomb.bin"' in look.told(Cause.OVERSIZED)
    assert list(look.inside) == ["a.png"]


@pytest.mark.parametrize("method", PACK)
def test_a_stream_that_grows_out_of_proportion_is_left(method: str, tmp_path: Path) -> None:
    look = Look(PACK[method](ZEROS), tmp_path, "x")
    assert "200 times" in look.told(Cause.OVERSIZED)
    assert look.inside == {}


def test_a_black_frame_is_no_bomb(tmp_path: Path) -> None:
    black = b"BM" + struct.pack("<IIIIiiHH", 3_000_054, 0, 54, 40, 1000, 1000, 1, 24) + bytes(3_000_024)
    look = Look(zipped({"black.bmp": black}), tmp_path)
    assert look.types == {"black.bmp": "image/bmp"}
    assert Cause.OVERSIZED not in look.causes


@pytest.mark.parametrize("said", [10, 0xFFFFFFF0])
def test_sizes_that_lie(said: int, tmp_path: Path) -> None:
    data = bytearray(zipped({"a.png": MARKED, "b.png": MARKED}))
    struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, said)
    look = Look(bytes(data), tmp_path)
    assert '"a.png"' in look.told(Cause.MALFORMED if said == 10 else Cause.OVERSIZED)
    assert look.origins["b.png"] is Origin.GENERATED


def test_a_small_size_hides_no_bomb(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.bin": ZEROS}))
    struct.pack_into("<I", data, data.find(b"PK\x01\x02") + 24, 100)
    look = Look(bytes(data), tmp_path)
    assert '"a.bin"' in look.told(Cause.OVERSIZED)
    assert look.inside == {}


def test_members_over_each_other_are_not_unpacked_for_ever(tmp_path: Path) -> None:
    """Hundreds of entries of the directory that all name the same packed bytes."""
    whole = zipped({"a.bin": os.urandom(20_000)})
    start = whole.find(b"PK\x01\x02")
    entry, end = whole[start : whole.find(b"PK\x05\x06")], bytearray(whole[whole.find(b"PK\x05\x06") :])
    struct.pack_into("<HHI", end, 8, 500, 500, len(entry) * 500)
    look = Look(whole[:start] + entry * 500 + bytes(end), tmp_path)
    assert "overlap" in look.told(Cause.OVERSIZED)
    assert len(look.inside) < 5


def test_a_nest_of_archives_that_multiplies_ends(tmp_path: Path) -> None:
    """Sixteen archives in each, six deep: seventeen million files in the end."""
    data = gzip.compress(bytes(8 * 1024 * 1024))
    for _ in range(6):
        data = zipped({f"{n:x}.zip": data for n in range(16)})

    def looked(count: int) -> Look:
        return Look(data, tmp_path, limits=Limits(children=count))

    assert len(looked(300).inside) == 300
    assert grows_in_step(partial(looked, 300 // TIMES), partial(looked, 300))


def test_everything_together_stays_within_the_budget(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(50_000)
    look = Look(zipped({f"{n}.bin": noise for n in range(20)}), tmp_path, limits=Limits(unpacked=200_000))
    assert len(look.inside) == 4
    assert "unpacks to more" in look.told(Cause.OVERSIZED)


def test_a_cut_archive_still_gives_what_stands_before(tmp_path: Path) -> None:
    data = zipped({"a.png": MARKED, "b.png": PLAIN})
    look = Look(data[: data.find(b"PK\x01\x02")], tmp_path)
    assert look.origins["a.png"] is Origin.GENERATED
    assert "cut" in look.told(Cause.MALFORMED)
    half = Look(tarred({"a.png": MARKED, "b.png": PLAIN})[:1560], tmp_path)
    assert half.origins == {"a.png": Origin.GENERATED}
    assert half.causes == {Cause.MALFORMED}


def test_members_whose_sizes_stand_behind_them_are_found_in_a_cut_archive(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", MARKED)
        archive.writestr("b.png", MARKED)
    data = file.getvalue()
    assert set(Look(data, tmp_path).origins.values()) == {Origin.GENERATED}
    assert set(Look(data[: data.find(b"PK\x01\x02")], tmp_path).origins.values()) == {Origin.GENERATED}


def test_an_archive_behind_a_program_is_read(tmp_path: Path) -> None:
    data = b"PK\x03\x04 is how it begins, but it is no member" + zipped({"a.png": MARKED})
    assert Look(data, tmp_path).origins == {"a.png": Origin.GENERATED}


def test_64_bit_numbers(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a.png", "w", force_zip64=True) as member:
        member.write(MARKED)
    data = file.getvalue()
    end = data.find(b"PK\x05\x06")
    count, _, length, start = struct.unpack_from("<HHII", data, end + 8)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, start)
    wide += struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    tail = struct.pack("<4s4HIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert Look(data[:end] + wide + tail, tmp_path).origins == {"a.png": Origin.GENERATED}


CONTENT_TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
CUSTOM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="AIGC"><vt:lpwstr>'
    b'{&quot;Label&quot;:&quot;1&quot;,&quot;ContentProducer&quot;:&quot;doubao&quot;,&quot;ProduceID&quot;:'
    b"&quot;7&quot;}</vt:lpwstr></property></Properties>"
)  # fmt: skip
LABEL = '{"Label":"1","ContentProducer":"doubao","ProduceID":"7"}'


@pytest.mark.parametrize("first", [True, False])
def test_a_document_is_one_row_with_its_pictures(first: bool, tmp_path: Path) -> None:
    types = {"[Content_Types].xml": CONTENT_TYPES}
    parts = {f"word/part{n}.xml": b"<?xml version='1.0'?><w/>" for n in range(30)}
    parts |= {
        "word/media/image1.png": MARKED,
        "word/printerSettings1.bin": b"\0\1\2\3" * 9,
        "docProps/custom.xml": CUSTOM,
    }
    look = Look(zipped(types | parts if first else parts | types), tmp_path)
    assert look.origins == {"word/media/image1.png": Origin.GENERATED}
    assert look.says("AIGC") == [LABEL]
    assert look.origin is Origin.GENERATED  # by the document's own label, not by its picture
    assert {row.signal for row in look.own.evidence} == {"tc260"}
    assert look.causes == set()


def test_an_open_document_and_a_book(tmp_path: Path) -> None:
    meta = (
        '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"><office:meta><meta:generator>LibreOffice'
        f"</meta:generator><meta:user-defined meta:name='AIGC'>{LABEL}</meta:user-defined></office:meta>"
        "</office:document-meta>"
    ).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("meta.xml", meta)
        archive.writestr("Pictures/1.png", MARKED)
    text = Look(file.getvalue(), tmp_path)
    assert text.own.asset.media_type == "application/vnd.oasis.opendocument.text"
    assert (text.says("generator"), text.says("AIGC")) == (["LibreOffice"], [LABEL])
    assert text.origins == {"Pictures/1.png": Origin.GENERATED}
    opf = b'<package><metadata><meta property="AIGC">{}</meta><meta name="x" content="y"/></metadata></package>'
    book = Look(zipped({"META-INF/container.xml": b"<c/>", "OEBPS/content.opf": opf, "cover.png": MARKED}), tmp_path)
    assert (book.says("AIGC"), book.says("x")) == (["{}"], ["y"])
    assert book.origins == {"cover.png": Origin.GENERATED}


def test_properties_that_are_no_xml_or_a_bomb_of_entities(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><p>&b;</p>'
    for part in (b"<p", laughs):
        look = Look(zipped({"[Content_Types].xml": CONTENT_TYPES, "docProps/core.xml": part}), tmp_path)
        assert look.causes == {Cause.MALFORMED}
        assert look.own.statements == ()


def test_what_systems_leave_behind_is_no_row_and_xmp_is_one(tmp_path: Path) -> None:
    digital = "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    members = {
        "__MACOSX/._a.png": b"\0\x05\x16\x07" + bytes(40),
        ".DS_Store": b"\0\0\0\x01Bud1" + bytes(40),
        "a.xmp": packet(digital + "</Iptc4xmpExt:DigitalSourceType>"),
        "empty": b"",
    }
    look = Look(zipped(members), tmp_path)
    assert look.origins == {"a.xmp": Origin.GENERATED}


def test_every_cut_and_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    rng = random.Random(3)
    wholes = [zipped({"a.png": MARKED, "b.txt": b"words" * 99}), tarred({"a.png": MARKED}, mode="w:gz"),
              tarred({"a" * 120: MARKED}), PACK["xz"](MARKED)]  # fmt: skip
    for whole in wholes:
        for _ in range(60):
            data = bytearray(whole[: rng.randrange(len(whole)) if rng.random() < 0.3 else len(whole)])
            for _ in range(rng.randrange(4)):
                data[rng.randrange(len(data))] = rng.randrange(256) if data else 0
            Look(bytes(data) or b"x", tmp_path, limits=SMALL)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600), st.integers(0, 1200))
def test_walkers_say_nothing_but_their_own_word(data: bytes, place: int) -> None:
    for whole in (zipped({"a": b"x" * 50}), tarred({"a": b"x" * 50})):
        hurt = Block(whole[:place] + data + whole[place + len(data) :], SMALL)
        for walk in (zips.walk_members(hurt), tar.walk_members(tar.FileStream(hurt), SMALL)):
            try:
                for member in walk:
                    if isinstance(member, zips.ZipMember) and member.method in DECOMPRESSORS:
                        zips.open_member(hurt, member).read(1000)
                    elif isinstance(member, tar.TarMember):
                        member.read(1000)
            except MalformedContainer:
                pass


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([*DECOMPRESSORS]), st.binary(max_size=3000), st.lists(st.integers(1, 700), max_size=12))
def test_unpacked_bytes_are_the_packed_ones_in_any_steps(method: str, data: bytes, steps: list[int]) -> None:
    deflated = zlib.compressobj(wbits=-15)
    packed = {"stored": data, "deflate": deflated.compress(data) + deflated.flush()}.get(method)
    block = Block(b"before" + (packed if packed is not None else PACK[method](data)) + b"behind", DEFAULT)
    stream = DecompressedStream(block, 6, block.size - 12, method)
    parts = [stream.read(step) for step in steps]
    assert b"".join([*parts, stream.read(10_000)]) == data


def test_it_reads_documents_of_every_make() -> None:
    assert Archive().accepts_type("application/vnd.oasis.opendocument.presentation")
    assert not Archive().accepts_type("application/vnd.rar")

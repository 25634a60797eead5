"""Asset maps, packing lists, MHL and ASC MHL as lists of files."""

from __future__ import annotations

import base64
import hashlib

import pytest

from provenance.limits import DEFAULT
from provenance.media.readable import Block, MalformedContainer
from provenance.timeline.packages.interface import FileList, ListedFile
from provenance.timeline.packages.mhl import read_mhl
from provenance.timeline.packages.smpte import read_asset_map, read_packing_list

ID = "0a1b2c3d-0000-4000-8000-00000000000{}"


def block(text: str, coding: str = "utf-8") -> Block:
    return Block(text.encode(coding), DEFAULT)


def test_an_asset_map_says_which_id_is_which_file() -> None:
    text = f"""<?xml version="1.0"?><am:AssetMap xmlns:am="http://www.smpte-ra.org/schemas/429-9/2007/AM">
    <am:Id>urn:uuid:{ID.format(0).upper()}</am:Id><am:AssetList>
    <am:Asset><am:Id>urn:uuid:{ID.format(1)}</am:Id><am:PackingList>true</am:PackingList>
      <am:ChunkList><am:Chunk><am:Path>PKL.xml</am:Path></am:Chunk></am:ChunkList></am:Asset>
    <am:Asset><am:Id>{ID.format(2)}</am:Id><am:PackingList>false</am:PackingList>
      <am:ChunkList><am:Chunk><am:Path>file:///video/v.mxf</am:Path></am:Chunk></am:ChunkList></am:Asset>
    <am:Asset><am:Id>{ID.format(3)}</am:Id></am:Asset></am:AssetList></am:AssetMap>"""
    found = read_asset_map(block(text))
    assert (found.kind, found.id, found.packing_lists) == ("asset-map", ID.format(0), (ID.format(1),))
    assert [(file.id, file.path) for file in found.files] == [
        (ID.format(1), "PKL.xml"),
        (ID.format(2), "video/v.mxf"),
    ]


def test_an_interop_map_marks_its_packing_list_by_an_empty_element() -> None:
    text = f"<AssetMap><AssetList><Asset><Id>{ID.format(1)}</Id><PackingList/></Asset></AssetList></AssetMap>"
    assert read_asset_map(block(text)).packing_lists == (ID.format(1),)


SHA1 = base64.b64encode(hashlib.sha1(b"x").digest()).decode()
SHA256 = base64.b64encode(hashlib.sha256(b"x").digest()).decode()


@pytest.mark.parametrize(
    ("digest", "algorithm", "hashes"),
    [
        (SHA1, "", {"sha1": hashlib.sha1(b"x").hexdigest()}),
        (
            SHA1,
            '<HashAlgorithm Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>',
            {"sha1": hashlib.sha1(b"x").hexdigest()},
        ),
        (
            SHA256,
            '<HashAlgorithm Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>',
            {"sha256": hashlib.sha256(b"x").hexdigest()},
        ),
        (SHA1, '<HashAlgorithm Algorithm="urn:x#whirl"/>', {"whirl": hashlib.sha1(b"x").hexdigest()}),
        ("not base64!", "", {"unreadable": "not base64!"}),
        ("", "", {}),
    ],
)
def test_a_packing_list_says_size_and_hash(digest: str, algorithm: str, hashes: dict[str, str]) -> None:
    text = (
        f"<PackingList><Id>urn:uuid:{ID.format(0)}</Id><AssetList><Asset><Id>urn:uuid:{ID.format(1)}</Id>"
        f"<OriginalFileName>v.mxf</OriginalFileName><Size>42</Size><Hash>{digest}</Hash>{algorithm}</Asset></AssetList>"
        "</PackingList>"
    )
    [file] = read_packing_list(block(text)).files
    assert (file.path, file.id, file.size, file.hashes) == ("v.mxf", ID.format(1), 42, hashes)


@pytest.mark.parametrize("size", ["", "-1", "1e9", "9" * 5_000, "x", "٣"])
def test_a_size_that_is_none(size: str) -> None:
    text = f"<PackingList><AssetList><Asset><Size>{size}</Size></Asset></AssetList></PackingList>"
    assert read_packing_list(block(text)).files[0].size is None


MHL = """<?xml version="1.0" encoding="{coding}"?>
<hashlist version="1.1"><creatorinfo><name>Größe</name></creatorinfo>
<hash><file>A/Größe.mov</file><size>7</size><md5>D41D8CD98F00B204E9800998ECF8427E</md5><sha1>DA39</sha1>
<xxhash>0046947589</xxhash><xxhash64>99E9D85137DB46EF</xxhash64></hash>
<hash><file>A\\b.mov</file><size>8</size><xxhash64be>EF46DB3751D8E999</xxhash64be></hash>
<hash><file>c.mov</file><size>9</size><null/></hash></hashlist>"""


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "windows-1252"]
)
def test_hashes_of_an_mhl_are_printed_as_others_print_them(coding: str) -> None:
    found = read_mhl(block(MHL.format(coding=coding.removesuffix("-sig")), coding))
    first, second, third = found.files
    assert found.kind == "mhl"
    assert (first.path, first.size) == ("A/Größe.mov", 7)
    assert first.hashes == {
        "md5": "d41d8cd98f00b204e9800998ecf8427e",
        "sha1": "da39",
        "xxh32": "02cc5d05",
        "xxh64": "ef46db3751d8e999",
    }
    assert (second.path, second.hashes) == ("A/b.mov", {"xxh64": "ef46db3751d8e999"})
    assert (third.size, third.hashes) == (9, {})


@pytest.mark.parametrize("coding", ["euc-jp", "euc-kr", "shift_jis", "gb18030"])
def test_encodings_of_several_bytes(coding: str) -> None:
    text = f'<?xml version="1.0" encoding="{coding}"?><hashlist><hash><file>日.mov</file></hash></hashlist>'
    assert read_mhl(block(text, coding)).files[0].path == "日.mov"


@pytest.mark.filterwarnings("ignore:invalid escape:DeprecationWarning")
@pytest.mark.parametrize("coding", ["punycode", "idna", "unicode_escape", "undefined", "zlib", "nowhere", "utf-7"])
def test_an_encoding_that_no_file_has_costs_nothing(coding: str) -> None:
    text = f'<?xml version="1.0" encoding="{coding}"?><hashlist><hash><file>{"a-" * 200_000}</file></hash></hashlist>'
    try:
        found = read_mhl(block(text))
    except MalformedContainer:
        return
    assert isinstance(found, FileList)


def test_an_asc_mhl_has_patterns_references_and_several_hashes() -> None:
    text = """<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
    <processinfo><ignore><pattern>.DS_Store</pattern><pattern>ascmhl/</pattern></ignore></processinfo>
    <hashes><hash><path size="7" lastmodificationdate="2026-01-01">A/a.mov</path><md5 action="original">D41D</md5>
    <c4 action="new">c4ABCdef</c4><metadata><x/></metadata></hash>
    <directoryhash><path>A</path></directoryhash></hashes>
    <references><hashlistreference><path>B/ascmhl/0001.mhl</path><c4>c4B</c4></hashlistreference></references></hashlist>"""
    found = read_mhl(block(text))
    assert (found.kind, found.ignored) == ("asc-mhl", (".DS_Store", "ascmhl/"))
    assert found.manifests == (ListedFile("B/ascmhl/0001.mhl", hashes={"c4": "c4B"}),)
    [file] = found.files
    assert (file.path, file.size, file.hashes) == ("A/a.mov", 7, {"md5": "d41d", "c4": "c4ABCdef"})


def test_a_chain_names_the_lists_of_a_history() -> None:
    text = """<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"><hashlist sequencenr="1"><path>0001.mhl</path>
    <c4>c4X</c4></hashlist></ascmhldirectory>"""
    found = read_mhl(block(text))
    assert found.kind == "asc-mhl-chain"
    assert [(file.path, file.hashes) for file in found.files] == [("0001.mhl", {"c4": "c4X"})]


@pytest.mark.parametrize("text", ["", "nothing", "<a>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'])
def test_what_is_no_list_is_malformed(text: str) -> None:
    for read in (read_mhl, read_asset_map, read_packing_list):
        with pytest.raises(MalformedContainer):
            read(block(text))

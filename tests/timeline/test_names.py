"""References as cuts write them."""

from __future__ import annotations

import pytest

from provenance.timeline.names import get_file_name, read_reference, read_umid, read_uuid

UMID = "060a2b340101010501010f20130000007a574aed1aa34ed3828a10a44a66aeb4"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/Volumes/a b.mov", "/Volumes/a b.mov"),
        ("  /a.mov\n", "/a.mov"),
        ("a%20b.mov", "a%20b.mov"),
        ("file:///Volumes/a%20b.mov", "/Volumes/a b.mov"),
        ("file:/Volumes/a.mov", "/Volumes/a.mov"),
        ("file://localhost/Volumes/a.mov", "/Volumes/a.mov"),
        ("FILE://LOCALHOST/a.mov", "/a.mov"),
        ("file:///C%3a/x/a.mov", "C:/x/a.mov"),
        ("file:///C:/x/a.mov", "C:/x/a.mov"),
        ("file://localhost/C%3A%5Cx%5Ca.mov", "C:/x/a.mov"),
        (r"C:\x\a.mov", "C:/x/a.mov"),
        ("C:/x/a.mov", "C:/x/a.mov"),
        ("file://VSD/Volumes/a.mov", "//VSD/Volumes/a.mov"),
        (r"\\server\share\a.mov", "//server/share/a.mov"),
        ("smb://server/share/a%20b.mov", "smb://server/share/a b.mov"),
        ("https://example.org/a.mov?x=1#y", "https://example.org/a.mov?x=1#y"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("file://", ""),
        ("file:", ""),
        ("", ""),
        (":", ":"),
        ("file:///%", "/%"),
        ("file:///%ff%00", "/\ufffd\0"),
    ],
)
def test_references(text: str, path: str) -> None:
    assert read_reference(text) == path


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b.mov", "b.mov"), (r"C:\a\b.mov", "b.mov"), ("b.mov", "b.mov"), ("/a/b/", "b"), ("", ""), ("///", "")],
)
def test_file_names(path: str, name: str) -> None:
    assert get_file_name(path) == name


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ("urn:uuid:0A1B2C3D-0000-4000-8000-00000000000F", "0a1b2c3d-0000-4000-8000-00000000000f"),
        ("{0a1b2c3d-0000-4000-8000-00000000000f}", "0a1b2c3d-0000-4000-8000-00000000000f"),
        ("0a1b2c3d", None),
        ("", None),
    ],
)
def test_uuids(text: str, uuid: str | None) -> None:
    assert read_uuid(text) == uuid


@pytest.mark.parametrize(
    "text",
    [
        UMID,
        UMID.upper(),
        f"urn:smpte:umid:{'.'.join(UMID[at : at + 8] for at in range(0, 64, 8))}",
        f"{UMID[:24]}-13-00-00-00-{{{UMID[32:40]}-{UMID[40:44]}-{UMID[44:48]}-{UMID[48:]}}}",
    ],
)
def test_umids_however_they_are_punctuated(text: str) -> None:
    assert read_umid(text) == UMID


@pytest.mark.parametrize("text", ["", UMID[:-1], UMID + "0", "g" * 64, "0" * 10_000])
def test_what_is_no_umid(text: str) -> None:
    assert read_umid(text) is None

"""Time stamps that `openssl ts` makes are read, and every change of one is noticed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from provenance.errors import ProvenanceError, UsageError
from provenance.signing import ask_authority, der, timestamp
from tests.signing.conftest import Authority

CONTENT = b"what is stamped\n"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


@pytest.fixture(scope="module")
def reply(authority: Authority) -> bytes:
    return authority.answer(timestamp.make_query(CONTENT))


def test_a_reply_says_what_when_and_who(authority: Authority, reply: bytes) -> None:
    stamp = timestamp.parse_reply(reply)
    assert stamp.is_of(CONTENT)
    assert not stamp.is_of(CONTENT + b"x")
    signer = stamp.find_signer()
    assert signer is not None
    assert signer.subject.rfc4514_string() == "CN=tsa"
    assert stamp.is_trusted_by(signer, authority.anchors)
    assert stamp.is_trusted_by(signer, [signer])
    assert not stamp.is_trusted_by(signer, [])


def test_openssl_accepts_what_we_asked_for(authority: Authority, reply: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(CONTENT)
    (tmp_path / "reply").write_bytes(reply)
    verify = ["openssl", "ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", str(authority.folder / "ca.pem")]
    assert subprocess.run(verify, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_every_change_of_a_reply_is_noticed(authority: Authority, reply: bytes) -> None:
    def holds(raw: bytes) -> bool:
        try:
            stamp = timestamp.parse_reply(raw)
            signer = stamp.find_signer()
        except ValueError:
            return False
        return signer is not None and stamp.is_of(CONTENT) and stamp.is_trusted_by(signer, authority.anchors)

    assert holds(reply)
    stamp = timestamp.parse_reply(reply)
    signer = stamp.find_signer()
    assert signer is not None
    for part in (stamp.info, stamp.signed_attributes[1:], stamp.signature, signer.tbs_certificate_bytes):
        start = reply.index(part)
        for place in range(start, start + len(part), 3):
            assert not holds(reply[:place] + bytes([reply[place] ^ 1]) + reply[place + 1 :]), place
    for end in range(0, len(reply), 7):
        assert not holds(reply[:end])
    assert not holds(reply + b"x")


def test_a_certificate_that_is_not_for_time_stamps_gives_none(authority: Authority, reply: bytes) -> None:
    web = x509.load_pem_x509_certificate((authority.folder / "web.pem").read_bytes())
    stamp = timestamp.parse_reply(reply)
    signer = stamp.find_signer()
    assert signer is not None
    assert not stamp.is_trusted_by(signer, [web])
    assert not timestamp._may_stamp(web)
    assert not timestamp._issued(web, signer)


@pytest.mark.parametrize(
    "raw", [b"", b"\x30", b"\x30\x80\0\0", b"\x30\x84\xff\xff\xff\xff", b"x" * 100, b"\x30\3\2\1\2"]
)
def test_what_is_no_reply_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        timestamp.parse_reply(raw)


def test_values_of_any_length_come_back() -> None:
    for size in (0, 1, 127, 128, 255, 256, 70_000):
        raw = der.write(der.OCTET_STRING, b"x" * size)
        assert der.read(raw, der.OCTET_STRING).content == b"x" * size


def test_an_authority_is_asked_for_a_stamp_on_this_content(address: str) -> None:
    assert timestamp.parse_reply(ask_authority.ask(f"{address}/", CONTENT)).is_of(CONTENT)
    for path in ("/other", "/nonsense", "/elsewhere"):
        with pytest.raises(ProvenanceError, match="time-stamp authority"):
            ask_authority.ask(f"{address}{path}", CONTENT)
    for wrong in ("file:///etc/passwd", "ftp://127.0.0.1/", "reply.tsr"):
        with pytest.raises(UsageError):
            ask_authority.ask(wrong, CONTENT)

"""Time stamps that `openssl ts` makes are read, and every change of one is noticed."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from provenance.errors import ProvenanceError, UsageError
from provenance.signing import ask_authority, der, timestamp

CONTENT = b"what is stamped\n"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
[stamps]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, timeStamping
[web]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamp authority made with openssl, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "openssl.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                      "ca.key", "-out", "ca.pem", "-subj", "/CN=Root", "-days", "30", "-extensions", "ca")  # fmt: skip
        for name, algorithm in (("tsa", "rsa:2048"), ("web", "rsa:2048")):
            self._openssl("req", "-newkey", algorithm, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                          "-subj", f"/CN={name}")  # fmt: skip
            section = "stamps" if name == "tsa" else "web"
            self._openssl(
                "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7",
                "-days", "30", "-out", f"{name}.pem", "-extfile", "openssl.cnf", "-extensions", section,
            )  # fmt: skip

    def _openssl(self, command: str, *arguments: str) -> None:
        config = [] if command == "x509" else ["-config", "openssl.cnf"]
        subprocess.run(["openssl", command, *arguments, *config], cwd=self.folder, capture_output=True, check=True)

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key", "-chain",
                      "ca.pem", "-out", "reply")  # fmt: skip
        return (self.folder / "reply").read_bytes()

    @property
    def anchors(self) -> list[x509.Certificate]:
        return [x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes())]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


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


@pytest.fixture
def address(authority: Authority) -> Iterator[str]:
    """An authority on this machine; what it answers depends on the path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            answers = {"/": query, "/other": timestamp.make_query(b"other")}
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(authority.answer(answers[self.path]) if self.path in answers else b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_authority_is_asked_for_a_stamp_on_this_content(address: str) -> None:
    assert timestamp.parse_reply(ask_authority.ask(f"{address}/", CONTENT)).is_of(CONTENT)
    for path in ("/other", "/nonsense", "/elsewhere"):
        with pytest.raises(ProvenanceError, match="time-stamp authority"):
            ask_authority.ask(f"{address}{path}", CONTENT)
    for wrong in ("file:///etc/passwd", "ftp://127.0.0.1/", "reply.tsr"):
        with pytest.raises(UsageError):
            ask_authority.ask(wrong, CONTENT)

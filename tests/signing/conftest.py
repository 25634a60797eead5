"""A time-stamp authority made with openssl, in a folder and on a port of this machine."""

from __future__ import annotations

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from provenance.signing import timestamp

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


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


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

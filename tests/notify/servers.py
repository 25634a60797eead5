"""Servers on 127.0.0.1 that keep what they are sent: one of the web, one for mail."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Web:
    """What a web server was sent: path and body of every POST."""

    address: str = ""
    posts: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serve_web(status: int = 200, location: str = "", certificate: Path | None = None) -> Iterator[Web]:
    """A web server that answers everything with one status."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            web.posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            web.headers.append(dict(self.headers))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads `posts`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        scheme = "https"
        server.socket = load_context(certificate).wrap_socket(server.socket, server_side=True)
    web.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    with run(server):
        yield web


@dataclass
class Mailbox:
    """What a mail server was sent."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Every command."""


@contextmanager
def serve_mail(
    *, offers: tuple[str, ...] = (), refuses: str = "", certificate: Path | None = None
) -> Iterator[Mailbox]:
    """A mail server. `offers`: what it answers to EHLO; `refuses`: the recipient that it takes no mail for."""
    box = Mailbox()
    names = ["test", *offers]
    greeting = "".join(f"250{'-' if name != names[-1] else ' '}{name}\r\n" for name in names).encode()
    answers = {"EHLO": greeting, "AUTH": b"535 a secret of the server\r\n", "QUIT": b"221 bye\r\n"}

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            while line := self.rfile.readline().decode("ascii").rstrip("\r\n"):
                box.lines.append(line)
                word = line.split()[0].upper()
                if word == "DATA":
                    self.take_mail()
                elif refuses and refuses in line:
                    self.wfile.write(b"550 nobody\r\n")
                elif word == "STARTTLS" and certificate:
                    self.wfile.write(b"220 go\r\n")
                    try:
                        load_context(certificate).wrap_socket(self.request, server_side=True)
                    except OSError:
                        return
                else:
                    self.wfile.write(answers.get(word, b"250 yes\r\n"))

        def take_mail(self) -> None:
            self.wfile.write(b"354 go on\r\n")
            body = b""
            while (part := self.rfile.readline()) != b".\r\n":
                body += part
            box.mails.append(body)
            self.wfile.write(b"250 taken\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    with run(server):
        yield box


@contextmanager
def run(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def load_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def make_certificate(path: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    certificate = builder.sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path

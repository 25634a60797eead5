"""Many machines as a user meets them: certificates, the same words and codes as on one machine, refusals."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provenance.intake.engines import cluster, cluster_client
from tests.cli.conftest import Provenance
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS
from tests.intake.engines.cluster_site import Site, read, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers are forked")


def certify(folder: Path, name: str) -> tuple[str, ...]:
    """An authority and a certificate that it signed, as options."""
    folder.mkdir()
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
    yesterday = datetime.now(UTC) - timedelta(days=1)

    def sign(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, is_authority: bool) -> x509.Certificate:
        builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(yesterday).not_valid_after(yesterday + timedelta(days=30))
        constraints = x509.BasicConstraints(ca=is_authority, path_length=None)
        return builder.add_extension(constraints, critical=True).sign(authority, hashes.SHA256())

    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    pem = serialization.Encoding.PEM
    written = {
        "--tls-ca": sign(issuer, authority.public_key(), is_authority=True).public_bytes(pem),
        "--tls-cert": sign(own, key.public_key(), is_authority=False).public_bytes(pem),
        "--tls-key": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    }
    options = []
    for option, data in written.items():
        path = folder / f"{option[2:]}.pem"
        path.write_bytes(data)
        options += [option, str(path)]
    return tuple(options)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.2)


def test_a_cluster_gives_what_one_machine_gives_and_takes_nobody_without_a_certificate(
    site: Site, provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = certify(tmp_path / "ours", "ours")
    address = site.start_scheduler(*options, scheme="tls")
    _, log = site.start("worker", address, "--jobs", 1, *options)
    edit, out = tmp_path / "edit", tmp_path / "out"
    edit.mkdir()
    out.mkdir()
    picture(edit / "GEN.png", 1, PARAMETERS)
    picture(out / "copy.jpg", 1)
    (edit / "broken.png").write_bytes((edit / "GEN.png").read_bytes()[:200])
    for number in range(1001, 1005):
        picture(edit / f"frame.{number}.png", 5)
    (out / "cut.edl").write_text("TITLE: X\n\n001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\n")
    told: list[dict[str, Any]] = []
    for name, where in (("one", ("--jobs", 1)), ("many", ("--cluster", address, *options))):
        catalogue = ("--catalogue", tmp_path / f"{name}.db")
        assert provenance("ingest", edit, *catalogue, *where).code == 3
        scanned = provenance("scan", out, *catalogue, *where, "--format", "json", "--timeline-rate", 25)
        assert scanned.code == 1, scanned.err
        told += [scanned.report, provenance("report", *catalogue, "--format", "json").report]
    assert [match["known"]["path"] for match in told[2]["assets"][0]["matches"]] == ["GEN.png"]
    for one, many in zip(told[:2], told[2:], strict=True):
        for field in ("assets", "findings", "uses", "troubles", "summary"):
            assert json.dumps(many[field]) == json.dumps(one[field]), field
    assert "joins" in read(log)

    # A certificate of another authority lets nobody in, nor does none.
    strange = certify(tmp_path / "strange", "strange")
    monkeypatch.setattr(cluster_client, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(cluster, "_PATIENCE_SECONDS", 0.1)
    refused = provenance("ingest", edit, "--catalogue", tmp_path / "no.db", "--cluster", address, *strange)
    assert refused.code == 4
    assert f"no scheduler answers at {address}" in refused.err
    nobody = ssl.create_default_context(cafile=options[1])
    nobody.check_hostname = False
    host, port = address.removeprefix("tls://").split(":")
    with (
        socket.create_connection((host, int(port))) as connection,
        pytest.raises(ssl.SSLError, match=r"(?i)certificate.required|handshake"),
        nobody.wrap_socket(connection) as secured,
    ):
        secured.recv(1)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://192.0.2.7:8786", "is plain tcp, which is for 127.0.0.1 alone"),
        ("tcp://render.example:8786", "is plain tcp"),
        ("tls://192.0.2.7:8786", "there is no --tls-ca"),
        ("http://127.0.0.1:8786", "begins with neither tls:// nor tcp://"),
        ("127.0.0.1:8786", "is no address of a scheduler"),
        ("tls://host", "is no address of a scheduler"),
        ("tls://host:99999", "is no address of a scheduler"),
        ("", "is no address of a scheduler"),
    ],
)
@pytest.mark.parametrize("command", ["worker", "scheduler", "ingest"])
def test_an_address_that_lets_anybody_in_is_refused(
    command: str, address: str, says: str, provenance: Provenance, tmp_path: Path
) -> None:
    words = (command, address) if command != "ingest" else (command, tmp_path, "--cluster", address)
    said = provenance(*words)
    assert (said.code, says in said.err) == (2, True), said.err
    assert not (tmp_path / "home").exists(), "nothing was begun"


def test_without_a_worker_a_run_ends_or_goes_on_alone(
    provenance: Provenance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(cluster_client, "_CONNECT_SECONDS", 0.3)
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit" / "note.txt").write_text("note")
    words = ("ingest", tmp_path / "edit", "--jobs", 1, "--cluster", "tcp://127.0.0.1:9")
    said = provenance(*words)
    assert said.code == 4
    assert "no scheduler answers at tcp://127.0.0.1:9" in said.err
    assert "provenance scheduler tcp://127.0.0.1:9" in said.err
    said = provenance(*words, "--cluster-fallback")
    assert said.code == 0, said.err
    assert "this machine goes on alone" in said.err


def test_a_signal_ends_a_run_on_a_cluster_in_order(site: Site, provenance: Provenance, tmp_path: Path) -> None:
    address = site.start_scheduler()
    worker, worker_log = site.start("worker", address, "--jobs", 1, work="unguarded")
    for name in range(3_000):
        (tmp_path / f"{name}.txt").write_text(f"note {name}")
    catalogue = tmp_path / "c.db"
    run, log = site.start("ingest", tmp_path, "--catalogue", catalogue, "--cluster", address, "--fingerprints", "none")
    written = tmp_path / "c.db-wal"
    wait_until(lambda: written.exists() and written.stat().st_size > 200_000)
    os.kill(run, signal.SIGTERM)
    wait_until(lambda: "exit code 143" in read(log), 10)
    assert "ended by SIGTERM" in read(log)
    assert provenance("verify", "--catalogue", catalogue).code == 0
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: "exit code 143" in read(worker_log), 10)

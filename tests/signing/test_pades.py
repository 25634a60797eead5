"""A signature inside the PDF: valid, over all of it, and the file stays PDF/A-2a and PDF/UA-1."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from provenance.errors import UsageError
from provenance.reports.formats.pdf import Pdf
from provenance.signing import pades
from provenance.workflows import sign_pdf
from tests.reports.golden.report import golden_report
from tests.signing.conftest import Authority

pytest.importorskip("pyhanko")
page: Any = pytest.importorskip("page")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


@pytest.fixture(scope="module")
def report() -> bytes:
    return b"".join(Pdf().render(golden_report()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, report: bytes) -> Path:
    folder = tmp_path_factory.mktemp("pades")
    (folder / "report.pdf").write_bytes(report)
    usage = "keyUsage=critical,digitalSignature,nonRepudiation"
    for command in (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=Legal -days 9 -addext {usage}",
        "openssl pkcs12 -export -inkey k.pem -in c.pem -out locked.p12 -passout pass:secret",
        "openssl pkcs12 -export -inkey k.pem -in c.pem -out open.p12 -passout pass:",
        "openssl pkcs12 -export -nokeys -in c.pem -out keyless.p12 -passout pass:",
    ):
        subprocess.run(command.split(), cwd=folder, capture_output=True, check=True)
    for path in folder.glob("*.p12"):
        path.chmod(0o600)
    return folder


def validate(folder: Path, signed: bytes) -> Any:
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    _, _, root = pem.unarmor((folder / "c.pem").read_bytes())
    [signature] = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    return validate_pdf_signature(signature, ValidationContext(trust_roots=[x509.Certificate.load(root)]))


def test_a_signed_copy_is_archivable_accessible_and_valid(
    folder: Path, report: bytes, authority: Authority, address: str
) -> None:
    assert authority.anchors
    for password, when in (("secret", None), (None, f"{address}/")):
        identity = str(folder / ("locked.p12" if password else "open.p12"))
        signer = sign_pdf.load_pdf_signer(identity, password, when)
        place, signed = sign_pdf.sign_copy(str(folder / "report.pdf"), signer)
        assert place == str(folder / "report.signed.pdf")
        assert signed.startswith(report), "the report itself stays as it is, byte for byte"
        Path(place).write_bytes(signed)
        for profile in ("2a", "ua1"):
            failures = [row.rule_id for row in page.validate_pdf_bytes(signed, profile=profile).failures]
            assert [rule for rule in failures if "GLYPH-WIDTH" not in rule] == [], profile
        status = validate(folder, signed)
        assert (status.intact, status.valid, status.coverage.name) == (True, True, "ENTIRE_FILE")
        assert (status.timestamp_validity is not None) == (when is not None)
        at = signed.index(b"/CN") if b"/CN" in signed else len(report) // 2
        assert not validate(folder, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]).intact


def test_a_value_with_a_length_that_ends_in_80_is_written_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    from asn1crypto import cms, core

    raw = cms.ContentInfo({"content_type": "data", "content": bytes(0x580 - 19)}).dump()
    assert raw[:4].hex() == "30820580"
    with pades._measure_lengths_right():
        token = cms.ContentInfo.load(raw)
        monkeypatch.setattr(core.Sequence, "_set_contents", None)
        assert token.dump() == raw
    monkeypatch.undo()
    token["content"] = b"other"
    with pades._measure_lengths_right():
        assert cms.ContentInfo.load(token.dump())["content"].native == b"other", "what was changed is encoded anew"


def test_what_cannot_sign_is_refused(folder: Path, tmp_path: Path) -> None:
    assert sign_pdf.needs_password(str(folder / "locked.p12"))
    assert not sign_pdf.needs_password(str(folder / "open.p12"))
    (tmp_path / "nothing.p12").touch(0o600)
    loose = Path(shutil.copy(folder / "open.p12", tmp_path / "loose.p12"))
    loose.chmod(0o644)
    for path, password in (
        (folder / "locked.p12", None),
        (folder / "locked.p12", "wrong"),
        (folder / "keyless.p12", None),
        (tmp_path / "nothing.p12", None),
        (tmp_path / "gone.p12", None),
        (loose, None),
    ):
        with pytest.raises(UsageError):
            sign_pdf.load_pdf_signer(str(path), password, None)
    secret = tmp_path / "password"
    secret.touch(0o600)
    with pytest.raises(UsageError, match="is empty"):
        sign_pdf.read_password(str(secret))
    secret.write_text("secret\nmore\n")
    assert sign_pdf.read_password(str(secret)) == "secret"
    secret.chmod(0o644)
    with pytest.raises(UsageError, match="may be read"):
        sign_pdf.read_password(str(secret))

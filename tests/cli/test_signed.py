"""Keys, a signed report and its verification as a user types them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Provenance
from tests.cli.test_scan import PARAMETERS, still


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_from_a_new_key_to_a_verified_report(provenance: Provenance, tmp_path: Path) -> None:
    delivery, key, public = tmp_path / "delivery", tmp_path / "key.pem", tmp_path / "public.pem"
    delivery.mkdir()
    still(delivery / "made.png", PARAMETERS)
    catalogue = ("--catalogue", tmp_path / "c.db")
    assert provenance("scan", delivery, *catalogue, "--jobs", 1, "--marks-only").code == 1
    said = [provenance("key", "new", key)]
    assert (said[0].code, key.stat().st_mode & 0o777) == (0, 0o600)
    assert provenance("key", "new", key).code == 2
    said.append(provenance("key", "public", key))
    public.write_text(said[-1].out)
    openssl = ["openssl", "pkey", "-in", str(key), "-pubout"]
    assert said[-1].out == subprocess.run(openssl, capture_output=True, text=True, check=True).stdout

    head = provenance("verify", *catalogue).out
    bundle, page = tmp_path / "bundle.zip", tmp_path / "report.html"
    report = ("report", "--for", delivery, *catalogue, "--output", bundle, "--output", page)
    said.append(provenance(*report, "--sign", key))
    assert (said[-1].code, said[-1].out) == (0, "")
    assert provenance("verify", *catalogue).out == head, "making a report changed the ledger"
    verify = (*catalogue, "--key", public)
    for path, more in ((bundle, [delivery]), (page, [])):
        said.append(provenance("verify", path, *more, *verify))
        assert (said[-1].code, said[-1].out.split(":")[0]) == (0, "agrees")
    assert provenance("verify", bundle, *catalogue).code == 3
    assert provenance("key", "trust", public, "--name", "Dana Legal").code == 0
    assert "signed by Dana Legal" in provenance("verify", bundle, *catalogue).out
    (delivery / "made.png").write_bytes(b"another")
    said.append(provenance("verify", bundle, delivery, *verify, "--format", "json"))
    document = json.loads(said[-1].out)
    assert (said[-1].code, document["agrees"]) == (1, False)
    [wrong] = [row for row in document["parts"] if row["state"] == "differs"]
    assert (wrong["part"], wrong["name"]) == ("file", "made.png")

    sound = json.loads(provenance("verify", *catalogue, "--format", "json").out)
    assert (sound["schema"], sound["agrees"], sound["parts"][0]["state"]) == ("provenance-verify/1", True, "agrees")
    gone = provenance("verify", *catalogue, "--head", "1:" + "0" * 64, "--format", "json")
    assert (gone.code, json.loads(gone.out)["agrees"]) == (5, False)

    key.chmod(0o640)
    for refused in (("key", "public", key), (*report, "--sign", key)):
        said.append(provenance(*refused))
        assert (said[-1].code, "key.pem may be read" in said[-1].err) == (2, True)
    secret = key.read_text().splitlines()[1]
    assert not any(secret in row.out + row.err for row in said)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_a_copy_of_the_pdf_is_signed_inside(provenance: Provenance, tmp_path: Path) -> None:
    pytest.importorskip("pyhanko")
    (tmp_path / "delivery").mkdir()
    still(tmp_path / "delivery" / "made.png", PARAMETERS)
    catalogue = ("--catalogue", tmp_path / "c.db")
    provenance("scan", tmp_path / "delivery", *catalogue, "--jobs", 1, "--marks-only")
    for command in (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=Legal -days 9",
        "openssl pkcs12 -export -inkey k.pem -in c.pem -out id.p12 -passout pass:secret",
    ):
        subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True)
    (tmp_path / "id.p12").chmod(0o600)
    (tmp_path / "password").touch(0o600)
    (tmp_path / "password").write_text("secret\n")
    report = ("report", "--for", tmp_path / "delivery", *catalogue, "--pades", tmp_path / "id.p12")
    output = ("--output", tmp_path / "report.pdf")
    assert provenance(*report, *output).code == 2, "the password is missing"
    assert provenance(*report, "--pades-password", tmp_path / "password", "--format", "html").code == 2
    assert provenance(*report, "--pades-password", tmp_path / "password", *output).code == 0
    plain, signed = (tmp_path / "report.pdf").read_bytes(), (tmp_path / "report.signed.pdf").read_bytes()
    assert signed.startswith(plain)
    assert b"ETSI.CAdES.detached" in signed[len(plain) :]


def test_a_signature_needs_a_file_to_lie_beside(provenance: Provenance, tmp_path: Path) -> None:
    provenance("key", "new", tmp_path / "key.pem")
    for wrong in (
        ("report", "--format", "json", "--sign", tmp_path / "key.pem"),
        ("report", "--format", "bundle", "--output", tmp_path / "b.zip", "--since", "2026-01-01"),
        ("verify", "--key", tmp_path / "key.pem"),
        ("verify", tmp_path / "b.zip", "--head", "1:" + "0" * 64),
        ("scan", tmp_path, "--format", "bundle", "--output", tmp_path / "b.zip"),
    ):
        said = provenance(*wrong, "--catalogue", tmp_path / "c.db")
        assert said.code == 2, wrong
        assert "Traceback" not in said.err

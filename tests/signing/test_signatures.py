from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from provenance import merkle
from provenance.signing import keys, minisign, note
from provenance.signing.keys import SigningKey
from provenance.signing.note import Checkpoint

CONTENT = b"what is signed\n"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    path = tmp_path_factory.mktemp("keys") / "key.pem"
    keys.create(str(path))
    return keys.load_private(str(path))


def run(*command: str, folder: Path) -> int:
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def test_openssl_and_minisign_verify_the_same_signature(key: SigningKey, tmp_path: Path) -> None:
    signed = minisign.sign(key, CONTENT, "made today")
    (tmp_path / "file").write_bytes(CONTENT)
    (tmp_path / "file.minisig").write_bytes(minisign.render(signed))
    (tmp_path / "file.sig").write_bytes(signed.signature)
    (tmp_path / "signer.pem").write_text(key.public.pem)
    (tmp_path / "signer.pub").write_bytes(minisign.render_public_key(key.public))
    checks = ["openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in file -sigfile file.sig"]
    if shutil.which("minisign"):
        checks.append("minisign -V -p signer.pub -x file.minisig -m file")
    for check in checks:
        assert run(*check.split(), folder=tmp_path) == 0, check
    (tmp_path / "file").write_bytes(CONTENT + b"x")
    for check in checks:
        assert run(*check.split(), folder=tmp_path) != 0, check


def test_a_signature_file_has_one_form(key: SigningKey) -> None:
    raw = minisign.render(minisign.sign(key, CONTENT, "made today"))
    assert minisign.parse(raw).is_signed_by(key.public, CONTENT)
    for place in range(len(raw)):
        for bit in (1, 4, 64):
            changed = bytearray(raw)
            changed[place] ^= bit
            try:
                is_taken = minisign.parse(bytes(changed)).is_signed_by(key.public, CONTENT)
            except ValueError:
                is_taken = False
            assert not is_taken, (place, bit)
    for changed_length in (raw[:-1], raw + b"\n", b"", raw.replace(b"\n", b"\r\n")):
        with pytest.raises(ValueError, match=r"."):
            minisign.parse(changed_length)


def test_a_checkpoint_is_a_signed_note(key: SigningKey) -> None:
    checkpoint = Checkpoint("example.com/log", 3, b"r" * 32)
    raw = note.sign(key, checkpoint)
    text, _, line = raw.decode().partition("\n\n")
    assert text.split("\n") == ["example.com/log", "3", base64.b64encode(b"r" * 32).decode()]
    assert line.startswith("\u2014 example.com/log ")
    parsed = note.parse(raw)
    assert parsed.checkpoint == checkpoint
    assert parsed.is_signed_by(key.public)


def test_lines_of_others_may_stand_in_a_checkpoint(key: SigningKey) -> None:
    raw = note.sign(key, Checkpoint("example.com/log", 3, b"r" * 32))
    witness = "\u2014 witness.example " + base64.b64encode(b"1234" + b"s" * 72).decode() + "\n"
    assert note.parse(raw + witness.encode()).is_signed_by(key.public)


def test_every_change_of_a_checkpoint_shows(key: SigningKey) -> None:
    raw = note.sign(key, Checkpoint("example.com/log", 12, b"r" * 32))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        try:
            is_taken = note.parse(bytes(changed)).is_signed_by(key.public)
        except ValueError:
            is_taken = False
        assert not is_taken, place


@pytest.mark.parametrize(
    "text",
    ["log\n03\n{root}\n", "log\n3\n{root}\nmore\n", "\n3\n{root}\n", "log\n3\nAAAA\n", "log\n-1\n{root}\n", "log\n3\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        note.parse_text(text.format(root=base64.b64encode(b"r" * 32).decode()))


LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
"""The leaves of the test vectors of certificate transparency."""
ROOT_OF_EIGHT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def compute_root(leaves: list[bytes]) -> bytes:
    tree = merkle.CompactRange()
    for leaf in leaves:
        tree.append(merkle.hash_leaf(leaf))
    return tree.compute_root()


def test_the_root_is_that_of_rfc_6962() -> None:
    assert compute_root(LEAVES).hex() == ROOT_OF_EIGHT
    assert compute_root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert compute_root([b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_an_inclusion_proof_leads_to_the_root_and_no_other_does() -> None:
    leaves = [bytes([number]) for number in range(13)]
    for size in range(1, len(leaves) + 1):
        root = compute_root(leaves[:size])
        for index in range(size):
            proof = merkle.list_proof(index, size, lambda start, end: compute_root(leaves[start:end]))
            leaf = merkle.hash_leaf(leaves[index])
            assert merkle.compute_root_from_proof(leaf, index, size, proof) == root
            assert merkle.compute_root_from_proof(leaf, index, size, [*proof, root]) != root
            assert merkle.compute_root_from_proof(merkle.hash_leaf(b"x"), index, size, proof) != root
            assert merkle.compute_root_from_proof(leaf, size, size, proof) is None

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from provenance.errors import UsageError
from provenance.signing import keys, trusted


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    keys.create(str(path))
    return path


def openssl(*arguments: str | Path, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def test_a_new_key_is_for_its_owner_alone_and_is_never_overwritten(key: Path, tmp_path: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    (tmp_path / "link.pem").symlink_to(tmp_path / "elsewhere.pem")
    for taken in (key, tmp_path / "link.pem"):
        with pytest.raises(UsageError, match="never overwritten"):
            keys.create(str(taken))
    assert key.read_bytes() == before
    assert not (tmp_path / "elsewhere.pem").exists()


def test_openssl_reads_our_keys_and_we_read_those_of_openssl(key: Path, tmp_path: Path) -> None:
    assert openssl("pkey", "-in", key, "-pubout").decode() == keys.load_private(str(key)).public.pem
    other = tmp_path / "other.pem"
    other.touch(0o600)
    other.write_bytes(openssl("genpkey", "-algorithm", "ed25519"))
    public = tmp_path / "public.pem"
    public.write_bytes(openssl("pkey", "-in", other, "-pubout"))
    assert keys.load_private(str(other)).public == keys.load_public(str(public))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_key_that_others_may_read_or_change_is_refused(key: Path, mode: int) -> None:
    key.chmod(mode)
    with pytest.raises(UsageError, match=r"key\.pem may be read or changed by others"):
        keys.load_private(str(key))


def test_a_key_behind_a_link_is_refused(key: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.pem"
    link.symlink_to(key)
    with pytest.raises(UsageError, match="is a link"):
        keys.load_private(str(link))


def test_what_is_not_such_a_key_is_refused_without_quoting_it(key: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    words = key.read_text()
    for name, content in {
        "rsa.pem": openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"),
        "locked.pem": openssl("pkey", "-in", key, "-aes128", "-passout", "pass:x"),
        "cut.pem": words[:60].encode(),
        "public.pem": keys.load_private(str(key)).public.pem.encode(),
        "empty.pem": b"",
    }.items():
        path = tmp_path / name
        path.touch(0o600)
        path.write_bytes(content)
        with pytest.raises(UsageError) as refusal:
            keys.load_private(str(path))
        assert words.splitlines()[1] not in refusal.value.message + refusal.value.hint
        assert refusal.value.exit_code == 2
    for path in (pipe, tmp_path / "gone.pem", tmp_path):
        with pytest.raises(UsageError):
            keys.load_private(str(path))
    for path in (key, tmp_path / "rsa.pem", tmp_path / "gone.pem"):
        with pytest.raises(UsageError):
            keys.load_public(str(path))


def test_base64_with_loose_bits_is_refused() -> None:
    assert keys.decode_base64("QQ==") == b"A"
    for loose in ("QR==", "QQ", "QQ==\n", " QQ==", "Q-=="):
        with pytest.raises(ValueError, match=r"."):
            keys.decode_base64(loose)


def test_trusted_keys_have_names_and_are_kept_once(key: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "trusted")
    public = keys.load_private(str(key)).public
    assert trusted.load_all(folder) == []
    assert trusted.add(folder, public, "Dana  Legal")
    assert not trusted.add(folder, public, "Dana Legal")
    assert trusted.load_all(folder) == [trusted.TrustedKey("Dana Legal", public)]
    for wrong in ("Somebody Else", "", " ", "a\x1bb", "x" * 500):
        with pytest.raises(UsageError):
            trusted.add(folder, public, wrong)


def test_a_broken_trusted_key_stops_the_check(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("# name: Dana\n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    with pytest.raises(UsageError, match=r"x\.pem is not a public key"):
        trusted.load_all(str(tmp_path))

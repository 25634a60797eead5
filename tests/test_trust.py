from __future__ import annotations

import hashlib
import importlib.resources
import pickle
import tomllib
from datetime import date
from pathlib import Path

import pytest

from fixtures.media import certificates
from provenance import trust
from provenance.errors import UsageError
from provenance.model.report import TrustList


def test_the_shipped_lists_are_told_apart_and_whole() -> None:
    store = trust.load()
    assert [facts.name for facts in store.lists] == ["C2PA Trust List", "C2PA interim list", "C2PA TSA Trust List"]
    assert [anchors.pem.count("BEGIN CERTIFICATE") for anchors in (*store.signers, store.stamps)] == [30, 27, 22]
    assert "1.3.6.1.4.1.62558.2.1" in store.usages
    for anchors in store.signers:
        assert all(map(trust._is_readable, trust._CERTIFICATE.findall(anchors.pem)))


def test_every_data_file_is_named_with_its_source_licence_and_digest() -> None:
    folder = importlib.resources.files("provenance").joinpath("trust_lists")
    listed = tomllib.loads(folder.joinpath("lists.toml").read_text())
    rows = [*listed["signers"], listed["stamps"], listed["usages"]]
    assert all({"name", "issued", "source", "licence", "sha256"} <= set(row) for row in rows)
    named = {row["file"] for row in (*rows, *(row["allowed"] for row in rows if "allowed" in row))}
    there = {entry.name for entry in folder.iterdir() if not entry.name.startswith("__")}
    assert there - named == {"lists.toml", "selftest.pem", "selftest.png"}


def test_a_damaged_list_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = trust._read_resource
    monkeypatch.setattr(trust, "_read_resource", lambda name: shipped(name) + b"\n" * name.endswith(".pem"))
    with pytest.raises(UsageError, match="not the one that was shipped") as told:
        trust.load()
    assert "install" in told.value.hint


def test_a_missing_list_stops_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.resources, "files", lambda _: tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        trust.load()


def test_a_users_list_stands_beside_or_instead_of_the_shipped(tmp_path: Path) -> None:
    root = certificates.make_root("Studio", "Studio Root")
    path = tmp_path / "studio.pem"
    path.write_text("Our own authority\n" + root.pem)
    store = trust.load([str(path)])
    assert [facts.name for facts in store.lists][:3] == ["C2PA Trust List", "C2PA interim list", "studio.pem"]
    own = store.signers[-1]
    assert own.facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert own.pem.strip() == root.pem.strip()
    assert date.fromisoformat(own.facts.issued)
    assert [facts.name for facts in trust.load([str(path)], replace=True).lists] == [
        "studio.pem",
        "C2PA TSA Trust List",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "does not contain a certificate"),
        (b"just text", "does not contain a certificate"),
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "certificate 1 of 1"),
        (b"-----BEGIN CERTIFICATE-----\nAAAABBBBCCCC\n-----END CERTIFICATE-----\n", "certificate 1 of 1"),
        (b"-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n", "certificate 1 of 1"),
        (b"\xff" * (trust.MAX_FILE_SIZE + 1), "larger than"),
    ],
)
def test_what_the_library_would_take_for_an_empty_list_is_refused(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "list.pem"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint) as told:
        trust.load([str(path)])
    assert told.value.hint


def test_a_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.pem"):
        trust.load([str(tmp_path / "gone.pem")])


def test_age_and_travel() -> None:
    assert trust.count_days_since_issue(TrustList("list", "2026-08-05", ""), date(2026, 11, 22)) == 109
    store = trust.load()
    assert pickle.loads(pickle.dumps(store)) == store

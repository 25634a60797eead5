from __future__ import annotations

import hashlib
import importlib.resources
import os
import pickle
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fixtures.media import certificates
from provenance import trust
from provenance.errors import UsageError
from provenance.model.evidence import TrustList
from provenance.model.match import COPY
from provenance.model.vocabulary import Origin, Standing
from tests.policy.build import case, credential, evidence, match


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
    assert own.facts.issued == "unknown"
    assert [facts.name for facts in trust.load([str(path)], replace=True).lists] == [
        "studio.pem",
        "C2PA TSA Trust List",
    ]


@pytest.mark.parametrize(
    ("comment", "issued"),
    [
        ("", "unknown"),
        ("# issued: 2026-08-05\n", "2026-08-05"),
        ("Bundle\n#Issued: 2025-01-31 \n", "2025-01-31"),
        ("# issued: 2026-02-31\n", "unknown"),
        ("# not issued: 2026-08-05\n", "unknown"),
        ("# issued: 2026-08-05 or so\n", "unknown"),
    ],
)
def test_the_date_of_a_list_comes_from_the_list_and_never_from_the_file(
    tmp_path: Path, comment: str, issued: str
) -> None:
    path = tmp_path / "studio.pem"
    path.write_text(comment + certificates.make_root("Studio", "Studio Root").pem)
    os.utime(path, (0, 0))
    facts = trust.load([str(path)]).signers[-1].facts
    assert facts.issued == issued
    assert trust.count_days_since_issue(facts, date(2026, 8, 6)) == {"unknown": None, "2026-08-05": 1}.get(issued, 552)


def test_what_another_list_vouched_for_is_signed_and_no_more() -> None:
    kept, other = TrustList("kept", "2026-01-01", "1" * 64), TrustList("other", "unknown", "2" * 64)
    camera = replace(evidence(Origin.CAPTURED, Standing.TRUSTED), vouched_by=other)
    known = match(COPY, Origin.GENERATED)
    mark = replace(evidence(standing=Standing.TRUSTED), vouched_by=other)
    known = replace(known, known=replace(known.known, mark=mark))
    mine = case(camera, known, replace(credential(), list="other", vouched_by=other))
    assert trust.withhold_trust(mine, [kept, other]) is mine
    limited = trust.withhold_trust(mine, [kept])
    assert limited.origin is Origin.UNKNOWN
    assert (limited.reading.evidence[0].standing, limited.reading.evidence[0].vouched_by) == (Standing.SIGNED, other)
    assert (limited.reading.credentials[0].trust, limited.reading.credentials[0].list) == ("unknown", None)
    assert limited.matches[0].known.mark == replace(mark, standing=Standing.SIGNED)


def test_a_reading_that_names_no_list_is_not_trusted() -> None:
    kept = TrustList("kept", "2026-01-01", "1" * 64)
    old = case(evidence(Origin.GENERATED, Standing.TRUSTED), credential())
    assert [row.standing for row in trust.withhold_trust(old, [kept]).reading.evidence] == [Standing.SIGNED]


def test_each_mark_names_the_list_behind_its_own_manifest() -> None:
    first, second = TrustList("first", "unknown", "1" * 64), TrustList("second", "unknown", "2" * 64)
    stores = [replace(credential(), vouched_by=first), replace(credential(), where="a.c2pa", vouched_by=second)]
    marks = [
        replace(evidence(standing=Standing.TRUSTED), where="active manifest urn:c2pa:1, action 1"),
        replace(evidence(standing=Standing.TRUSTED), where="a.c2pa: active manifest urn:c2pa:2, action 1"),
        evidence(),
    ]
    assert [row.vouched_by for row in trust.name_vouchers(marks, stores)] == [first, second, None]


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

"""Rows of a register: every refusal names file, row, field, what is wrong and what to write."""

from __future__ import annotations

from datetime import date

import pytest

from provenance.model.declaration import Cell, CellKind, Entry, Sheet, TableRow
from provenance.policy.declaration_interface import Surroundings, is_same_person
from provenance.policy.fields import TERRITORIES
from provenance.policy.register_rows import (
    EnteredRow,
    ReadRows,
    TableOptions,
    check_rows,
    load_kinds,
    make_row,
    parse_row,
    read_rows,
    resolve_references,
)

TODAY = date(2026, 11, 22)
SEEN = "sha256:" + "ab" * 32
NEVER = "sha256:" + "00" * 32
KINDS = load_kinds()
GOOD: dict[str, dict[str, str]] = {
    "tool": {
        "id": "t1",
        "name": "Gen",
        "vendor": "Firm",
        "licence": "paid",
        "terms_date": "2026-01-05",
        "keeps_inputs": "no",
        "trains_on_inputs": "no",
        "enterprise_secured": "unknown",
    },
    "use": {"id": "u1", "tool": "t1", "who": "Ana Ruiz", "purpose": "background", "description": "poster on the wall"},
    "approval": {
        "id": "a1",
        "content": SEEN,
        "approved_by": "Dana Legal",
        "reason": "incidental",
        "reference": "CLR-1",
        "until": "2027-01-01",
    },
    "consent": {
        "id": "c1",
        "performer": "Jo Actor",
        "kind": "voice",
        "scope": "ADR of scene 12",
        "signed_on": "2026-02-01",
        "reference": "CON-7",
    },
    "right": {"id": "r1", "content": SEEN, "source": "archive", "holder": "Archive Ltd", "licence": "L-9"},
    "watch": {"id": "w1", "words": "Harbour Dawn; Jo Actor"},
}


def entry_of(kind: str, /, **changed: str) -> Entry:
    entry, flaws = parse_row(make_row("", {key: (text,) for key, text in (GOOD[kind] | changed).items()}), KINDS[kind])
    assert flaws == []
    return entry


def around(*entries: Entry, today: date = TODAY) -> Surroundings:
    return Surroundings(today, {(row.kind, row.id): row for row in entries}, lambda digest: digest != NEVER)


def problems(kind: str, /, *others: Entry, **changed: str) -> list[str]:
    """Everything that is wrong with an entry of that kind, as a person reads it, without file and row."""
    row = make_row("", {key: (text,) for key, text in (GOOD[kind] | changed).items()})
    entry, flaws = parse_row(row, KINDS[kind])
    if flaws:
        return [f"{flaw.field} {flaw.problem}; {flaw.remedy}" for flaw in flaws]
    found = check_rows([EnteredRow(entry, "", "")], around(entry, *others), set())
    return [flaw.describe() for flaw in found]


def test_an_entry_of_every_kind_is_right() -> None:
    assert GOOD.keys() == KINDS.keys()
    for kind in KINDS:
        assert problems(kind, entry_of("tool")) == []


def test_every_field_that_must_be_there_is_missed() -> None:
    for kind in KINDS.values():
        for field in kind.own_fields:
            told = problems(kind.name, **{field.name: ""})
            assert any(text.startswith(f"{field.name} is missing; write ") for text in told) == field.is_required


@pytest.mark.parametrize(
    ("kind", "field", "text", "wanted"),
    [
        ("approval", "content", SEEN[:40], "is not a whole digest"),
        ("approval", "content", "*", "no pattern and no path"),
        ("approval", "content", "art/poster.png", "is not a whole digest"),
        ("approval", "content", SEEN.upper(), "is not a whole digest"),
        ("approval", "content", NEVER, "the catalogue has never seen"),
        ("approval", "until", "2026-11-21", "is over"),
        ("approval", "until", "9999-12-31", "write a day up to 2031-11-22"),
        ("approval", "until", "03/04/2027", "write 2027-03-04 or 2027-04-03"),
        ("approval", "until", "31.12.2026", "write it as 2026-12-31"),
        ("approval", "until", "2026-02-30", "is not a day"),
        ("approval", "until", "20270101", "is not a day"),
        ("approval", "from", "2027-06-01", "is before 2027-06-01"),
        ("approval", "reason", " . ", "says nothing"),
        ("approval", "approved_by", "Dana \u202elageL", "U+202E"),
        ("approval", "approved_by", "Dana\x00", "U+0000"),
        ("approval", "approved_by", "=HYPERLINK(1)", "begins like a formula"),
        ("approval", "second", "dana  LEGAL", "is the person who approves"),
        ("approval", "also_matched", "no", "write one of: yes"),
        ("approval", "territory", "DE; Ruritania", "'Ruritania' is not a country code"),
        ("approval", "reference_sha256", "abc", "is not a SHA-256"),
        ("approval", "use", "u9", "is not a registered use"),
        ("approval", "id", "a b", "cannot be an id"),
        ("approval", "id", "x" * 101, "cannot be an id"),
        ("approval", "note", "x", "is not a field of approval"),
        ("use", "tool", "t9", "is not a registered tool"),
        ("use", "purpose", "backgroud", "did you mean 'background'?"),
        ("tool", "keeps_inputs", "maybe", "write one of: yes, no, unknown"),
        ("consent", "processed_from", "2026-01-31", "is after 2026-01-31"),
        ("watch", "words", ";;", "is missing"),
    ],
)
def test_what_cannot_count_is_refused_with_a_way_out(kind: str, field: str, text: str, wanted: str) -> None:
    told = problems(kind, entry_of("tool"), **{field: text})
    assert len(told) == 1
    assert wanted in told[0]
    assert "; " in told[0]


@pytest.mark.parametrize("cell", [CellKind.FORMULA, CellKind.ERROR, CellKind.TIME, CellKind.NUMBER, CellKind.FLAG])
def test_what_a_spreadsheet_computed_or_changed_is_refused(cell: CellKind) -> None:
    cells = {name: Cell((text,)) for name, text in GOOD["approval"].items()} | {"reference": Cell(("12",), cell)}
    _, flaws = parse_row(TableRow("row 3", tuple(cells.items())), KINDS["approval"])
    assert [(flaw.label, flaw.field) for flaw in flaws] == [("row 3", "reference")]


def test_a_use_that_is_over_is_a_use_and_a_licence_may_be_long() -> None:
    assert problems("use", entry_of("tool"), until="2020-01-01") == []
    assert problems("right", until="2060-01-01") == []


def test_nobody_approves_their_own_work() -> None:
    own = entry_of("use", who="dana legal")
    assert "is the person of the use u1" in problems("approval", own, use="u1")[0]
    assert problems("approval", own) == [], "nothing ties them"
    named = entry_of("use", who="Dana Legal", content=SEEN)
    assert "is the person of the use u1" in problems("approval", named)[0], "the use of the same content"
    assert "is the person of the use u1" in problems("approval", named, approved_by="Jo", second="D. ana-Legal")[0]


def test_names_are_compared_as_people_read_them() -> None:
    assert is_same_person("Ana  Ruiz", "ana ruiz")
    assert is_same_person("Ａｎａ Ruiz", "Ana\u200d Ruiz")
    assert not is_same_person("Ana Ruiz", "Ana Diaz")
    assert not is_same_person("-", "-")


def test_an_id_is_made_from_the_row_when_there_is_none() -> None:
    first, again, other = (entry_of("watch", id="", words=words) for words in ("a b", "a b", "a c"))
    assert first == again
    assert first.id != other.id


def test_a_tool_may_be_named_by_its_name() -> None:
    use, tool = entry_of("use", tool="gen"), entry_of("tool")
    row = resolve_references(EnteredRow(use, "f", "row 2"), {("tool", "t1"): tool})
    assert row.entry.get("tool") == "t1"


def sheet(name: str, header: str, *rows: str) -> Sheet:
    columns = header.split(",")
    kept = []
    for number, row in enumerate(rows, 2):
        cells = zip(columns, (Cell((text,)) for text in row.split(",")), strict=True)
        kept.append(TableRow(f"row {number}", tuple(cells)))
    return Sheet(name, tuple(kept), tuple(columns))


WATCH = sheet("Watches", "id,words", "w1,Harbour Dawn")


def read(*sheets: Sheet, stem: str = "book", **options: object) -> ReadRows:
    result = ReadRows()
    read_rows("book.xlsx", stem, sheets, TableOptions(**options), result)  # type: ignore[arg-type]
    return result


def told(result: ReadRows) -> str:
    return "\n".join(flaw.describe() for flaw in result.flaws)


def test_the_kind_is_that_of_the_sheet_of_the_file_or_of_the_option() -> None:
    plain = Sheet("Sheet1", WATCH.rows, WATCH.columns)
    assert len(read(WATCH).rows) == len(read(plain, stem="watch").rows) == len(read(plain, kind="watch").rows) == 1
    assert "is named after a kind" in told(read(plain))
    both = read(WATCH, plain)
    assert (len(both.rows), len(both.passed_over)) == (1, 1)
    assert "--sheet" in told(read(plain, WATCH, kind="watch"))
    assert len(read(plain, WATCH, kind="watch", sheet="sheet1").rows) == 1
    assert "has no sheet 'x'" in told(read(plain, sheet="x"))
    assert "unknown kind 'permit'" in told(read(Sheet("permit", (), has_header=False)))


def test_headers_of_coordinators_are_mapped_and_those_of_nobody_refused() -> None:
    own = sheet("watches", "Ref,Words ,Internal", "w1,Harbour Dawn,x")
    mapped = read(own, columns={"ref": "id", "Internal": ""})
    assert [row.entry.id for row in mapped.rows] == ["w1"]
    assert told(read(own)).startswith("book.xlsx: row 1: 'Ref' is not a field of watch; ")
    assert "names the field twice" in told(read(sheet("watch", "words,Words", "a,b")))
    assert "book.xlsx: row 1: is not a header" in told(read(sheet("watch", "w1,Harbour Dawn", "w2,x")))


def test_every_wrong_row_is_named() -> None:
    result = read(sheet("watches", "id,words,kind", "w1,a,cast", "w 2,b,cast", "w3,,person"))
    assert [(flaw.flaw.label, flaw.flaw.field) for flaw in result.flaws] == [
        ("row 3", "id"),
        ("row 4", "kind"),
        ("row 4", "words"),
    ]
    assert len(result.rows) == 1


def test_the_countries_are_those_of_the_standard() -> None:
    assert len(TERRITORIES) == 249
    assert {"DE", "US", "XK"} & TERRITORIES == {"DE", "US"}

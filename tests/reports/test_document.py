"""The JSON document against a schema written down by hand from the contract."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.model.match import Span
from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Standing
from provenance.reports import document
from provenance.reports.interface import Format
from provenance.reports.matches import find_lost_marks

TEXT, NUMBER = (str,), (int, float)
MAYBE = (str, type(None))
EVIDENCE = {
    "signal": TEXT, "carrier": TEXT, "where": TEXT, "origin": set(Origin), "standing": set(Standing),
    "tool": MAYBE, "detail": TEXT,
}  # fmt: skip
SPAN = {"in": NUMBER, "out": NUMBER, "timecode_in": MAYBE, "timecode_out": MAYBE}
MATCH = {
    "known": {"digest": TEXT, "path": TEXT, "origin": set(Origin), "mark": (EVIDENCE, None)},
    "method": {"same-bytes", "picture", "video", "audio"},
    "verdict": {"confirmed-copy", "shares-content"},
    "time": (SPAN, None), "known_time": (SPAN, None), "score": NUMBER, "detail": TEXT,
}  # fmt: skip
TROUBLE = {
    "path": TEXT, "stage": TEXT, "detail": TEXT,
    "cause": {
        "unreadable", "malformed", "oversized", "slow", "crashed", "unsupported", "unstable", "not-installed", "remote",
    },
}  # fmt: skip
USE = {
    "timeline": TEXT, "track": TEXT, "record_in": TEXT, "record_out": TEXT, "source": TEXT, "source_in": MAYBE,
    "source_out": MAYBE, "digest": MAYBE, "resolved_by": TEXT,
}  # fmt: skip
ASSET = {
    "path": TEXT, "root": TEXT, "parent": MAYBE, "digest": TEXT, "xxh128": TEXT, "size": (int,), "media_type": TEXT,
    "origin": set(Origin), "evidence": [EVIDENCE], "matches": [MATCH], "troubles": [TROUBLE],
    "credentials": [
        {
            "where": TEXT, "binding": TEXT, "signature": TEXT, "trust": TEXT, "time": TEXT, "list": MAYBE,
            "signer": MAYBE, "remote_url": MAYBE,
        },
    ],
}  # fmt: skip
FINDING = {
    "rule": TEXT, "severity": {"block", "review", "note"}, "path": TEXT, "digest": TEXT, "time": (SPAN, None),
    "frame": (int, type(None)), "message": TEXT, "remedy": TEXT, "because": [(EVIDENCE, MATCH, USE, TROUBLE)],
    "waived_by": (dict, type(None)),
}  # fmt: skip
COUNTS = dict.fromkeys(Origin, (int,))
DOCUMENT = {
    "schema": {"provenance-report/1"}, "made_at": TEXT, "tool": {"name": TEXT, "version": TEXT},
    "inputs": {
        "roots": [TEXT], "policy": {"name": TEXT, "sha256": TEXT},
        "trust_lists": [{"name": TEXT, "issued": TEXT, "sha256": TEXT}], "catalogue": MAYBE,
    },
    "summary": {
        "assets": (int,), "bytes": (int,), "origins": COUNTS, "troubles": (int,),
        "findings": {"block": (int,), "review": (int,), "note": (int,)},
    },
    "assets": [ASSET], "findings": [FINDING], "uses": [USE], "troubles": [TROUBLE],
    "mark_lost": [{**MATCH, "path": TEXT, "root": TEXT, "digest": TEXT}],
}  # fmt: skip


def fits(value: Any, shape: Any) -> bool:
    """A dict wants its fields (more are allowed), a list its one row, a set a word of it, a tuple one of its kinds."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in value and fits(value[key], want) for key, want in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(row, shape[0]) for row in value)
    if isinstance(shape, set):
        return value in shape
    if isinstance(shape, tuple):
        return any(fits(value, kind) for kind in shape)
    return isinstance(value, shape) if isinstance(shape, type) else value is shape


def test_the_document_keeps_the_contract(golden: Report, known_formats: dict[str, Format]) -> None:
    printed = json.loads(b"".join(known_formats["json"].render(golden)))
    for name, shape in DOCUMENT.items():
        assert fits(printed[name], shape), name
    assert printed == json.loads(json.dumps(document.build_document(golden)))
    assert printed["findings"]
    assert all(finding["because"] for finding in printed["findings"])
    assert len({(row["root"], row["path"]) for row in printed["assets"]}) == len(printed["assets"])


def test_what_lost_its_mark_is_listed_with_the_mark_it_had(golden: Report) -> None:
    told = {row["path"]: row for row in map(document.build_mark_lost_row, find_lost_marks(golden))}
    assert set(told) == {"video/ep101.mov", "plates/AB_010.[1001-1020].exr"}, "a plate without a mark lost none"
    row: Any = told["video/ep101.mov"]
    assert (row["known"]["path"], row["known"]["mark"]["standing"]) == ("temp/GEN_harbour_dawn_v4.png", "declared")
    assert (row["verdict"], row["time"]["timecode_in"]) == ("confirmed-copy", "01:00:04:00")


def test_what_says_itself_that_it_is_generated_has_lost_no_mark(golden: Report) -> None:
    honest = dataclasses.replace(
        golden, cases=tuple(dataclasses.replace(case, origin=Origin.PARTLY_GENERATED) for case in golden.cases)
    )
    assert find_lost_marks(honest) == []


def test_the_schema_check_sees_what_is_wrong(golden: Report) -> None:
    row = document.build_finding_row(golden.findings[0])
    assert fits(row, FINDING)
    assert not fits({**row, "severity": "BLOCK"}, FINDING)
    assert not fits({key: value for key, value in row.items() if key != "remedy"}, FINDING)
    assert not fits({**row, "because": [{"signal": "x"}]}, FINDING)


def rows(report: Report) -> dict[str, Any]:
    return {str(row["path"]): row for row in map(document.build_asset_row, report.cases)}


def test_names_that_are_no_text_keep_their_bytes(golden: Report) -> None:
    named = {path: row for path, row in rows(golden).items() if "path_bytes" in row}
    assert [base64.b64decode(row["path_bytes"]) for row in named.values()] == [b"poster\xff"]


def test_a_sequence_tells_its_gaps_and_a_frame_its_sequence(golden: Report) -> None:
    found = rows(golden)
    assert found["plates/AB_010.[1001-1020].exr"]["missing"] == [1004, 1010, 1011, 1012]
    frame = found["plates/AB_010.1007.exr"]
    assert (frame["frame"], frame["sequence"]) == (1007, "plates/AB_010.[1001-1020].exr")
    assert found["paper/pitch.zip!board.psd!layer 3"]["parent"] == "paper/pitch.zip"


def test_an_approval_that_ended_waives_nothing(golden: Report) -> None:
    printed = {row["path"]: row for row in map(document.build_finding_row, golden.findings)}
    assert printed["artwork/sign.png"]["waived_by"]["who"] == "Dana Legal"  # type: ignore[index]
    assert printed["artwork/fill.jpg"]["waived_by"] is None
    assert printed["artwork/fill.jpg"]["expired_approval"]["expires"] == "2026-10-31"  # type: ignore[index]


def test_times_that_are_no_numbers_become_null(golden: Report) -> None:
    odd = dataclasses.replace(golden.findings[0], time=Span(float("nan"), float("inf")))
    time = json.loads(document.dump(document.build_finding_row(odd)))["time"]
    assert (time["in"], time["out"]) == (None, None)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()))
def test_any_text_is_valid_json_on_which_no_terminal_acts(text: str) -> None:
    line = document.dump(document._sanitize_row({"detail": text}))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["detail"].encode("utf-8").decode() == "".join(
        "\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in text
    )


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(0, 60)))
def test_ranges_hold_the_numbers_and_never_touch(numbers: set[int]) -> None:
    found = document.group_into_runs(numbers)
    assert {number for first, last in found for number in range(first, last + 1)} == numbers
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(found))


def test_what_was_used_is_whole_in_the_document(golden: Report) -> None:
    rows = [row for case in golden.cases for row in document.build_asset_row(case)["evidence"]]  # type: ignore[attr-defined]
    [used] = [row["used"] for row in rows if row["used"]]
    assert set(used) == {"prompt", "negative_prompt", "model", "adapters", "seed", "inputs", "version"}
    assert (used["model"], used["adapters"], used["inputs"]) == ("flux1-dev", ["film_grain"], ["scout_031.jpg"])
    assert any(row["used"] is None for row in rows)

"""Values to record: by number, or any that the model allows."""

from __future__ import annotations

import hashlib

from hypothesis import strategies as st

from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.vocabulary import About, Cause, Origin, Standing, Zone

ROOT = "/mnt/storage"
NOON, LATER, LATEST = "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z", "2026-01-03T12:00:00Z"


def digest(number: int) -> str:
    return f"sha256:{hashlib.sha256(str(number).encode()).hexdigest()}"


def evidence(origin: Origin = Origin.GENERATED) -> Evidence:
    return Evidence(
        "a1111", "png", "tEXt chunk", origin, Standing.TRACE, "Stable Diffusion", "parameters of a generator"
    )


def reading(number: int, *, origin: Origin | None = None, words: int = 3, thumbnail: bytes | None = None) -> Reading:
    statements = tuple(Statement("exif", f"IFD0 tag {n}", "Software", f"{number} {n}" * 9) for n in range(words))
    said = (evidence(origin),) if origin else ()
    return Reading(Asset(digest(number), "0" * 32, 100 + number, "image/png"), statements, said, thumbnail=thumbnail)


def location(name: str | bytes, root: str = ROOT, **more: object) -> Location:
    raw = name.encode() if isinstance(name, str) else name
    return Location(root, raw.decode("utf-8", "backslashreplace"), raw, **more)  # type: ignore[arg-type]  # test shorthand


_text = st.text(max_size=30)  # lone surrogates included
_maybe = st.none() | _text
_numbers = st.integers(0, 2**62)
_maybe_number = st.none() | _numbers
_floats = st.none() | st.floats(0, 1e9)

assets = st.builds(
    Asset,
    st.integers(0, 5).map(digest) | st.just(""),
    _text,
    _numbers,
    _text,
    _maybe_number,
    _maybe_number,
    _floats,
    _maybe,
)
statements = st.builds(Statement, _text, _text, _text, _text, st.sampled_from(Standing), st.sampled_from(About))
evidences = st.builds(Evidence, _text, _text, _text, st.sampled_from(Origin), st.sampled_from(Standing), _maybe, _text)
credentials = st.builds(
    Credential, _text, _text, _text, _text, _text, _maybe, _maybe, _maybe, st.lists(_text, max_size=3).map(tuple)
)
troubles = st.builds(Trouble, _text, _text, st.sampled_from(Cause), _text)


def _several(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=4).map(tuple)


readings = st.builds(
    Reading, assets, _several(statements), _several(evidences), _several(credentials), _several(troubles),
    st.none() | st.binary(max_size=50),
)  # fmt: skip

_names = st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)
locations = st.builds(
    Location, st.sampled_from(["/a", "/a/b", "/", "/caf\udce9"]), st.text(min_size=1, max_size=30), _names,
    st.sampled_from(Zone), st.none() | st.tuples(_numbers, _numbers), st.lists(_numbers, max_size=3).map(tuple),
    _maybe_number, _maybe, _maybe,
)  # fmt: skip

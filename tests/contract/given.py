"""What each part with a version gives for known input, noted beside the version: `python -m tests.contract.given`.

The input is the project's media, a small file for each other carrier, and seeded damage of each. For a signal it is the
statements in these files, and seeded ones. A note is a short digest of what came out. `test_given.py` compares; this
module writes the notes anew, unless a part gives something else for the same input and its version was not raised: then
it names the part and changes nothing.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2

from provenance import registry, trust
from provenance.evidence import carriers, signals
from provenance.evidence.carriers import c2pa
from provenance.evidence.interface import Carrier, EmbeddedFile, KeptManifest, Signal
from provenance.evidence.text import visible_text
from provenance.fingerprint import audio_tracks, extract
from provenance.limits import DEFAULT
from provenance.media import headers, sniff
from provenance.media.source import Source, open_and_digest, open_readonly
from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint, FingerprintLevel
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Standing
from tests.contract.material import LARGEST, MEDIA, damaged, list_media, write_small_files

NOTES = Path(__file__).with_suffix(".json")
COMMAND = "python -m tests.contract.given"
_DIGITS = 10
_FINGERPRINTED = frozenset({"a1111-fail-a.png", "tc260-fail-h.gif", "tc260-fail-a.wav", "settings_json-fail-b.mp4"})
"""Files whose fingerprints are noted."""
_KEYS = ("parameters", "prompt", "workflow", "UserComment", "Software", "Comment", "AIGC", "Credit", "Make", "title")
_WORDS = (
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1",
    "trainedAlgorithmicMedia",
    '{"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}',
    '{"Label": "1", "ContentProducer": "x"}',
    "Midjourney",
    "made with Firefly",
    "Canon",
)
_LINES = ("AI生成", "KLING AI 3.0", "Sora", "gettyimages", "VFX TBD", "TEMP", "Not generated with AI")
"""Lines of text in pictures, which no file of the project has."""
_SEEDED = 60
"""Seeded lists of statements."""
_LIBRARIES = {
    "carrier c2pa": ("c2pa-python",),
    "carrier tags": ("av",),
    "fingerprint": ("av", "numpy", "opencv-python-headless", "pillow", "processor"),
}
"""By the beginning of a part's name: what it depends on besides the program. Notes of others are not compared."""


@dataclass
class Notes:
    """What came out of what."""

    libraries: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    """Name of a file -> digest of its bytes; of statements the digest itself is the name."""
    types: dict[str, str] = field(default_factory=dict)
    """Name of a file -> the type that was recognised."""
    recognition: dict[str, int] = field(default_factory=dict)
    """Type -> version of its recognition, where that is not 1."""
    versions: dict[str, int] = field(default_factory=dict)
    """Part -> version."""
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    """Part -> input -> digest of what it gave; inputs for which it gave nothing are left out."""

    def add(self, part: str, version: int, name: str, rows: Sequence[object]) -> None:
        """Note what a part gave."""
        self.versions[part] = version
        given = self.given.setdefault(part, {})
        if rows:
            given[name] = _digest(*rows)

    def encode(self) -> str:
        """As JSON, a line for each input and part, so that a change can be read."""
        return json.dumps(asdict(self), indent=0, sort_keys=True, ensure_ascii=False) + "\n"


def load() -> Notes:
    """The notes as they were written last."""
    return Notes(**json.loads(NOTES.read_text()))


def find_changes(old: Notes, new: Notes) -> dict[str, list[str]]:
    """Parts that give something else for the same input, although their version is the same; with these inputs."""
    same_bytes = [name for name, content in old.inputs.items() if new.inputs.get(name) == content]
    changes: dict[str, list[str]] = {}
    same = []
    for name in same_bytes:
        media_type = old.types.get(name, "")
        if new.types.get(name, "") == media_type:
            same.append(name)
        elif old.recognition.get(media_type, 1) == new.recognition.get(media_type, 1):
            changes.setdefault(f"type {media_type}", []).append(name)
    for part in sorted(old.given.keys() & new.given.keys()):
        if old.versions[part] != new.versions[part] or not _is_comparable(part, old, new):
            continue
        before, now = old.given[part], new.given[part]
        differing = [name for name in same if before.get(name) != now.get(name)]
        if differing:
            changes[part] = differing
    return changes


def is_outdated(old: Notes, new: Notes) -> bool:
    """Whether the notes lack something of the project's own, or speak of another version."""
    media = {name: content for name, content in new.inputs.items() if name.startswith("media/")}
    parts = {part for part in new.versions if _is_comparable(part, old, new)}
    versions = {part: old.versions.get(part) for part in parts}
    is_known = media.items() <= old.inputs.items() and old.recognition == new.recognition
    return not is_known or versions != {part: new.versions[part] for part in parts}


def explain(changes: dict[str, list[str]]) -> str:
    """What is to be done about them."""
    lines = []
    for part, names in changes.items():
        lines.append(f"{part} gives something else than before for {len(names)} inputs, such as {names[0]}")
    lines.append("raise the version of each, so that files are read again or evidence is derived again;")
    lines.append(
        "that of a carrier or signal is `version` in its class, others are VERSIONS in sniff.py and headers.py,"
    )
    lines.append(f"and FINGERPRINT_VERSIONS; then run: {COMMAND}")
    return "\n".join(lines)


def collect(folder: Path) -> Notes:
    """What every part gives now. `folder`: an empty one, for files that are written."""
    c2pa.configure(trust.load([str(MEDIA / "certificates" / "test-root.pem")], replace=True))
    notes = Notes(libraries=_list_libraries(), recognition=dict(sniff.VERSIONS))
    spoken: dict[str, tuple[Statement, ...]] = {}
    for name, path in _list_files(folder):
        with _open(path) as source:
            notes.inputs[name] = _digest(source.digest, [source.beside(beside) for beside in source.sidecars])
            statements = _read_file(source, name, notes)
        spoken.setdefault(f"statements {_digest(*statements)}", statements)
    for name, rows in [*spoken.items(), *_make_statements()]:
        notes.inputs[name] = ""
        for member in registry.load_members(signals, Signal).values():
            notes.add(f"signal {member.name}", member.version, name, list(member.read(rows)))
    return notes


def _list_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of every file; what is damaged is written beside the small files."""
    small = folder / "small"
    small.mkdir()
    named = [(f"media/{path.relative_to(MEDIA)}", path) for path in list_media()]
    named += [(f"small/{path.name}", path) for path in write_small_files(small)]
    for name, path in named:
        if not path.is_file():
            continue
        yield name, path
        if 0 < path.stat().st_size <= LARGEST:
            # One kind of damage for each file, chosen by its name.
            kinds = list(damaged(path.read_bytes(), name))
            broken = folder / "broken" / path.name
            broken.parent.mkdir(exist_ok=True)
            broken.write_bytes(random.Random(name).choice(kinds))
            yield f"broken {name}", broken


class _open:  # noqa: N801 - used like a function
    """Opens a file as a worker does, with a note beside it if there is one."""

    def __init__(self, path: Path) -> None:
        raw, beside = os.fsencode(path), path.with_suffix(".txt")
        self.source = open_and_digest(open_readonly(raw), path.name, os.path.getsize(raw), DEFAULT)
        if beside.exists() and beside != path:
            self.source.sidecars, self.source.beside = (beside.name,), lambda _: beside.read_bytes()

    def __enter__(self) -> Source:
        return self.source

    def __exit__(self, *_: object) -> None:
        self.source.file.close()


def _read_file(source: Source, name: str, notes: Notes) -> tuple[Statement, ...]:
    media_type = source.media_type
    notes.types[name] = media_type
    header = headers.read_header(source) if source.size else None
    notes.add(f"header {media_type}", headers.VERSIONS.get(media_type, 1), name, [header] if header else [])
    statements: list[Statement] = []
    for carrier in registry.load_members(carriers, Carrier).values():
        rows = _read_with(carrier, source) if source.size and carrier.accepts(source) else []
        notes.add(f"carrier {carrier.name}", carrier.version, name, rows)
        statements.extend(row for row in rows if isinstance(row, Statement))
    if source.name in _FINGERPRINTED:
        made = [*extract.extract_fingerprint(source, FingerprintLevel.LIGHT)]
        made += audio_tracks.extract_fingerprint(source, FingerprintLevel.LIGHT)
        for row in made:
            if isinstance(row, Fingerprint):
                version = FINGERPRINT_VERSIONS[row.method]
                notes.add(f"fingerprint {row.method}", version, name, [row.data])
    return tuple(statements)


def _read_with(carrier: Carrier, source: Source) -> list[object]:
    """What a carrier yields, with digests in place of bytes, and with the error that ends it."""
    rows: list[object] = []
    try:
        for row in carrier.read(source):
            if isinstance(row, EmbeddedFile):
                rows.append((row.name, _digest(row.content), sorted(row.beside)))
            elif isinstance(row, KeptManifest):
                rows.append(_digest(row.data))
            else:
                rows.append(row)
    except Exception as error:  # noqa: BLE001 - damage may raise anything in a carrier
        rows.append(type(error).__name__)
    return rows


def _make_statements() -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """Seeded lists of statements, by name."""
    dice = random.Random(1)
    for number in range(_SEEDED):
        rows = []
        for _ in range(dice.randrange(1, 4)):
            key, value = dice.choice(_KEYS), dice.choice(_WORDS)
            rows.append(Statement("png", "a place", key, value, dice.choice(list(Standing))))
        yield f"seeded {number} {_digest(*rows)}", tuple(rows)
    for line in _LINES:
        read = Statement(visible_text.CARRIER, "lower right, 1,2-3,4", visible_text.LINE, line)
        yield f"label {_digest(read)}", (read,)


def _list_libraries() -> dict[str, str]:
    names = sorted({name for used in _LIBRARIES.values() for name in used} - {"processor"})
    versions = {name: importlib.metadata.version(name) for name in names}
    return versions | {"processor": f"{platform.machine()} {cv2.getCPUFeaturesLine()}"}


def _is_comparable(part: str, old: Notes, new: Notes) -> bool:
    for beginning, names in _LIBRARIES.items():
        if part.startswith(beginning):
            return all(old.libraries.get(name) == new.libraries[name] for name in names)
    return True


def _digest(*values: object) -> str:
    return hashlib.sha256("\n".join(map(repr, values)).encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]


def write() -> int:
    """Write the notes anew. Returns the exit code: 1 when a version has to be raised first."""
    with tempfile.TemporaryDirectory() as folder:
        new = collect(Path(folder))
    changes = find_changes(load(), new) if NOTES.exists() else {}
    if changes:
        sys.stderr.write(f"{explain(changes)}\n")
        return 1
    NOTES.write_text(new.encode())
    return 0


if __name__ == "__main__":
    sys.exit(write())

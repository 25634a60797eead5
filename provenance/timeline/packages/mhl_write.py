"""One more generation of an ASC MHL 2.0 history: the manifest, and the chain file that seals it.

ASC MHL, Media Hash List, version 2.0 (schema `urn:ASC:MHL:v2.0`). Directory hashes are optional there and left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from provenance.timeline.packages.interface import FileList

ALGORITHM = "xxh64"
"""By which a file is digested that no generation lists yet."""
IGNORED = (".DS_Store", "ascmhl", "ascmhl/")
_ACTIONS = ("original", "verified", "failed", "new")
_NUMBER = re.compile(r"(\d{4,})_.*\.mhl")


@dataclass(frozen=True, slots=True)
class HashedFile:
    """One file as it is now."""

    path: str
    """Relative to the folder, with slashes."""
    size: int
    modified_at: str
    """ISO 8601 with `+00:00`."""
    hashes: Mapping[str, str]
    """By algorithm."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the new generation, with what each hash of it says about those before."""

    file: HashedFile
    actions: Mapping[str, str] = field(default_factory=dict)
    """By algorithm: `original`, `verified`, `failed`, `new`."""

    @property
    def is_failed(self) -> bool:
        """Whether it is not the file that an earlier generation listed."""
        return "failed" in self.actions.values()


Earlier = Mapping[str, Mapping[str, str]]
"""By path: the first hash by each algorithm that a generation gives, which is that of the original."""


def collect_earlier(generations: Sequence[FileList]) -> Earlier:
    """What earlier generations say of each file. `generations`: oldest first."""
    earlier: dict[str, dict[str, str]] = {}
    for generation in generations:
        for file in generation.files:
            of_file = earlier.setdefault(file.path, {})
            for algorithm, value in file.hashes.items():
                of_file.setdefault(algorithm, value)
    return earlier


def list_wanted(path: str, earlier: Earlier) -> tuple[str, ...]:
    """The algorithms by which a file has to be digested: those of the generations before, and ours."""
    return tuple(sorted({*earlier.get(path, ()), ALGORITHM}))


def compare(files: Sequence[HashedFile], earlier: Earlier) -> list[Entry]:
    """What the new generation says of each file."""
    return [Entry(file, _compare_file(file, earlier.get(file.path, {}))) for file in files]


def find_missing(files: Sequence[HashedFile], earlier: Earlier) -> list[str]:
    """Paths that an earlier generation lists and that are not there any more."""
    return sorted(set(earlier) - {file.path for file in files})


def _compare_file(file: HashedFile, earlier: Mapping[str, str]) -> dict[str, str]:
    actions = {}
    for algorithm, value in sorted(file.hashes.items()):
        if algorithm in earlier:
            actions[algorithm] = "verified" if earlier[algorithm] == value else "failed"
        else:
            actions[algorithm] = "new" if earlier else "original"
    return actions


def name_manifest(folder_name: str, made_at: str, names: Sequence[str]) -> str:
    """The file name of the next generation: `0002_A002R2EC_2020-01-17_143000Z.mhl`. `made_at` as in reports."""
    numbers = [int(match[1]) for name in names if (match := _NUMBER.fullmatch(name))]
    day, _, clock = made_at.removesuffix("Z").partition("T")
    return f"{max(numbers, default=0) + 1:04}_{folder_name}_{day}_{clock.replace(':', '')}Z.mhl"


def format_manifest(
    entries: Sequence[Entry], made_at: str, host: str, version: str, references: Sequence[tuple[str, str]] = ()
) -> str:
    """The text of a manifest. `made_at`: `2020-01-17T14:30:00Z`.

    `references`: path and C4 ID of the manifests of histories inside, relative to the folder of this one.
    """
    time = made_at.removesuffix("Z") + "+00:00"
    rows = [_format_entry(entry, time) for entry in sorted(entries, key=lambda entry: entry.file.path)]
    patterns = "".join(f"      <pattern>{escape(pattern)}</pattern>\n" for pattern in IGNORED)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n  <creatorinfo>\n'
        f"    <creationdate>{time}</creationdate>\n    <hostname>{escape(host)}</hostname>\n"
        f"    <tool version={quoteattr(version)}>provenance</tool>\n  </creatorinfo>\n"
        f"  <processinfo>\n    <process>in-place</process>\n    <ignore>\n{patterns}    </ignore>\n  </processinfo>\n"
        f"  <hashes>\n{''.join(rows)}  </hashes>\n{_format_references(references)}</hashlist>\n"
    )


def _format_references(references: Sequence[tuple[str, str]]) -> str:
    if not references:
        return ""
    rows = []
    for path, c4 in sorted(references):
        rows.append(
            f"    <hashlistreference>\n      <path>{escape(path)}</path>\n      <c4>{c4}</c4>\n"
            "    </hashlistreference>\n"
        )
    return f"  <references>\n{''.join(rows)}  </references>\n"


def _format_entry(entry: Entry, time: str) -> str:
    file = entry.file
    size, modified = quoteattr(str(file.size)), quoteattr(file.modified_at)
    rows = [
        f'      <{algorithm} action="{entry.actions[algorithm]}" hashdate="{time}">{escape(value)}</{algorithm}>\n'
        for algorithm, value in sorted(file.hashes.items())
    ]
    path = f"      <path size={size} lastmodificationdate={modified}>{escape(file.path)}</path>\n"
    return f"    <hash>\n{path}{''.join(rows)}    </hash>\n"


def format_chain(manifests: Sequence[tuple[str, str]]) -> str:
    """The text of the chain file: name and C4 ID of every manifest, oldest first."""
    rows = [
        f'  <hashlist sequencenr="{number}">\n    <path>{escape(name)}</path>\n    <c4>{c4}</c4>\n  </hashlist>\n'
        for number, (name, c4) in enumerate(manifests, 1)
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n'
    return f"{head}{''.join(rows)}</ascmhldirectory>\n"

"""Runs a command as far as possible under what a systemd unit allows, without systemd as the first process.

`confined.py UNIT STATE TEMPORARY COMMAND...`: only STATE and TEMPORARY can be written to. Needs root, to make name
spaces. Ends with 77 where the kernel or this account refuses that.
"""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import sys
from collections.abc import Iterable

NOT_POSSIBLE = 77

_CLONE_NEWNS, _CLONE_NEWNET = 0x00020000, 0x40000000
_ALL_NAMESPACES = (0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_PROT_WRITE, _PROT_EXEC = 2, 4
_AF_UNIX = 1
_ACT_ALLOW = 0x7FFF0000
_CMP_NE, _CMP_MASKED_EQ = 1, 7

_libc = ctypes.CDLL(None, use_errno=True)


class _Condition(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


class _Filter:
    """A filter of system calls, by libseccomp, as systemd makes it."""

    def __init__(self, default: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._filter = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(default)))

    def add(self, action: int, name: str, *conditions: tuple[int, int, int, int]) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        rows = (_Condition * len(conditions))(*[_Condition(*condition) for condition in conditions])
        code = self._library.seccomp_rule_add_array(self._filter, ctypes.c_uint32(action), number, len(rows), rows)
        # A call that this architecture does not have cannot be made either.
        if code and number > 0:
            raise OSError(-code, f"no rule for {name}")

    def load(self) -> None:
        _check(self._library.seccomp_load(self._filter))


def _refuse(number: int) -> int:
    return 0x00050000 | number


def _check(code: int) -> None:
    if code:
        raise OSError(ctypes.get_errno() or abs(code), "refused")


def read_unit(path: str) -> dict[str, list[str]]:
    """The settings of [Service]: every value of each key, in order."""
    found: dict[str, list[str]] = {}

    # A key may stand more than once, which the parsers of the standard library do not keep.
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("[Service]")[1].split("\n[")[0].splitlines()
    for line in lines:
        if line and line[0] not in "#;":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def _list_calls(sets: Iterable[str]) -> set[str]:
    """The names of the system calls in sets such as `@system-service`, which may name further sets."""
    calls: set[str] = set()
    for name in sets:
        if name.startswith("@"):
            calls |= _list_calls(_load_sets()[name])
        else:
            calls.add(name)
    return calls


@functools.cache
def _load_sets() -> dict[str, list[str]]:
    """What this systemd understands by each of its sets."""
    said = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True, check=True)
    sets: dict[str, list[str]] = {}
    name = ""
    for line in said.stdout.splitlines():
        if line.startswith("@"):
            name = line
            sets[name] = []
        elif name and line.startswith("    ") and not line.lstrip().startswith("#"):
            sets[name].append(line.strip())
    return sets


def _make_filters(unit: dict[str, list[str]]) -> list[_Filter]:
    refusals = _Filter(_ACT_ALLOW)
    if unit.get("RestrictAddressFamilies") == ["AF_UNIX"]:
        refusals.add(_refuse(97), "socket", (0, _CMP_NE, _AF_UNIX, 0))
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        both = _PROT_WRITE | _PROT_EXEC
        refusals.add(_refuse(1), "mmap", (2, _CMP_MASKED_EQ, both, both))
        for name in ("mprotect", "pkey_mprotect"):
            refusals.add(_refuse(1), name, (2, _CMP_MASKED_EQ, _PROT_EXEC, _PROT_EXEC))
    if unit.get("RestrictNamespaces") == ["yes"]:
        refusals.add(_refuse(38), "clone3")
        for flag in _ALL_NAMESPACES:
            refusals.add(_refuse(1), "unshare", (0, _CMP_MASKED_EQ, flag, flag))
            refusals.add(_refuse(1), "clone", (0, _CMP_MASKED_EQ, flag, flag))
    allowed: set[str] = set()
    for value in unit["SystemCallFilter"]:
        if value.startswith("~"):
            allowed -= _list_calls(value[1:].split())
        else:
            allowed |= _list_calls(value.split())
    # systemd always allows what ends up in the new program: execve and the like.
    allowed |= _list_calls(["@default"])
    only = _Filter(_refuse(1))
    for name in sorted(allowed):
        only.add(_ACT_ALLOW, name)
    # The one that allows the least comes last: it allows no further filter.
    return [refusals, only]


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    _check(_libc.mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]))


def _make_mounts(state: str, temporary: str) -> None:
    """As `ProtectSystem=strict`, `ProcSubset=pid` and `ProtectProc=invisible` make them."""
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        places = [line.split()[4] for line in file]
    _mount(state, state, None, _MS_BIND)
    _mount("tmpfs", temporary, "tmpfs", 0)
    for place in places:
        if not place.startswith(("/dev", "/proc", "/sys")):
            _mount("none", place, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY)
    _mount("proc", "/proc", "proc", 0, "subset=pid,hidepid=invisible")


def _drop_capabilities() -> None:
    for number in range(64):
        # Numbers beyond the kernel's last one are refused.
        if _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0):
            break


def main(unit_path: str, state: str, temporary: str, *command: str) -> None:
    """Confine this process, and become the command."""
    unit = read_unit(unit_path)
    try:
        filters = _make_filters(unit)
        _check(_libc.unshare(_CLONE_NEWNS | (_CLONE_NEWNET if unit["PrivateNetwork"] == ["yes"] else 0)))
        _make_mounts(state, temporary)
    except OSError as error:
        sys.stderr.write(str(error))
        sys.exit(NOT_POSSIBLE)
    _drop_capabilities()
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for made in filters:
        made.load()
    os.environ["TMPDIR"] = temporary
    os.chdir(state)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])

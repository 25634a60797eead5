"""The one law and the single doors, kept by reading the source. Rooms that are not there yet break nothing.

Each law is a function over one module and yields what breaks it; beside it stand snippets to catch and to let be.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = (
    (
        "model",
        "errors",
        "interrupts",
        "limits",
        "timecode",
        "units",
        "registry",
        "trust",
        "origin",
        "plain",
        "cut_picture",
        "settings",
        "gentleness",
        "toml_table",
        "merkle",
        "object_place",
        "mounts",
        "secret_file",
        "direct_http",
        "number_ranges",
        "__init__",
        "__version__",
    ),
    ("media", "credentials", "catalogue", "policy", "reports", "signing", "notify"),
    ("decode",),
    ("fingerprint", "evidence", "timeline"),
    ("matching", "labels"),
    ("intake",),
    ("workflows",),
    ("provenance_cli", "review"),
)
"""Packages and modules of the library from the ground up: imports only go down."""
SEEN_BY_CLI = ("workflows", "settings", "errors", "interrupts", "model", "units", "__version__")
LARGEST_SHARE = 0.25
"""Of all lines of the library, that one package may have."""


@dataclass(frozen=True)
class Module:
    """One source file: its path from the root with slashes, and its syntax tree."""

    path: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """`policy` for anything in that package, `trust` for that module, `provenance_cli` for the command line."""
        return self.path.split("/")[1].removesuffix(".py")

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree, the root left out: each law looks through them."""
        return list(_nodes(self.tree, True))

    def imports(self, types_too: bool = True) -> Iterator[str]:
        """Dotted names of everything imported anywhere in it, relative ones resolved."""
        for node in self.nodes if types_too else _nodes(self.tree, types_too):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                package = self.path.removesuffix(".py").split("/")[: -node.level] if node.level else []
                source = ".".join([*package, *([node.module] if node.module else [])])
                yield from (f"{source}.{name.name}" for name in node.names)

    def own_imports(self, types_too: bool = True) -> Iterator[str]:
        """Rooms of the library that it imports: `policy` for `provenance.policy.judge`."""
        for name in self.imports(types_too):
            if name.startswith("provenance."):
                yield name.split(".")[1]


def _nodes(tree: ast.AST, types_too: bool) -> Iterator[ast.AST]:
    """Every node, without the bodies of `if TYPE_CHECKING:` unless they are wanted."""
    for node in ast.iter_child_nodes(tree):
        if not types_too and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _nodes(node, types_too)


def floor_of(room: str) -> int:
    """The floor of a package or module. What is on none is a room that was added without saying where it stands."""
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


@functools.cache
def modules() -> list[Module]:
    """Everything that is installed, in a stable order."""
    files = [path for folder in ("provenance", "cli") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [Module(path.relative_to(ROOT).as_posix(), ast.parse(path.read_bytes())) for path in files]


def imports_go_down(module: Module) -> Iterator[str]:
    """A package imports from the floors below it and from itself, never from its own floor or above.

    The ground floor is single modules, which may import each other.
    """
    floor = floor_of(module.room)
    for room in module.own_imports():
        is_below = floor_of(room) < floor or floor == 0 == floor_of(room)
        if room != module.room and not is_below:
            yield f"imports {room}"


def cli_sees_the_workflows_only(module: Module) -> Iterator[str]:
    """The command line imports the workflows and what they are called with; names for types alone do not count."""
    if module.path.startswith("cli/"):
        yield from (f"imports {room}" for room in module.own_imports(types_too=False) if room not in SEEN_BY_CLI)


def nobody_imports_the_cli(module: Module) -> Iterator[str]:
    if not module.path.startswith("cli/"):
        yield from (name for name in module.imports() if name.split(".")[0] in ("cli", "provenance_cli"))


def _door(name: str, behind: str | tuple[str, ...], packages: str) -> Callable[[Module], Iterator[str]]:
    """The law that only paths that start with `behind` import these packages."""

    def law(module: Module) -> Iterator[str]:
        if not module.path.startswith(behind):
            for imported in module.imports():
                if f"{imported}.".startswith(tuple(f"{package}." for package in packages.split())):
                    yield f"imports {imported}"

    law.__name__ = name
    return law


only_the_catalogue_opens_databases = _door(
    "only_the_catalogue_opens_databases", "provenance/catalogue/", "sqlite3 _sqlite3 pysqlite3 sqlite_utils apsw"
)
only_the_pool_imports_processes = _door(
    "only_the_pool_imports_processes",
    "provenance/intake/engines/local.py",
    "multiprocessing concurrent pebble subprocess pty",
)
only_the_c2pa_carrier_imports_c2pa = _door(
    "only_the_c2pa_carrier_imports_c2pa", "provenance/evidence/carriers/c2pa", "c2pa"
)
only_the_cli_imports_click = _door("only_the_cli_imports_click", "cli/", "click")
only_who_was_told_to_opens_a_socket = _door(
    "only_who_was_told_to_opens_a_socket",
    (
        "provenance/direct_http.py",
        "provenance/signing/ask_authority.py",
        "provenance/notify/",
        "provenance/review/",
        "provenance/intake/engines/cluster",
    ),
    "socket asyncio http urllib.request urllib.error urllib3 requests httpx ftplib smtplib",
)
only_a_cluster_speaks_to_other_machines = _door(
    "only_a_cluster_speaks_to_other_machines", "provenance/intake/engines/cluster", "distributed dask tornado"
)

only_one_module_asks_object_storage = _door(
    "only_one_module_asks_object_storage",
    "provenance/media/object_storage.py",
    "fsspec s3fs botocore boto3 aiobotocore aiohttp",
)


def only_the_catalogue_knows_sql(module: Module) -> Iterator[str]:
    if module.path.startswith("provenance/catalogue/"):
        return
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            sentence = re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA)\s+\w", node.value)
            if sentence:
                yield f"line {node.lineno}: {sentence.group().strip()} …"


def only_the_pool_starts_processes(module: Module) -> Iterator[str]:
    if module.path == "provenance/intake/engines/local.py":
        return
    for node, name in _of_os(module):
        if re.match(r"(fork|system|popen|exec|spawn|posix_spawn)", name):
            yield f"line {node.lineno}: os.{name}"


def only_settings_reads_the_environment(module: Module) -> Iterator[str]:
    """Setting a variable for libraries that are loaded later is no reading."""
    if module.path == "provenance/settings.py":
        return
    set_here = {
        id(node.value) for node in module.nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    for node, name in _of_os(module):
        if name in ("environ", "environb", "getenv", "getenvb") and id(node) not in set_here:
            yield f"line {node.lineno}: os.{name}"


def _of_os(module: Module) -> Iterator[tuple[ast.Attribute | ast.ImportFrom, str]]:
    """Every name taken from `os`, as an attribute or by import."""
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            yield node, node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from ((node, name.name) for name in node.names)


def errors_are_caught_by_name(module: Module) -> Iterator[str]:
    """A broad `except` stands in `examine`, for hostile files, and at the last door of the command line.

    One that cleans up and raises again hides nothing.
    """
    if module.path in ("provenance/intake/examine.py", "cli/provenance_cli/main.py"):
        return
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler) and _broad(node.type):
            last = node.body[-1]
            if not (isinstance(last, ast.Raise) and last.exc is None):
                yield f"line {node.lineno}: broad except"
        elif isinstance(node, ast.Call) and _is_suppress(node.func):
            yield from (f"line {node.lineno}: suppresses everything" for kind in node.args if _broad(kind))


def _is_suppress(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
    return name.endswith("suppress")


def _broad(kind: ast.expr | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(_broad(one) for one in kind.elts)
    return kind is None or ast.unparse(kind).split(".")[-1] in ("Exception", "BaseException")


def faces_are_bare(module: Module) -> Iterator[str]:
    """An `__init__` holds a docstring, the outermost one the version too: faces that re-export make import cycles."""
    if module.path.endswith("__init__.py"):
        for node in module.tree.body:
            text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            version = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
            if not (text or (version and module.path == "provenance/__init__.py")):
                yield f"line {node.lineno}: {ast.unparse(node)}"


JUDGE, EXAMINE, SCAN = "provenance/policy/judge.py", "provenance/intake/examine.py", "cli/provenance_cli/scan.py"

LAWS: dict[Callable[[Module], Iterator[str]], tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    imports_go_down: (
        [
            (JUDGE, "import provenance.intake.walk"),
            (JUDGE, "from provenance import reports"),
            (JUDGE, "from ..catalogue import rows"),
            (JUDGE, "def f():\n from provenance.timeline.edl import read"),
            (JUDGE, "if TYPE_CHECKING:\n from provenance.matching import index"),
            (JUDGE, "from provenance.workflows import scan"),
            ("provenance/origin.py", "from provenance.policy import packs"),
            ("provenance/media/source.py", "from provenance.fingerprint.features import GRAY_SIDE"),
        ],
        [
            (JUDGE, "from provenance.policy.packs import Pack\nfrom .interface import Rule\nfrom .. import model"),
            ("provenance/workflows/scan.py", "from provenance.intake import walk"),
            (
                "provenance/matching/known.py",
                "from provenance.fingerprint import features\nfrom provenance import model",
            ),
        ],
    ),
    cli_sees_the_workflows_only: (
        [(SCAN, "from provenance.catalogue import store"), (SCAN, "import provenance.reports.formats")],
        [(SCAN, "from provenance import workflows, __version__\nif TYPE_CHECKING:\n from provenance.reports import x")],
    ),
    nobody_imports_the_cli: ([(JUDGE, "from provenance_cli.main import cli")], [(SCAN, "import provenance_cli.main")]),
    only_the_catalogue_opens_databases: (
        [(JUDGE, "import sqlite3"), (JUDGE, "from sqlite_utils.db import Table"), (SCAN, "import pysqlite3.dbapi2")],
        [("provenance/catalogue/store.py", "import sqlite_utils"), (JUDGE, "import sqlite_utils_of_ours")],
    ),
    only_the_pool_imports_processes: (
        [
            (EXAMINE, "import subprocess"),
            (JUDGE, "from concurrent import futures"),
            (SCAN, "from multiprocessing.pool import Pool"),
        ],
        [("provenance/intake/engines/local.py", "import pebble, multiprocessing")],
    ),
    only_the_c2pa_carrier_imports_c2pa: (
        [(EXAMINE, "import c2pa"), ("provenance/workflows/scan.py", "from c2pa import Reader")],
        [
            ("provenance/evidence/carriers/c2pa.py", "import c2pa"),
            (EXAMINE, "from provenance.evidence.carriers import c2pa"),
        ],
    ),
    only_the_cli_imports_click: ([("provenance/workflows/scan.py", "import click")], [(SCAN, "import click")]),
    only_who_was_told_to_opens_a_socket: (
        [(SCAN, "import requests"), (JUDGE, "from urllib.request import urlopen"), (EXAMINE, "import socket")],
        [
            (EXAMINE, "from urllib.parse import urlsplit"),
            ("provenance/signing/ask_authority.py", "import urllib.error"),
            ("provenance/notify/mail.py", "import smtplib"),
        ],
    ),
    only_a_cluster_speaks_to_other_machines: (
        [(EXAMINE, "import dask.config"), ("provenance/workflows/cluster.py", "from distributed import Client")],
        [
            ("provenance/intake/engines/cluster.py", "import dask\nfrom distributed import Client"),
            ("provenance/workflows/run.py", "from provenance.intake.engines.cluster import ClusterEngine"),
        ],
    ),
    only_one_module_asks_object_storage: (
        [("provenance/media/source.py", "import s3fs"), (EXAMINE, "from botocore.exceptions import ClientError")],
        [
            ("provenance/media/object_storage.py", "import s3fs, aiohttp"),
            (EXAMINE, "from provenance.media import object_storage"),
        ],
    ),
    only_the_catalogue_knows_sql: (
        [(JUDGE, "x = 'select'\ny = 'SELECT name FROM assets'"), (SCAN, "run(f'  DELETE FROM {table}')")],
        [("provenance/catalogue/rows.py", "x = 'SELECT 1'"), (JUDGE, "x = 'select one of the formats'")],
    ),
    only_the_pool_starts_processes: (
        [(JUDGE, "os.system('ls')"), (JUDGE, "from os import fork"), (EXAMINE, "os.posix_spawnp(a, b, c)")],
        [("provenance/intake/engines/local.py", "os.fork()"), (JUDGE, "os.path.join(a, b)\nsystem.run()")],
    ),
    only_settings_reads_the_environment: (
        [(JUDGE, "os.environ['HOME']"), (SCAN, "from os import getenv"), (SCAN, "os.environ.setdefault('A', 'b')")],
        [
            ("provenance/settings.py", "os.environ"),
            ("provenance/intake/engines/local.py", "os.environ['OMP_NUM_THREADS'] = '1'"),
        ],
    ),
    errors_are_caught_by_name: (
        [
            (JUDGE, "try: pass\nexcept: pass"),
            (JUDGE, "try: pass\nexcept Exception as e: raise X from e"),
            (SCAN, "try: pass\nexcept (OSError, builtins.BaseException): pass"),
            (SCAN, "with contextlib.suppress(Exception): pass"),
        ],
        [
            (EXAMINE, "try: pass\nexcept Exception: pass"),
            (JUDGE, "try: pass\nexcept BaseException:\n clean()\n raise"),
            (JUDGE, "try: pass\nexcept (OSError, ValueError): pass"),
        ],
    ),
    faces_are_bare: (
        [
            ("provenance/policy/__init__.py", "'''Doc.'''\nfrom provenance.policy.judge import judge"),
            ("provenance/policy/__init__.py", "__version__ = '1'"),
        ],
        [("provenance/__init__.py", "'''Doc.'''\n__version__ = '1'"), (JUDGE, "import re")],
    ),
}
each_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)


@each_law
def test_the_house_keeps_the_law(law: Callable[[Module], Iterator[str]]) -> None:
    broken = [f"{module.path}: {what}" for module in modules() for what in law(module)]
    assert broken == []


@each_law
def test_the_law_catches_what_breaks_it(law: Callable[[Module], Iterator[str]]) -> None:
    for path, text in LAWS[law][0]:
        assert list(law(Module(path, ast.parse(text)))), text


@each_law
def test_the_law_lets_be_what_is_right(law: Callable[[Module], Iterator[str]]) -> None:
    for path, text in LAWS[law][1]:
        assert list(law(Module(path, ast.parse(text)))) == [], text


def test_there_is_a_house() -> None:
    assert {"provenance/model/asset.py", "provenance/policy/judge.py"} <= {module.path for module in modules()}


def test_no_package_outgrows_the_others() -> None:
    lines: dict[str, int] = {}
    for module in modules():
        if module.path.startswith("provenance/"):
            count = len((ROOT / module.path).read_bytes().splitlines())
            lines[module.room] = lines.get(module.room, 0) + count
    share = {room: round(count / sum(lines.values()), 3) for room, count in lines.items()}
    assert {room: part for room, part in share.items() if part > LARGEST_SHARE} == {}

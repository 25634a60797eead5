"""Reads texts out of the source: docstrings of modules and classes, and the strings under their fields."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

ROOT = Path(__file__).parents[1]


def get_docstring(value: object) -> str:
    """The docstring of a class or function; empty when it has none."""
    return inspect.getdoc(value) or ""


def read_module_docstring(path: Path) -> str:
    """The docstring of a module, without importing it."""
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def read_field_texts(kind: type) -> dict[str, str]:
    """The string under each field or member of a class, by the name of the field; empty for a field without one."""
    # Python drops strings under fields, so they are read from the source
    [node] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    texts: dict[str, str] = {}
    name = None
    for statement in node.body:
        if name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            texts[name] = str(statement.value.value)
        # only the statement right after a field is its text
        name = _get_assigned_name(statement)
        if name:
            texts[name] = ""
    return texts


def _get_assigned_name(statement: ast.stmt) -> str | None:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    for target in targets:
        if isinstance(target, ast.Name):
            return target.id
    return None

"""Texts that stand in the source: docstrings of modules, of classes, and of the fields in them."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

ROOT = Path(__file__).parents[1]


def said(value: object) -> str:
    """The docstring of a class or function; empty without one of its own."""
    return inspect.getdoc(value) or ""


def module_text(path: Path) -> str:
    """The docstring of a module, which is not imported."""
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def field_texts(kind: type) -> dict[str, str]:
    """The string under each field or member of a class, by the name of the field; empty where there is none."""
    [node] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    texts: dict[str, str] = {}
    name = None
    for statement in node.body:
        if name and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            texts[name] = str(statement.value.value)
        name = _named(statement)
        if name:
            texts[name] = ""
    return texts


def _named(statement: ast.stmt) -> str | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return next((target.id for target in targets if isinstance(target, ast.Name)), None)

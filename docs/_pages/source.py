"""Reading source files without running them: docstrings, signatures, public names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
PACKAGE = SOURCE / "motet"
Definition = ast.FunctionDef | ast.ClassDef


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def path_of(module: str) -> Path:
    """Return the file of a dotted module name."""
    base = SOURCE.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def doc(node: ast.Module | Definition) -> str:
    """Return a docstring without its indentation, or an empty string."""
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")


def first_line(text: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(text.split("\n\n")[0].split())


def public(path: Path) -> Iterator[Definition]:
    """Yield the public functions and classes that a file defines."""
    for node in tree(path).body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node


def exported(path: Path) -> list[str]:
    """Return the names in a file's `__all__`, or nothing."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and "__all__" in _targets(node) and isinstance(node.value, ast.List):
            return [str(ast.literal_eval(element)) for element in node.value.elts]
    return []


def find(path: Path, name: str) -> tuple[Path, ast.stmt] | None:
    """Return where a name that a file offers is defined, followed through imports; None where it is a module."""
    for node in tree(path).body:
        if isinstance(node, Definition) and node.name == name:
            return path, node
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node):
            return path, node
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("motet"):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    if path_of(f"{node.module}.{alias.name}").exists():
                        return None
                    return find(path_of(str(node.module)), alias.name)
    return None


def after(path: Path, node: ast.stmt) -> str:
    """Return the string that stands right after a definition of a constant, its description."""
    body = tree(path).body
    at = body.index(node) + 1
    if at < len(body) and isinstance(body[at], ast.Expr):
        value = body[at].value  # type: ignore[attr-defined]
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return inspect.cleandoc(value.value)
    return ""


def signature(node: ast.FunctionDef) -> str:
    """Return `name(arguments) -> type`."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names: list[str] = []
    for target in targets:
        elements = target.elts if isinstance(target, ast.Tuple) else [target]
        names += [element.id for element in elements if isinstance(element, ast.Name)]
    return names

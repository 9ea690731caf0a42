"""One page per room: what it offers by name, and what its files hold."""

from __future__ import annotations

import ast
from pathlib import Path

from _pages import source

SINGLE = ("errors", "notebook", "registry", "workflow")


def pages() -> dict[str, str]:
    """Return one page per room, by file name."""
    folders = sorted(path.parent for path in source.PACKAGE.glob("*/__init__.py"))
    made = {f"room-{folder.name}.md": room(folder) for folder in folders}
    return made | {f"room-{name}.md": single(source.PACKAGE / f"{name}.py") for name in SINGLE}


def room(folder: Path) -> str:
    """Return the page of a package."""
    init = folder / "__init__.py"
    offered = source.exported(init)
    lines = [f"# motet.{folder.name}", "", source.doc(source.tree(init)), ""]
    if offered:
        lines += ["## By name", ""]
    for name in sorted(offered, key=str.lower):
        lines += entry(init, name)
    lines += ["## Files", ""]
    for path in sorted(folder.rglob("*.py")):
        if path != init:
            lines += listing(path, folder)
    return "\n".join(lines)


def single(path: Path) -> str:
    """Return the page of a room that is one file."""
    lines = [f"# motet.{path.stem}", "", source.doc(source.tree(path)), ""]
    for node in source.public(path):
        lines += definition(node)
    return "\n".join(lines)


def entry(init: Path, name: str) -> list[str]:
    """Return the lines about one offered name."""
    found = source.find(init, name)
    if found is None:
        return [f"### {name}", "", "A module of this room.", ""]
    path, node = found
    if isinstance(node, source.Definition):
        return definition(node)
    about = source.after(path, node)
    return [f"### {name}", "", "```python", ast.unparse(node), "```", "", *([about, ""] if about else [])]


def definition(node: source.Definition) -> list[str]:
    """Return the lines about a function or a class."""
    if isinstance(node, ast.FunctionDef):
        return [f"### {node.name}", "", "```python", source.signature(node), "```", "", source.doc(node), ""]
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")]
    lines = [f"### {node.name}", "", "```python", *_stub(node), "```", "", source.doc(node), ""]
    lines += [f"- `{source.signature(each)}`: {source.first_line(source.doc(each))}" for each in methods]
    return lines + ([""] if methods else [])


def listing(path: Path, folder: Path) -> list[str]:
    """Return the lines about one file: what it is about, and its public names."""
    text = source.first_line(source.doc(source.tree(path)))
    names = [f"`{node.name}`" for node in source.public(path)]
    held = f" ({', '.join(names)})" if names and path.name != "__init__.py" else ""
    return [f"- `{path.relative_to(folder).as_posix()}`: {text}{held}"]


def _stub(node: ast.ClassDef) -> list[str]:
    bases = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    fields = [
        f"    {ast.unparse(each)}"
        for each in node.body
        if isinstance(each, ast.AnnAssign) and not ast.unparse(each.target).startswith("_")
    ]
    return [f"class {node.name}{bases}{':' if fields else ''}", *fields]

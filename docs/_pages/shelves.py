"""The shelves: every family of plug-ins, its contract, and what stands on it."""

from __future__ import annotations

import ast
from pathlib import Path

from _pages import source

INTRODUCTION = """# Shelves

To extend Motet is to add a file. Each shelf has a contract (`_protocol.py`) and one file per idea; a package of your
own joins through an entry point of the group named below. An unknown name is answered with the known ones.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([INTRODUCTION, *(line for name, call in sorted(shelves().items()) for line in shelf(name, *call))])


def shelves() -> dict[str, tuple[str, str]]:
    """Return every shelf of the package: variable name → (family, package)."""
    found = {}
    for path in sorted(source.PACKAGE.rglob("*.py")):
        for node in source.tree(path).body:
            call = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Shelf":
                family, package = (str(ast.literal_eval(argument)) for argument in call.args)
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target  # type: ignore[union-attr]
                found[ast.unparse(target)] = (family, package)
    return found


def shelf(variable: str, family: str, package: str) -> list[str]:
    """Return the lines about one shelf."""
    folder = source.path_of(package).parent
    protocol = folder / "_protocol.py"
    lines = [f"## {package}", ""]
    if protocol.exists():
        lines += [source.first_line(source.doc(source.tree(protocol))), ""]
    group = f"motet.{family.replace(' ', '_')}"
    lines += [f"Entry points: `{group}`.", "", f"| {family} | file | what it is |", "|---|---|---|"]
    for path in sorted(folder.glob("*.py")):
        for name in registered(path, variable):
            about = source.first_line(source.doc(source.tree(path))).replace("|", "\\|")
            lines.append(f"| `{name}` | `{path.relative_to(source.SOURCE).as_posix()}` | {about} |")
    return [*lines, ""]


def registered(path: Path, variable: str) -> list[str]:
    """Return the short names under which a file registers plug-ins, in order."""
    names = []
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{variable}.register":
            names.append(_name(node.args[0]))
    return names


def _name(argument: ast.expr) -> str:
    """A plug-in may register a family of names in a loop (`recall@{k}`); the changing part is shown as k."""
    if isinstance(argument, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "k" for part in argument.values)
    return str(ast.literal_eval(argument))

"""Every error that a person can put right says what to try."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from motet.errors import MissingExtra, install, install_command

from ._tree import ROOT, modules

ERRORS = {"ProjectError", "DataError", "LeakageError", "ArtifactError", "RequestError", "StoreError"}
FOREIGN = re.compile(r"pip install (-U |--upgrade )?['\"]?motet\b")


def raised() -> Iterator[tuple[str, ast.Call]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                yield f"{path.name}:{node.lineno}", node


def test_every_error_has_a_remedy() -> None:
    """Also where no known name is near: `nearest` may return nothing."""
    lacking = []
    for where, call in raised():
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        remedy = call.args[1] if len(call.args) > 1 else None
        only_near = (
            remedy is not None and ast.unparse(remedy).startswith("nearest(") and " or " not in ast.unparse(remedy)
        )
        if not starred and (remedy is None or only_near or ast.unparse(remedy) == "''"):
            lacking.append(where)
    assert lacking == []


def test_nothing_is_installed_from_where_motet_is_not() -> None:
    """Extras come from the clone, and one place says how."""
    said = [
        path.relative_to(ROOT).as_posix()
        for folder in ("src/motet", "docs", "recipes", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".ipynb"} and FOREIGN.search(path.read_text(encoding="utf-8"))
    ]
    assert said == []
    command = install_command("serve")
    assert FOREIGN.search("pip install 'motet[serve]'") and not FOREIGN.search(command)
    assert command in install("serve") and MissingExtra("x", "serve").remedy == install("serve")

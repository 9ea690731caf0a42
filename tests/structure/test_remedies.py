"""Every error that a person can put right says what to try."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ._tree import modules

ERRORS = {"ProjectError", "DataError", "LeakageError", "ArtifactError", "RequestError", "StoreError"}


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

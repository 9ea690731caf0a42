"""What the package offers by name exists, and asking for little loads little."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module

import pytest

import motet

from ._tree import PACKAGE

ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
HEAVY = ["torch", "transformers", "sklearn", "scipy", "lightgbm", "jieba", "pandas", "polars"]


def loaded_after(statement: str) -> set[str]:
    """Return which heavy libraries a fresh process has loaded after a statement."""
    code = f"import sys; {statement}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", motet.__all__)
def test_every_root_name_can_be_had(name: str) -> None:
    assert getattr(motet, name) is not None


def test_an_unknown_root_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_of_the_kind'"):
        _ = motet.nothing_of_the_kind


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    seen = {alias.asname for node in blocks for each in node.body for alias in each.names}
    assert seen == set(motet.__all__) - {"__version__"}


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_offers_is_there(room: str) -> None:
    module = import_module(f"motet.{room}")
    offered = getattr(module, "__all__", [])
    assert [name for name in offered if not hasattr(module, name)] == []
    assert len(set(offered)) == len(offered)


def test_importing_motet_loads_nothing_heavy() -> None:
    assert loaded_after("import motet; dir(motet)") == set()


@pytest.mark.parametrize(
    "room", ["schema", "artifact", "data", "tasks", "evaluate", "transfer", "recommend", "report", "store", "serve"]
)
def test_rooms_without_gradients_load_no_torch(room: str) -> None:
    assert "torch" not in loaded_after(f"import motet.{room}")

"""A demo runs the very recipe that stands among the recipes."""

from __future__ import annotations

import pytest

from ._tree import PACKAGE, ROOT

DEMOS = sorted((PACKAGE / "cli" / "demos").glob("*.toml"))


def test_there_is_a_demo() -> None:
    assert DEMOS


@pytest.mark.parametrize("demo", DEMOS, ids=lambda path: path.stem)
def test_the_demo_is_the_recipe(demo: object) -> None:
    name = demo.name  # type: ignore[attr-defined]
    assert (PACKAGE / "cli" / "demos" / name).read_bytes() == (ROOT / "recipes" / name).read_bytes()

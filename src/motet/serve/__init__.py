"""The HTTP service: recommendations that learn from what happens, and lose nothing.

    from motet.serve import Settings, make_app
    app = make_app(Settings(folder="runs/shop", store="shop.db", open_without_key=True))

Importing this loads no web framework; `make_app` and `run` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motet.serve.settings import Bounds, Settings

if TYPE_CHECKING:
    from motet.serve.app import make_app as make_app
    from motet.serve.run import run as run

__all__ = ["Bounds", "Settings", "make_app", "run"]


def __getattr__(name: str) -> Any:
    if name == "make_app":
        from motet.serve.app import make_app

        return make_app
    if name == "run":
        from motet.serve.run import run

        return run
    raise AttributeError(f"module 'motet.serve' has no attribute '{name}'")

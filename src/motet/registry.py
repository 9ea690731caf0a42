"""Short names for plug-ins: a shelf is a package, and a file put on it is found.

A shelf looks at the modules of its package (those whose name does not begin with an underscore) when it is first
asked, and at the entry points of the group `motet.<family>`, so that guests come in by the same door as our own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from motet.errors import ProjectError

T = TypeVar("T")


def nearest(name: str, known: list[str]) -> str:
    """Return ` Did you mean 'x'?` for the known name nearest to `name`, or an empty string."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


class Shelf(Generic[T]):
    """The plug-ins of one family, by short name.

    family: what to call them in messages, for instance "balancer".
    package: the package whose modules register themselves with `@shelf.register("name")`.
    """

    def __init__(self, family: str, package: str) -> None:
        self.family = family
        self.package = package
        self._entries: dict[str, T] = {}
        self._filled = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that puts its argument on the shelf under `name`."""

        def put(entry: T) -> T:
            self._entries[name] = entry
            return entry

        return put

    def names(self) -> list[str]:
        """Return the known short names, sorted."""
        self._fill()
        return sorted(self._entries)

    def get(self, name: str) -> T:
        """Return the plug-in called `name`; an unknown name is answered with the known ones."""
        self._fill()
        if name not in self._entries:
            known = self.names()
            raise ProjectError(
                f"There is no {self.family} called '{name}'; known: {', '.join(known)}.",
                nearest(name, known).strip() or "Choose one of these.",
            )
        return self._entries[name]

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{self.package}.{module.name}")
        for entry in entry_points(group=f"motet.{self.family.replace(' ', '_')}"):
            self._entries[entry.name] = entry.load()

"""Motet: a multi-task recommender built on language models, with a certificate.

Names are looked up when they are first used, so that `import motet` is quick and loads no torch.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Project": "motet.schema",
    "NextItem": "motet.schema",
    "Binary": "motet.schema",
    "Rating": "motet.schema",
    "Interest": "motet.schema",
    "ClassTask": "motet.schema",
    "Tags": "motet.schema",
    "Number": "motet.schema",
    "Relation": "motet.schema",
    "Masked": "motet.schema",
    "MotetError": "motet.errors",
    "check": "motet.workflow",
    "advise": "motet.workflow",
    "train": "motet.workflow",
    "certify": "motet.workflow",
    "search": "motet.workflow",
    "evaluate": "motet.workflow",
    "update": "motet.workflow",
    "compress": "motet.workflow",
    "load": "motet.recommend",
}

__all__ = sorted([*_HOME, "__version__"])

if TYPE_CHECKING:
    from motet.errors import MotetError as MotetError
    from motet.recommend import load as load
    from motet.schema import Binary as Binary
    from motet.schema import ClassTask as ClassTask
    from motet.schema import Interest as Interest
    from motet.schema import Masked as Masked
    from motet.schema import NextItem as NextItem
    from motet.schema import Number as Number
    from motet.schema import Project as Project
    from motet.schema import Rating as Rating
    from motet.schema import Relation as Relation
    from motet.schema import Tags as Tags
    from motet.workflow import advise as advise
    from motet.workflow import certify as certify
    from motet.workflow import check as check
    from motet.workflow import compress as compress
    from motet.workflow import evaluate as evaluate
    from motet.workflow import search as search
    from motet.workflow import train as train
    from motet.workflow import update as update


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'motet' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__


class _Room(ModuleType):
    """A room that is called as a public function is, `train` or `evaluate`: it can be called, too."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(_HOME[name]), name)(*arguments, **options)


class _Package(ModuleType):
    """Importing a room puts it in the place of the function of its name, whoever imports it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

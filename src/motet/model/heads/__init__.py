"""Heads: one file per kind of answer."""

from motet.model.heads._protocol import HEADS, Head

__all__ = ["HEADS", "Head"]

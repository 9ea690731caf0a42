"""Heads: one file per kind of answer."""

from motet.model.heads._protocol import HEADS, Head, head_name

__all__ = ["HEADS", "Head", "head_name"]

"""Text towers, by short name: what turns a row's texts into the trunk's space."""

from motet.model.trunk.towers._protocol import TOWERS, TextReader

__all__ = ["TOWERS", "TextReader"]

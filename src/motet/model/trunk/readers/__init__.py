"""Layers of the history trunk, by short name: what reads a sequence of events from left to right."""

from motet.model.trunk.readers._protocol import READERS, Reader

__all__ = ["READERS", "Reader"]

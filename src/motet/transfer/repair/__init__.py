"""Repairs, one rung per file."""

from motet.transfer.repair._protocol import REPAIRS, Rung

__all__ = ["REPAIRS", "Rung"]

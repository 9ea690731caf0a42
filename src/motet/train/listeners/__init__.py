"""Listeners: one file each."""

from motet.train.listeners._protocol import LISTENERS, Recorder

__all__ = ["LISTENERS", "Recorder"]

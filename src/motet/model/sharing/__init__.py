"""Collaboration strategies: one file each, named after its paper's term."""

from motet.model.sharing._collapse import collapsed
from motet.model.sharing._protocol import SHARING, Sharing

__all__ = ["SHARING", "Sharing", "collapsed"]

"""Balancers: one file each."""

from motet.train.balance._protocol import BALANCERS, Balancer

__all__ = ["BALANCERS", "Balancer"]

"""Balancers: one file each."""

from motet.train.balance._protocol import BALANCERS, Balancer, looks_at_gradients, looks_at_norms

__all__ = ["BALANCERS", "Balancer", "looks_at_gradients", "looks_at_norms"]

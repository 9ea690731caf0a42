"""Balancers: one file each."""

from motet.train.balance._protocol import BALANCERS, Balancer, looks_at_gradients

__all__ = ["BALANCERS", "Balancer", "looks_at_gradients"]

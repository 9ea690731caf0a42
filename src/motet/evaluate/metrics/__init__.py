"""Metrics, one idea per file, on arrays. Ask for one by its short name with `find`."""

from motet.evaluate.metrics._protocol import METRICS, Metric, find

__all__ = ["METRICS", "Metric", "find"]

"""Judging: metrics on arrays, slices, calibration, and the paired statistic. Knows no model."""

from motet.evaluate.calibration import Bin, reliability
from motet.evaluate.evaluation import Evaluation, evaluate, goodness
from motet.evaluate.folds import Spread, compare_folds, spread_over_folds
from motet.evaluate.lists import list_health, long_tail
from motet.evaluate.metrics import METRICS, Metric, find
from motet.evaluate.paired import PairedDifference, compare
from motet.evaluate.predictions import Predictions
from motet.evaluate.standard import STANDARD, metrics_of
from motet.evaluate.subset import subset
from motet.evaluate.uncertainty import standard_error

__all__ = [
    "METRICS",
    "STANDARD",
    "Bin",
    "Evaluation",
    "Metric",
    "PairedDifference",
    "Predictions",
    "Spread",
    "compare",
    "compare_folds",
    "evaluate",
    "find",
    "goodness",
    "list_health",
    "long_tail",
    "metrics_of",
    "reliability",
    "spread_over_folds",
    "standard_error",
    "subset",
]

"""Fitting maps from promises to what comes, on validation answers. `recommend.calibrated` applies them."""

from motet.evaluate.calibrators.apply import applied
from motet.evaluate.calibrators.chain import consistent
from motet.evaluate.calibrators.choose import calibrate, curve_for, number_interval
from motet.evaluate.calibrators.temperature import TemperatureSearch

__all__ = ["TemperatureSearch", "applied", "calibrate", "consistent", "curve_for", "number_interval"]

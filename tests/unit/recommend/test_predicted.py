import numpy as np
import pytest

from motet.features.labels import Labels
from motet.recommend.calibrated import NONE, Calibration, Interval
from motet.recommend.port import Prediction
from motet.recommend.predicted import prediction


def test_each_output_answers_in_its_own_way() -> None:
    assert prediction(Labels("binary"), NONE, np.float32(0.75)) == Prediction("yes", 0.75)
    assert prediction(Labels("number"), NONE, np.float32(2.5)) == Prediction(value=2.5)
    assert prediction(Labels("class", classes=("a", "b")), NONE, np.array([0.25, 0.75], np.float32)).label == "b"
    found = prediction(Labels("ordinal", levels=(1.0, 2.0)), NONE, np.array([0.75, 0.25], np.float32))
    assert (found.label, found.probability, found.value) == ("1", 0.75, pytest.approx(1.25))


def test_a_number_has_the_ends_that_its_map_learned() -> None:
    found = prediction(Labels("number"), Calibration(interval=Interval(0.9, -1.0, 2.0)), np.float32(3.0))
    assert (found.low, found.high) == (2.0, 5.0)

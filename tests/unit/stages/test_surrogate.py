"""A tree is as faithful as it says: on answers that follow a rule it finds the rule."""

import numpy as np
import polars as pl
import pytest

from motet.errors import RequestError
from motet.stages.surrogate import _fitted, _inputs


def test_a_rule_is_found_and_noise_is_not_claimed():
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {"age": rng.uniform(0, 100, 1000), "job": rng.choice(["a", "b"], 1000), "note": ["red"] * 1000}
    )
    inputs = _inputs(frame, ["age", "job"], ())
    rule = np.where((frame["age"].to_numpy() > 50) & (frame["job"] == "a").to_numpy(), 0.9, 0.1)
    found = _fitted("rich", rule, inputs, 3)
    assert found.measure == "r2" and found.fidelity > 0.95 and found.rows == (700, 300)
    assert "age" in found.rules and "job = " in found.rules
    assert _fitted("rich", rng.uniform(size=1000), inputs, 3).fidelity < 0.1
    labels = np.where(rule > 0.5, "yes", "no")
    assert _fitted("rich", labels, inputs, 3).measure == "agreement"


def test_words_are_inputs():
    texts = ["good red tea", "bad blue tea"] * 50
    assert set(_inputs(pl.DataFrame({"note": texts}), [], ("note",))) >= {"says “good”", "says “bad”"}
    with pytest.raises(RequestError):
        _inputs(pl.DataFrame({"note": texts}), [], ())

"""Every metric on the shelf, whoever wrote it, keeps these promises."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from motet.evaluate import METRICS, STANDARD, find, subset

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from evaluate._make import at_random, make, perfect

PAIRS = [(name, output) for name in METRICS.names() for output in METRICS.get(name).outputs]


def same(one, other):
    return one == pytest.approx(other, rel=1e-9, abs=1e-12, nan_ok=True)


def test_every_standard_metric_exists_and_judges_its_output():
    for output, names in STANDARD.items():
        assert all(output in find(name).outputs for name in names), output


@pytest.mark.parametrize(("name", "output"), PAIRS)
class TestMetric:
    def test_a_perfect_answer_gets_the_best_value(self, name, output):
        best = 0.0 if find(name).lower_is_better else 1.0
        assert find(name).value(perfect(output)) == pytest.approx(best, abs=2e-6)

    def test_skill_does_not_make_it_worse(self, name, output):
        if name == "coverage" or name == "ece":
            pytest.skip("says nothing about skill")
        sign = -1 if find(name).lower_is_better else 1
        weak, strong = (find(name).value(at_random(output, n=400, skill=skill)) for skill in (0.5, 8.0))
        assert sign * (strong - weak) > 0

    def test_the_order_of_questions_does_not_matter(self, name, output):
        some = at_random(output)
        shuffled = subset(some, np.random.default_rng(3).permutation(len(some)))
        assert same(find(name).value(shuffled), find(name).value(some))

    def test_the_mean_over_questions_is_the_value(self, name, output):
        value_n = find(name).per_question(at_random(output))
        if value_n is not None:
            assert value_n.shape == (60,)
            assert same(np.nanmean(value_n), find(name).value(at_random(output)))

    def test_which_questions_count_depends_on_labels_alone(self, name, output):
        one, other = (find(name).per_question(at_random(output, seed=seed)) for seed in (1, 2))
        if one is not None:
            assert np.array_equal(np.isnan(one), np.isnan(other))

    def test_equal_weights_change_nothing(self, name, output):
        some = at_random(output)
        values = find(name).resampler(some)(np.ones((2, 60), np.float32) * np.float32([[1], [3]]))
        assert values.shape == (2,)
        assert same(values[0], find(name).value(some))
        assert same(values[1], find(name).value(some))

    def test_a_weight_is_a_number_of_copies(self, name, output):
        if name == "ece":
            pytest.skip("its bins stay where the whole sample put them")
        some = at_random(output)
        weight_n = np.random.default_rng(5).integers(0, 3, 60)
        copied = subset(some, np.repeat(np.arange(60), weight_n))
        value = find(name).resampler(some)(weight_n[None].astype(np.float32))[0]
        assert same(value, find(name).value(copied))

    def test_without_questions_it_is_undefined(self, name, output):
        assert math.isnan(find(name).value(subset(at_random(output), np.zeros(60, bool))))

    def test_one_question_is_no_accident(self, name, output):
        value = find(name).value(subset(at_random(output), np.arange(1)))
        assert isinstance(value, float)


def test_contract_covers_all_outputs():
    assert {output for _, output in PAIRS} == set(STANDARD)
    assert make("number", score=[1], label=[1]).output == "number"

"""Off-policy estimates against sums worked by hand, and against a simulated shop whose truth is known."""

import numpy as np
import pytest

from motet.evaluate.off_policy import effective_size, off_policy, snips

REWARD = np.array([0.1, 0.2, 0.6])
LOGGING, NEW = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])


def simulated(seed, n=2_000, logging=LOGGING):
    rng = np.random.default_rng(seed)
    shown = rng.choice(3, n, p=logging)
    paid = (rng.random(n) < REWARD[shown]).astype(float)
    return NEW[shown], logging[shown], paid, rng.integers(n // 4, size=n)


def test_values_by_hand():
    assert snips(np.array([1.0, 3.0]), np.array([1.0, 0.0])) == pytest.approx(0.25)
    assert effective_size(np.ones(7)) == pytest.approx(7) and effective_size(np.array([0, 4.0])) == pytest.approx(1)
    found = off_policy(np.array([0.5, 0.1]), np.array([0.25, 0.1]), np.array([1.0, 0.0]), np.array(["a", "b"]))
    assert found.new == pytest.approx(2 / 3) and found.logged == 0.5 and found.difference == pytest.approx(1 / 6)
    assert found.largest == 2 and found.mean_weight == 1.5 and found.verdict == "cannot tell"
    cut = off_policy(np.array([1.0, 0.1]), np.array([0.01, 0.1]), np.array([1.0, 0.0]), np.array([1, 2]), clip=4.0)
    assert cut.clipped == pytest.approx(4 / 5) and cut.clipped_share == 0.5


def test_the_interval_covers_the_truth():
    truth = float(NEW @ REWARD - LOGGING @ REWARD)
    covered, estimates = 0, []
    for seed in range(60):
        found = off_policy(*simulated(seed), replicates=300)
        covered += found.low <= truth <= found.high
        estimates.append(found.difference)
        assert found.verdict == "better" and abs(found.mean_weight - 1) < 0.1
    assert covered >= 52 and np.mean(estimates) == pytest.approx(truth, abs=0.01)


def test_the_same_policy_earns_the_same():
    _, propensity, paid, unit = simulated(1)
    found = off_policy(propensity, propensity, paid, unit)
    assert found.difference == pytest.approx(0) and found.effective == pytest.approx(len(paid))
    assert found.verdict == "cannot tell" and "holds 0" in found.reasons[0]


def test_wrong_propensities_and_a_log_without_overlap_are_seen():
    new, propensity, paid, unit = simulated(2)
    wrong = off_policy(new, np.minimum(2 * propensity, 1), paid, unit)
    assert wrong.verdict == "cannot tell" and "mean weight" in wrong.reasons[0]
    apart = off_policy(np.where(np.arange(2_000) < 3, 0.5, 0.0), propensity, paid, unit)
    assert apart.verdict == "cannot tell" and any("worth" in reason for reason in apart.reasons)
    empty = off_policy(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, str))
    assert empty.verdict == "cannot tell" and empty.impressions == 0

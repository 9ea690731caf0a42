import math
import time

import numpy as np
import pytest

from motet.evaluate import compare, find
from motet.evaluate.paired import _variance_by_bootstrap, _variance_of_mean, degrees_of_freedom, summarise
from motet.testing.pairs import RankingWorld, World, coverage

from ._make import at_random, make


def numbers(error_n, units=None):
    """Return predictions of zeros that are off by these errors, judged by mae."""
    return make("number", score=error_n, label=np.zeros(len(error_n)), units=units)


def test_by_hand_with_one_seed():
    # The joint model errs less by 1, 3, 2, 2: mean 2, variance 2/3, over 4 units.
    found = compare([numbers([1, 1, 1, 1])], [numbers([2, 4, 3, 3])])
    assert (found.joint, found.twin, found.difference) == (1.0, 3.0, 2.0)
    assert found.standard_error == pytest.approx(math.sqrt(2 / 3 / 4))
    assert found.degrees == 3 and found.units == 4 and found.seeds == 1
    low, high = found.interval()
    assert (low, high) == (
        pytest.approx(2 - 3.1824463 * found.standard_error),
        pytest.approx(2 + 3.1824463 * found.standard_error),
    )


def test_higher_is_better_keeps_its_sign():
    better = compare([make("ranking", rank_n=[0, 0, 5], num_items=9)], [make("ranking", rank_n=[0, 8, 8], num_items=9)])
    assert better.difference == pytest.approx(better.joint - better.twin) and better.difference > 0


def test_seeds_add_their_variance_and_pool_degrees():
    twin = [numbers([2.0, 2.0])] * 2
    joint = [numbers([1.0, 1.0]), numbers([0.0, 0.0])]  # differences 1 and 2 for every unit
    found = compare(joint, twin)
    assert found.difference == 1.5
    assert found.unit_variance == 0 and found.seed_variance == pytest.approx(0.5 / 2)
    assert found.degrees == 1


def test_questions_of_a_unit_stay_together():
    rng = np.random.default_rng(0)
    per_unit = rng.normal(size=50)
    single = compare([numbers(np.zeros(50))], [numbers(np.abs(per_unit))])
    tripled = compare(
        [numbers(np.zeros(150), np.repeat(range(50), 3))],
        [numbers(np.repeat(np.abs(per_unit), 3), np.repeat(range(50), 3))],
    )
    assert tripled.units == 50 and tripled.questions == 150
    assert tripled.standard_error == pytest.approx(single.standard_error)


def test_closed_form_agrees_with_resampling():
    units = np.random.default_rng(1).integers(0, 150, 600)
    joint, twin = ([at_random("binary", n=600, seed=s, units=units)] for s in (1, 2))
    closed = compare(joint, twin, metric="accuracy").unit_variance

    unit_n = np.unique(joint[0].unit_n, return_inverse=True)[1]
    resampled, of_one_seed = _variance_by_bootstrap(find("accuracy"), joint, twin, unit_n, 2000, 0)
    assert of_one_seed == pytest.approx(resampled)  # there is one seed
    assert math.sqrt(resampled) == pytest.approx(math.sqrt(closed), rel=0.1)


def test_auc_error_is_close_to_delong():
    joint, twin = (at_random("binary", n=2000, seed=seed, skill=skill) for seed, skill in ((1, 2.0), (2, 1.0)))
    found = compare([joint], [twin], replicates=800)
    assert math.sqrt(found.unit_variance) == pytest.approx(delong(joint, twin), rel=0.1)


def delong(one, other):
    """DeLong, DeLong and Clarke-Pearson 1988: standard error of the difference of two AUCs on the same questions."""
    yes = one.label > 0.5
    wins = [(p.score[yes][:, None] > p.score[~yes][None]).astype(float) for p in (one, other)]
    of_yes, of_no = wins[0].mean(1) - wins[1].mean(1), wins[0].mean(0) - wins[1].mean(0)
    return math.sqrt(of_yes.var(ddof=1) / yes.sum() + of_no.var(ddof=1) / (~yes).sum())


@pytest.mark.parametrize(("output", "metric"), [("number", "mae"), ("number", "rmse"), ("binary", "auc")])
def test_a_model_against_itself_is_no_difference(output, metric):
    some = [at_random(output, seed=seed) for seed in range(3)]
    found = compare(some, some, metric=metric)
    assert found.difference == 0 and found.standard_error == 0 and found.interval() == (0, 0)
    assert found.p_harmed == found.p_improved == 1


def test_p_values_point_the_right_way():
    weak, strong = ([at_random("number", n=200, seed=s, skill=k) for s in range(3)] for k in (1, 3))
    better, worse = compare(strong, weak), compare(weak, strong)
    assert better.p_improved < 0.01 < 0.99 < better.p_harmed
    assert worse.p_harmed == pytest.approx(better.p_improved)
    assert better.p_improved + better.p_harmed == pytest.approx(1)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_intervals_cover_the_truth_about_95_times_in_100(share):
    rng = np.random.default_rng(7)
    covered = []
    for _ in range(1500):
        unit_U = rng.normal(0.3, 1, 60)
        seed_S = rng.normal(0, share, 4)
        difference_S = unit_U.mean() + seed_S
        found = summarise(difference_S, unit_variance=unit_U.var(ddof=1) / 60, units=60, questions=60, levels=(0, 0))
        low, high = found.interval()
        covered.append(low <= 0.3 <= high)
    assert 0.93 < np.mean(covered) < 0.975


def test_whole_comparison_covers_the_truth_of_auc():
    # Both models are equally good, so that the true difference is zero.
    covered = []
    for draw in range(150):
        rng = np.random.default_rng(draw)
        label = rng.random(120) < 0.5
        one, two = (make("binary", score=label + rng.normal(size=120), label=label) for _ in range(2))
        low, high = compare([one], [two], replicates=100).interval()
        covered.append(low <= 0 <= high)
    assert 0.89 < np.mean(covered) <= 1.0


@pytest.mark.parametrize(("output", "metric"), [("number", "mae"), ("binary", "auc"), ("ordinal", "qwk")])
def test_questions_about_one_user_are_counted_as_ever(output, metric):
    """To the last digit: what pairs of users need does not touch others."""
    joint, twin = (
        [at_random(output, n=90, seed=s + 5 * arm, units=np.arange(90) % 30) for s in (0, 1)] for arm in (0, 1)
    )
    judge, unit_n = find(metric), np.unique(joint[0].unit_n, return_inverse=True)[1]
    values = np.array([[judge.value(each) for each in arm] for arm in (joint, twin)])
    if judge.per_question(joint[0]) is not None:
        own = _variance_of_mean(judge, joint, twin, unit_n)
    else:
        own = _variance_by_bootstrap(judge, joint, twin, unit_n, 400, 0)
    expected = summarise(
        (-1 if judge.lower_is_better else 1) * (values[0] - values[1]),
        unit_variance=own[0],
        of_one_seed=own[1],
        units=30,
        questions=90,
        levels=(values[0].mean(), values[1].mean()),
    )
    assert compare(joint, twin, metric=metric) == expected
    assert expected.degrees == degrees_of_freedom((expected.unit_variance, 29), (expected.seed_variance, 1))


def test_the_same_seed_gives_the_same_interval():
    joint, twin = ([at_random("ordinal", n=200, seed=s)] for s in (1, 2))
    first, again, other = (compare(joint, twin, metric="qwk", seed=s) for s in (0, 0, 1))
    assert first == again != other


def test_small_steps_draw_as_many_replicates(monkeypatch):
    joint, twin = ([at_random("binary", n=100, seed=s)] for s in (1, 2))
    whole = compare(joint, twin).standard_error
    monkeypatch.setattr("motet.evaluate.paired.CELLS", 1000)
    assert compare(joint, twin).standard_error == pytest.approx(whole, rel=0.2)


def test_undefined_metrics_stay_undefined():
    nothing = make("binary", score=[0.1, 0.3], label=[0, 0])
    found = compare([nothing], [nothing])
    assert math.isnan(found.difference) and math.isnan(found.standard_error)


def test_one_unit_has_no_error():
    assert math.isnan(compare([numbers([1, 2], units=[0, 0])], [numbers([2, 2], units=[0, 0])]).standard_error)


def test_different_questions_are_refused():
    with pytest.raises(AssertionError, match="same questions"):
        compare([numbers([1, 2])], [numbers([1, 2], units=["a", "b"])])
    with pytest.raises(AssertionError, match="same labels"):
        compare([make("number", score=[1], label=[1])], [make("number", score=[1], label=[2])])
    with pytest.raises(AssertionError, match="per seed"):
        compare([numbers([1, 2])], [numbers([1, 2])] * 2)


def test_degrees_of_freedom_are_a_mean_weighted_by_shares():
    assert degrees_of_freedom((1.0, 10), (1.0, 10)) == pytest.approx(10)
    assert degrees_of_freedom((3.0, 100), (1.0, 1)) == pytest.approx(1 / (0.75 / 100 + 0.25))
    assert degrees_of_freedom((1.0, 10), (0.0, 2)) == 10
    assert degrees_of_freedom((0.0, 10)) == math.inf


def test_what_units_explain_of_the_seeds_is_not_counted_twice():
    options = {"unit_variance": 2.0, "units": 100, "questions": 100, "levels": (0, 0)}
    difference_S = np.array([1.0, 3.0])  # their mean varies by 2 / 2 = 1
    assert summarise(difference_S, **options).seed_variance == pytest.approx(1)
    # one seed alone varies by 5 over units: the mean over two by (5 - 2) / 1 = 3 less than if they went together
    assert summarise(difference_S, of_one_seed=5.0, **options).seed_variance == pytest.approx(1 / (1 + 3))
    assert summarise(difference_S, of_one_seed=1.0, **options).seed_variance == pytest.approx(1)


@pytest.mark.parametrize("luck", [0.0, 0.5])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0, 4.0])
def test_coverage_is_near_95_whatever_the_seeds_do(ratio, luck):
    """benchmarks/coverage.py in small, where it is 93 to 97; two standard errors of 500 draws are .02."""
    for seeds in (2, 3, 5):
        world = World(users=100, seeds=ratio, luck=luck, effect=1.0)
        held, _ = coverage(world, seeds=seeds, draws=500, rng=np.random.default_rng(seeds))
        assert 0.91 < held < 0.99, seeds


@pytest.mark.parametrize("apart", [0.0, 0.1])
def test_coverage_is_near_95_for_a_metric_that_is_no_mean(apart):
    """benchmarks/coverage.py in small; two standard errors of 150 draws are .04."""
    held, _ = coverage(RankingWorld(users=100, seeds=apart), seeds=3, draws=150, rng=np.random.default_rng(1))
    assert held > 0.9


def test_twenty_thousand_questions_take_less_than_two_seconds():
    joint, twin = ([at_random("binary", n=20_000, seed=s + 3 * arm) for s in range(3)] for arm in (0, 1))
    start = time.process_time()
    compare(joint, twin)
    assert time.process_time() - start < 2

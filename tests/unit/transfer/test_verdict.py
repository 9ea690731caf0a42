import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from motet.testing.pairs import LEVEL, World
from motet.transfer.claims import would_tell
from motet.transfer.difference import Same
from motet.transfer.verdict import half_width, holm_tails, interval, judge, needed, p_above, verdict

from ._arms import Found


def test_interval_is_students():
    low, high = interval(1.0, 2.0, 7)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 7, loc=1.0, scale=2.0))
    assert interval(0.0, 0.0, math.inf) == (0.0, 0.0)


def test_p_value_is_students_upper_tail():
    assert p_above(3.0, 2.0, 9) == pytest.approx(stats.t.sf(1.5, 9))
    assert p_above(0.0, 0.0, math.inf) == 1.0
    assert p_above(math.nan, 1.0, 9) == p_above(1.0, math.nan, 9) == 1.0


def test_holm_by_hand():
    # .001 ≤ .025/4 and .007 ≤ .025/3; .02 > .025/2 fails and holds the last one to its level.
    tails = holm_tails({"c": 0.02, "a": 0.001, "d": 0.024, "b": 0.007})
    assert tails == pytest.approx({"a": 0.025 / 4, "b": 0.025 / 3, "c": 0.025 / 2, "d": 0.025 / 2})


def test_holm_is_stronger_than_bonferroni_and_weaker_than_nothing():
    z = {"sure": 4.0, "likely": 2.2, "doubtful": 1.0}
    found = judge({task: Found(0.01 * value) for task, value in z.items()}, margin=0.0)
    assert [found[task].verdict for task in z] == ["improved", "not worse", "unclear"]
    assert found["likely"].low > 0 > found["likely"].holm_low
    # Two sure tasks leave the last one the whole tail.
    found = judge({"a": Found(0.05), "b": Found(0.05), "c": Found(0.021)}, margin=0.0)
    assert found["c"].verdict == "improved"
    assert found["a"].holm_low < found["a"].low and found["c"].holm_low == pytest.approx(found["c"].low)


def test_of_a_handful_of_users_nothing_good_is_said():
    alike = {"standard_error": 0.0, "degrees": math.inf}
    for difference in (0.0, 0.1):
        (few,) = judge({"a": Found(difference, units=9, **alike)}, margin=0.02).values()
        assert (few.verdict, few.needed, few.needed_seeds) == ("unclear", 10, None)
        assert would_tell(few) == "at least 10 users or rows are needed"
        (enough,) = judge({"a": Found(difference, units=10, **alike)}, margin=0.02).values()
        assert enough.verdict == ("improved" if difference else "not worse")
    (worse,) = judge({"a": Found(-0.1, units=3, **alike)}, margin=0.02).values()
    assert worse.verdict == "harmed"
    # wide of six: seven would make it narrow enough, but of seven nothing good is said
    (wide,) = judge({"a": Found(0.0, standard_error=0.0045, degrees=5, units=6)}, margin=0.02).values()
    assert (wide.verdict, would_tell(wide)) == ("unclear", "at least 10 users or rows are needed")
    (routed,) = judge({"a": Same(0.5, 3, 2)}, margin=0.02).values()
    assert routed.verdict == "not worse"


@pytest.mark.parametrize(
    ("low", "high", "holm_low", "expected"),
    [
        (-0.03, -0.001, -0.04, "harmed"),
        (-0.001, -0.0005, -0.002, "harmed"),  # within the margin, and yet surely worse
        (0.002, 0.03, 0.001, "improved"),
        (0.002, 0.03, -0.001, "not worse"),
        (-0.01, 0.03, -0.02, "not worse"),  # −.01 is 2 % of the twin
        (-0.0101, 0.03, -0.02, "unclear"),
        (0.0, 0.0, 0.0, "not worse"),
        (math.nan, math.nan, math.nan, "unclear"),
    ],
)
def test_verdicts_in_order(low, high, holm_low, expected):
    assert verdict(low, high, holm_low, twin=0.5, margin=0.02) == expected
    assert verdict(low, high, holm_low, twin=-0.5, margin=0.02) == expected


def test_enough_units_resolve_an_unclear_verdict():
    one = Found(0.0, standard_error=0.02)
    units, seeds = needed(one, margin=0.02)
    # Half a width of .0392 has to shrink to .01: 15.4 times the units.
    assert units == pytest.approx(1000 * (1.95996 * 0.02 / 0.01) ** 2, rel=0.01) and seeds is None
    assert half_width(one, units, 3) < 0.01 <= half_width(one, units - 1, 3)
    assert judge({"a": one}, margin=0.02)["a"].needed == units


def test_where_seeds_are_the_noise_seeds_are_asked_for():
    noisy = Found(-0.02, standard_error=0.02, degrees=2.1, seed_share=0.9)
    units, seeds = needed(noisy, margin=0.02)
    assert units is None and 3 < seeds <= 100
    assert half_width(noisy, 1000, seeds) < 0.02


def test_where_both_are_noise_units_and_seeds_grow_together():
    """By hand: half of the variance each, so the t at s seeds has about 2 (s - 1) degrees, and s > 8 t² has to hold.

    t(60) = 2.0003, 8 t² = 32.01 > 31; t(62) = 1.9990, 8 t² = 31.97 < 32. So 32 seeds, and 16 times the units.
    """
    both = Found(0.0, standard_error=0.02, degrees=2.0, seeds=2, seed_share=0.5)
    assert needed(both, margin=0.02) == (16_000, 32)
    found = judge({"a": both}, margin=0.02)["a"]
    assert (found.verdict, found.needed, found.needed_seeds) == ("unclear", 16_000, 32)
    assert would_tell(found) == "about 16,000 users or rows and 32 seeds would tell"
    # three seeds: the units keep in step, rounded up
    units, seeds = needed(replace(both, seeds=3), margin=0.02)
    assert units == math.ceil(1000 * seeds / 3) and half_width(replace(both, seeds=3), units, seeds) < 0.01


def test_where_nothing_within_bounds_would_do_the_certificate_says_so():
    """By hand: with ten times the error, 800 t² seeds would have to be few enough; there are 100 at most."""
    hopeless = judge({"a": Found(0.0, standard_error=0.2, degrees=2.0, seeds=2, seed_share=0.5)}, margin=0.02)["a"]
    assert (hopeless.needed, hopeless.needed_seeds) == (None, None)
    assert would_tell(hopeless) == "more data would hardly tell"


def test_only_what_is_unclear_and_defined_has_something_to_tell():
    assert would_tell(judge({"a": Found(0.5)}, margin=0.02)["a"]) == ""
    assert would_tell(judge({"a": Found(math.nan, standard_error=math.nan)}, margin=0.02)["a"]) == ""


def test_what_nothing_resolves_is_left_open():
    assert needed(Found(0.0), margin=0.0) == (None, None)
    assert needed(Found(math.nan, standard_error=math.nan), margin=0.02) == (None, None)
    assert judge({"a": Found(0.5)}, margin=0.02)["a"].needed is None


@pytest.mark.parametrize("luck", [0.0, 1.0])
def test_so_many_units_do_resolve_it(luck):
    """A true difference as large as the one that was seen: with the units asked for, an even chance or better."""
    margin, seeds, rng = 0.01, 3, np.random.default_rng(5)
    small = World(users=100, luck=luck)
    first = small.draw(rng, seeds)
    while judge({"a": first}, margin=margin)["a"].verdict != "unclear":
        first = small.draw(rng, seeds)
    units, _ = needed(first, margin=margin)
    assert units is not None and units > 100

    def resolved(users):
        world = World(users=users, luck=luck, effect=first.difference * math.sqrt(users))
        found = [judge({"a": world.draw(rng, seeds)}, margin=margin)["a"].verdict != "unclear" for _ in range(60)]
        return np.mean(found)

    assert first.twin == pytest.approx(LEVEL)
    assert resolved(units // 5) < 0.35 < resolved(units) and resolved(5 * units) > 0.9


def test_so_many_seeds_do_resolve_it():
    rng, margin = np.random.default_rng(3), 0.01
    world = World(users=2000, seeds=100.0)
    first = replace(world.draw(rng, 3), difference=0.0)
    units, seeds = needed(first, margin=margin)
    assert units is None and seeds is not None and 3 < seeds <= 100

    def resolved(count):
        return np.mean(
            [judge({"a": world.draw(rng, count)}, margin=margin)["a"].verdict != "unclear" for _ in range(30)]
        )

    assert resolved(seeds) > 0.3 and resolved(min(100, 4 * seeds)) > 0.8 > resolved(3)

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.data.giveaway import giveaway, same_text

RNG = np.random.default_rng(3)
N = 400
YES = pl.Series(RNG.random(N) < 0.3)
CLASS = pl.Series(RNG.choice(["p", "q", "r"], N))
AMOUNT = pl.Series(RNG.normal(size=N))


def test_a_copy_gives_everything_away():
    assert giveaway(YES, YES).score == 1.0
    assert giveaway(YES, YES.cast(pl.String)).measure == "AUC"
    assert giveaway(CLASS, CLASS + "!").score == 1.0
    assert giveaway(CLASS, CLASS).measure == "accuracy"
    assert giveaway(AMOUNT, 3 - 2 * AMOUNT).score == pytest.approx(1.0)
    assert giveaway(AMOUNT, AMOUNT).measure == "correlation"


def test_a_bent_copy_of_a_number_gives_it_away():
    spent = np.exp(3 * AMOUNT)
    assert giveaway(spent, AMOUNT).score == giveaway(spent, -AMOUNT).score == pytest.approx(1.0)
    noisy = AMOUNT + pl.Series(RNG.normal(size=N))
    assert giveaway(spent, noisy).score < 0.9


def test_numbers_give_away_in_either_direction_and_by_code():
    amount = pl.Series(RNG.random(N)) + YES.cast(pl.Float64) * 2
    assert giveaway(YES, amount).score == giveaway(YES, -amount).score == 1.0
    code = CLASS.replace_strict({"p": 7.0, "q": 1.0, "r": 4.0})
    assert giveaway(CLASS, code).score == 1.0
    assert giveaway(CLASS, code + AMOUNT * 0.01).score == 1.0
    middle = pl.Series(np.where(YES, 5.0, RNG.choice([1.0, 9.0], N)))
    assert giveaway(YES, middle).score == 1.0


def test_unrelated_columns_give_nothing_away():
    for label in (YES, CLASS, AMOUNT):
        for column in (pl.Series(RNG.normal(size=N)), pl.Series(RNG.choice(["a", "b"], N)), pl.Series(["x"] * N)):
            assert giveaway(label, column).score < 0.7


def test_ids_do_not_shine_by_memorising():
    unique = pl.Series([f"id{number}" for number in range(N)])
    pairs = pl.Series([f"id{number // 2}" for number in range(N)])
    rare = pl.Series(np.arange(N) % 50 == 0)
    for label in (YES, CLASS, rare):
        assert giveaway(label, unique).score < 0.7
        assert giveaway(label, pairs).score < 0.8


def test_a_repeated_id_that_decides_the_label_is_seen():
    group = RNG.integers(0, 60, N)
    assert giveaway(pl.Series(group % 3).cast(pl.String), pl.Series(group).cast(pl.String)).score == 1.0


def test_an_almost_constant_label_is_no_giveaway():
    label = pl.Series(["common"] * (N - 1) + ["rare"])
    assert giveaway(label, pl.Series(RNG.choice(["a", "b"], N))).score == 0.0


def test_too_few_rows_tell_nothing():
    few = pl.Series([True, False] * 5)
    assert giveaway(few, few).score == 0.0
    lonely = pl.Series([True] + [False] * 99)
    assert giveaway(lonely, lonely).score == 0.0


def test_being_unknown_is_judged_too():
    missing = pl.DataFrame({"yes": YES, "x": RNG.normal(size=N)}).select(pl.when("yes").then("x"))["x"]
    assert giveaway(YES, missing).score == 1.0
    sometimes = pl.DataFrame({"yes": YES.cast(pl.String), "keep": RNG.random(N) < 0.5})
    assert giveaway(YES, sometimes.select(pl.when("keep").then("yes"))["yes"]).score == 1.0


def test_tags_that_hold_the_label():
    lists = pl.Series([["all", name] if number % 2 else [name, "other", "all"] for number, name in enumerate(CLASS)])
    assert giveaway(CLASS, lists).score == 1.0
    every = pl.Series([["p", "q", "r"]] * N)
    assert giveaway(CLASS, every).score == 0.0
    noise = [f"n{number}" for number in range(N)]
    marked = pl.Series([["sold", extra] if yes else [extra] for yes, extra in zip(YES, noise, strict=True)])
    assert giveaway(YES, marked).score == 1.0


def test_unknown_labels_are_left_out():
    half = pl.DataFrame({"c": CLASS, "keep": np.arange(N) < 200}).select(pl.when("keep").then("c"))["c"]
    wrong_later = pl.Series(np.where(np.arange(N) < 200, CLASS.to_numpy(), "p"))
    assert giveaway(half, wrong_later).score == 1.0


def test_sorted_files_are_judged_fairly():
    assert giveaway(YES.sort(), YES.sort()).score == 1.0
    assert giveaway(CLASS.sort(), CLASS.sort()).score == 1.0
    assert giveaway(CLASS.sort(), pl.Series(np.arange(N) % 2).cast(pl.Float64)).score < 0.7


def test_rare_classes_do_not_look_ordered():
    rare = pl.Series([f"c{number // 2}" for number in RNG.permutation(N)])
    assert giveaway(rare, AMOUNT).score < 0.7
    assert giveaway(pl.Series([f"c{number}" for number in range(N)]), AMOUNT).score == 0.0


def test_text_that_is_the_label():
    assert same_text(CLASS, "  " + CLASS.str.to_uppercase() + " ").score == 1.0
    assert same_text(CLASS, "it is " + CLASS).score == 0.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 200))
def test_scores_stay_between_nothing_and_all(seed, values):
    rng = np.random.default_rng(seed)
    for label in (pl.Series(rng.random(60) < 0.4), pl.Series(rng.choice(["a", "b"], 60)), pl.Series(rng.random(60))):
        for column in (
            pl.Series(rng.integers(0, values, 60)).cast(pl.Float64),
            pl.Series(rng.integers(0, values, 60)).cast(pl.String),
        ):
            assert 0.0 <= giveaway(label, column).score <= 1.0

import json

import numpy as np
import polars as pl
import pytest

from motet.features.labels import MAX_TAGS, Labels, fit_labels
from motet.schema import TEST, TRAIN, VALID
from motet.tasks import Examples


def examples(output, label, part=None, dtype=None):
    label = pl.Series("label", label, dtype=dtype)
    n = len(label)
    return Examples(
        task="t",
        kind="k",
        output=output,
        table="notes",
        sources=("text",),
        row_n=np.arange(n),
        user_n=None,
        cut_n=None,
        now_n=None,
        item_n=None,
        label=label,
        part_n=np.asarray([TRAIN] * n if part is None else part, np.int8),
        unit=pl.Series([str(row) for row in range(n)]),
        coverage=1.0,
        counts={},
    )


def test_only_training_labels_are_learned():
    part = [TRAIN, TRAIN, TRAIN, VALID, TEST]
    labels = fit_labels(examples("class", ["a", "b", "b", "c", "d"], part))
    assert labels.classes == ("b", "a") and labels.prior == pytest.approx((2 / 3, 1 / 3))
    assert labels.encode(pl.Series(["a", "b", "c", "d"])).tolist() == [1, 0, -1, -1]
    number = fit_labels(examples("number", [1.0, 2.0, 3.0, 100.0, 1000.0], part))
    assert (number.low, number.high, number.centre) == (1.0, 3.0, 2.0)
    assert number.prior == (2.0,)


def test_yes_and_no_are_one_and_zero():
    labels = fit_labels(examples("binary", [True, False, False, False]))
    assert labels.prior == (0.25,) and labels.size == 1
    assert labels.encode(pl.Series([True, False])).tolist() == [1.0, 0.0]


def test_levels_rise_and_a_label_between_them_goes_to_the_nearest():
    labels = fit_labels(examples("ordinal", [5.0, 1.0, 3.0, 3.0]))
    assert labels.levels == (1.0, 3.0, 5.0) and labels.prior == (0.25, 0.5, 0.25) and labels.size == 3
    assert labels.encode(pl.Series([1.0, 3.4, 4.5, 9.0])).tolist() == [0, 1, 2, 2]


def test_tags_are_marks_and_unknown_ones_are_dropped():
    kind = pl.List(pl.String)
    labels = fit_labels(examples("tags", [["a"], ["a", "b"], [], ["b", "a"]], dtype=kind))
    assert labels.classes == ("a", "b") and labels.prior == (0.75, 0.5)
    encoded = labels.encode(pl.Series([["b"], [], ["new", "a"]], dtype=kind))
    assert encoded.tolist() == [[0, 1], [0, 0], [1, 0]]


def test_the_most_frequent_tags_are_kept():
    many = [[f"t{number}" for number in range(MAX_TAGS + 5)], ["t7"]]
    labels = fit_labels(examples("tags", many, dtype=pl.List(pl.String)))
    assert labels.size == MAX_TAGS and labels.classes[0] == "t7"


def test_a_number_is_scaled_and_comes_back():
    value = np.array([1.0, 2.0, 3.0, 6.0], np.float32)
    labels = fit_labels(examples("number", value.tolist()))
    assert not labels.log
    learned = labels.scaled(value)
    assert learned.mean() == pytest.approx(0, abs=1e-6) and learned.std() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(labels.unscaled(learned), value, rtol=1e-5)


def test_a_heavy_tail_is_learned_on_the_log_scale():
    value = np.concatenate([np.arange(1, 60), [900, 5_000]]).astype(np.float32)
    labels = fit_labels(examples("number", value.tolist()))
    assert labels.log
    np.testing.assert_allclose(labels.unscaled(labels.scaled(value)), value, rtol=1e-4)
    assert not fit_labels(examples("number", [-1.0, *value.tolist()])).log


def test_an_answer_stays_within_what_training_showed():
    labels = fit_labels(examples("number", [0.0, *range(1, 60), 5_000.0], dtype=pl.Float64))
    wild = labels.unscaled(np.array([-1e3, 1e3, np.float32(1e30)], np.float32))
    assert wild.tolist() == [0.0, 5_000.0, 5_000.0]


def test_equal_numbers_have_scale_one():
    labels = fit_labels(examples("number", [4.0, 4.0, 4.0]))
    assert labels.scale == 1.0 and labels.unscaled(np.zeros(1, np.float32)).tolist() == [4.0]


def test_a_ranking_answers_item_numbers():
    labels = fit_labels(examples("ranking", [3, 1], dtype=pl.Int64))
    assert labels.encode(pl.Series([3, 1])).tolist() == [3, 1]


@pytest.mark.parametrize(
    ("output", "label"),
    [("class", ["a", "b", "b"]), ("ordinal", [1.0, 2.0]), ("number", [1.0, 2.0]), ("binary", [True, False])],
)
def test_labels_survive_json(output, label):
    labels = fit_labels(examples(output, label))
    assert Labels.from_json(json.loads(json.dumps(labels.to_json()))) == labels

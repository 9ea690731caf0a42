import numpy as np
import polars as pl
import pytest

from motet.features.evidence import codes_of, evidence_for, log_ratios, one_hot
from motet.features.labels import Labels
from motet.tasks import Examples


def examples(output, label, *, table="t", rows=None, users=None, part=None) -> Examples:
    n = len(label)
    return Examples(
        task="x",
        kind="class",
        output=output,
        table=table,
        sources=("row",),
        row_n=np.arange(n) if rows is None else np.asarray(rows),
        user_n=None if users is None else np.asarray(users, np.int32),
        cut_n=None,
        now_n=None,
        item_n=None,
        label=pl.Series("label", label),
        part_n=np.zeros(n, np.int8) if part is None else np.asarray(part, np.int8),
        unit=pl.Series([str(at) for at in range(n)]),
        coverage=1.0,
        counts={},
    )


def test_every_form_of_label_becomes_shares():
    assert one_hot(Labels("binary"), pl.Series([True, False])).tolist() == [[0, 1], [1, 0]]
    assert one_hot(Labels("class", classes=("b", "a")), pl.Series(["a", "b"])).tolist() == [[0, 1], [1, 0]]
    assert one_hot(Labels("ordinal", levels=(1.0, 5.0)), pl.Series([5.0])).tolist() == [[0, 1]]
    tags = one_hot(Labels("tags", classes=("a", "b")), pl.Series([["a", "b"], ["b"]]))
    assert tags.tolist() == [[0.5, 0.5], [0, 1]]
    numbers = one_hot(Labels("number"), pl.Series(np.arange(10.0)))
    assert numbers.sum(0).tolist() == [2, 2, 2, 2, 2]


def test_only_training_labels_are_evidence():
    codes = codes_of(examples("binary", [True, False, True], part=[0, 1, 2]), Labels("binary"))
    assert codes is not None and codes.share_mB.tolist() == [[0, 1]]
    seen = evidence_for(examples("binary", [None, None, None]), codes)
    assert seen is not None and seen.tolist() == [[0, 1], [0, 0], [0, 0]]


def test_rows_of_other_tables_meet_by_user_with_the_mean():
    given = examples("binary", [True, True, False, True], users=[0, 0, 0, 1], table="events")
    codes = codes_of(given, Labels("binary"))
    asked = examples("class", [None, None, None], table="users", users=[0, 2, -1])
    seen = evidence_for(asked, codes)
    assert seen is not None and seen == pytest.approx(np.array([[1 / 3, 2 / 3], [0, 0], [0, 0]]))


def test_nothing_in_common_is_no_evidence_and_rankings_give_none():
    codes = codes_of(examples("binary", [True, False], table="a"), Labels("binary"))
    assert evidence_for(examples("binary", [None], table="b"), codes) is None
    assert codes_of(examples("ranking", [1, 2]), Labels("ranking")) is None


def test_ratios_are_counted_and_smoothed():
    own = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1, 1]]
    seen = np.eye(2, dtype=np.float32)[[0, 0, 0, 1, 1, 0]]
    base = np.array([5, 3]) / 8
    first = (np.array([3, 0]) + 2 * base) / 5
    assert log_ratios(own, seen)[0] == pytest.approx(np.log(first / base))
    assert (log_ratios(own, np.zeros_like(seen)) == 0).all()

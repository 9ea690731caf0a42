from types import SimpleNamespace

import polars as pl

from motet.schema import TEST, TRAIN
from motet.stages.counts import data_counts, doubtful_labels, task_counts
from motet.stages.study import make_study
from motet.testing import tiny_in_memory, tiny_shop
from motet.workflow import check


def test_tasks_are_counted_by_part(study):
    counts = task_counts(dict(study.examples))
    for task, examples in study.examples.items():
        found = counts[task]
        assert found["train"] == (examples.part_n == TRAIN).sum() and found["test"] == (examples.part_n == TEST).sum()
        assert found["train"] + found["valid"] + found["test"] == len(examples)
    assert counts["rating"]["coverage"] < 0.7 < counts["sentiment"]["coverage"]
    assert counts["rating"]["left_out"]["unknown label"] > 0


def test_tables_tell_what_was_read_and_set_aside():
    frames = tiny_shop()
    frames["users"] = pl.concat([frames["users"], frames["users"][:2]])
    checked = check(tiny_in_memory(frames, tasks=("sentiment", "rating")))
    study = make_study(checked.division)
    found = data_counts(study, checked.tables)
    assert found["tables"]["users"]["rows_read"] == 82 and found["tables"]["users"]["rows"] == 80
    assert found["tables"]["users"]["duplicates"] == 2
    assert found["split"] == "leave_one_out" and found["truncated_texts"] == 0
    assert set(found["tasks"]) == {"sentiment", "rating"}


def test_texts_longer_than_ngrams_read_are_counted():
    frames = tiny_shop()
    project = tiny_in_memory(frames, tasks=("sentiment",))
    column = project.tables["reviews"].of("text")[0]
    long = pl.when(pl.int_range(pl.len()) < 2).then(pl.lit("word " * 5_000)).otherwise(pl.col(column))
    frames["reviews"] = frames["reviews"].with_columns(long.alias(column))
    checked = check(tiny_in_memory(frames, tasks=("sentiment",)))
    assert data_counts(make_study(checked.division), checked.tables)["cut_texts"] == 2


def test_labels_that_may_mean_unknown_are_counted(study):
    assert doubtful_labels(dict(study.examples)) == {}
    named = {"brand": SimpleNamespace(output="class", label=pl.Series(["x", "NA", None, "None", "NA"]))}
    tagged = {
        "tags": SimpleNamespace(output="tags", label=pl.Series([["x", "nan"], None, []], dtype=pl.List(pl.String)))
    }
    assert doubtful_labels(named | tagged) == {"brand": {"NA": 2, "None": 1}, "tags": {"nan": 1}}

import numpy as np
import polars as pl
import pytest

from motet.features.labels import Labels
from motet.features.soft import first_labels, renewed_labels, soft_task

from .test_evidence import examples

RNG = np.random.default_rng(0)
TRUE = RNG.integers(0, 3, 400)
OTHER = np.where(RNG.random(400) < 0.9, TRUE == 2, TRUE != 2)


def made(output="ordinal", label=None, *, own=False, weight=None, read=None):
    """Forty labels of a task, four hundred of another that knows whether the value is 2."""
    from dataclasses import replace

    label = [float(value) for value in TRUE] if label is None else label
    everything = replace(examples(output, label), task="few")
    few = everything.take(np.arange(400) < 40)
    asked = everything.take(np.arange(400) >= 40)
    asked = replace(asked, label=pl.Series("label", [None] * 360, dtype=asked.label.dtype))
    other = replace(examples("binary", [bool(value) for value in OTHER]), task="many")
    labels = {"few": fitted(output, label), "many": Labels("binary")}
    return soft_task(
        {"few": few, "many": other},
        asked,
        labels,
        (np.arange(40), np.arange(40, 400)),
        helpers=() if own else ("many",),
        peers=("many",),
        weight=weight,
        own_answers=own,
        read=read,
    )


def fitted(output, label) -> Labels:
    if output == "ordinal":
        return Labels("ordinal", levels=(0.0, 1.0, 2.0))
    if output == "tags":
        return Labels("tags", classes=("a", "b"))
    return Labels(output, centre=1.0, scale=0.5) if output == "number" else Labels(output)


def test_first_labels_follow_the_other_tasks_labels():
    soft = made()
    found = first_labels(soft)
    assert found.question_s.tolist() == list(range(40, 400)) and found.label_s.shape == (360, 3)
    assert found.label_s.sum(1) == pytest.approx(np.ones(360), abs=1e-5)
    yes = OTHER[40:]
    assert (found.label_s[yes, 2] > 0.6).all() and (found.label_s[~yes, 2] < 0.3).all()


def test_a_models_answers_of_another_task_tell_values_apart_that_its_labels_do_not():
    soft = made()
    answer = (TRUE + RNG.normal(0, 0.3, 400)).astype(np.float32)[:, None]
    found = renewed_labels(soft, {"many": (answer[:40], answer[40:])}, None)
    right, before = ((each.label_s.argmax(1) == TRUE[40:]).mean() for each in (found, first_labels(soft)))
    assert right > 0.85
    assert before < 0.85


def test_what_a_linear_model_reads_of_another_task_is_asked_before_there_is_a_model():
    read = (TRUE + RNG.normal(0, 0.3, 400)).astype(np.float32)[:, None]
    plain, better = first_labels(made()), first_labels(made(read={"many": read}))
    assert (better.label_s.argmax(1) == TRUE[40:]).mean() > 0.85 > (plain.label_s.argmax(1) == TRUE[40:]).mean()
    assert better.loss < plain.loss


def test_a_helper_that_nearly_tells_the_label_is_believed():
    """With few labels a strong ridge would answer too softly; cross-validation sees that."""
    read = (TRUE + RNG.normal(0, 0.05, 400)).astype(np.float32)[:, None]
    found = first_labels(made(read={"many": read})).label_s
    assert (found.argmax(1) == TRUE[40:]).mean() > 0.97
    assert np.median(found.max(1)) > 0.9


def test_numbers_are_means_of_bins_in_learned_units():
    soft = made("number", [float(value) for value in TRUE])
    found = first_labels(soft)
    assert found.label_s.shape == (360,)
    yes = OTHER[40:]
    assert found.label_s[yes].min() > found.label_s[~yes].max()
    assert found.label_s.min() >= -2.001 and found.label_s.max() <= 2.001


def test_tags_are_told_one_by_one():
    soft = made("tags", [["a", "b"] if value == 2 else ["a"] for value in TRUE])
    found = first_labels(soft)
    yes = OTHER[40:]
    assert (found.label_s[:, 0] > 0.9).all()
    assert found.label_s[yes, 1].min() > 0.5 > found.label_s[~yes, 1].max()


def test_own_answers_count_where_they_are_sure():
    soft = made(own=True)
    share = np.tile(np.array([[0.05, 0.02, 0.93]], np.float32), (360, 1))
    share[0] = [0.5, 0.3, 0.2]
    found = renewed_labels(soft, {}, share)
    assert found.question_s[0] == 41 and (found.label_s == [0, 0, 1]).all() and first_labels(soft) is None


def test_the_weight_is_by_counts_unless_it_is_said():
    assert made().weight == 1.0 and made(weight=0.2).weight == 0.2

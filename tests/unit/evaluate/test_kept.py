"""Kept answers give the very differences and intervals that the whole answers give."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from motet.artifact import layout, open_folder, write_folder
from motet.errors import ArtifactError
from motet.evaluate import Predictions, compare, find
from motet.evaluate.evaluation import evaluate
from motet.evaluate.kept import MOST, KeptAnswers, answers_to_parts, keep, paired, read_answers

from ._make import at_random


class Task:
    """As much of a task as a judge asks for."""

    name = "t"
    kind = "binary"

    def __init__(self, primary: str) -> None:
        self.primary = primary


def task(primary: str) -> Any:
    return cast(Any, Task(primary))


UNITS = np.array([f"user {number % 40}" for number in range(120)])


def answers(kind: str, seed: int) -> Predictions:
    rng, truth = np.random.default_rng(seed), np.random.default_rng(99)
    if kind == "ranking":
        rank, target = rng.integers(0, 30, 120), truth.integers(0, 30, 120)
        return Predictions(task("ndcg@10"), "ranking", UNITS, rank_n=rank, num_items=30, target_n=target)
    if kind == "binary":
        label = truth.integers(0, 2, 120).astype(np.float32)
        score = np.clip(rng.random(120) * 0.7 + 0.3 * label, 0, 1).astype(np.float32)
        return Predictions(task("auc"), "binary", UNITS, score=score, label=label)
    if kind == "class":
        label = truth.integers(0, 4, 120).astype(np.float32)
        score = rng.dirichlet(np.ones(4), 120).astype(np.float32)
        return Predictions(task("accuracy"), "class", UNITS, score=score, label=label)
    label = truth.normal(size=120).astype(np.float32)
    score = (label + rng.normal(size=120)).astype(np.float32)
    return Predictions(task("mae" if kind == "number" else "rmse"), "number", UNITS, score=score, label=label)


KINDS = ("ranking", "binary", "class", "number", "rmse")


def kept(found: Predictions) -> KeptAnswers:
    told = keep(found)
    assert told is not None
    return told


@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_is_that_of_the_whole_answers(kind: str) -> None:
    new, old = answers(kind, 1), answers(kind, 2)
    found = paired(kept(new), kept(old))
    # the same questions in the order of their units, as they are kept
    order = np.argsort(UNITS, kind="stable")
    expected = compare([in_order(new, order)], [in_order(old, order)])
    assert found.difference == pytest.approx(expected.difference, abs=1e-6)
    assert found.interval() == pytest.approx(expected.interval(), abs=1e-6)
    assert (found.questions, found.units) == (120, 40)
    assert paired(kept(old), kept(new)).difference == pytest.approx(-found.difference)
    sign = -1 if find(new.task.primary).lower_is_better else 1
    gain = find(new.task.primary).value(new) - find(new.task.primary).value(old)
    assert found.difference == pytest.approx(sign * gain, abs=1e-6)


def in_order(found: Predictions, order: np.ndarray) -> Predictions:
    arrays = {name: getattr(found, name) for name in ("unit_n", "score", "label", "rank_n", "target_n")}
    return replace(found, **{name: None if each is None else each[order] for name, each in arrays.items()})


def test_the_order_of_questions_does_not_matter_but_they_do() -> None:
    found = answers("class", 1)
    mixed = in_order(found, np.argsort(np.arange(120) % 3, kind="stable"))  # 120 is a multiple of 3: users stay apart
    assert kept(found).questions == kept(answers("class", 2)).questions
    same_users = in_order(found, np.argsort(UNITS, kind="stable"))
    assert kept(same_users).questions == kept(found).questions
    assert found.label is not None
    for other in (
        replace(found, label=1 - found.label),
        replace(found, unit_n=np.array([f"{unit}x" for unit in UNITS])),
        replace(found, task=task("log_loss")),
    ):
        assert kept(other).questions != kept(found).questions
    ranking = answers("ranking", 1)
    assert kept(replace(ranking, num_items=31)).questions != kept(ranking).questions
    assert len(kept(mixed)) == 120


@pytest.mark.parametrize("kind", ["binary", "class", "number"])
def test_pairs_keep_both_users_and_their_interval(kind: str, tmp_path) -> None:
    others = np.array([f"user {number * 7 % 40 + 1}" for number in range(120)])
    new, old = (replace(answers(kind, seed), other_n=others) for seed in (1, 2))
    parts = answers_to_parts({"t": kept(new), "plain": kept(answers(kind, 1))})
    write_folder(tmp_path / "m", parts, name="m", seed=0, runtime="torch")
    assert all(b"user 1" not in file.read_bytes() for file in (tmp_path / "m").rglob("*") if file.is_file())
    back = read_answers(open_folder(tmp_path / "m"))
    assert back["plain"].other_n is None
    expected, found = compare([new], [old]), paired(back["t"], kept(old))
    assert found.interval() == pytest.approx(expected.interval(), abs=1e-6)
    assert found.units == expected.units == 41
    assert back["t"].questions == kept(old).questions != back["plain"].questions
    assert kept(replace(new, other_n=others[::-1])).questions != back["t"].questions


def test_who_was_asked_is_not_kept(tmp_path) -> None:
    told = {kind: kept(answers(kind, 1)) for kind in KINDS}
    parts = answers_to_parts(told)
    write_folder(tmp_path / "m", parts, name="m", seed=0, runtime="torch")
    for file in (tmp_path / "m").rglob("*"):
        assert not file.is_file() or b"user 1" not in file.read_bytes()
    back = read_answers(open_folder(tmp_path / "m"))
    assert list(back) == list(KINDS)
    for kind, each in back.items():
        own = told[kind]
        assert (each.metric, each.kind, each.output, each.questions) == (
            own.metric,
            own.kind,
            own.output,
            own.questions,
        )
        assert np.array_equal(each.unit_n, own.unit_n) and list(each.arrays) == list(own.arrays)
        assert all(np.array_equal(each.arrays[name], own.arrays[name]) for name in own.arrays)


def test_what_is_not_kept(tmp_path) -> None:
    whole = answers("binary", 1)
    assert keep(in_order(whole, np.zeros(0, int))) is None
    many = np.zeros(MOST, np.float32)
    huge = replace(whole, unit_n=np.zeros(MOST, "U1"), score=many, label=many)
    assert keep(huge) is None
    assert answers_to_parts({}) == {}
    write_folder(tmp_path / "old", {"a": "b"}, name="m", seed=0, runtime="torch")
    assert read_answers(open_folder(tmp_path / "old")) == {}
    parts = answers_to_parts({"t": kept(whole)})
    write_folder(tmp_path / "c", {**parts, layout.COMPRESSED: {}}, name="m", seed=0, runtime="torch")
    assert read_answers(open_folder(tmp_path / "c")) == {}
    torn = {**parts, layout.ANSWER_ARRAYS: {"x": np.zeros(1)}}
    write_folder(tmp_path / "t", torn, name="m", seed=0, runtime="torch")
    with pytest.raises(ArtifactError, match="lack"):
        read_answers(open_folder(tmp_path / "t"))


def test_an_evaluation_keeps_the_answers_under_their_maps() -> None:
    found = evaluate({"buy": at_random("binary"), "price": at_random("number")})
    assert list(found.answers) == ["buy", "price"] and "answers" not in found.to_json()
    mean = float(found.answers["price"].arrays["value"].mean())
    assert mean == pytest.approx(found.tasks["price"]["mae"], rel=1e-6)
    whole = found.answers["buy"]
    again = find("auc").value(
        Predictions(task("auc"), "binary", UNITS[:60], score=whole.arrays["score"], label=whole.arrays["label"])
    )
    assert again == pytest.approx(found.tasks["buy"]["auc"])

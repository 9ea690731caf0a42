"""A label that is held out is no input of its own row, for any task, in the model or in a baseline.

The cells of a label are replaced where they are held out; whatever an answer sees of them makes it another answer.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import motet
from motet.baseline._columns import shown_columns
from motet.schema import EVENTS, TEST, TRAIN
from motet.stages.outcomes import run_arm
from motet.stages.study import Study
from motet.workflow import check, prepare

USERS, STEPS = 40, 20
PLANTED = 9.0


def tables() -> dict[str, pl.DataFrame]:
    """Return events with stars, and visits at the same moments with a score; both have a flag to guess from them."""
    rng = np.random.default_rng(4)
    count = USERS * STEPS
    moments = {"user": np.repeat([f"u{n:02}" for n in range(USERS)], STEPS), "time": np.tile(np.arange(STEPS), USERS)}
    stars, score = rng.integers(1, 6, count).astype(float), rng.normal(size=count)
    return {
        "events": pl.DataFrame(
            {
                **moments,
                "item": rng.choice(["a", "b", "c", "d"], count),
                "stars": stars,
                "buy": rng.random(count) < 0.2 + 0.1 * stars,
            }
        ),
        "visits": pl.DataFrame({**moments, "score": score, "happy": rng.random(count) < 1 / (1 + np.exp(-score))}),
    }


def study_of(frames: dict[str, pl.DataFrame]) -> Study:
    keys = {"user": "user", "time": "time"}
    project = motet.Project(
        tables={
            "events": {
                "frame": frames["events"], **keys, "item": "item", "columns": {"stars": "number", "buy": "flag"},
            },
            "visits": {"frame": frames["visits"], **keys, "columns": {"score": "number", "happy": "flag"}},
        },
        tasks=[
            motet.Binary(name="buy", column="buy", inputs=("stars",)),
            motet.Rating(name="rating", column="stars"),
            motet.Binary(name="happy", table="visits", column="happy", inputs=("score",)),
            motet.Number(name="score", table="visits", column="score"),
        ],
        split={"kind": "time", "fractions": [0.7, 0.15, 0.15]},
        trunk={"width": 16, "layers": 1, "max_history": 30},
        train={"epochs": 1, "batch": 256, "device": "cpu"},
    )  # fmt: skip
    return prepare(check(project))


FIRST_OF_TEST = 17


@pytest.fixture(scope="module")
def studies() -> tuple[Study, Study]:
    """The same tables twice; in the second, every label of the first moment of test is another one."""
    frames = tables()
    first = pl.col("time") == FIRST_OF_TEST
    planted = {
        "events": frames["events"].with_columns(stars=pl.when(first).then(PLANTED).otherwise("stars")),
        "visits": frames["visits"].with_columns(score=pl.when(first).then(PLANTED).otherwise("score")),
    }
    return study_of(frames), study_of(planted)


def asked_now(study: Study, task: str, moment: int) -> np.ndarray:
    """Which test questions are about a moment."""
    examples = study.examples[task]
    at = np.flatnonzero(examples.part_n == TEST)
    return examples.now_n[at] == moment


def test_the_first_moment_of_test_was_planted(studies: tuple[Study, Study]) -> None:
    for study in studies:
        time_N, part_N = study.division.events.time_N, study.division.events.part_N
        assert time_N[part_N == TEST].min() == FIRST_OF_TEST
    assert (studies[1].division.past["stars"] == PLANTED).sum() == USERS


@pytest.mark.parametrize(("task", "column"), [("buy", "stars"), ("happy", "score")])
def test_inputs_do_not_hold_it(studies: tuple[Study, Study], task: str, column: str) -> None:
    for study in studies:
        view, examples = study.features.state.views[task], study.examples[task]
        missing = study.features.arrays.rows[view.name].plain.bins_nB[:, -1] == 1
        assert missing.tolist() == (study.division.parts[view.table] != TRAIN).tolist()
        shown = shown_columns(examples, study.division)[f"row.{column}"]
        assert shown.is_null().to_list() == (examples.part_n != TRAIN).tolist()
    first, second = (study.features.arrays.rows[study.features.state.views[task].name].plain for study in studies)
    assert all(np.array_equal(value, getattr(second, name)) for name, value in vars(first).items())


def test_later_histories_hold_it(studies: tuple[Study, Study]) -> None:
    first, second = (study.features.arrays.events.plain.bins_nB[1:] for study in studies)
    at_once = studies[0].division.events.time_N == FIRST_OF_TEST
    truth = studies[0].division.tables.frame(EVENTS)["stars"].to_numpy()
    changed = (first != second).any(axis=1)
    assert changed[at_once & (truth < 5)].all() and not changed[~at_once].any()
    columns = [shown_columns(study.examples["buy"], study.division)["history.stars sum"] for study in studies]
    later = studies[0].examples["buy"].now_n > FIRST_OF_TEST
    assert ((columns[0] != columns[1]).to_numpy() == later).all()


@pytest.mark.parametrize("arm", ["joint", "buy"])
def test_answers_know_it_later_and_not_at_once(studies: tuple[Study, Study], arm: str) -> None:
    first, second = (run_arm(study, arm, 0) for study in studies)
    for task in {"joint": ("buy", "happy"), "buy": ("buy",)}[arm]:
        one, other = (outcome.answers[task]["test"].score for outcome in (first, second))
        now = asked_now(studies[0], task, FIRST_OF_TEST)
        assert now.sum() == USERS and np.array_equal(one[now], other[now])
        if task == "buy":
            assert (one[~now] != other[~now]).mean() > 0.5

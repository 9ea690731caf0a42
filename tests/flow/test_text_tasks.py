"""Polarity, several emotions and their intensity, read from the same texts at once."""

import numpy as np
import polars as pl
import pytest

import motet
from motet.workflow import train

EMOTIONS = {"joy": ("delighted", "cheerful"), "anger": ("furious", "outraged"), "fear": ("afraid", "anxious")}
DEGREES = ("slightly", "rather", "very", "utterly")


def reviews(count=900, seed=0):
    """Texts of one or two emotions; joy alone is positive, and the degree is the intensity."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        felt = [str(each) for each in rng.permutation(list(EMOTIONS))[: rng.integers(1, 3)]]
        degree = int(rng.integers(0, len(DEGREES)))
        words = [f"{DEGREES[degree]} {rng.choice(EMOTIONS[each])}" for each in felt]
        rows.append(
            (f"i was {' and '.join(words)} today", felt == ["joy"], "|".join(felt), degree + 0.1 * rng.normal())
        )
    return pl.DataFrame(rows, schema=["text", "positive", "emotions", "intensity"], orient="row")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    columns = {"text": "text", "positive": "flag", "emotions": "tags", "intensity": "number"}
    tasks = {
        "polarity": {"kind": "binary", "table": "reviews", "column": "positive"},
        "emotions": {"kind": "tags", "table": "reviews", "column": "emotions"},
        "intensity": {"kind": "number", "table": "reviews", "column": "intensity"},
    }
    project = motet.Project(
        tables={"reviews": {"frame": reviews(), "columns": columns}},
        tasks=tasks,
        encoder={"name": "lexical"},
        trunk={"width": 16, "layers": 1},
        train={"epochs": 6, "batch": 32, "device": "cpu"},
    )
    return train(project, tmp_path_factory.mktemp("emotions") / "model")


def test_each_task_beats_the_constant_answer(result):
    metrics = result.evaluation.tasks
    test = reviews()
    assert metrics["polarity"]["auc"] > 0.9
    assert metrics["emotions"]["map"] > 0.9
    spread = float(np.std(test["intensity"].to_numpy()))
    assert metrics["intensity"]["rmse"] < 0.7 * spread


def test_a_text_is_answered_by_all_of_them(result):
    bundle = motet.load(result.path, device="cpu")
    one, other = bundle.predict("polarity", ["i was very delighted today", "i was very furious today"])
    assert one.probability > other.probability
    less, more = bundle.predict("intensity", ["i was slightly afraid today", "i was utterly afraid today"])
    assert less.value < more.value
    (felt,) = bundle.predict("emotions", ["i was rather outraged today"])
    assert felt.label == "anger"

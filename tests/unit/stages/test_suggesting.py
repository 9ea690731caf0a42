from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet import workflow
from motet.errors import RequestError
from motet.model.read_out import represented, wavering
from motet.recommend import Bundle
from motet.recommend.ask import asked
from motet.schema import Project
from motet.stages.suggesting import k_centres, suggest, uncertainty
from motet.testing.project import tiny_project
from motet.testing.tables import tiny_shop


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("suggesting")
    settings = {"train": {"epochs": 1}}
    project = Project.read(tiny_project(folder, tasks=["sentiment", "price"], settings=settings))
    return workflow.train(project, folder / "run").bundle()


@pytest.fixture(scope="module")
def reviews() -> pl.DataFrame:
    return tiny_shop(1, users=80, items=60)["reviews"].select("text").unique(maintain_order=True).head(40)


def test_entropy_by_hand() -> None:
    assert uncertainty(np.array([0.5, 1.0]), "binary") == pytest.approx([np.log(2), 0], abs=1e-6)
    classes = np.array([[0.25] * 4, [1, 0, 0, 0]])
    assert uncertainty(classes, "class") == pytest.approx([np.log(4), 0], abs=1e-6)
    assert uncertainty(np.array([[0.5, 0.5, 1.0]]), "tags") == pytest.approx([2 * np.log(2)], abs=1e-6)


def test_k_centres_takes_the_farthest_each_time() -> None:
    points = np.array([[0.0], [0.1], [10.0], [4.0], [10.1]])
    assert k_centres(points, 3).tolist() == [0, 4, 3]
    assert sorted(k_centres(points, 9).tolist()) == [0, 1, 2, 3, 4]
    same = np.zeros((3, 2))
    assert sorted(k_centres(same, 3).tolist()) == [0, 1, 2]


def test_the_least_sure_rows_come_first(bundle: Bundle, reviews: pl.DataFrame) -> None:
    found = suggest(bundle, "sentiment", reviews, n=5, by="uncertainty")
    p = np.array([each.probability for each in bundle.predict("sentiment", frame=reviews)])
    assert len(found.rows) == 5 and (np.diff(found.uncertainty) <= 0).all()
    answers = bundle.loaded.scorer.answers("sentiment", asked(bundle.loaded, "sentiment", frame=reviews))  # type: ignore[attr-defined]
    assert set(found.rows.tolist()) == set(np.argsort(-uncertainty(answers, "binary"), kind="stable")[:5].tolist())
    assert len(p) == reviews.height


def test_diverse_rows_lie_apart_and_both_chooses_among_the_unsure(bundle: Bundle, reviews: pl.DataFrame) -> None:
    apart = suggest(bundle, "sentiment", reviews, n=6, by="diversity").rows
    points = represented(bundle.loaded.scorer, "sentiment", asked(bundle.loaded, "sentiment", frame=reviews))  # type: ignore[arg-type]

    def reach(rows: np.ndarray) -> float:
        """How far the farthest row lies from the nearest chosen one."""
        return float(np.linalg.norm(points[:, None] - points[rows][None], axis=2).min(axis=1).max())

    random = [reach(np.random.default_rng(seed).choice(len(points), 6, replace=False)) for seed in range(50)]
    assert reach(apart) < np.mean(random)
    unsure = suggest(bundle, "sentiment", reviews, n=10, by="uncertainty").rows
    both = suggest(bundle, "sentiment", reviews, n=2, by="both").rows
    assert set(both.tolist()) <= set(unsure.tolist()) and both[0] == unsure[0]


def test_numbers_waver_the_same_each_time_and_the_model_stays_as_it_is(bundle: Bundle) -> None:
    items = bundle.loaded.catalogue.ids.head(8).to_list()
    questions = asked(bundle.loaded, "price", items=items)
    scorer = bundle.loaded.scorer
    before = scorer.answers("price", questions)  # type: ignore[attr-defined]
    first, second = (wavering(scorer, "price", questions) for _ in range(2))  # type: ignore[arg-type]
    assert first.shape == (8,) and (first > 0).all() and np.array_equal(first, second)
    assert np.array_equal(scorer.answers("price", questions), before)  # type: ignore[attr-defined]


def test_what_cannot_be_suggested_is_said(bundle: Bundle, reviews: pl.DataFrame) -> None:
    with pytest.raises(RequestError, match="no way 'luck'"):
        suggest(bundle, "sentiment", reviews, n=1, by="luck")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="at least 1"):
        suggest(bundle, "sentiment", reviews, n=0)
    with pytest.raises(RequestError, match="no rows"):
        suggest(bundle, "sentiment", reviews.head(0), n=1)


def test_the_command_writes_rows_with_their_numbers(bundle: Bundle, reviews: pl.DataFrame, tmp_path: Path) -> None:
    from motet.cli.main import main

    reviews.write_csv(tmp_path / "new.csv")
    out = tmp_path / "next.csv"
    given = ["suggest-labels", str(bundle.path), "--task", "sentiment", "--input", str(tmp_path / "new.csv")]
    assert main([*given, "-n", "4", "--out", str(out)]) == 0
    written = pl.read_csv(out)
    assert written["suggested_rank"].to_list() == [1, 2, 3, 4]
    rows = written["suggested_row"].to_numpy() - 1
    assert written["text"].to_list() == reviews["text"].gather(rows).to_list()
    assert main([*given, "--by", "luck", "--out", str(out)]) == 2

"""Integrated gradients of packed models: they sum to the answer, and belong to the words and columns that make it."""

import numpy as np
import polars as pl
import pytest
import torch

from motet.features.ngrams import fit_ngrams
from motet.language.tokenise import tokeniser
from motet.model.attribution import _by_word
from motet.recommend.ask import asked
from motet.testing import tiny_in_memory

from .test_runtime import World


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    return World(tiny_in_memory(settings=settings), tmp_path_factory.mktemp("attribution") / "model")


def text_tasks(shop):
    return [task for task, view in shop.scorer.tasks.items() if "text" in view.sources and view.sources == ("text",)]


def test_contributions_of_words_sum_to_the_answer(shop):
    assert text_tasks(shop)
    for task in text_tasks(shop):
        view = shop.scorer.tasks[task]
        row = {name: f"a lovely {name}, but the violin broke" for name in view.texts}
        question = asked(shop.bundle.loaded, task, rows=[row, dict.fromkeys(view.texts, "")])
        margin, target = shop.scorer.margins(task, question)
        first, second = shop.scorer.gradients(task, question, target)
        for each, total in zip((first, second), margin, strict=True):
            told = sum(amount for _, _, amount in each.spans) + each.whole
            assert each.total == pytest.approx(total, abs=1e-4)
            assert told == pytest.approx(each.total - each.base, abs=0.01 * abs(each.total - each.base) + 2e-4)
        assert first.spans and any(abs(amount) > 1e-4 for _, _, amount in first.spans)
        assert first.base == pytest.approx(second.base, abs=1e-5), "nothing is the same for all"


def test_margins_are_the_answers_before_calibration(shop):
    for task, view in shop.scorer.tasks.items():
        if view.sources != ("text",):
            continue
        question = asked(shop.bundle.loaded, task, texts=["a violin", "a drum that broke"])
        answers = shop.scorer._answers(task, question)
        margin, target = shop.scorer.margins(task, question)
        if view.output == "binary":
            np.testing.assert_allclose(1 / (1 + np.exp(-margin)), answers, atol=1e-5)
        if view.output == "class":
            np.testing.assert_allclose(np.exp(margin), answers[:, target], atol=1e-5)
        if view.output == "ordinal":
            np.testing.assert_allclose(margin, answers @ np.asarray(view.levels), atol=1e-4)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    rng = np.random.default_rng(0)
    n = 400
    frame = pl.DataFrame(
        {
            "id": [str(k) for k in range(n)],
            "age": rng.uniform(0, 100, n),
            "job": rng.choice(["a", "b", "c"], n),
            "likes": [list(rng.choice(["x", "y", "z"], 2, replace=False)) for _ in range(n)],
        }
    ).with_columns(rich=(pl.col("age") > 50) & (pl.col("job") != "c"))
    from motet.schema import Project

    project = Project(
        tables={
            "people": {
                "frame": frame,
                "id": "id",
                "columns": {"age": "number", "job": "category", "likes": "tags", "rich": "flag"},
            }
        },
        tasks={"rich": {"kind": "binary", "table": "people", "column": "rich"}},
        train={"epochs": 3, "device": "cpu"},
    )
    import motet

    motet.train(project, tmp_path_factory.mktemp("people") / "model")
    return motet.load(next(tmp_path_factory.getbasetemp().glob("people*/model")), device="cpu")


def test_contributions_of_columns_sum_to_the_answer(people):
    rows = [{"age": 80.0, "job": "a", "likes": ["x", "y"]}, {"age": None, "job": None, "likes": None}]
    full, empty = people.explain("rich", rows=rows)
    assert {each.column for each in full.columns} == {"age", "job", "likes"}
    for each in (full, empty):
        assert abs(each.error) <= 0.01 * abs(each.total - each.base) + 2e-4
    assert full.base == pytest.approx(full.base) and empty.total == pytest.approx(empty.base, abs=1e-5)
    assert all(abs(cell.amount) < 1e-6 for cell in empty.columns)
    by_column = {each.column: each for each in full.columns}
    assert by_column["age"].value == "80" and abs(by_column["age"].amount) > 1e-3


def test_leaving_a_column_out_is_asking_without_it(people):
    row = {"age": 80.0, "job": "a", "likes": ["x", "y"]}
    (found,) = people.explain("rich", rows=[row], method="leave_out")
    scorer = people.loaded.scorer
    for cell in found.columns:
        question = asked(people.loaded, "rich", rows=[{**row, cell.column: None}])
        assert cell.amount == pytest.approx(found.total - scorer.margins("rich", question)[0][0], abs=1e-5)


@pytest.mark.parametrize("text", ["red tea pot, red pot", "a", "", "Tea!! tea"])
def test_n_grams_are_shared_out_without_loss(text):
    bag = fit_ngrams(["red tea pot", "red pot and tea", "a red a"] * 5, tokeniser("en"))
    bags = {}
    for family, made in bag.transform([text]).items():
        ids = torch.from_numpy(made.ids.astype(np.int64))
        bags[family] = (ids, torch.arange(1, len(ids) + 1, dtype=torch.float32))
    spans, rest = _by_word(text, bags, bag)
    whole = sum(float(share.sum()) for _, share in bags.values())
    assert sum(amount for _, _, amount in spans) + rest == pytest.approx(whole)
    if text:
        assert abs(rest) < 0.2 * whole, "words account for nearly everything"


def test_a_word_s_own_n_grams_are_its_own():
    bag = fit_ngrams(["red tea", "red pot", "tea pot"] * 5, tokeniser("en"))
    own = bag.transform(["tea"])
    ids = {family: torch.from_numpy(made.ids.astype(np.int64)) for family, made in own.items()}
    bags = {family: (each, torch.ones(len(each))) for family, each in ids.items()}
    spans, rest = _by_word("red tea", bags, bag)
    assert spans[1][2] == pytest.approx(sum(len(each) for each in ids.values()), abs=1.5) and rest == 0.0
    assert abs(spans[0][2]) < abs(spans[1][2]) / 2

"""No task of a chain is told to be likelier than those before it, whatever answers."""

import numpy as np
import pytest
import torch

import motet
from motet.artifact import open_folder
from motet.model.parts import read_model
from motet.recommend.ask import asked as question
from motet.recommend.calibrated import NONE
from motet.recommend.chained import bounded, chain_of, links
from motet.recommend.fused import FusedScorer, FusedTask
from motet.recommend.fusion import AnswerMix
from motet.recommend.port import TaskView
from motet.schema import Project
from motet.stages.compress_methods import Given, drafted
from motet.stages.draft import draft_of, write_draft
from motet.testing.project import TABLES, TASKS, tiny_sections
from motet.testing.tables import tiny_shop

CHAIN = ("buy", "cart", "view")
"""Declared against what happens, so that every single answer has to be held back."""
POSITIVE = {"view": ["view", "cart", "buy"], "cart": ["cart", "buy"], "buy": ["buy"]}


def yes_or_no(*sources, table="events", texts=()):
    return TaskView("binary", "binary", sources, table=table, texts=texts)


def test_what_comes_before_bounds_a_task():
    tasks = {name: yes_or_no("history", "item") for name in CHAIN}
    assert links(tasks, CHAIN, "view") == CHAIN and links(tasks, CHAIN, "cart") == ("buy", "cart")
    assert links(tasks, CHAIN, "buy") == ("buy",) and links(tasks, (), "view") == ("view",)
    del tasks["cart"]  # a fusion need not answer every task
    assert links(tasks, CHAIN, "view") == ("buy", "view")


@pytest.mark.parametrize(
    "other",
    [
        yes_or_no("text"),
        yes_or_no("history", "item", table="reviews"),
        yes_or_no("history", "item", texts=("words",)),
        TaskView("rating", "ordinal", ("history", "item")),
    ],
)
def test_what_looks_at_something_else_bounds_nothing(other):
    assert links({"buy": other, "view": yes_or_no("history", "item")}, ("buy", "view"), "view") == ("view",)


def test_the_least_is_told_and_the_unknown_stays_unknown():
    told = {"view": [0.5, 0.2, np.nan], "cart": [0.4, 0.3, 0.1], "buy": [0.6, 0.1, 0.1]}
    found = bounded(("view", "cart", "buy"), lambda name: np.array(told[name], np.float32))
    np.testing.assert_allclose(found, [0.4, 0.1, np.nan], rtol=1e-6)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A folder of a plain joint model whose project declares a chain."""
    frames = tiny_shop()
    steps = np.random.default_rng(3).choice(["seen", "view", "cart", "buy"], frames["events"].height)
    frames["events"] = frames["events"].with_columns(event=steps)
    sections = tiny_sections(settings={"sharing": {"chain": list(CHAIN)}, "train": {"epochs": 1}})
    tables = {
        name: {**{key: value for key, value in TABLES[name].items() if key != "path"}, "frame": frame}
        for name, frame in frames.items()
        if name in TABLES
    }
    tasks = {name: {**TASKS["buy"], "positive": positive} for name, positive in POSITIVE.items()}
    project = Project(**{**sections, "tables": tables, "tasks": {"next_item": TASKS["next_item"], **tasks}})
    return motet.train(project, tmp_path_factory.mktemp("chained") / "model").path


def told(scorer, loaded):
    """What a scorer says of some users and items, by task: in lists, and asked alone."""
    users = loaded.users.users.to_list()[:5]
    items = [str(each) for each in loaded.catalogue.ids[:5]]
    states = scorer.states([loaded.users.history(user) for user in users])
    items_Bn = np.tile(np.arange(5, dtype=np.int32), (5, 1))
    lists = {task: scorer.task_scores(task, states, items_Bn) for task in CHAIN}
    alone = {}
    for task in CHAIN:
        asked = question(loaded, task, users=users, items=items)
        alone[task] = np.array([each.probability for each in scorer.predict(task, asked)])
    return lists, alone


def assert_falls(lists, alone):
    for answers in (lists, alone):
        for before, after in zip(CHAIN, CHAIN[1:], strict=False):
            assert (answers[before] >= answers[after] - 1e-6).all() and answers[before].min() > 0
    for task in CHAIN:
        np.testing.assert_allclose(np.diagonal(lists[task]), alone[task], atol=1e-5)


def test_a_joint_model_and_a_fusion_of_it_hold_the_chain(path):
    loaded = motet.load(path, device="cpu").loaded
    assert chain_of(open_folder(path)) == CHAIN
    buy, view = (
        loaded.scorer.answers(task, question(loaded, task, users=["u000"], items=["i001"])) for task in ("buy", "view")
    )
    assert buy[0] < view[0]  # by itself it would tell otherwise
    assert_falls(*told(loaded.scorer, loaded))
    mixed = {task: FusedTask(("one",), AnswerMix(np.ones(1)), NONE) for task in CHAIN}
    fused = FusedScorer({"one": loaded.scorer}, {}, mixed, len(loaded.catalogue), chain=CHAIN)
    fused._models["one"]._chain = ()  # as members say it
    try:
        assert_falls(*told(fused, loaded))
    finally:
        loaded.scorer._chain = CHAIN


def test_without_torch_the_chain_holds(path, tmp_path):
    pytest.importorskip("onnxscript")
    folder = open_folder(path)
    served = read_model(folder, language="en", device=torch.device("cpu"))
    made = write_draft(
        drafted(draft_of(folder), ("onnx",), Given(folder, None, served, tmp_path, None)), tmp_path / "onnx", folder
    )
    loaded = motet.load(made.path).loaded
    assert_falls(*told(loaded.scorer, loaded))

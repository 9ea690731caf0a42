"""Lists of test users in a packed folder: chosen without their answers, made by the folder itself."""

from dataclasses import replace

import numpy as np
import pytest

from motet.artifact import layout, open_folder
from motet.recommend import load
from motet.recommend.examples import LENGTH, LISTS, example_users, few_of
from motet.schema import TEST
from motet.stages.exampling import report, users_of_test
from motet.stages.finish import finish_trained
from motet.stages.running import run_one
from motet.stages.watching import Watch
from motet.testing import tiny_in_memory
from motet.workflow import check, prepare


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A study of its own, and its folder."""
    out = tmp_path_factory.mktemp("run") / "model"
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    checked = check(tiny_in_memory(tasks=("next_item", "rating"), settings=settings))
    study = prepare(checked)
    outcome = run_one(study, None, out=out, resume=False, watch=Watch())
    return study, finish_trained(study, outcome, checked.tables, out).path


def test_who_is_asked_depends_on_no_answer(study):
    users = users_of_test(study)
    assert users and len(set(users)) == len(users)
    others = {name: replace(each, label=each.label.shuffle(seed=1)) for name, each in study.examples.items()}
    assert users_of_test(replace(study, examples=others)) == users
    ranking = study.examples["next_item"]
    asked = study.division.events.users.gather(np.unique(ranking.user_n[ranking.part_n == TEST])).to_list()
    assert set(asked) <= set(users)
    assert users_of_test(replace(study, division=replace(study.division, events=None))) == []


def test_a_packed_folder_keeps_and_shows_its_own_lists(packed):
    study, out = packed
    folder, bundle = open_folder(out), load(out)
    kept = folder.json(layout.EXAMPLES)["lists"]
    assert [each["user"] for each in kept] == few_of(users_of_test(study), bundle.loaded.users.index)
    assert len(kept) == LISTS and "Example lists" in folder.text(layout.REPORT)
    for each in kept:
        own = bundle.recommend(each["user"], k=LENGTH)
        assert [item["item"] for item in each["items"]] == [one.item for one in own.items]


def test_where_nobody_is_named_the_same_are_asked_again(packed):
    _, out = packed
    before = example_users(open_folder(out))
    report(out)
    assert example_users(open_folder(out)) == before and len(before) == LISTS
    report(out, [])
    assert example_users(open_folder(out)) == before, "nobody asked, nothing changed"

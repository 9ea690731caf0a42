"""Trees on columns and on words, and ALS's refusal, each asked directly."""

import numpy as np
import pytest

from motet.baseline import als
from motet.baseline._frequent import asks_little, inputs
from motet.baseline.als import Als
from motet.baseline.boosted_text import BoostedText
from motet.baseline.tree import Tree
from motet.schema import TEST, TRAIN

from .test_methods import asked, encoded


def test_trees_look_at_columns_and_words(world):
    for task, words in (("good", True), ("rich", False)):
        examples, _ = asked(world, task)
        train, test = (np.flatnonzero(examples.part_n == part) for part in (TRAIN, TEST))
        first, second = inputs(examples, world, [train, test])
        assert asks_little(examples, world) and first.shape[1] == second.shape[1] > (1 if words else 3)
        assert (first.shape[0], second.shape[0]) == (len(train), len(test))
    assert not asks_little(asked(world, "next_item")[0], world) and not asks_little(asked(world, "both")[0], world)


@pytest.mark.parametrize("method", [Tree, BoostedText])
def test_words_are_enough_to_tell_good_from_poor(world, method):
    if method is BoostedText:
        pytest.importorskip("lightgbm")
    examples, labels = asked(world, "good")
    at = np.flatnonzero(examples.part_n == TEST)
    score = method().answer(examples, labels, world, at).score
    assert ((score > 0.5) == encoded(world, "good", at)).mean() > 0.9


def test_a_tree_sees_what_lines_cannot(world):
    examples, labels = asked(world, "rich")
    at = np.flatnonzero(examples.part_n == TEST)
    score = Tree().answer(examples, labels, world, at).score
    assert ((score > 0.5) == encoded(world, "rich", at)).mean() > 0.85


def test_als_names_what_is_missing(world, monkeypatch):
    examples, _ = asked(world, "next_item")
    monkeypatch.setattr(als, "find_spec", lambda name: None)
    assert not Als().applies(examples, world) and ".[members]" in Als().refusal(examples, world)

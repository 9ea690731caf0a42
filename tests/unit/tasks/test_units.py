"""Whom a question belongs to: a user or row, and of a pair both users."""

import numpy as np

from motet.tasks import examples_of
from motet.tasks.units import units_of

from .test_relation import ids, world


def test_a_pair_belongs_to_both_of_its_users():
    division, examples = world()
    at = np.array([3, 0, len(examples) - 1])
    unit_n, other_n = units_of(examples, division, at)
    assert other_n is not None
    pairs = ids(division, examples)
    assert list(zip(unit_n.tolist(), other_n.tolist(), strict=True)) == [pairs[place] for place in at]
    assert not (np.stack(units_of(examples, division, np.arange(len(examples)))) == "").any()


def test_other_questions_belong_to_one():
    division, _ = world()
    examples = examples_of(division.project.tasks["next_item"], division)
    unit_n, other_n = units_of(examples, division, np.arange(5))
    assert other_n is None and unit_n.tolist() == examples.unit[:5].to_list()

import numpy as np
import pytest

from motet.errors import ProjectError
from motet.schema import TRAIN, Binary, Interest, Rating
from motet.tasks.make import examples_of
from motet.tasks.soft import soft_questions, wants_soft
from motet.testing.project import tiny_in_memory
from motet.workflow import check


def checked(**keys):
    project = tiny_in_memory(tasks=("rating", "buy", "interest"))
    tasks = {name: task.model_copy(update=keys.get(name, {})) for name, task in project.tasks.items()}
    return check(project.model_copy(update={"tasks": tasks})).division


def test_rows_whose_label_was_dropped_are_asked_and_no_others():
    division = checked(rating={"label_share": 0.3, "soft_targets": "auto"})
    task = division.project.tasks["rating"]
    known = examples_of(task, division)
    asked = soft_questions(task, division, known)
    whole = checked()
    everything = examples_of(whole.project.tasks["rating"], whole)
    train = set(everything.row_n[everything.part_n == TRAIN].tolist())
    kept = set(known.row_n[known.part_n == TRAIN].tolist())
    assert wants_soft(task) and kept < train and asked.label.null_count() == len(asked)
    assert train - kept <= set(asked.row_n.tolist()) and not kept & set(asked.row_n.tolist())
    held = everything.row_n[everything.part_n != TRAIN]
    assert not np.isin(asked.row_n, held).any() and asked.view == known.view


def test_interests_lose_and_ask_whole_users():
    division = checked(interest={"label_share": 0.5, "soft_targets": "auto"})
    task = division.project.tasks["interest"]
    assert isinstance(task, Interest)
    known = examples_of(task, division)
    asked = soft_questions(task, division, known)
    train = known.unit.filter(known.part_n == TRAIN)
    assert len(asked) and not set(asked.unit) & set(train)
    assert (known.part_n != TRAIN).any()


def test_drawn_negatives_lack_no_label():
    division = checked()
    task = Binary(name="buy", column="event", positive=("buy",), negatives="sampled", soft_targets="auto")
    with pytest.raises(ProjectError, match="drawn"):
        soft_questions(task, division, examples_of(division.project.tasks["buy"], division))
    assert not wants_soft(Rating(column="rating"))

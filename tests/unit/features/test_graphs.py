from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from motet.data import OTHER, USER
from motet.errors import ProjectError
from motet.features.graph import part_of_pairs
from motet.features.graphs import fit_graphs
from motet.features.prepare import training_rows
from motet.schema import TRAIN
from motet.stages.study import Study
from motet.testing.study import tiny_study

GRAPHS = {"graph": {"friends": {"table": "friends", "width": 4}, "had": {"table": "events", "width": 4}}}


@pytest.fixture(scope="module")
def joined() -> Study:
    return tiny_study(tasks=["next_item", "friend"], settings=GRAPHS)


def training(study: Study) -> dict[str, np.ndarray]:
    return {name: training_rows(study.division, name) for name in study.division.tables.tables}


def gram(values: np.ndarray) -> np.ndarray:
    return values @ values.T


def test_users_and_items_read_their_vectors(joined: Study) -> None:
    assert joined.shape.profile.vectors == (4,)
    assert joined.shape.item_columns.vectors == (4,)
    profiles, items = joined.features.arrays.profiles, joined.features.arrays.items
    assert profiles is not None and profiles.vectors_nV is not None and items is not None
    graphs, users = joined.features.graphs, len(joined.division.events.users)  # type: ignore[union-attr]
    assert np.array_equal(profiles.vectors_nV[1 : users + 1, -1] > 0, graphs["friends"].whole.known_n)
    assert np.array_equal(items.plain.vectors_nV[1:, -1] > 0, graphs["had"].whole.known_n)  # type: ignore[index]
    assert np.array_equal(items.plain_masked.vectors_nV, items.plain.vectors_nV)


def test_without_a_graph_nothing_is_read() -> None:
    study = tiny_study(tasks=["next_item", "friend"])
    assert study.shape.profile.vectors == () and not study.features.graphs
    assert all(each.shown_n is None for each in study.features.questions.values())


def test_what_is_held_out_is_no_edge(joined: Study) -> None:
    known = training(joined)
    division = joined.division
    held = division.task_parts["friend"] > TRAIN
    assert held.any() and np.array_equal(known["friends"], ~held)
    # a graph over other held-out rows is the same graph; over other training rows it is not
    everything = {name: np.ones_like(rows) for name, rows in known.items()}
    told, found = fit_graphs(division, everything), joined.features.graphs
    for name in ("friends", "had"):
        assert not np.allclose(gram(told[name].whole.values_nw), gram(found[name].whole.values_nw), atol=1e-3)
    frame = division.tables.frame("friends")
    moved = frame.with_columns(
        pl.when(pl.Series(held)).then(pl.col(OTHER).shuffle(seed=1)).otherwise(pl.col(OTHER)).alias(OTHER)
    )
    tables = dict(division.tables.tables)
    tables["friends"] = replace(tables["friends"], frame=moved)
    other = replace(division, tables=replace(division.tables, tables=tables))
    again = fit_graphs(other, known)["friends"].whole.values_nw
    assert np.allclose(gram(again), gram(found["friends"].whole.values_nw), atol=1e-4)


def test_a_pair_that_another_table_holds_out_is_no_edge(joined: Study) -> None:
    division, known = joined.division, training(joined)
    graph = {"said": joined.project.graph["had"].model_copy(update={"table": "reviews"})}
    project = joined.project.model_copy(update={"graph": graph})
    before = fit_graphs(replace(division, project=project), known)["said"].whole.values_nw
    none = {**known, "events": np.zeros_like(known["events"])}
    after = fit_graphs(replace(division, project=project), none)["said"].whole.values_nw
    assert before.any() and not np.allclose(gram(before), gram(after), atol=1e-3)


def test_training_pairs_are_shown_what_does_not_know_them(joined: Study) -> None:
    name = joined.features.state.views["friend"].name
    asked = joined.features.questions[name]
    labels = asked.tasks["friend"]
    assert asked.shown_n is not None and asked.user_n is not None and asked.other_n is not None
    trained = labels.question_m[labels.part_m == TRAIN]
    expected = part_of_pairs(asked.user_n - 1, asked.other_n - 1) + 1
    assert np.array_equal(asked.shown_n[trained], expected[trained])
    assert not asked.shown_n[labels.question_m[labels.part_m != TRAIN]].any()


def test_steps_show_a_pair_the_profiles_of_its_set(joined: Study) -> None:
    name, users = joined.features.state.views["friend"].name, len(joined.division.events.users)  # type: ignore[union-attr]
    asked = joined.features.questions[name]
    seen = set()
    for _, batches in joined.plan.epoch(0, 0, ["friend"]):
        for batch in batches:
            assert batch.segments is not None
            width = batch.segments.event_BL.shape[1] + 1
            for block in batch.blocks:
                rows = [batch.segments.user_B[state // width] for state in (block.state_n, block.other_state_n)]
                sets = [(row - 1) // users for row in rows]
                assert np.array_equal(*sets)
                seen |= set(sets[0].tolist())
                pairs = part_of_pairs((rows[0] - 1) % users, (rows[1] - 1) % users) + 1
                assert np.array_equal(pairs, sets[0])
    assert seen == set(asked.shown_n.tolist()) - {0}  # type: ignore[union-attr]


def test_other_tasks_see_the_whole(joined: Study) -> None:
    users = len(joined.division.events.users)  # type: ignore[union-attr]
    for _, batches in joined.plan.epoch(0, 0, ["next_item"]):
        for batch in batches:
            assert batch.segments is not None and batch.segments.user_B.max() <= users
    assert USER in joined.division.tables.frame("friends").columns


def test_a_table_that_joins_nobody_is_refused() -> None:
    with pytest.raises(ProjectError, match="join neither"):
        tiny_study(tasks=["next_item"], settings={"graph": {"shelf": {"table": "items"}}})

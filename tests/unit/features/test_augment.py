from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from motet.features.asking import question_batches
from motet.features.augment import Augmenter, hidden_texts, stream_of, uniform
from motet.features.batch import Batch, Segments
from motet.features.plan import TrainingPlan
from motet.schema import AugmentConfig
from motet.stages.augmenting import augmenter, plan_of
from motet.stages.study import Study

ALL = {"crop": 1.0, "mask": 0.3, "reorder": 1.0, "replace": 0.5, "words": 0.2, "text": 0.3, "mix": 0.4}
EVENTS = np.array([[1, 2, 3, 4], [5, 6, 0, 0]])
SEGMENTS = Segments(EVENTS, np.array([1, 2]))
STARTS = np.array([0, 4, 6])
ITEMS = np.array([0, 1, 2, 3, 4, 1, 5], np.int32)
NEAR = np.array([[0, 0], [2, 6], [6, 0], [6, 5], [0, 0], [4, 1], [0, 0]])
FREE, NUMBERS = np.array([3, 0]), np.array([7, 9])


def varied(stream: int = 1, free: np.ndarray = FREE, **chosen: float) -> Segments:
    return Augmenter(AugmentConfig(**chosen), ITEMS, STARTS, NEAR).histories(SEGMENTS, NUMBERS, free, stream)


def test_chance_depends_on_what_it_is_about_alone() -> None:
    ids = np.arange(10_000)
    drawn = uniform(3, 1, ids)
    assert drawn.min() >= 0 and drawn.max() < 1 and drawn.mean() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(uniform(3, 1, ids[::-1])[::-1], drawn)
    assert abs(np.corrcoef(drawn, uniform(3, 2, ids))[0, 1]) < 0.05
    assert abs(np.corrcoef(drawn, uniform(4, 1, ids))[0, 1]) < 0.05
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.05


def test_off_changes_nothing() -> None:
    assert varied() is SEGMENTS
    assert Augmenter(AugmentConfig(), ITEMS, STARTS, NEAR).hidden(0) is None


def test_masked_events_are_emptied_and_stay_where_they_are() -> None:
    found = varied(mask=1.0)
    assert not found.shown_BL.any() and np.array_equal(found.event_BL, EVENTS)  # type: ignore[union-attr]
    some = [varied(stream, mask=0.5).shown_BL for stream in range(200)]
    assert np.mean([(each[:1] > 0).mean() for each in some]) == pytest.approx(0.5, abs=0.06)  # type: ignore[index]
    assert all(np.isin(each, [0, *range(1, 7)]).all() for each in some)  # type: ignore[arg-type]


def test_a_cropped_history_keeps_its_end() -> None:
    left = set()
    for stream in range(100):
        shown = varied(stream, crop=1.0).shown_BL[0]  # type: ignore[index]
        left.add(int((shown > 0).sum()))
        first = int((shown == 0).sum())
        assert np.array_equal(shown[first:], EVENTS[0, first:])
    assert left == {1, 2, 3, 4}


def test_only_what_every_question_has_behind_it_is_reordered() -> None:
    seen = set()
    for stream in range(50):
        shown = varied(stream, reorder=1.0).shown_BL
        assert sorted(shown[0, :3]) == [1, 2, 3] and shown[0, 3] == 4  # type: ignore[index]
        assert np.array_equal(shown[1], EVENTS[1])  # type: ignore[index]
        seen.add(tuple(shown[0, :3]))  # type: ignore[index]
    assert len(seen) == 6


def test_a_neighbour_that_the_user_has_does_not_come_in() -> None:
    taken: set[tuple[int, int]] = set()
    for stream in range(100):
        found = varied(stream, replace=1.0)
        item = ITEMS[EVENTS]
        moved = found.item_BL != item
        taken |= set(zip(item[moved].tolist(), found.item_BL[moved].tolist(), strict=True))  # type: ignore[index]
    # the first user has 1 to 4, so that of item 1 only 6 may come, and item 4 has no neighbour; the second has 1 and 5
    assert taken == {(1, 6), (1, 2), (2, 6), (3, 6), (3, 5), (5, 4)}


def test_texts_are_hidden_by_row() -> None:
    rows = np.arange(2000)
    out = hidden_texts(0.25, stream_of(0, 1, 2), rows)
    assert out.mean() == pytest.approx(0.25, abs=0.04)
    assert np.array_equal(hidden_texts(0.25, stream_of(0, 1, 2), rows[100:200]), out[100:200])
    assert not np.array_equal(hidden_texts(0.25, stream_of(0, 1, 3), rows), out)


def batches(plan: TrainingPlan, active: list[str]) -> list[Batch]:
    return [batch for _, step in plan.epoch(0, 0, active) for batch in step]


def plan_with(study: Study, **chosen: Any) -> TrainingPlan:
    project = study.project.model_copy(update={"augment": AugmentConfig(**chosen)})
    return plan_of(project, study.division, study.features)


def test_labels_and_questions_are_never_varied(study: Study) -> None:
    assert augmenter(study.project, study.division, study.features) is None
    tasks = list(study.examples)
    plain, same, moved = (batches(plan_with(study, **chosen), tasks) for chosen in ({}, {}, ALL))
    assert len(plain) == len(moved)
    changed = 0
    for one, off, other in zip(plain, same, moved, strict=True):
        assert off.hidden is None and other.hidden is not None
        for a, b in zip(one.blocks, other.blocks, strict=True):
            assert np.array_equal(a.row_n, b.row_n) if a.row_n is not None else b.row_n is None
            assert a.state_n is None or np.array_equal(a.state_n, b.state_n)  # type: ignore[arg-type]
            for task, target in a.targets.items():
                assert np.array_equal(target.label_m, b.targets[task].label_m)
                assert np.array_equal(target.index_m, b.targets[task].index_m)
        if one.segments is not None:
            assert off.segments is not None and off.segments.shown_BL is None and off.segments.item_BL is None
            assert other.segments is not None and np.array_equal(one.segments.event_BL, other.segments.event_BL)
            changed += int((other.segments.shown_BL != one.segments.event_BL).sum())
    assert changed


def test_twins_are_varied_as_the_joint_model_is(study: Study) -> None:
    plan = plan_with(study, mask=0.5, replace=0.5, words=0.1)
    shown: dict[tuple[int, ...], tuple[int, ...]] = {}
    for batch in batches(plan, list(study.examples)):
        if batch.segments is not None:
            for event, seen, user in zip(
                batch.segments.event_BL,
                batch.segments.shown_BL,  # type: ignore[arg-type]
                batch.segments.user_B,
                strict=True,
            ):
                shown[(user, *event[event > 0])] = tuple(seen[event > 0])
    asked = 0
    for batch in batches(plan, ["rating"]):
        assert batch.segments is not None and batch.segments.shown_BL is not None
        for event, seen, user in zip(
            batch.segments.event_BL, batch.segments.shown_BL, batch.segments.user_B, strict=True
        ):
            assert shown[(user, *event[event > 0])] == tuple(seen[event > 0])
            asked += 1
    assert asked


def test_what_is_judged_is_not_varied(study: Study) -> None:
    varied_study = replace(study, plan=plan_with(study, **ALL))
    for questions in varied_study.features.questions.values():
        starts = study.division.events.starts  # type: ignore[union-attr]
        for _, batch in question_batches(questions, np.arange(min(20, len(questions))), starts, max_history=10):
            assert batch.hidden is None
            assert batch.segments is None or batch.segments.shown_BL is None


def test_no_reordered_event_is_one_that_a_question_asks_about(study: Study) -> None:
    for batch in batches(plan_with(study, reorder=1.0), list(study.examples)):
        if batch.segments is None or not batch.segments.event_BL.size:
            continue
        width = batch.segments.event_BL.shape[1] + 1
        for block in batch.blocks:
            for state in [each for each in (block.state_n, block.other_state_n) if each is not None]:
                for token in state[:50]:
                    row, read = divmod(int(token), width)
                    before = batch.segments.event_BL[row, :read]
                    assert sorted(batch.segments.shown_BL[row, :read]) == sorted(before)  # type: ignore[index]

"""Ask a loaded model folder a study's questions through the door that serving uses, whatever its runtime is.

n = questions, I = items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ROW
from motet.evaluate import Predictions
from motet.evaluate.calibrators.apply import applied
from motet.recommend import Bundle, History
from motet.recommend.port import Asked
from motet.schema import ITEMS
from motet.stages.answer import seen_items
from motet.stages.study import Study
from motet.tasks.ranking import target_ranks
from motet.tasks.units import units_of

CELLS = 8_000_000
AT_ONCE = 1_024


@dataclass(frozen=True)
class Questions:
    """Test questions of one task. at: positions among its examples."""

    task: str
    at: NDArray[np.int64]


def served_answers(study: Study, bundle: Bundle, questions: Questions) -> Predictions:
    """Return what a served model answers to the questions, its calibration applied."""
    task, at = questions.task, questions.at
    unit_n, other_n = units_of(study.examples[task], study.division, at)
    blank = Predictions(
        task=study.project.tasks[task],
        output=study.features.state.labels[task].output,
        unit_n=unit_n,
        other_n=other_n,
    )
    found = (
        _ranked(study, bundle, questions, blank)
        if blank.output == "ranking"
        else _scored(study, bundle, questions, blank)
    )
    return found if blank.output == "ranking" else applied(found, bundle.loaded.calibration(task))


def _ranked(study: Study, bundle: Bundle, questions: Questions, blank: Predictions) -> Predictions:
    scorer, num_items = bundle.loaded.scorer, study.shape.num_items
    target = study.examples[questions.task].label.gather(questions.at).to_numpy()
    rank = np.zeros(len(questions.at), np.int64)
    step = max(1, min(AT_ONCE, CELLS // max(1, num_items)))
    for begin in range(0, len(rank), step):
        part = slice(begin, begin + step)
        histories = histories_of(study, bundle, questions.task, questions.at[part])
        scores = scorer.next_item_scores(scorer.states(histories))
        rank[part] = target_ranks(scores, target[part], seen=seen_items(study, questions.task, questions.at[part]))
    return replace(blank, rank_n=rank, num_items=num_items, target_n=target.astype(np.int64))


def _scored(study: Study, bundle: Bundle, questions: Questions, blank: Predictions) -> Predictions:
    task, at = questions.task, questions.at
    labels = study.features.state.labels[task]
    pieces = [
        bundle.loaded.scorer.answers(task, asked_of(study, bundle, task, at[begin : begin + AT_ONCE]))  # type: ignore[attr-defined]
        for begin in range(0, len(at), AT_ONCE)
    ]
    known = study.examples[task].label.gather(at)
    plain = labels.output in ("ordinal", "number")
    label = np.asarray(known.to_numpy() if plain else labels.encode(known), np.float32)
    levels = np.asarray(labels.levels, np.float32) if labels.output == "ordinal" else None
    empty = np.zeros((0,) if labels.output in ("binary", "number") else (0, labels.size), np.float32)
    return replace(blank, score=np.concatenate([empty, *pieces]), label=label, levels_C=levels)


def asked_of(study: Study, bundle: Bundle, task: str, at: NDArray[np.int64]) -> Asked:
    """Return examples of a task as serving would be asked about them, at their moment."""
    examples, view = study.examples[task], bundle.loaded.scorer.tasks[task]
    histories = histories_of(study, bundle, task, at) if "history" in view.sources else None
    others, pairs = None, None
    if "other" in view.sources:
        others = histories_of(study, bundle, task, at, other=True)
        pairs = list(zip(_names(study, examples.user_n, at), _names(study, examples.other_n, at), strict=True))
    items = None if "item" not in view.sources else examples.item_n[at]  # type: ignore[index]
    needs_frame = bool({"text", "row"} & set(view.sources)) and not (view.table == ITEMS and "row" not in view.sources)
    frame = study.division.inputs[view.table][examples.row_n[at]] if needs_frame else None
    if frame is not None and examples.hidden in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=frame.schema[examples.hidden]).alias(examples.hidden))
    if frame is not None:
        frame = frame.drop([name for name in (ROW,) if name in frame.columns])
    return Asked(len(at), histories, items, frame, None, others, pairs)


def histories_of(
    study: Study, bundle: Bundle, task: str, at: NDArray[np.int64], *, other: bool = False
) -> list[History]:
    """Return what the folder knows of the users asked about, as much of it as each question may see."""
    examples = study.examples[task]
    user_n, cut_n = (examples.other_n, examples.other_cut_n) if other else (examples.user_n, examples.cut_n)
    assert cut_n is not None, "asked of tasks that read histories"
    known: Mapping[str, History] = {}
    users = _names(study, user_n, at)
    known = {user: bundle.loaded.users.history(user) for user in set(users)}
    moments = None if examples.now_n is None else examples.now_n[at]
    return [
        until(known[user], int(cut), None if moments is None or moments[place] < 0 else int(moments[place]))
        for place, (user, cut) in enumerate(zip(users, cut_n[at], strict=True))
    ]


def until(history: History, cut: int, now: int | None) -> History:
    """Return the first `cut` events of a history, asked about at a moment."""
    return replace(
        history,
        item_L=history.item_L[:cut],
        columns=history.columns[:cut] if history.columns.width else history.columns,
        time_L=None if history.time_L is None else history.time_L[:cut],
        now=now,
        text_LD=None if history.text_LD is None else history.text_LD[:cut],
    )


def _names(study: Study, user_n: NDArray[np.int32] | None, at: NDArray[np.int64]) -> list[str]:
    """The ids of the asked users; one who is not known has an id that no folder knows."""
    assert user_n is not None and study.division.events is not None, "asked of tasks about users"
    ids = study.division.events.users.gather(np.maximum(user_n[at], 0)).to_list()
    return [user if number >= 0 else "" for user, number in zip(ids, user_n[at], strict=True)]

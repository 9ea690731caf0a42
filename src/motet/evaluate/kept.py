"""Answers to single test questions, kept in a folder so that two folders can be compared question by question.

Who was asked is not kept: units are numbered, and a hash tells whether two folders were asked the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from motet.artifact import Folder, Part, layout
from motet.errors import ArtifactError
from motet.evaluate.metrics import find
from motet.evaluate.paired import PairedDifference, compare
from motet.evaluate.pairs import sides_of
from motet.evaluate.predictions import Predictions
from motet.schema import TaskBase

MOST = 2_000_000
"""Numbers of a task that are kept; a task whose metric needs more than this has no kept answers."""
MEAN, WHOLE = "mean", "whole"
"""Whether a value per question is kept, of which the metric is the mean, or the answers that the metric needs whole."""


@dataclass(frozen=True)
class KeptAnswers:
    """One task's answers to n test questions, in the order of their units.

    metric: what they are kept for, the task's primary one. questions: a hash of units and labels, the same for the same
    questions. unit_n: a number per user or row. arrays: `value` (the metric of each question; NaN: does not count), or
    score, label and levels. other_n: of pairs of users, the second one, numbered as the first ones are.
    """

    metric: str
    kind: str
    output: str
    questions: str
    unit_n: NDArray[np.int32]
    arrays: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    other_n: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.unit_n)


def keep(predictions: Predictions) -> KeptAnswers | None:
    """Return what is kept of a task's answers; None for none at all, or for more than a folder should hold."""
    metric, judge = predictions.task.primary, find(predictions.task.primary)
    if not len(predictions):
        return None
    order, sides = np.argsort(predictions.unit_n, kind="stable"), sides_of(predictions)
    _, unit_n = np.unique(predictions.unit_n, return_inverse=True)
    unit_n, other_n = (unit_n, None) if sides is None else (sides.first_n, sides.second_n[order].astype(np.int32))
    value_n = judge.per_question(predictions)
    arrays: dict[str, NDArray[Any]]
    if value_n is not None:
        kind, arrays = MEAN, {"value": value_n[order]}
    elif predictions.score is not None and predictions.label is not None:
        kind, arrays = WHOLE, {"score": predictions.score[order], "label": predictions.label[order]}
        if predictions.levels_C is not None:
            arrays["levels"] = predictions.levels_C
    else:
        return None
    if sum(array.size for array in arrays.values()) > MOST:
        return None
    kept = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
    asked = _fingerprint(predictions, order)
    return KeptAnswers(metric, kind, predictions.output, asked, unit_n[order].astype(np.int32), kept, other_n)


def paired(new: KeptAnswers, old: KeptAnswers) -> PairedDifference:
    """Return how much better `new` answers than `old` (positive is better); both were asked the same questions."""
    assert new.questions == old.questions and new.metric == old.metric, "told apart before"
    if new.kind == MEAN:
        # a mean over questions, whatever the metric: told as the error of a number, larger is worse
        sign = 1.0 if find(new.metric).lower_is_better else -1.0
        found = compare([_as_error(new)], [_as_error(old)], metric="mae")
        difference = sign * found.difference
        return PairedDifference(**{**vars(found), "difference": difference + 0.0})
    return compare([_as_answers(new)], [_as_answers(old)], metric=new.metric)


def answers_to_parts(kept: Mapping[str, KeptAnswers]) -> dict[str, Part]:
    """Return kept answers as parts of a folder; none where nothing is kept."""
    told: dict[str, Any] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for number, (task, each) in enumerate(kept.items()):
        told[task] = {"at": number, "metric": each.metric, "kind": each.kind, "output": each.output}
        told[task] |= {"questions": each.questions, "arrays": list(each.arrays)}
        arrays[f"{number}.unit"] = each.unit_n
        if each.other_n is not None:
            arrays[f"{number}.other"] = each.other_n
        arrays |= {f"{number}.{name}": array for name, array in each.arrays.items()}
    return {layout.ANSWERS: told, layout.ANSWER_ARRAYS: arrays} if kept else {}


def read_answers(folder: Folder) -> dict[str, KeptAnswers]:
    """Return the answers that a folder keeps, by task; none for one that was made before answers were kept.

    A folder that was compressed keeps those of the model that it was made from, which are not its own: none, either.
    """
    if not folder.has(layout.ANSWERS) or folder.has(layout.COMPRESSED):
        return {}
    arrays = folder.arrays(layout.ANSWER_ARRAYS)
    try:
        return {
            str(task): KeptAnswers(
                told["metric"],
                told["kind"],
                told["output"],
                told["questions"],
                arrays[f"{told['at']}.unit"],
                {name: arrays[f"{told['at']}.{name}"] for name in told["arrays"]},
                arrays.get(f"{told['at']}.other"),
            )
            for task, told in folder.json(layout.ANSWERS).items()
        }
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"The kept answers lack {error}.", "Judge it anew, or take them away.") from None


def _fingerprint(predictions: Predictions, order: NDArray[np.int64]) -> str:
    """A hash of who was asked and what was true; of a ranking, also among how many items."""
    told = hashlib.sha256(f"{predictions.task.primary}\n{predictions.output}\n{predictions.num_items}\n".encode())
    for units in (predictions.unit_n, predictions.other_n):
        if units is not None:
            told.update("\n".join(units[order].tolist()).encode("utf-8", "backslashreplace"))
    for truth in (predictions.label, predictions.target_n):
        if truth is not None:
            told.update(np.ascontiguousarray(truth[order], np.float64).tobytes())
    return told.hexdigest()


def _as_error(kept: KeptAnswers) -> Predictions:
    value_n = kept.arrays["value"]
    blank = Predictions(_no_task(), "number", _names(kept.unit_n), other_n=_others(kept))
    return replace(blank, score=value_n, label=np.zeros_like(value_n))


def _as_answers(kept: KeptAnswers) -> Predictions:
    score, label = kept.arrays["score"], kept.arrays["label"]
    blank = Predictions(_no_task(), kept.output, _names(kept.unit_n), other_n=_others(kept))
    return replace(blank, score=score, label=label, levels_C=kept.arrays.get("levels"))


def _others(kept: KeptAnswers) -> NDArray[np.str_] | None:
    return None if kept.other_n is None else _names(kept.other_n)


def _names(unit_n: NDArray[np.int32]) -> NDArray[np.str_]:
    """Names of the units that sort as the units themselves did, so that resampling draws the same ones."""
    return np.char.zfill(unit_n.astype(str), 10)


def _no_task() -> TaskBase:
    """The metric is named, so that the task is never asked for it."""
    return cast(TaskBase, None)

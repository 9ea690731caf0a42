"""Words and columns of questions to what they contribute, by the method that was asked for.

gradient   integrated gradients of the model itself; one backward pass
leave_out  what the answer loses without each word or column; one batch
shap       Shapley values by the kernel method of the library `shap` (Lundberg & Lee 2017, arXiv:1705.07874)
lime       weights of a local linear model by the library `lime` (Ribeiro et al. 2016, arXiv:1602.04938)
"""

from __future__ import annotations

import logging
import warnings
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from motet.errors import MissingExtra, RequestError
from motet.recommend.attribution import METHODS, Attribution, Cell, Method, Word
from motet.recommend.coalitions import Coalitions, one_of
from motet.recommend.insight import Attributing, WordWeights
from motet.recommend.loaded import Loaded
from motet.recommend.port import Asked, TaskView
from motet.registry import nearest

MOST = 100
"""Questions that are explained at a time."""
MOST_PLAYERS = 400
"""Words and columns of a question that methods can leave out; longer texts are for gradients."""
SAMPLES = 512
"""Variants of a question that `shap` and `lime` ask about, and two more for each word or column."""
KERNEL_WIDTH = 0.25
"""Of lime's kernel, in units of cosine distance: the library's own for texts."""


def attribute(loaded: Loaded, task: str, asked: Asked, *, method: Method = "gradient") -> list[Attribution]:
    """Return what each answer comes from.

    Raises RequestError where the task reads neither words nor columns, or the folder cannot tell; MissingExtra where
    the method's library is not installed.
    """
    if method not in METHODS:
        hint = nearest(method, list(METHODS)).strip()
        raise RequestError(f"There is no method '{method}'; known: {', '.join(METHODS)}.", hint or "Use one of these.")
    scorer, view = loaded.scorer, loaded.scorer.tasks[task]
    if not {"text", "row"} & set(view.sources):
        raise RequestError(
            f"'{task}' reads no words and no columns of a row, so there is nothing to explain its answers by.",
            "Lists are explained by recommend.",
        )
    if not isinstance(scorer, Attributing):
        raise RequestError(
            "This folder passes questions on to other models, and does not know what their answers come from.",
            "Ask this of the models that it was made of.",
        )
    if asked.n > MOST:
        raise RequestError(f"{asked.n:,} questions to explain; at most {MOST} are explained at a time.", "Ask fewer.")
    found: list[Attribution] = []
    for n in range(asked.n):
        (total,), target = _one(scorer, task, asked, n)
        about = view.classes[target] if view.output in ("class", "tags") else None
        question = Coalitions.of(scorer, task, asked, target, n)
        if method == "gradient":
            weights = scorer.gradients(task, question.asked, target)[0]
            found.append(_of_gradients(task, view, about, weights, question))
            continue
        if len(question) > MOST_PLAYERS:
            raise RequestError(
                f"A question has {len(question):,} words and columns; '{method}' can leave out {MOST_PLAYERS}.",
                "Use the method 'gradient'.",
            )
        base, amount_M = _METHODS[method](question)
        found.append(_attribution(task, method, view, about, float(base), float(total), amount_M, question))
    return found


def _one(scorer: Attributing, task: str, asked: Asked, n: int) -> tuple[NDArray[np.float64], int]:
    return scorer.margins(task, one_of(asked, n))


def _leave_out(question: Coalitions) -> tuple[float, NDArray[np.float64]]:
    num = len(question)
    present = np.ones((num + 2, num), bool)
    present[np.arange(num), np.arange(num)] = False
    present[num] = False
    value = question.values(present)
    return float(value[num]), value[-1] - value[:num]


def _shap(question: Coalitions) -> tuple[float, NDArray[np.float64]]:
    num = len(question)
    if num == 0:
        return float(question.values(np.zeros((1, 0)))[0]), np.zeros(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import shap
    except ImportError:
        raise MissingExtra("shap, which shares answers out fairly,", "explain") from None
    state = np.random.get_state()
    np.random.seed(0)
    logging.getLogger("shap").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            explainer = shap.KernelExplainer(question.values, np.zeros((1, num)))
            amount = explainer.shap_values(np.ones((1, num)), nsamples=2 * num + SAMPLES, l1_reg=0, silent=True)
    finally:
        np.random.set_state(state)
    return float(np.asarray(explainer.expected_value)), np.asarray(amount, np.float64).reshape(-1)


def _lime(question: Coalitions) -> tuple[float, NDArray[np.float64]]:
    num = len(question)
    try:
        from lime.lime_base import LimeBase
    except ImportError:
        raise MissingExtra("lime, which fits a line around an answer,", "explain") from None
    if num == 0:
        return float(question.values(np.zeros((1, 0)))[0]), np.zeros(0)
    rng = np.random.default_rng(0)
    present = np.ones((2 * num + SAMPLES, num))
    for row in present[1:]:
        row[rng.choice(num, rng.integers(0, num + 1), replace=False)] = 0
    value = question.values(present)
    # the cosine between what is left and the whole, as the library measures texts
    distance = 1 - np.sqrt(present.mean(axis=1))
    base = LimeBase(lambda away: np.sqrt(np.exp(-(away**2) / KERNEL_WIDTH**2)), random_state=0)
    answer: Any = base.explain_instance_with_data(present, value[:, None], distance, 0, num, feature_selection="none")
    amount = np.zeros(num)
    for place, weight in answer[1]:
        amount[place] = weight
    return float(answer[0]), amount


_METHODS = {"leave_out": _leave_out, "shap": _shap, "lime": _lime}


def _attribution(
    task: str,
    method: Method,
    view: TaskView,
    about: str | None,
    base: float,
    total: float,
    amount_M: NDArray[np.float64],
    question: Coalitions,
) -> Attribution:
    num = len(question.spans)
    words = tuple(_word(question, at, float(amount_M[at])) for at in range(num))
    columns = tuple(_cell(question, name, float(amount_M[num + at])) for at, name in enumerate(question.columns))
    return Attribution(task, method, about, _scale(view), base, total, question.text, words, columns)


def _of_gradients(
    task: str, view: TaskView, about: str | None, weights: WordWeights, question: Coalitions
) -> Attribution:
    words = tuple(_word(question, at, each[2]) for at, each in enumerate(weights.spans))
    columns = tuple(_cell(question, name, amount) for name, amount in weights.columns.items())
    return Attribution(
        *(task, "gradient", about, _scale(view), weights.base, weights.total, question.text, words, columns),
        rest=weights.whole,
    )


def _word(question: Coalitions, at: int, amount: float) -> Word:
    assert question.text is not None
    begin, end = question.spans[at]
    return Word(begin, end, question.text[begin:end], amount)


def _cell(question: Coalitions, name: str, amount: float) -> Cell:
    frame = question.asked.frame
    value = frame[name][0] if frame is not None and name in frame.columns else None
    if value is not None and not isinstance(value, str):
        value = f"{value:g}" if isinstance(value, float) else str(value)
    return Cell(name, value, amount)


def _scale(view: TaskView) -> Literal["log-odds", "log-probability", "value"]:
    if view.output in ("binary", "tags"):
        return "log-odds"
    return "log-probability" if view.output == "class" else "value"

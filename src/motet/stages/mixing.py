"""Choose how far rankings believe their memory: after training, on validation half A, by the task's own metric.

A handful of numbers, chosen from a grid among thousands of questions, in seconds: the network's probabilities are
computed once, and only the items that may reach the list are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from motet.features.memory import DECAY, SHRINK
from motet.model.assemble import MotetModel
from motet.model.heads._mix import Gate, MemoryMix
from motet.model.predict import Predictor
from motet.stages.answer import questions_of_role
from motet.stages.rivals import rivals
from motet.stages.study import Study

MOST_QUESTIONS, MOST_CELLS = 10_000, 200_000_000
"""Questions to choose on, and scores that are computed for them at most (but for LEAST_QUESTIONS)."""
LEAST_QUESTIONS = 1_000
FOLLOWS = (0.0, 0.06, 0.12, 0.2, 0.33, 0.5, 0.8, 1.3, 2.0)
RESEMBLES = (0.0, 0.003, 0.006, 0.0125, 0.025, 0.05, 0.1)
OWN = (0.0, 0.03, 0.1, 0.3, 1.0)
GRAPHS = ((DECAY, SHRINK), (0.4, SHRINK), (0.85, SHRINK), (DECAY, 5.0), (DECAY, 80.0))
"""Decays and shrinkages."""
NEAR = (0.7, 1.0, 1.4)
GRID = tuple(product(FOLLOWS, RESEMBLES))
PRICE = 0.1
"""What a step away from the usual gate must gain, in questions answered at the first place."""
USUAL = Gate(follows=0.33, resembles=0.006)
"""What is believed where there is no question to choose on, and what a choice must be better than."""


def shut(model: MotetModel) -> MotetModel:
    """Return the model, its rankings without what they had been mixed with: training is judged on the network alone."""
    for task in model.shape.tasks:
        mix = _mix_of(model, task)
        if mix is not None:
            mix.set(Gate())
    return model


def keep_gates(model: MotetModel, judged: MotetModel) -> MotetModel:
    """Return the model, its rankings as ready to believe their memory as those of a model that was judged."""
    for task in model.shape.tasks:
        mix, known = _mix_of(model, task), _mix_of(judged, task) if task in judged.shape.tasks else None
        if mix is not None and known is not None:
            mix.set(known.get())
    return model


def open_gates(study: Study, model: MotetModel, tasks: Iterable[str] | None = None) -> MotetModel:
    """Return the model, its rankings (of `tasks`, by default all) with the gate that does best on half A."""
    for task in model.shape.tasks if tasks is None else tasks:
        mix = _mix_of(model, task)
        if mix is not None:
            mix.set(Gate())
            mix.set(chosen_gate(study, Predictor(model, study.tensors), task))
    return model


def chosen_gate(study: Study, predictor: Predictor, task: str) -> Gate:
    """Return the gate with the best discounted gain at ten; the network alone where nothing is better.

    Every step away from what is usually believed has to earn its PRICE: with a dozen questions the usual gate stands
    unless several speak against it, with thousands the price is nothing.
    """
    cells = min(MOST_QUESTIONS, max(LEAST_QUESTIONS, MOST_CELLS // max(1, study.shape.num_items)))
    chosen = questions_of_role(study, task, "A", most=cells)
    chosen = chosen[study.examples[task].label.gather(chosen).to_numpy() >= 0]
    if not len(chosen):
        return USUAL
    ask = partial(_best, study=study, predictor=predictor, task=task, chosen=chosen)
    best = ask({Gate(f, r): _steps(FOLLOWS, f, USUAL.follows) + _steps(RESEMBLES, r, USUAL.resembles) for f, r in GRID})
    others = {Gate(best.follows * by, best.resembles * by, 0.0, *graph): 1.0 for graph in GRAPHS for by in NEAR}
    best = ask({**others, best: 0.0})
    if getattr(study.project.tasks[task], "repeats", "mask") == "allow":
        best = ask({replace(best, own=own): _steps(OWN, own, best.own) for own in OWN})
    return best


def _steps(grid: Sequence[float], value: float, usual: float) -> float:
    """How many steps of a grid lie between a value and the usual one."""
    return float(abs(grid.index(value) - grid.index(usual)))


def _best(
    steps: Mapping[Gate, float], *, study: Study, predictor: Predictor, task: str, chosen: NDArray[np.int64]
) -> Gate:
    """The gate with the largest gain less the price of its steps; of equal ones that of fewer steps."""
    gates = sorted(steps, key=steps.__getitem__)
    gain_G = -PRICE * np.array([steps[gate] for gate in gates])
    for piece in rivals(study, predictor, task, chosen):
        known: dict[tuple[float, float], NDArray[np.float32]] = {}
        for number, gate in enumerate(gates):
            graph = (gate.decay, gate.shrink)
            if graph not in known:
                known = {graph: piece.values(gate)}
            gain_G[number] += piece.gain(known[graph] @ np.array([gate.follows, gate.resembles, gate.own], np.float32))
    return gates[int(gain_G.argmax())]


def _mix_of(model: MotetModel, task: str) -> MemoryMix | None:
    mix: MemoryMix | None = getattr(model.head(task), "mix", None)
    return mix

"""A trained model that answers: the catalogue's vectors are made once, and no gradient is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motet.features.batch import Batch
from motet.features.growing import Growth
from motet.features.memory import Recall
from motet.model.assemble import MotetModel
from motet.model.inputs import FeatureTensors
from motet.model.preselect import Table
from motet.model.trunk import State, Trunk
from motet.model.trunk.past import Past


@dataclass(frozen=True)
class Ranking:
    """States of n questions, their pasts, and what asks the memory about them.

    Slices like a list, so that scores can be made piece by piece.
    """

    states_nd: Tensor
    past: Past | None
    recall: Recall | None = None

    def __getitem__(self, piece: slice) -> Ranking:
        begin, end, _ = piece.indices(len(self.states_nd))
        past = None if self.past is None else self.past.between(begin, end)
        return Ranking(self.states_nd[piece], past, None if self.recall is None else self.recall.take(piece))

    def take(self, rows: NDArray[np.int64]) -> Ranking:
        """Return the chosen questions, in that order."""
        if np.array_equal(rows, np.arange(len(self.states_nd))):
            return self
        index = torch.from_numpy(rows).to(self.states_nd.device)
        past = None if self.past is None else self.past.take(index, len(self.states_nd))
        return Ranking(self.states_nd[index], past, None if self.recall is None else self.recall.take(rows))


class Asked:
    """A batch that is put to a model. Each trunk is passed once at most, however many tasks answer."""

    def __init__(self, predictor: Predictor, batch: Batch) -> None:
        self._predictor, self._batch = predictor, batch
        self._states: dict[int, dict[str, State]] = {}

    @torch.inference_mode()
    def answers(self, task: str) -> Tensor:
        """Return a task's answers to the block of its view, as its head gives them."""
        model, catalogue = self._predictor.model, self._predictor.catalogue(task)
        return model.head(task).answer(model.scores(task, self._state(task), catalogue))

    @torch.inference_mode()
    def ranking(self, task: str) -> Ranking:
        """Return what a ranking compares with items."""
        state = self._state(task)
        return Ranking(self._predictor.model.read(task, state), state.past, state.recall)

    def _state(self, task: str) -> State:
        model = self._predictor.model
        tasks, trunk_of = model.shape.tasks, model.sharing.trunk_of
        trunk = trunk_of(task)
        if id(trunk) not in self._states:
            views = {each.view for name, each in tasks.items() if trunk_of(name) is trunk}
            known = replace(self._batch, blocks=tuple(block for block in self._batch.blocks if block.view in views))
            predictor = self._predictor
            self._states[id(trunk)] = model.states(trunk, known, predictor.tensors, predictor.vectors)
        return self._states[id(trunk)][tasks[task].view]


class Predictor:
    """Answers questions with a model in evaluation mode."""

    def __init__(self, model: MotetModel, tensors: FeatureTensors) -> None:
        self.model = model.eval() if model.training else model  # it walks through every module, for every list
        self.tensors = tensors
        self._vectors: dict[int, Tensor | None] = {}
        self._catalogues: dict[str, Tensor | None] = {}
        self._tables: dict[str, Table] = {}

    def on(self, tensors: FeatureTensors) -> Predictor:
        """Return a predictor for other inputs; the catalogue's vectors are kept where it is the same catalogue."""
        other = Predictor(self.model, tensors)
        if tensors.items is self.tensors.items:
            other._vectors, other._catalogues, other._tables = self._vectors, self._catalogues, self._tables
        return other

    @torch.inference_mode()
    def grown(self, tensors: FeatureTensors, rows_n: NDArray[np.int64], growth: Growth, *, name: str) -> Predictor:
        """Return a predictor for a catalogue in which items were put at `rows_n` (index + 1).

        Vectors that were made already are made of these items alone, and stand in the buffers `name` of `growth`; the
        others are made when they are asked for. Not for models that read texts with a language model of their own.
        """
        other, rows = Predictor(self.model, tensors), torch.from_numpy(rows_n)
        fresh: dict[int, Tensor | None] = {}
        trunks = {id(trunk): trunk for trunk in self._trunks()}
        for number, (key, vectors) in enumerate(sorted(dict(self._vectors).items())):
            trunk = trunks.get(key)
            if trunk is not None and vectors is not None and trunk.items is not None:
                fresh[key] = new = trunk.items(trunk.known_items(tensors), rows)
                other._vectors[key] = _placed(growth, f"{name}/vectors/{number}", vectors, rows_n, new)
        for task, seen in dict(self._catalogues).items():
            shared = fresh.get(id(self.model.sharing.trunk_of(task)))
            if seen is not None and shared is not None:
                new = self.model.catalogue(task, shared, lambda trunk: fresh.get(id(trunk)), rows=rows)
                assert new is not None
                other._catalogues[task] = whole = _placed(growth, f"{name}/catalogue/{task}", seen, rows_n, new)
                if task in self._tables:
                    place = f"{name}/low/{task}"
                    other._tables[task] = self._tables[task].grown(growth, place, whole[1:], rows_n - 1)
        return other

    def _trunks(self) -> list[Trunk]:
        sharing, tasks = self.model.sharing, list(self.model.shape.tasks)
        own = [sharing.own_trunk(task) for task in tasks]
        return [*(sharing.trunk_of(task) for task in tasks), *(trunk for trunk in own if trunk is not None)]

    @torch.inference_mode()
    def answers(self, task: str, batch: Batch) -> Tensor:
        """Return a task's answers to the batch's block of its view, as its head gives them."""
        return self.asked(batch).answers(task)

    @torch.inference_mode()
    def all_answers(self, tasks: list[str], batch: Batch) -> dict[str, Tensor]:
        """Return the answers of several tasks, each to the block of its view."""
        asked = self.asked(batch)
        return {task: asked.answers(task) for task in tasks}

    @torch.inference_mode()
    def ranking_states(self, task: str, batch: Batch) -> Ranking:
        """Return what a ranking compares with items, for the batch's block of its view."""
        return self.asked(batch).ranking(task)

    def asked(self, batch: Batch) -> Asked:
        """Return the batch, put to the model; several tasks' answers to it share what they read."""
        return Asked(self, batch)

    @torch.inference_mode()
    def ranking_scores(self, task: str, ranking: Ranking) -> Tensor:
        """Return scores (n, I) of the whole catalogue, not normalised."""
        head = self.model.head(task)
        return head.compare(  # type: ignore[attr-defined]
            ranking.states_nd, ranking.past, self.catalogue(task), recall=ranking.recall
        )

    @torch.inference_mode()
    def catalogue(self, task: str) -> Tensor | None:
        """Return the catalogue's vectors as a task sees them, (I + 1, d), or None where its view needs none."""
        if task not in self._catalogues:
            shared = self.vectors(self.model.sharing.trunk_of(task))
            self._catalogues[task] = self.model.catalogue(task, shared, self.vectors)
        return self._catalogues[task]

    def table(self, task: str) -> Table:
        """Return the catalogue as a ranking preselects from it."""
        if task not in self._tables:
            vectors = self.catalogue(task)
            assert vectors is not None
            with torch.inference_mode():
                self._tables[task] = Table.of(vectors[1:])
        return self._tables[task]

    def vectors(self, trunk: Trunk) -> Tensor | None:
        """Return the catalogue's vectors of a trunk, (I + 1, d), or None where its views need none."""
        if id(trunk) not in self._vectors:
            with torch.inference_mode():
                self._vectors[id(trunk)] = self.model.vectors(trunk, self.tensors)
        return self._vectors[id(trunk)]


def _placed(growth: Growth, name: str, known: Tensor, rows_n: NDArray[np.int64], new: Tensor) -> Tensor:
    """Rows in place of others or behind them; what only shows another table's rows stays with it."""
    return torch.from_numpy(growth.place(name, known.numpy(), rows_n, new.numpy()))

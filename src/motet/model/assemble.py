"""The model: a sharing strategy over trunks, and a head for every task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motet.features.batch import Batch, Hidden
from motet.model.cut import Cut
from motet.model.heads import HEADS, Head, head_name
from motet.model.heads._imitate import imitation_loss
from motet.model.inputs import FeatureTensors
from motet.model.names import module_name
from motet.model.narrow import shrink
from motet.model.shape import ModelShape
from motet.model.sharing import SHARING, Sharing
from motet.model.trunk import State, Trunk
from motet.model.trunk.tuned import Tuned

VectorsOf = Callable[[Trunk], Tensor | None]
"""The catalogue's vectors of a trunk, (I + 1, width), or None where none of its views looks items up."""
RANKED_CELLS = 2_000_000
"""A ranking imitates its teacher on so many questions of a step that questions times items stay below this."""


@dataclass(frozen=True)
class Asked:
    """One task's part of a batch: its questions' state, its representation, labels, and the catalogue's vectors.

    before: what the tasks read whose scores have a part in this one's, by task; usually nothing. soft: the same of
    questions without a label, whose label_n is what others say of them, and how much one counts beside a labelled one.
    """

    task: str
    state: State
    z_nd: Tensor
    label_n: Tensor
    vectors_Id: Tensor | None
    before: Mapping[str, Tensor] = field(default_factory=dict)
    soft: tuple[Asked, float] | None = None


class MotetModel(nn.Module):
    """Trunk, sharing and heads, assembled from a shape."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.sharing: Sharing = SHARING.get(shape.sharing.kind)(shape)  # type: ignore[assignment]
        heads = {
            module_name(name): HEADS.get(head_name(task, shape))(task, shape) for name, task in shape.tasks.items()
        }
        self.heads = nn.ModuleDict(heads)
        shrink(self, shape.cuts)

    def head(self, task: str) -> Head:
        """Return a task's head."""
        return self.heads[module_name(task)]  # type: ignore[return-value]

    def losses(
        self,
        batch: Batch,
        tensors: FeatureTensors,
        *,
        teachers: Mapping[str, MotetModel] | None = None,
        trust: Mapping[str, float] | None = None,
        cut: Cut | None = None,
    ) -> dict[str, Tensor]:
        """Return the mean loss of every task with labels in the batch.

        teachers: models to imitate, by task; such a task no longer sees its labels. trust: by task, the teacher's
        weight where the labels keep the rest of it (1 unless said). cut: cuts the graph between trunk and tasks.
        """
        losses = {}
        for asked in self._ask(batch, tensors, cut):
            task = asked.task
            weight = (trust or {}).get(task, 1.0) if teachers and task in teachers else 0.0
            parts = []
            if weight > 0:
                assert teachers is not None
                parts.append(weight * self._imitated(asked, teachers[task], batch, tensors))
            if weight < 1:
                mix = batch.hidden if self.training and batch.hidden is not None and batch.hidden.mix else None
                loss = self._labelled(asked, mix)
                if asked.soft is not None:
                    loss = self._with_soft(asked, loss, *asked.soft)
                parts.append((1 - weight) * loss if weight else loss)
            losses[task] = parts[0] if len(parts) == 1 else parts[0] + parts[1]
        return losses

    def _labelled(self, asked: Asked, mix: Hidden | None) -> Tensor:
        """Return the mean loss over labels; 0 where a step has none of the task."""
        if not len(asked.z_nd):
            return asked.z_nd.sum()
        return self._loss(asked) if mix is None else self._mixed(asked, mix)

    def _mixed(self, asked: Asked, hidden: Hidden) -> Tensor:
        """Return the loss over representations that are mixed two by two (mixup, Zhang et al. 2018, arXiv:1710.09412).

        Rankings are not mixed, nor tasks of a chain: what their questions know cannot be halved.
        """
        if asked.before or len(asked.z_nd) < 2 or self.shape.tasks[asked.task].output == "ranking":
            return self._loss(asked)
        rng = np.random.default_rng([hidden.stream, *asked.task.encode()])
        share, order = float(rng.beta(hidden.mix, hidden.mix)), rng.permutation(len(asked.z_nd))
        index = torch.from_numpy(order).to(asked.z_nd.device)
        z_nd = share * asked.z_nd + (1 - share) * asked.z_nd[index]
        first = replace(asked, z_nd=z_nd)
        second = replace(asked, z_nd=z_nd, state=_choose(asked.state, index), label_n=asked.label_n[index])
        return share * self._loss(first) + (1 - share) * self._loss(second)

    def _with_soft(self, asked: Asked, labelled: Tensor, soft: Asked, weight: float) -> Tensor:
        """Return the mean loss over labels, which is known, and soft labels that count `weight` each."""
        known, count = len(asked.z_nd), weight * len(soft.z_nd)
        loss = imitation_loss(self.shape.tasks[asked.task].output, self._scores(soft), soft.label_n) * count
        return (loss + known * labelled) / (known + count)

    def _imitated(self, asked: Asked, teacher: MotetModel, batch: Batch, tensors: FeatureTensors) -> Tensor:
        """Return how far this model's answers are from a teacher's."""
        task, output = asked.task, self.shape.tasks[asked.task].output
        most = RANKED_CELLS // max(1, self.shape.num_items) if output == "ranking" else len(asked.z_nd)
        asked = _first(asked, most)
        wanted = teacher.answers_to(task, batch, tensors, most=most)
        return imitation_loss(output, self._scores(asked), wanted)

    @torch.no_grad()
    def answers_to(self, task: str, batch: Batch, tensors: FeatureTensors, *, most: int | None = None) -> Tensor:
        """Return this model's answers to the questions of a batch for which `task` has labels; the first `most`."""
        blocks = tuple(
            replace(block, targets={task: block.targets[task]}) for block in batch.blocks if task in block.targets
        )
        (asked,) = self._ask(Batch(batch.segments, blocks), tensors)
        asked = asked if most is None else _first(asked, most)
        return self.head(task).answer(self._scores(asked))

    def scores(self, task: str, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return a task's raw scores about the questions of a state. vectors_Id: the catalogue as the task sees it."""
        read = self.sharing.read([*self.sharing.chain_before(task), task], state)
        return self._joined(task, read, state, vectors_Id)

    def _scores(self, asked: Asked) -> Tensor:
        return self._joined(asked.task, {**asked.before, asked.task: asked.z_nd}, asked.state, asked.vectors_Id)

    def _joined(self, task: str, read: Mapping[str, Tensor], state: State, vectors_Id: Tensor | None) -> Tensor:
        """A task's scores, of which those of the tasks before it in a chain are a part."""
        names = (*self.sharing.chain_before(task), task)
        return self.sharing.chained(task, [self.head(name).scores(read[name], state, vectors_Id) for name in names])

    def _loss(self, asked: Asked) -> Tensor:
        if asked.before:  # tasks of a chain are yes-or-no tasks
            return self.head(asked.task).loss_of(self._scores(asked), asked.label_n)  # type: ignore[attr-defined]
        return self.head(asked.task).loss(asked.z_nd, asked.state, asked.label_n, asked.vectors_Id)

    def private(self, task: str) -> list[nn.Parameter]:
        """Return the weights that belong to one task: its head, and what the strategy gave to it alone.

        A head that has a part in other tasks' scores is shared.
        """
        key = module_name(task)
        extra = (held[key] for held in (self.sharing.private, self.sharing.adapters) if key in held)
        leads = any(task in self.sharing.chain_before(other) for other in self.shape.tasks)
        modules: list[nn.Module] = [*([] if leads else [self.heads[key]]), *extra]
        return [parameter for module in modules for parameter in module.parameters()]

    def shared(self) -> list[nn.Parameter]:
        """Return the weights that belong to no single task."""
        private = {id(parameter) for task in self.shape.tasks for parameter in self.private(task)}
        return [parameter for parameter in self.parameters() if id(parameter) not in private]

    def _ask(self, batch: Batch, tensors: FeatureTensors, cut: Cut | None = None) -> Iterator[Asked]:
        passed: dict[int, tuple[dict[str, State], Tensor | None]] = {}
        vectors_of = cache(lambda trunk: self.vectors(trunk, tensors, batch))
        for block in batch.blocks:
            for trunk, tasks in self._readers(block.targets):
                if id(trunk) not in passed:
                    passed[id(trunk)] = self._pass(trunk, batch, tensors, vectors_of, cut)
                states, vectors = passed[id(trunk)]
                state = states[block.view]
                before = {task: self.sharing.chain_before(task) for task in tasks}
                read = self.sharing.read(list(dict.fromkeys([*tasks, *chain.from_iterable(before.values())])), state)
                for task in tasks:
                    target, seen = block.targets[task], self.catalogue(task, vectors, vectors_of)
                    asked = _asked(task, before[task], state, read, target.index_m, target.label_m, seen)
                    if target.soft is not None:
                        other = target.soft
                        soft = _asked(task, before[task], state, read, other.index_s, other.label_s, seen)
                        asked = replace(asked, soft=(soft, other.weight))
                    yield asked

    def _readers(self, tasks: Iterable[str]) -> list[tuple[Trunk, list[str]]]:
        """Return the trunks that tasks read, each with its tasks, in order."""
        found: dict[int, tuple[Trunk, list[str]]] = {}
        for task in tasks:
            trunk = self.sharing.trunk_of(task)
            found.setdefault(id(trunk), (trunk, []))[1].append(task)
        return list(found.values())

    def _pass(
        self, trunk: Trunk, batch: Batch, tensors: FeatureTensors, vectors_of: VectorsOf, cut: Cut | None
    ) -> tuple[dict[str, State], Tensor | None]:
        """One forward pass of a trunk over the blocks that it knows, and of the tasks' own trunks beside it."""
        known = replace(batch, blocks=tuple(block for block in batch.blocks if block.view in trunk.shape.views))
        vectors = vectors_of(trunk)
        states = trunk(known, tensors, vectors, cut)
        if cut is not None:
            states = [cut.state(state) for state in states]
            vectors = None if vectors is None else cut.tensor(cut.meet(vectors))
        return self._with_own(known, states, tensors, vectors_of), vectors

    def states(self, trunk: Trunk, batch: Batch, tensors: FeatureTensors, vectors_of: VectorsOf) -> dict[str, State]:
        """Return the states of the blocks that a trunk knows, by view. vectors_of: a trunk's catalogue."""
        return self._pass(trunk, batch, tensors, vectors_of, None)[0]

    def _with_own(
        self, batch: Batch, states: Iterable[State], tensors: FeatureTensors, vectors_of: VectorsOf
    ) -> dict[str, State]:
        """The states by view, with what the tasks' own trunks, where they have any, make of the same questions."""
        found = {}
        for block, state in zip(batch.blocks, states, strict=True):
            asked = replace(batch, blocks=(block,))
            trunks = {name: self.sharing.own_trunk(name) for name in self._tasks_of(block.view)}
            own = {name: each(asked, tensors, vectors_of(each))[0] for name, each in trunks.items() if each is not None}
            found[block.view] = replace(state, own=own) if own else state
        return found

    def _tasks_of(self, view: str) -> list[str]:
        return [task for task, shape in self.shape.tasks.items() if shape.view == view]

    def read(self, task: str, state: State) -> Tensor:
        """Return what a task's head reads, (n, d)."""
        return self.sharing.read([task], state)[task]

    def catalogue(
        self, task: str, vectors_Id: Tensor | None, vectors_of: VectorsOf, *, rows: Tensor | None = None
    ) -> Tensor | None:
        """Return the catalogue's vectors as a task sees them; only rankings look at them.

        vectors_of: the catalogue of a task's own trunk, where it has one. rows: the items (index + 1) that the vectors
        are of, by default all of them.
        """
        if vectors_Id is None or self.shape.tasks[task].output != "ranking":
            return vectors_Id
        seen, own = self.sharing.items(task, vectors_Id, rows=rows), self.sharing.own_trunk(task)
        added = None if own is None else vectors_of(own)
        return seen if added is None else seen + self.sharing.own_items(task, added)

    def vectors(self, trunk: Trunk, tensors: FeatureTensors, batch: Batch | None = None) -> Tensor | None:
        """Return the catalogue's vectors, (I + 1, d), or None where no view of the trunk looks items up.

        batch: see `Trunk.item_vectors`.
        """
        needs = any(
            {"history", "item"} & set(view.sources) and not view.about_items for view in trunk.shape.views.values()
        )
        return trunk.item_vectors(tensors, batch) if needs else None

    def tuned(self) -> list[Tuned]:
        """Return what the trunks learn of a language model; nothing where it is frozen."""
        return [module for module in self.modules() if isinstance(module, Tuned)]


def _asked(
    task: str,
    before: Sequence[str],
    state: State,
    read: Mapping[str, Tensor],
    index_m: NDArray[np.int64],
    label_m: NDArray[Any],
    vectors_Id: Tensor | None,
) -> Asked:
    """Return a task's part of a block's questions."""
    device = state.z_nd.device
    index = torch.from_numpy(index_m).to(device)
    some = len(index) < len(state.z_nd)
    own = _choose(state, index) if some else state
    z_nd, *earlier = (read[name][index] if some else read[name] for name in (task, *before))
    label = torch.from_numpy(label_m).to(device)
    return Asked(task, own, z_nd, label, vectors_Id, dict(zip(before, earlier, strict=True)))


def _first(asked: Asked, most: int) -> Asked:
    """Return the first questions of a task."""
    if len(asked.z_nd) <= most:
        return asked
    rows = torch.arange(most, device=asked.z_nd.device)
    before = {task: z_nd[:most] for task, z_nd in asked.before.items()}
    state, label_n = _choose(asked.state, rows), asked.label_n[:most]
    return replace(asked, state=state, z_nd=asked.z_nd[:most], label_n=label_n, before=before)


def _choose(state: State, index: Tensor) -> State:
    return State(
        state.view,
        state.z_nd[index],
        None if state.history_nd is None else state.history_nd[index],
        None if state.item_n is None else state.item_n[index],
        {family: bag.take(index) for family, bag in state.bags.items()},
        None if state.past is None else state.past.take(index, len(state.z_nd)),
        pair_nF=None if state.pair_nF is None else state.pair_nF[index],
        recall=None if state.recall is None else state.recall.take(index.cpu().numpy()),
    )


def build(shape: ModelShape, *, seed: int) -> MotetModel:
    """Return a model whose initial weights depend on its shape and the seed alone."""
    torch.manual_seed(seed)
    return MotetModel(shape)


def count_parameters(model: nn.Module) -> int:
    """Return how many numbers the model learns."""
    return sum(parameter.numel() for parameter in model.parameters())

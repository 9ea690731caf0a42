"""Which words and columns a text or row task's answer comes from: integrated gradients over what its towers read.

Between a question that says nothing and the asked one lies a straight line, along which the language model's vector,
the weights of the n-grams and the encoded columns grow together; the gradients on the line, summed, share the
difference of the two answers out (Sundararajan et al. 2017, arXiv:1703.01365). Item and user stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motet.errors import RequestError
from motet.features.batch import Batch, Block
from motet.features.columns import ColumnState
from motet.features.labels import Labels
from motet.features.ngrams import NgramBag
from motet.language.spans import word_spans
from motet.model.inputs import BagTensors, FeatureTensors, PlainTensors, RowTensors
from motet.model.insight import bins_of
from motet.model.names import module_name
from motet.model.predict import Predictor
from motet.model.trunk import Trunk
from motet.model.trunk.columns import CODE_WIDTH
from motet.recommend.insight import WordWeights
from motet.recommend.port import Asked

if TYPE_CHECKING:
    from motet.model.runtime import TorchScorer

STEPS = (32, 128, 512)
"""Points on the line; more where the contributions do not yet sum to the difference."""
CLOSE = 0.01
"""How far they may be from it, as a share."""
WINDOW = 3
"""Words that an n-gram may reach over, at most."""


def margins(scorer: TorchScorer, task: str, asked: Asked, target: int | None = None) -> tuple[NDArray[np.float64], int]:
    """Return (n,) answers before calibration on the scale on which they add up, and which label they are about."""
    labels = scorer._served.state.labels[task]
    predictor, batch = scorer._asked(task, asked)
    with torch.inference_mode():
        scores = _scores(predictor, task, batch, predictor.tensors)
        if target is None:
            target = int(scores[0].argmax()) if labels.output in ("class", "tags") and len(scores) else 0
        return _margin(predictor, task, labels, scores, target).double().cpu().numpy(), target


def gradients(scorer: TorchScorer, task: str, asked: Asked, target: int) -> list[WordWeights]:
    """Return the contributions of words, columns and the whole text to the answers, per question."""
    view, labels = scorer._served.state.views[task], scorer._served.state.labels[task]
    predictor, batch = scorer._asked(task, asked)
    rows = predictor.tensors.rows.get(view.name)
    if rows is None:
        raise RequestError(f"'{task}' reads no words and no columns of a row.", "Explain lists instead.")
    if rows.tokens is not None:
        told = f"'{task}' reads texts through the language model that was trained, which gradients do not follow here."
        raise RequestError(told, "Use the method 'leave_out'.")
    texts = read_texts(scorer, task, asked)
    found = []
    for n in range(asked.n):
        line = _Line(scorer, task, labels, target, predictor, batch, n)
        found.append(line.weights(texts[n] if texts else None))
    return found


def read_texts(scorer: TorchScorer, task: str, asked: Asked) -> Sequence[str] | None:
    """Return the texts that a task reads of its questions, or None where it reads none."""
    if "text" not in scorer._served.state.views[task].sources:
        return None
    return [text.strip() for text in scorer.asked_texts(task, asked)]


def read_columns(scorer: TorchScorer, task: str) -> tuple[str, ...]:
    """Return the plain columns that a task reads of its questions' rows."""
    view = scorer._served.state.views[task]
    return tuple(scorer._served.state.rows[view.name].columns) if "row" in view.sources else ()


def read_words(scorer: TorchScorer, text: str) -> list[tuple[int, int]]:
    """Return where the words of a text stand."""
    return word_spans(text)


@dataclass
class _Line:
    """One question, and the line to it from one that says nothing."""

    scorer: TorchScorer
    task: str
    labels: Labels
    target: int
    predictor: Predictor
    batch: Batch
    n: int

    def weights(self, text: str | None) -> WordWeights:
        """Return what lies on the line, shared out; more points are taken until the shares sum to it."""
        state = self.scorer._served.state
        view = state.views[self.task]
        found: _Shares | None = None
        for steps in STEPS:
            found = self._integrate(steps)
            if abs(found.total - found.base - found.sum) <= CLOSE * abs(found.total - found.base) + 1e-4:
                break
        assert found is not None
        spans: tuple[tuple[int, int, float], ...] = ()
        rest = found.vector
        if text is not None:
            spans, left = _by_word(text, found.bags, state.ngrams[view.name])
            rest = left + (found.vector or 0.0)
        columns = _by_column(found.columns, state.rows[view.name]) if found.columns is not None else {}
        return WordWeights(spans, columns, rest, found.base, found.total)

    def _integrate(self, steps: int) -> _Shares:
        point, weight = np.polynomial.legendre.leggauss(steps)
        along = torch.tensor([0.0, *((point + 1) / 2), 1.0], dtype=torch.float32)
        weight_s = torch.tensor(weight / 2, dtype=torch.float32, device=self.predictor.tensors.device)
        rows, leaves = self._stretched(along.to(weight_s.device))
        tensors = replace(self.predictor.tensors, rows={self.view: rows})
        batch = Batch(self.batch.segments, (_copied(self.batch.blocks[0], self.n, len(along)),))
        with ExitStack() as hooks, torch.enable_grad():
            inner = [hooks.enter_context(_Stretched(tower, along)) for tower in self._towers()]
            scores = _scores(self.predictor, self.task, batch, tensors)
            margin_s = _margin(self.predictor, self.task, self.labels, scores, self.target)
            margin_s[1:-1].backward(weight_s)
        base, total = margin_s.detach()[[0, -1]].tolist()
        bags = {name: _share(leaf, along) for name, leaf in leaves.items() if name != "@text"}
        vector = float(_share(leaves["@text"], along).sum()) if "@text" in leaves else None
        ids = {family: (bag.ids[: len(bags[family])], bags[family]) for family, bag in rows.bags.items()}
        columns = sum((each.shares() for each in inner), start=torch.zeros(())) if inner else None
        return _Shares(base, total, ids, vector, columns)

    @property
    def view(self) -> str:
        return self.scorer._served.state.views[self.task].name

    def _stretched(self, along: Tensor) -> tuple[RowTensors, dict[str, Tensor]]:
        """The question's row once per point of the line, and the leaves that gradients are wanted of."""
        rows, one = self.predictor.tensors.rows[self.view], torch.tensor([self.n])
        one = one.to(along.device)
        many = one.expand(len(along))
        leaves: dict[str, Tensor] = {}
        text, bags, plain = None, {}, None
        if rows.text is not None:
            text = leaves["@text"] = (along[:, None] * rows.text[one]).requires_grad_(True)
            for family, bag in rows.bags.items():
                own = bag.take(one)
                leaf = leaves[family] = (along[:, None] * own.weights[None, :]).requires_grad_(True)
                starts = torch.arange(len(along) + 1, device=along.device) * len(own.ids)
                bags[family] = BagTensors(own.ids.repeat(len(along)), starts, leaf.reshape(-1))
        if rows.plain is not None:
            plain = _with_nothing_first(rows.plain.take(many), self.scorer._served.state.rows[self.view])
        return RowTensors(plain, text, bags), leaves

    def _towers(self) -> list[nn.Module]:
        """What reads the row's columns, in every trunk that the task looks through."""
        sharing = self.predictor.model.sharing
        trunks: list[Trunk | None] = [sharing.trunk_of(self.task), sharing.own_trunk(self.task)]
        key = module_name(self.view)
        return [each.rows[key].layers for each in trunks if each is not None and key in each.rows]  # type: ignore[misc]


@dataclass(frozen=True)
class _Shares:
    """bags: by family, ids and their shares. columns: shares of the row tower's inputs."""

    base: float
    total: float
    bags: Mapping[str, tuple[Tensor, Tensor]]
    vector: float | None
    columns: Tensor | None

    @property
    def sum(self) -> float:
        """All shares together."""
        bags = sum(float(share.sum()) for _, share in self.bags.values())
        return bags + (self.vector or 0.0) + (0.0 if self.columns is None else float(self.columns.sum()))


class _Stretched:
    """Replaces what a row tower's layers read by points of the line from nothing (its first row) to the question."""

    def __init__(self, layers: nn.Module, along: Tensor) -> None:
        self._layers, self._along = layers, along
        self._leaf: Tensor | None = None

    def __enter__(self) -> _Stretched:
        self._handle = self._layers.register_forward_pre_hook(self._replace)
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.remove()

    def _replace(self, _: nn.Module, given: tuple[Any, ...]) -> tuple[Tensor]:
        x = given[0].detach()
        along = self._along.to(x.device)[:, None]
        self._leaf = (x[:1] + along * (x[-1:] - x[:1])).requires_grad_(True)
        return (self._leaf,)

    def shares(self) -> Tensor:
        """Return what each input of the layers contributed, (D,)."""
        assert self._leaf is not None and self._leaf.grad is not None
        return (self._leaf[-1] - self._leaf[0]).detach() * self._leaf.grad.sum(0)


def _with_nothing_first(plain: PlainTensors, state: ColumnState) -> PlainTensors:
    """Rows of which the first says nothing."""
    nothing = state.encode(pl.DataFrame({"@": [0]}))
    codes, bins = plain.codes_nC.clone(), plain.bins_nB.clone()
    codes[0], bins[0] = torch.from_numpy(nothing.codes_nC[0]).to(codes), torch.from_numpy(nothing.bins_nB[0]).to(bins)
    first = int(plain.tag_starts[1])
    starts = (plain.tag_starts - first).clamp_min(0)
    return replace(plain, codes_nC=codes, bins_nB=bins, tag_ids=plain.tag_ids[first:], tag_starts=starts)


def _share(leaf: Tensor, along: Tensor) -> Tensor:
    """What each number of a leaf contributed: how far it grew, times its gradients."""
    assert leaf.grad is not None
    return leaf[-1].detach() * leaf.grad.sum(0)


def _copied(block: Block, n: int, times: int) -> Block:
    """One question of a block, asked many times; its rows are numbered 0, 1, …"""

    def many(array: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if array is None else np.repeat(array[n : n + 1], times, axis=0)

    own = {name: many(getattr(block, name)) for name in ("state_n", "gap_n", "item_n", "other_state_n", "pair_nF")}
    row_n = None if block.row_n is None else np.arange(times)
    recall = None if block.recall is None else block.recall.take(np.full(times, n))
    return replace(block, **own, row_n=row_n, recall=recall)  # type: ignore[arg-type]


def _scores(predictor: Predictor, task: str, batch: Batch, tensors: FeatureTensors) -> Tensor:
    """A task's raw scores, through which gradients flow."""
    model = predictor.model

    def vectors_of(trunk: Trunk) -> Tensor | None:
        found = predictor.vectors(trunk)
        return None if found is None else found.clone()  # what was made without gradients cannot take part in them

    trunk = model.sharing.trunk_of(task)
    vectors = vectors_of(trunk)
    state = model.states(trunk, batch, tensors, vectors_of)[model.shape.tasks[task].view]
    return model.scores(task, state, model.catalogue(task, vectors, vectors_of))


def _margin(predictor: Predictor, task: str, labels: Labels, scores: Tensor, target: int) -> Tensor:
    """Answers on the scale on which contributions add up, (n,)."""
    if labels.output == "binary":
        return scores
    if labels.output == "class":
        return scores.log_softmax(1)[:, target]
    if labels.output == "tags":
        return scores[:, target]
    answer = predictor.model.head(task).answer(scores)
    if labels.output == "ordinal":
        return answer @ torch.tensor(labels.levels, dtype=answer.dtype, device=answer.device)
    value = answer * labels.scale + labels.centre
    return value.sign() * value.abs().clamp_max(60.0).expm1() if labels.log else value


def _by_word(
    text: str, bags: Mapping[str, tuple[Tensor, Tensor]], ngrams: NgramBag
) -> tuple[tuple[tuple[int, int, float], ...], float]:
    """Contributions of n-grams as contributions of the words they are made of, and what no word accounts for.

    An n-gram belongs to the shortest runs of words that hold it, and to the words of each alike.
    """
    places = word_spans(text)
    windows = [(begin, begin + size) for size in range(1, WINDOW + 1) for begin in range(len(places) - size + 1)]
    strings = [text[places[begin][0] : places[end - 1][1]] for begin, end in windows]
    made = ngrams.transform(strings) if strings else {}
    amount, rest = np.zeros(len(places)), 0.0
    for family, (ids, share) in bags.items():
        left = dict(zip(ids.tolist(), share.tolist(), strict=True))
        for size in range(1, WINDOW + 1):
            holding: dict[int, list[int]] = {}
            for at, (begin, end) in enumerate(windows):
                if end - begin == size and made:
                    bag = made[family]
                    for one in bag.ids[bag.offsets[at] : bag.offsets[at + 1]].tolist():
                        holding.setdefault(one, []).append(begin)
            for one in [one for one in holding if one in left]:
                value = left.pop(one) / (len(holding[one]) * size)
                for begin in holding[one]:
                    amount[begin : begin + size] += value
        rest += sum(left.values())
    return tuple((begin, end, float(value)) for (begin, end), value in zip(places, amount, strict=True)), rest


def _by_column(share_D: Tensor, state: ColumnState) -> dict[str, float]:
    """Contributions of the row tower's inputs, by the column that they encode; tags of several columns count as one."""
    values = share_D.cpu().numpy().astype(np.float64)
    codes = len(state.categories) * CODE_WIDTH
    found = {
        name: float(values[at * CODE_WIDTH : (at + 1) * CODE_WIDTH].sum()) for at, name in enumerate(state.categories)
    }
    for name in state.numbers:
        part = bins_of(state.numbers, name)
        found[name] = float(values[codes + part.start : codes + part.stop].sum())
    behind = codes + state.num_bins
    if len(values) > behind:
        others = [name for name in state.columns if name not in found]
        found[", ".join(others)] = float(values[behind:].sum())
    return found

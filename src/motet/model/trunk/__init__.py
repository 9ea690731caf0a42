"""The shared representation: item tower, history transformer, text tower, row tower, in one space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.features.batch import Batch, Block
from motet.features.history import NUM_GAPS
from motet.features.memory import Recall
from motet.model.cut import Cut
from motet.model.inputs import BagTensors, FeatureTensors, ItemTensors, RowTensors
from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.trunk.columns import RowTower
from motet.model.trunk.fusion import Fusion
from motet.model.trunk.hiding import kept_bags, kept_texts, thinned, without_texts
from motet.model.trunk.history import HistoryTrunk
from motet.model.trunk.items import ItemTower
from motet.model.trunk.pair import Pair
from motet.model.trunk.past import Past, past_of
from motet.model.trunk.text import NGRAM_DROPOUT, drop_ngrams
from motet.model.trunk.towers import TOWERS
from motet.model.trunk.tuned import Tuned, items_of


@dataclass(frozen=True)
class State:
    """What the trunk knows about n questions of a view.

    z_nd: the fused representation that heads read. history_nd: the user's state, or None. item_n: the asked items
    (index + 1), or None. bags: the questions' n-grams, for heads that look at them directly. past: items that the user
    already had, where a ranking lets them return. sources: what was fused, by the block that made it (a block may show
    two things: `item` and `item/past`). pair_nF: what is known of a pair of users, for heads that look at it directly.
    own: what tasks' own trunks know of the same questions, by task, where the strategy has such trunks.
    recall: asks the memory about the questions, where a ranking has one.
    """

    view: str
    z_nd: Tensor
    history_nd: Tensor | None
    item_n: Tensor | None
    bags: dict[str, BagTensors]
    past: Past | None = None
    sources: dict[str, Tensor] = field(default_factory=dict)
    pair_nF: Tensor | None = None
    own: Mapping[str, State] = field(default_factory=dict)
    recall: Recall | None = None


class Trunk(nn.Module):
    """All towers that the views of a model need, and no more."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.remembering = {task.view for task in shape.tasks.values() if task.repeats}
        needed = {source for view in shape.views.values() for source in view.sources}
        self.items = ItemTower(shape) if needed & {"history", "item"} and shape.num_items else None
        self.history = HistoryTrunk(shape) if "history" in needed else None
        self.now = nn.Embedding(NUM_GAPS, shape.width) if "history" in needed else None
        if self.now is not None:
            nn.init.zeros_(self.now.weight)
        self.language = _language(shape, reads_items=self.items is not None)
        self.texts, self.rows, self.fusions = nn.ModuleDict(), nn.ModuleDict(), nn.ModuleDict()
        self.pairs = nn.ModuleDict()
        for name, view in shape.views.items():
            key = module_name(name)
            if "text" in view.sources:
                self.texts[key] = TOWERS.get(view.tower)(view, shape.width)
            if "row" in view.sources:
                self.rows[key] = RowTower(view.row, shape.width, dropout=0.1)
            if "other" in view.sources:
                self.pairs[key] = Pair(shape.width, directed=view.directed)
            shown = len(view.sources) + view.about_items  # an item's past is shown beside what it is
            self.fusions[key] = Fusion(shown, shape.width, dropout=shape.dropout)

    def item_vectors(self, tensors: FeatureTensors, batch: Batch | None = None) -> Tensor:
        """Return the vectors of the whole catalogue, (I + 1, d), row 0 zero.

        batch: what a step of training asks; where the language model is trained, some of its items are read anew.
        """
        assert self.items is not None
        return self.items(self.known_items(tensors, batch))

    def known_items(self, tensors: FeatureTensors, batch: Batch | None = None) -> ItemTensors:
        """Return the catalogue as this trunk reads it: with its own language model's texts, where it has one."""
        assert tensors.items is not None
        if self.language is None:
            return self._with_hidden(tensors.items, batch)
        anew = None
        if self.training and batch is not None:
            anew = items_of(batch, tensors.events, self.language.most, tensors.device)
        return self._with_hidden(self.language.as_read(tensors.items, anew=anew), batch)

    def _with_hidden(self, items: ItemTensors, batch: Batch | None) -> ItemTensors:
        hidden = batch.hidden if batch is not None and self.training else None
        described = self.items is not None and self.items.attributes is not None
        return without_texts(items, hidden) if hidden is not None and hidden.text and described else items

    def forward(
        self, batch: Batch, tensors: FeatureTensors, vectors_Id: Tensor | None, cut: Cut | None = None
    ) -> list[State]:
        """Return the state of every block. vectors_Id: the catalogue's vectors, where a view has history or item.

        cut: is told where the views begin.
        """
        states_TD = self._states(batch, tensors, vectors_Id)
        if cut is not None:
            states_TD = None if states_TD is None else cut.meet(states_TD)
            vectors_Id = None if vectors_Id is None else cut.meet(vectors_Id)
        return [self._block(block, batch, tensors, states_TD, vectors_Id, cut) for block in batch.blocks]

    def _states(self, batch: Batch, tensors: FeatureTensors, vectors_Id: Tensor | None) -> Tensor | None:
        if batch.segments is None or self.history is None:
            return None
        event_BL = _tensor(batch.segments.event_BL, tensors)
        user_B = _tensor(batch.segments.user_B, tensors)
        assert tensors.events is not None and vectors_Id is not None
        segments, known_BL = batch.segments, event_BL > 0
        if segments.shown_BL is not None:
            event_BL = _tensor(segments.shown_BL, tensors)
        item_BL = tensors.events.item_N[event_BL] if segments.item_BL is None else _tensor(segments.item_BL, tensors)
        inputs = F.embedding(item_BL, vectors_Id)
        states = self.history(tensors.events, tensors.profiles, event_BL, user_B, inputs, known_BL)
        return states.reshape(-1, self.shape.width)

    def _block(
        self,
        block: Block,
        batch: Batch,
        tensors: FeatureTensors,
        states: Tensor | None,
        vectors: Tensor | None,
        cut: Cut | None,
    ) -> State:
        view, key = self.shape.views[block.view], module_name(block.view)
        sources: dict[str, Tensor] = {}
        history, item, bags = None, None, {}
        if "history" in view.sources:
            assert states is not None and block.state_n is not None and self.now is not None
            history = F.embedding(_tensor(block.state_n, tensors), states)
            known = history if block.gap_n is None else history + self.now(_tensor(block.gap_n, tensors))
            sources["history"] = known
            if block.other_state_n is not None:
                other = F.embedding(_tensor(block.other_state_n, tensors), states)
                sources["history"], sources["history/other"] = self.pairs[key](known, other)
        if "item" in view.sources:
            assert block.item_n is not None and self.items is not None
            item = _tensor(block.item_n, tensors)
            if view.about_items:
                known = self.known_items(tensors, Batch(None, (block,), batch.hidden))
                sources["item"], sources["item/past"] = self.items.masked(known, item)
            else:
                assert vectors is not None
                sources["item"] = F.embedding(item, vectors) * self.items.scale
        if block.row_n is not None:
            rows, arrays = _tensor(block.row_n, tensors), tensors.rows[block.view]
            if "text" in view.sources:
                bags = {family: bag.take(rows) for family, bag in arrays.bags.items()}
                words = None if arrays.words is None else arrays.words.take(rows)
                text, hidden = self._texts(arrays, rows), batch.hidden if self.training else None
                if hidden is None:
                    bags = drop_ngrams(bags, training=self.training)
                else:
                    bags = drop_ngrams(bags, training=True, rate=1 - (1 - NGRAM_DROPOUT) * (1 - hidden.words))
                    words = thinned(words, hidden.words) if words is not None and hidden.words else words
                if hidden is not None and hidden.text and len(view.sources) > 1:
                    kept_n = kept_texts(hidden, block.row_n, tensors.device)
                    text, bags = text * kept_n[:, None], kept_bags(bags, kept_n)
                    words = None if words is None else words * kept_n[:, None].to(words.dtype)
                sources["text"] = self.texts[key](text, bags, words)
            if "row" in view.sources:
                assert arrays.plain is not None
                sources["row"] = self.rows[key](arrays.plain.take(rows))
        past = self._past(block, batch, tensors) if block.view in self.remembering else None
        pair = None if block.pair_nF is None else _tensor(block.pair_nF, tensors)
        if cut is not None:
            own = {name for name in sources if name in ("text", "row") or (view.about_items and name != "history")}
            sources |= {name: cut.meet(sources[name]) for name in sources if name in own}
        fused = self.fusions[key](list(sources.values()))
        return State(block.view, fused, history, item, bags, past, sources, pair, recall=block.recall)

    def _texts(self, arrays: RowTensors, rows: Tensor) -> Tensor:
        """The vectors of the rows' texts: looked up, or made by the language model in training."""
        if self.language is not None and arrays.tokens is not None:
            return self.language(arrays.tokens, rows)
        assert arrays.text is not None
        return arrays.text[rows]

    def _past(self, block: Block, batch: Batch, tensors: FeatureTensors) -> Past:
        assert batch.segments is not None and block.state_n is not None and tensors.events is not None
        items_BL = tensors.events.item_N[_tensor(batch.segments.event_BL, tensors)]
        return past_of(items_BL, _tensor(block.state_n, tensors), window=self.shape.max_history)


def _language(shape: ModelShape, *, reads_items: bool) -> Tuned | None:
    if shape.language is None:
        return None
    return Tuned(shape.language, num_items=shape.num_items, item_text=shape.item_text if reads_items else 0)


def _tensor(array: object, tensors: FeatureTensors) -> Tensor:
    return array if isinstance(array, Tensor) else torch.from_numpy(array).to(tensors.device)

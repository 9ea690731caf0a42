"""The torch runtime: answers for `recommend`, which knows it by name only."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.features.batch import Batch, Block, FeatureArrays, RowArrays
from motet.features.growing import Growth
from motet.features.likeness import answer_scores
from motet.features.ngrams import Bags
from motet.features.pending import Pending
from motet.features.prepare import encode_texts
from motet.features.tokens import Tokens, tokens_of
from motet.features.word_ids import WordRows
from motet.language.encoders import Encoder
from motet.language.load import check_same_model, load_encoder, short_name
from motet.language.reader import Reader
from motet.model import attribution, insight, leading, newcomers
from motet.model.acquaintance import Acquaintance, acquaintance
from motet.model.assemble import MotetModel
from motet.model.described import asked_items, asked_texts, typed, worded_items
from motet.model.device import choose_device
from motet.model.histories import States, states_of
from motet.model.inputs import FeatureTensors, to_tensors
from motet.model.neighbours import check_texts, embed, embed_items, embed_texts, keeper_of_space, own_texts
from motet.model.parts import ITEM_WORDS, VIEWS, Served, read_model, restore_encoder
from motet.model.predict import Predictor
from motet.model.token_tensors import token_tensors
from motet.recommend.calibrated import NONE, Calibration
from motet.recommend.chained import bounded, chain_of, links
from motet.recommend.port import Asked, History, Prediction, TaskView
from motet.recommend.predicted import prediction
from motet.recommend.relations import Relations
from motet.schema import ITEMS as ITEMS_TABLE
from motet.schema import EncoderConfig, RetrieveConfig

BLOCK = 256
"""Users whose rankings are scored at once."""


class TorchRuntime:
    """Opens a folder into a scorer; named by the manifest's runtime `torch`."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> TorchScorer:
        """Return the scorer of a verified folder."""
        place = choose_device(device)
        project = tomllib.loads(folder.text(layout.PROJECT))
        language = project.get("project", {}).get("language", "en")
        served = read_model(folder, language=language, device=place)
        views = {task: _task_view(fields) for task, fields in folder.json(VIEWS).items()}
        vectors = (
            folder.arrays(layout.VECTORS)["vectors"] if folder.has(layout.VECTORS) else np.zeros((0, 0), np.float32)
        )

        words = folder.frame(ITEM_WORDS) if folder.has(ITEM_WORDS) else None

        def encoder() -> Encoder:
            config = EncoderConfig(**project.get("encoder", {}))
            trained = folder.manifest.encoder.id if folder.manifest.encoder else ""
            if config.name is None:  # the default may have changed with what is installed
                config = config.model_copy(update={"name": short_name(trained)})
            made = load_encoder(config, language=language, device=device, root=Path(folder.manifest.data_root or "."))
            restore_encoder(made, folder)
            check_same_model(made.id, trained)
            return made

        labels = {t["column"] for t in project["tasks"].values() if t["table"] == ITEMS_TABLE and "column" in t}
        known = Relations.from_folder(folder)
        find = cache(encoder)
        config = EncoderConfig(**project.get("encoder", {}))
        reader = Reader(find, config, device=str(place)) if served.tuned else None
        how = RetrieveConfig(**project.get("retrieve", {}))
        chain = chain_of(folder)
        return TorchScorer(
            served, views, vectors, project["tables"], labels, words, find, place, known, reader, how, chain
        )


class TorchScorer:
    """Answers the questions of recommend.port.Scorer with torch models.

    The language model is loaded when the first text arrives, not before.
    """

    def __init__(
        self,
        served: Served,
        views: Mapping[str, TaskView],
        item_vectors: NDArray[np.float32],
        tables: Mapping[str, Any],
        item_labels: set[str],
        item_words: pl.DataFrame | None,
        make_encoder: Any,
        device: torch.device,
        relations: Relations,
        reader: Reader | None = None,
        retrieve: RetrieveConfig | None = None,
        chain: Sequence[str] = (),
    ) -> None:
        self.tasks = views
        self.item_vectors = item_vectors
        self._served, self._tables, self._item_labels = served, tables, item_labels
        self._words = None if item_words is None else Pending(item_words)
        self._growth, self._lookup = Growth(), leading.Lookup()
        self._retrieve = retrieve or RetrieveConfig()
        self._make_encoder, self._device = make_encoder, device
        self._relations, self._reader, self._chain = relations, reader, chain
        self._acquainted: dict[str, Acquaintance] = {}
        base = FeatureArrays(served.items, None, None, {})
        self._items = to_tensors(base, device, reader=reader).items
        self._predictors = {
            name: Predictor(model, FeatureTensors(self._items, None, None, {}, device))
            for name, model in served.models.items()
        }

    @property
    def copied_rows(self) -> int:
        """How many rows of the catalogue were written since the folder was opened."""
        return self._growth.copied + (0 if self._words is None else self._words.copied)

    @property
    def _item_words(self) -> pl.DataFrame | None:
        return None if self._words is None else self._words.frame

    @property
    def calibration(self) -> Mapping[str, Calibration]:
        """Task → its map from promises to what comes."""
        return self._served.calibration

    traits = property(insight.traits)
    blanked_scores = insight.blanked_scores
    memory_share = insight.memory_share
    margins, gradients = attribution.margins, attribution.gradients
    with_items = newcomers.with_items
    leading, prepare, stale = leading.leading, leading.prepare, property(leading.stale)
    read_texts, read_columns, read_words = attribution.read_texts, attribution.read_columns, attribution.read_words

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make_encoder()

    @property
    def encoder(self) -> Encoder:
        """What reads texts, loaded when it is first asked for."""
        return self._encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return whitened vectors, as histories hold them."""
        whitening = self._served.state.whitening
        assert whitening is not None
        return whitening.apply(self._encoder.encode(list(texts)))

    def states(self, histories: Sequence[History]) -> States:
        """Return the users' encoded histories; each model passes them when it is first asked."""
        return states_of(histories, self._served, self._items, self._max_history, self._device)

    def next_item_scores(self, states: States) -> NDArray[np.float32]:
        """Return log-probabilities (B, I)."""
        task = next(name for name, view in self.tasks.items() if view.output == "ranking")
        predictor = self._predictor(task, states.tensors)
        out = np.empty((len(states.state_B), len(self._served.items.count) - 1), np.float32)  # type: ignore[union-attr]
        vectors = predictor.ranking_states(task, self._ranking_batch(task, states))
        temperature = self.temperature(task)
        for begin in range(0, len(out), BLOCK):
            scores = predictor.ranking_scores(task, vectors[begin : begin + BLOCK])
            out[begin : begin + BLOCK] = (scores.float() / temperature).log_softmax(dim=1).cpu().numpy()
        return out

    def query_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return log-probabilities (B, I) by how like the items' texts are; uniform for what is like none of them."""
        worded_items(self._served.state, self._served.items)
        model, items, whitening = self._served.models[self._query_model()], self._items, self._served.state.whitening
        assert items is not None and whitening is not None
        raw_BD = self._encoder.encode(list(texts))
        tuned = self._reader is not None and any(each.most for each in model.tuned())
        asked_BW = self._read(model, texts).cpu().numpy() if tuned else whitening.apply(raw_BD)
        return answer_scores(own_texts(model, items)[1:].cpu().numpy(), asked_BW, raw_BD, whitening)

    def _query_model(self) -> str:
        """The model whose reading of items' texts queries are compared in: the one that ranks, else any."""
        ranking = [task for task, view in self.tasks.items() if view.output == "ranking"]
        return self._served.routes[[*ranking, *self._served.routes][0]]

    def _read(self, model: MotetModel, texts: Sequence[str]) -> torch.Tensor:
        """The whitened vectors of texts, as a model reads those of items, (n, T)."""
        language = next((each for each in model.tuned() if each.most), None)
        if language is None or self._reader is None:
            return torch.from_numpy(self.encode(texts)).to(self._device)
        assert self._served.state.whitening is not None
        tokens = tokens_of(self._reader.encoder.tokens(list(texts)), self._served.state.whitening)
        with torch.inference_mode():
            rows = torch.arange(len(texts), device=self._device)
            return language(token_tensors(tokens, self._reader, self._device), rows)

    def task_scores(self, task: str, states: States, items_Bn: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return a history+item task's answers about n items per user."""
        return self._judged(task, states, items_Bn, lambda known: known)

    def _judged(
        self, task: str, states: States, items_Bn: NDArray[np.int32], through: Callable[[Predictor], Predictor]
    ) -> NDArray[np.float32]:
        return bounded(self._links(task), lambda name: self._judged_alone(name, states, items_Bn, through))

    def _judged_alone(
        self, task: str, states: States, items_Bn: NDArray[np.int32], through: Callable[[Predictor], Predictor]
    ) -> NDArray[np.float32]:
        num = items_Bn.shape[1]
        block = self._block(task, states, repeat=num, item_n=items_Bn.reshape(-1).astype(np.int64) + 1)
        predictor = through(self._predictor(task, states.tensors))
        found = predictor.answers(task, _batch(states, block)).float().cpu().numpy()
        found = self._unscaled(task, found)
        if self.tasks[task].output == "binary":
            found = self.calibration.get(task, NONE).probability(found).astype(np.float32)
        return found.reshape(len(items_Bn), num, *found.shape[1:])

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        """Return n answers."""
        labels = self._served.state.labels[task]
        names = self._links(task)
        if len(names) > 1:
            return [prediction(labels, NONE, p) for p in bounded(names, lambda name: self._promised(name, asked))]
        map = self.calibration.get(task, NONE)
        return [prediction(labels, map, row) for row in self._answers(task, asked)]

    def _promised(self, task: str, asked: Asked) -> NDArray[np.float32]:
        """A yes-or-no task's probabilities under its map."""
        return self.calibration.get(task, NONE).probability(self._answers(task, asked)).astype(np.float32)

    def _links(self, task: str) -> tuple[str, ...]:
        """The tasks that bound a task; those whose product its model answers with bound it already."""
        routes = self._served.routes
        sharing = self._served.models[routes[task]].shape.sharing
        own = sharing.chain if sharing.kind == "esmm" else ()
        found = links(self.tasks, self._chain, task)
        return tuple(name for name in found if name == task or routes[name] != routes[task] or name not in own)

    def answers(self, task: str, asked: Asked) -> NDArray[np.float32]:
        """Return what a task's head answers, before its map: (n,) or (n, C)."""
        return self._answers(task, asked)

    def embed(self, asked: Asked) -> NDArray[np.float32]:
        """Return points of users, items or texts in the one space of the model that keeps one, (n, S)."""
        name = keeper_of_space(self._served.models)
        model, predictor = self._served.models[name], self._predictors[name]
        if asked.histories is not None:
            states = states_of(asked.histories, self._served, self._items, self._max_history, self._device)
            ranking = next(task for task, each in model.shape.tasks.items() if each.output == "ranking")
            block = Block(model.shape.tasks[ranking].view, states.state_B, None, None, None, {}, asked.n)
            vectors = predictor.vectors(model.sharing.trunk_of(ranking))
            found = embed(model, ranking, _batch(states, block), states.tensors, vectors_Id=vectors)
        elif asked.items_n is not None:
            assert self._items is not None
            ids = torch.from_numpy(asked.items_n.astype(np.int64) + 1).to(self._device)
            found = embed_items(model, self._items, ids)
        else:
            check_texts(model)
            found = embed_texts(model, self._read(model, asked.texts or ()))
        return found.float().cpu().numpy()

    def _answers(self, task: str, asked: Asked) -> NDArray[np.float32]:
        predictor, batch = self._asked(task, asked)
        return self._unscaled(task, predictor.answers(task, batch).float().cpu().numpy())

    def _asked(self, task: str, asked: Asked) -> tuple[Predictor, Batch]:
        """The questions as a batch, and what answers it."""
        view = self._served.state.views[task]
        items, item_n = self._items_of(asked)
        tensors = FeatureTensors(items, None, None, {}, self._device)
        states, state_n, gap_n, other_n, pair_nF = None, None, None, None, None
        if "history" in view.sources:
            assert asked.histories is not None
            histories = [*asked.histories, *(asked.others or ())]
            states = states_of(histories, self._served, items, self._max_history, self._device)
            gaps = self._gaps(task, states)
            tensors, state_n, gap_n = (
                states.tensors,
                states.state_B[: asked.n],
                None if gaps is None else gaps[: asked.n],
            )
            if "other" in view.sources:
                other_n, pair_nF = states.state_B[asked.n :], self._known(task, asked, histories)
        row_n = None
        if "text" in view.sources or "row" in view.sources:
            tensors = replace(tensors, rows={view.name: self._rows(task, asked)})
            row_n = np.arange(asked.n)
        block = Block(view.name, state_n, gap_n, item_n, row_n, {}, asked.n, other_n, pair_nF)
        return self._predictor(task, tensors), Batch(None if states is None else states.segments, (block,))

    def _known(self, task: str, asked: Asked, histories: Sequence[History]) -> NDArray[np.float32]:
        """What is known of the asked pairs, as training saw it."""
        view = self._served.state.views[task]
        assert asked.pairs is not None and self._served.items is not None
        if view.table not in self._acquainted:
            directed = bool(self._tables[view.table].get("directed", False))
            self._acquainted[view.table] = acquaintance(self._relations, view.table, directed=directed)
        found = self._acquainted[view.table].numbers(asked.pairs, histories, self._served.items.count[1:])
        return self._served.state.standardise[view.name].apply(found)

    def _rows(self, task: str, asked: Asked) -> Any:
        state, view = self._served.state, self._served.state.views[task]
        plain, vectors = None, None
        bags: dict[str, Bags] = {}
        words: WordRows | None = None
        tokens: Tokens | None = None
        if "text" in view.sources:
            texts = [text.strip() for text in self.asked_texts(task, asked)]
            fit = state.standardise[view.name]
            if self._reader is not None:
                tokens = tokens_of(self._reader.encoder.tokens(texts), fit)
                bags = dict(state.ngrams[view.name].transform(texts))
            else:
                vectors, bags = encode_texts(texts, self._encoder.encode(texts), fit, state.ngrams[view.name])
            words = state.words[view.name].transform(texts) if view.name in state.words else None
        if "row" in view.sources:
            plain = state.rows[view.name].encode(typed(asked.frame, self._tables[view.table]))
        rows = RowArrays(plain, vectors, bags, words, tokens)
        return to_tensors(FeatureArrays(None, None, None, {"": rows}), self._device, reader=self._reader).rows[""]

    def asked_texts(self, task: str, asked: Asked) -> Sequence[str]:
        """Return the texts that a task reads of the questions."""
        return asked_texts(asked, self._served, task, self._item_words)

    def _items_of(self, asked: Asked) -> tuple[Any, NDArray[np.int64] | None]:
        items, item_n = asked_items(asked, self._served, self._tables, self._item_labels, lambda: self._encoder)
        if items is None:
            return self._items, item_n
        return to_tensors(FeatureArrays(items, None, None, {}), self._device, reader=self._reader).items, item_n

    def temperature(self, task: str) -> float:
        """Return what a task's scores are divided by before they become probabilities."""
        return self.calibration.get(task, NONE).temperature

    def _ranking_batch(self, task: str, states: States) -> Batch:
        return _batch(states, replace(self._block(task, states), recall=states.recall))

    def _block(self, task: str, states: States, *, repeat: int = 1, item_n: NDArray[np.int64] | None = None) -> Block:
        view = self._served.state.views[task]
        gap = self._gaps(task, states)
        gap_n = None if gap is None else np.repeat(gap, repeat)
        state_n = np.repeat(states.state_B, repeat)
        return Block(view.name, state_n, gap_n, item_n, None, {}, len(state_n))

    def _gaps(self, task: str, states: States) -> NDArray[np.int64] | None:
        """The time since each user's last event, for views whose questions knew it in training."""
        shape = self._served.models[self._served.routes[task]].shape
        return states.gap_B if shape.views[shape.tasks[task].view].gaps else None

    def _predictor(self, task: str, tensors: FeatureTensors) -> Predictor:
        known = self._predictors[self._served.routes[task]]
        return known.on(tensors)

    @property
    def _max_history(self) -> int:
        return next(iter(self._served.models.values())).shape.max_history

    def _unscaled(self, task: str, found: NDArray[np.float32]) -> NDArray[np.float32]:
        labels = self._served.state.labels[task]
        return labels.unscaled(found) if labels.output == "number" else found


def _task_view(fields: Mapping[str, Any]) -> TaskView:
    lists = {name: tuple(fields[name]) for name in ("sources", "texts", "classes", "levels")}
    return TaskView(**{**fields, **lists})


def _batch(states: States, block: Block) -> Batch:
    return Batch(states.segments, (block,))

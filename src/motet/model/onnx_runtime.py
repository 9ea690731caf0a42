"""The ONNX runtime: answers for `recommend` with onnxruntime and NumPy, in a process that may have no torch."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.errors import ArtifactError, MissingExtra, RequestError
from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth
from motet.features.likeness import answer_scores
from motet.features.ngrams import Bags
from motet.features.pending import Pending
from motet.features.prepare import encode_texts
from motet.language.encoders import Encoder
from motet.language.load import check_same_model, load_encoder, short_name
from motet.language.spans import word_spans
from motet.model.acquaintance import Acquaintance, acquaintance
from motet.model.described import asked_items, asked_texts, described, grown, typed, worded_items, words_placed
from motet.model.encoded import Encoded, encoded
from motet.model.parts import ITEM_WORDS, ROUTES, VIEWS, Served, read_fitted, restore_encoder
from motet.model.ranked_arrays import rank_scores
from motet.recommend.asking_again import AskingAgain
from motet.recommend.calibrated import NONE, Calibration
from motet.recommend.chained import bounded, chain_of, links
from motet.recommend.fusion import log_softmax
from motet.recommend.port import Asked, History, Prediction, TaskView
from motet.recommend.predicted import prediction
from motet.recommend.relations import Relations
from motet.schema import ITEMS as ITEMS_TABLE
from motet.schema import EncoderConfig

GRAPHS, GRAPH_WEIGHTS, RANKINGS = "model/graphs", "model/graph_weights.safetensors", "model/rankings.safetensors"
"""JSON: the graphs of every model; what they lack; what ranks."""
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class OnnxStates:
    """Users as arrays, with what was made of them."""

    encoded: Encoded
    histories: Sequence[History]


class OnnxRuntime:
    """Opens a folder into a scorer; named by the manifest's runtime `onnx`."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> OnnxScorer:
        """Return the scorer of a verified folder; it runs on the processor, whatever `device` says."""
        project = tomllib.loads(folder.text(layout.PROJECT))
        language = project.get("project", {}).get("language", "en")
        routes = {str(task): str(name) for task, name in folder.json(ROUTES).items()}
        served = read_fitted(folder, language=language, models={}, routes=routes)

        def encoder() -> Encoder:
            config = EncoderConfig(**project.get("encoder", {}))
            trained = folder.manifest.encoder.id if folder.manifest.encoder else ""
            config = config.model_copy(update={"name": short_name(trained) or config.name})
            made = load_encoder(config, language=language, device=device, root=Path(folder.manifest.data_root or "."))
            restore_encoder(made, folder)
            check_same_model(made.id, trained)
            return made

        return OnnxScorer(folder, served, project, cache(encoder))


class OnnxScorer(AskingAgain):
    """Answers the questions of recommend.port.Scorer. The encoder is loaded when the first text arrives."""

    def __init__(self, folder: Folder, served: Served, project: Mapping[str, Any], make_encoder: Any) -> None:
        lists = ("sources", "texts", "classes", "levels")
        self.tasks: Mapping[str, TaskView] = {
            task: TaskView(**{**fields, **{name: tuple(fields[name]) for name in lists}})
            for task, fields in folder.json(VIEWS).items()
        }
        has = folder.has(layout.VECTORS)
        self.item_vectors = folder.arrays(layout.VECTORS)["vectors"] if has else np.zeros((0, 0), np.float32)
        self._served, self._tables, self._make_encoder = served, project["tables"], make_encoder
        labels = project["tasks"].values()
        self._item_labels = {t["column"] for t in labels if t["table"] == ITEMS_TABLE and "column" in t}
        self._words = Pending(folder.frame(ITEM_WORDS)) if folder.has(ITEM_WORDS) else None
        self._growth = Growth()
        self._relations = Relations.from_folder(folder)
        self._acquainted: dict[str, Acquaintance] = {}
        self._told = folder.json(GRAPHS)
        self._rankings = folder.arrays(RANKINGS)
        self._sessions = _sessions(folder, self._told)
        self._catalogues: dict[str, Arrays] = {}
        self._chain = chain_of(folder)

    @property
    def _item_words(self) -> pl.DataFrame | None:
        return None if self._words is None else self._words.frame

    @property
    def calibration(self) -> Mapping[str, Calibration]:
        """Task → its map from promises to what comes."""
        return self._served.calibration

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make_encoder()

    @property
    def encoder(self) -> Encoder:
        """What reads texts, loaded when it is first asked for."""
        return self._encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return whitened vectors, as histories hold them."""
        assert self._served.state.whitening is not None
        return self._served.state.whitening.apply(self._encoder.encode(list(texts)))

    def states(self, histories: Sequence[History]) -> OnnxStates:
        """Return the users' encoded histories."""
        most = max(each["max_history"] for each in self._told.values())
        return OnnxStates(encoded(histories, self._served, most), histories)

    def next_item_scores(self, states: OnnxStates) -> NDArray[np.float32]:
        """Return log-probabilities (B, I)."""
        task = next(name for name, view in self.tasks.items() if view.output == "ranking")
        state_nd = self._run(task, self._known_states(task, states.encoded))
        catalogue = self._catalogue(task)[f"ranking.{task}"]
        own = {name.partition("/")[2]: each for name, each in self._rankings.items() if name.startswith(f"{task}/")}
        scores = rank_scores(state_nd, catalogue, own, states.histories, states.encoded.recall, self._window(task))
        return log_softmax(scores / np.float32(self.calibration.get(task, NONE).temperature))

    def query_scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return log-probabilities (B, I) by how like the items' texts are; uniform for what is like none of them."""
        items, whitening = worded_items(self._served.state, self._served.items), self._served.state.whitening
        assert whitening is not None
        raw_BD = self._encoder.encode(list(texts))
        return answer_scores(items.text[1:], whitening.apply(raw_BD), raw_BD, whitening)

    def task_scores(self, task: str, states: OnnxStates, items_Bn: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return a history+item task's answers about n items per user."""
        return bounded(links(self.tasks, self._chain, task), lambda name: self._scores_alone(name, states, items_Bn))

    def _scores_alone(self, task: str, states: OnnxStates, items_Bn: NDArray[np.int32]) -> NDArray[np.float32]:
        num = items_Bn.shape[1]
        known = self._known_states(task, states.encoded, repeat=num)
        found = self._unscaled(task, self._run(task, {**known, "item_n": items_Bn.reshape(-1).astype(np.int64) + 1}))
        if self.tasks[task].output == "binary":
            found = self.calibration.get(task, NONE).probability(found).astype(np.float32)
        return found.reshape(len(items_Bn), num, *found.shape[1:])

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        """Return n answers."""
        labels, map = self._served.state.labels[task], self.calibration.get(task, NONE)
        names = links(self.tasks, self._chain, task)
        if len(names) > 1:
            return [prediction(labels, NONE, p) for p in bounded(names, lambda name: self._promised(name, asked))]
        return [prediction(labels, map, row) for row in self.answers(task, asked)]

    def _promised(self, task: str, asked: Asked) -> NDArray[np.float32]:
        """A yes-or-no task's probabilities under its map."""
        return self.calibration.get(task, NONE).probability(self.answers(task, asked)).astype(np.float32)

    def answers(self, task: str, asked: Asked) -> NDArray[np.float32]:
        """Return what a task's head answers, before its map: (n,) or (n, C)."""
        view = self._served.state.views[task]
        known: Arrays = {}
        items, item_n = asked_items(asked, self._served, self._tables, self._item_labels, lambda: self._encoder)
        if "history" in view.sources:
            assert asked.histories is not None
            histories = [*asked.histories, *(asked.others or ())]
            known |= self._known_states(task, encoded(histories, self._served, self._window(task)))
            if "other" in view.sources:
                known["other_n"] = known["state_n"][asked.n :]
                known["pair_nF"] = self._known_pairs(task, asked, histories)
            known |= {name: known[name][: asked.n] for name in ("state_n", "gap_n") if name in known}
        if item_n is not None:
            known["item_n"] = item_n
        if "text" in view.sources or "row" in view.sources:
            known |= self._rows(task, asked)
        return self._unscaled(task, self._run(task, known, items=items))

    def read_texts(self, task: str, asked: Asked) -> Sequence[str] | None:
        """Return the texts that a task reads of its questions, or None where it reads none."""
        reads = "text" in self._served.state.views[task].sources
        return [text.strip() for text in asked_texts(asked, self._served, task, self._item_words)] if reads else None

    def read_columns(self, task: str) -> tuple[str, ...]:
        """Return the plain columns that a task reads of its questions' rows."""
        view = self._served.state.views[task]
        return tuple(self._served.state.rows[view.name].columns) if "row" in view.sources else ()

    def read_words(self, text: str) -> list[tuple[int, int]]:
        """Return where the words of a text stand."""
        return word_spans(text)

    def embed(self, asked: Asked) -> NDArray[np.float32]:
        """Refuse: the ONNX form keeps no space of users, items and texts."""
        raise RequestError("This folder has the ONNX form, which keeps no space of users.", "Ask the original.")

    def with_items(self, places_n: NDArray[np.int32], frame: pl.DataFrame) -> OnnxScorer:
        """Return a scorer of a catalogue in which the frame's rows describe the items at these places."""
        table = self._tables.get(ITEMS_TABLE)
        if table is None or self._served.items is None or self._served.state.items is None:
            raise RequestError("This model was trained without a table of items.", "Train it with one.")
        frame, rows_n = typed(frame, table), places_n.astype(np.int64) + 1
        arrays = described(frame, self._served, table, self._item_labels, lambda: self._encoder)
        other = copy(self)
        other._served = replace(self._served, items=grown(self._served.items, rows_n, arrays, growth=self._growth))
        other._catalogues = {}
        other._words = words_placed(self._words, places_n, frame, self._served)
        ranking = [task for task, view in self.tasks.items() if view.output == "ranking"]
        if len(self.item_vectors):
            made = other._catalogue([*ranking, *self._served.routes][0])
            vectors = next(each for name, each in made.items() if name.startswith("vectors."))
            other.item_vectors = self._growth.place("unit", self.item_vectors, places_n, _unit(vectors[rows_n]))
        return other

    def _run(self, task: str, known: Arrays, *, items: ItemArrays | None = None) -> NDArray[np.float32]:
        """Ask the graph of a task's view."""
        model = self._served.routes[task]
        told = next(each for each in self._told[model]["views"].values() if task in each["tasks"])
        session = self._sessions[model][told["graph"]]
        wanted = {each.name for each in session.get_inputs()}
        if any(name.startswith("item.") for name in wanted):
            assert self._served.items is not None
            known = {**known, **item_inputs(items or self._served.items)}
        if any(name.startswith("vectors.") for name in wanted):
            known = {**known, **self._catalogue(task, items)}
        feed = {name: known[name] for name in wanted}
        if "event.vectors" in feed:  # a model whose events have no texts reads no columns of them
            (width,) = (each.shape[1] for each in session.get_inputs() if each.name == "event.vectors")
            feed["event.vectors"] = feed["event.vectors"][:, :width]
        return session.run(None, feed)[told["tasks"].index(task)]

    def _catalogue(self, task: str, items: ItemArrays | None = None) -> Arrays:
        """The catalogue's vectors of a task's model: of every trunk, and as every ranking sees them."""
        model = self._served.routes[task]
        told = self._told[model]["catalogue"]
        if told is None:
            return {}
        if items is None and model in self._catalogues:
            return self._catalogues[model]
        assert self._served.items is not None
        session = self._sessions[model]["catalogue"]
        wanted, feed = {each.name for each in session.get_inputs()}, item_inputs(items or self._served.items)
        made = session.run(None, {name: feed[name] for name in wanted})
        names = [*(f"vectors.{at}" for at in told["vectors"]), *(f"ranking.{each}" for each in told["rankings"])]
        found = dict(zip(names, made, strict=True))
        if items is None:
            self._catalogues[model] = found
        return found

    def _known_states(self, task: str, states: Encoded, *, repeat: int = 1) -> Arrays:
        events, view = states.arrays.events, self._served.state.views[task]
        assert events is not None
        found: Arrays = {
            "event.item": _long(events.item_N),
            "event.gap": _long(events.gap_N),
            "event.text": _long(events.text_N),
        }
        found |= {"event.vectors": events.text_vectors, **plain_inputs("event.plain", events.plain)}
        event_BL = states.segments.event_BL
        state_n = states.state_B
        if event_BL.shape[1] == 0:  # a graph wants at least one place; a padded one changes nothing
            event_BL, state_n = np.zeros((len(event_BL), 1), np.int64), np.arange(len(event_BL)) * 2
        found |= {"event_BL": event_BL, "user_B": states.segments.user_B, "state_n": np.repeat(state_n, repeat)}
        if states.arrays.profiles is not None:
            found |= plain_inputs("profile", states.arrays.profiles)
        if view.name in self._told[self._served.routes[task]]["gaps"] and states.gap_B is not None:
            found["gap_n"] = np.repeat(states.gap_B, repeat)
        return found

    def _known_pairs(self, task: str, asked: Asked, histories: Sequence[History]) -> NDArray[np.float32]:
        view = self._served.state.views[task]
        assert asked.pairs is not None and self._served.items is not None
        if view.table not in self._acquainted:
            directed = bool(self._tables[view.table].get("directed", False))
            self._acquainted[view.table] = acquaintance(self._relations, view.table, directed=directed)
        found = self._acquainted[view.table].numbers(asked.pairs, histories, self._served.items.count[1:])
        return self._served.state.standardise[view.name].apply(found).astype(np.float32)

    def _rows(self, task: str, asked: Asked) -> Arrays:
        state, view = self._served.state, self._served.state.views[task]
        found: Arrays = {"row_n": np.arange(asked.n)}
        if "text" in view.sources:
            texts = [text.strip() for text in asked_texts(asked, self._served, task, self._item_words)]
            fit = state.standardise[view.name]
            found["row.text"], bags = encode_texts(texts, self._encoder.encode(texts), fit, state.ngrams[view.name])
            for family, each in bags.items():
                found |= bag_inputs(f"bag.{family}", each)
            if view.name in state.words:
                rows = state.words[view.name].transform(texts)
                found["row.words"] = padded(rows.ids, rows.offsets, np.int64)
        if "row" in view.sources:
            found |= plain_inputs("row", state.rows[view.name].encode(typed(asked.frame, self._tables[view.table])))
        return found

    def _window(self, task: str) -> int:
        return int(self._told[self._served.routes[task]]["max_history"])

    def _unscaled(self, task: str, found: NDArray[np.float32]) -> NDArray[np.float32]:
        labels = self._served.state.labels[task]
        return labels.unscaled(found) if labels.output == "number" else found


def item_inputs(items: ItemArrays) -> Arrays:
    """Return what graphs read of a catalogue."""
    found: Arrays = {"item.text": items.text, "item.text_masked": items.text_masked, "item.count": _long(items.count)}
    return found | plain_inputs("item.plain", items.plain) | plain_inputs("item.masked", items.plain_masked)


def plain_inputs(name: str, plain: Plain) -> Arrays:
    """Return what graphs read of plain columns; a row's tags weigh as their mean does."""
    length = np.diff(plain.tag_starts)
    weight = np.repeat(1.0 / np.maximum(length, 1), length).astype(np.float32)
    found: Arrays = {f"{name}.codes": _long(plain.codes_nC), f"{name}.bins": plain.bins_nB}
    found |= {
        f"{name}.tags": padded(plain.tag_ids, plain.tag_starts, np.int64),
        f"{name}.weights": padded(weight, plain.tag_starts, np.float32),
    }
    return found if plain.vectors_nV is None else {**found, f"{name}.vectors": plain.vectors_nV}


def bag_inputs(name: str, bags: Bags) -> Arrays:
    """Return what graphs read of bags."""
    ids, weights = padded(bags.ids, bags.offsets, np.int64), padded(bags.weights, bags.offsets, np.float32)
    return {f"{name}.ids": ids, f"{name}.weights": weights}


def padded(flat: NDArray[Any], starts: NDArray[np.int64], dtype: type) -> NDArray[Any]:
    """Return ragged rows as a matrix (n, K), K at least 1, zeros behind the shorter rows."""
    length = np.diff(starts)
    found: NDArray[Any] = np.zeros((len(length), max(1, int(length.max(initial=0)))), dtype)
    found[np.arange(found.shape[1])[None, :] < length[:, None]] = flat[starts[0] : starts[-1]]
    return found


def _sessions(folder: Folder, told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every graph, ready to run, with its weights handed over."""
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtra("onnxruntime, which answers for this folder,", "onnx") from None

    weights = folder.arrays(GRAPH_WEIGHTS)
    found: dict[str, dict[str, Any]] = {}
    for model, each in told.items():
        names = [*(["catalogue"] if each["catalogue"] else []), *(view["graph"] for view in each["views"].values())]
        for name in names:
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            prefix = f"{model}/{name}/"
            own = {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
            held = [onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value)) for value in own.values()]
            options.add_external_initializers(list(own), held)
            data = folder.data(f"model/{model}.{name}.onnx")
            try:
                session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            except Exception as error:  # whatever the runtime raises for a graph that it cannot read
                reason = str(error).splitlines()[0]
                raise ArtifactError(
                    f"The graph '{model}.{name}' cannot be opened: {reason}", "Compress anew."
                ) from None
            found.setdefault(model, {})[name] = session
    return found


def _long(array: NDArray[Any]) -> NDArray[np.int64]:
    return array.astype(np.int64)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-8)

"""Fit every feature on training rows, and turn all rows into arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ID, Division
from motet.features.batch import FeatureArrays, ItemArrays, RowArrays
from motet.features.columns import ColumnState, Plain, fit_columns
from motet.features.graph import PREFIX, GraphVectors, NodeVectors, with_columns
from motet.features.graphs import Known, fit_graphs, shown_apart
from motet.features.history import EventArrays, gaps_within
from motet.features.labels import fit_labels
from motet.features.memory import Memory
from motet.features.ngrams import Bags, NgramBag
from motet.features.questions import Questions, ask
from motet.features.relations import pair_questions, relation_graph
from motet.features.remember import with_memory
from motet.features.state import FeatureState
from motet.features.tokens import Tokens, tokens_of
from motet.features.vectors import fit_vectors
from motet.features.views import SEEN, View, hidden_columns, views_of
from motet.features.whitening import Standardise, Whitening, fit_standardise, fit_whitening
from motet.features.word_ids import WordIds, WordRows
from motet.schema import EVENTS, ITEMS, TRAIN, USERS
from motet.tasks import Examples

Vectors = NDArray[np.float32]
NO_COLUMNS = ColumnState({}, {}, (), ())
ITEM_TOKENS, MASKED_TOKENS = "@items", "@items_masked"
TEXT_SHARE = 0.2
"""Length of a whitened text vector, in units of √width: small enough that what is learned of an item is soon heard
beside what is read of it (benchmarks/LOG.md)."""


@dataclass(frozen=True)
class Texts:
    """Texts and their language-model vectors, as given by the caller (features know no language model).

    items, items_masked: vectors of the catalogue's items in catalogue order, made with all columns and without those
    that are a task's label. events: vector rows of distinct event texts; event_text: row + 1 of each event, 0 none.
    rows: by view name, (strings, vectors) of all rows of the view's table, and then once more of all rows without each
    of its hidden columns (see views.hidden_columns). tokens: where the language model is trained, token ids of the
    rows' texts by view name, and of the items' by ITEM_TOKENS and MASKED_TOKENS.
    """

    items: Vectors | None
    items_masked: Vectors | None
    events: Vectors | None
    event_text: NDArray[np.int32] | None
    rows: Mapping[str, tuple[list[str], Vectors]]
    tokens: Mapping[str, list[list[int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Features:
    """The fitted state, all arrays, the questions of every view (by view name), the memory of rankings, if any, and the
    vectors of graphs by their names.
    """

    state: FeatureState
    arrays: FeatureArrays
    questions: Mapping[str, Questions]
    memory: Memory | None = None
    graphs: Mapping[str, GraphVectors] = field(default_factory=dict)


def prepare_features(
    division: Division,
    examples: Mapping[str, Examples],
    texts: Texts,
    *,
    width: int,
    make_bag: Callable[[list[str]], NgramBag],
    make_words: Callable[[list[str]], WordIds] | None = None,
    soft: Mapping[str, Examples] | None = None,
    known: FeatureState | None = None,
    graphs: Known | None = None,
) -> Features:
    """Return the features of a divided project.

    width: of the trunk, to which item texts are whitened. make_bag: fits n-grams on training texts. make_words: fits
    words in order, where a tower reads them so. soft: by task, questions without a label that it may learn from (see
    tasks.soft). known: a state that was fitted before and is taken as it is; only what it has nothing of is fitted.
    graphs: vectors of graphs that were made before, by the graph's name.
    """
    project = division.project
    views = views_of(project, examples)
    hidden = hidden_columns(views, examples)
    taken = {} if known is None else known.labels
    labels = {name: taken[name] if name in taken else fit_labels(each) for name, each in examples.items()}
    training = {name: training_rows(division, name) for name in division.tables.tables} if project.graph else {}
    joined = fit_graphs(division, training, graphs)
    item_columns, items, whitening = _items(division, texts, width, known, joined)
    event_columns, events, timed = _events(division, texts, whitening, known)
    user_columns, profiles = _profiles(division, known, joined)
    row_states: dict[str, ColumnState] = {} if known is None else dict(known.rows)
    standardise: dict[str, Standardise] = {} if known is None else dict(known.standardise)
    bags: dict[str, NgramBag] = {} if known is None else dict(known.ngrams)
    words: dict[str, WordIds] = {} if known is None else dict(known.words)
    rows: dict[str, RowArrays] = {}
    for view in {view.name: view for view in views.values()}.values():
        train = _rows_asked_in_training(view, views, examples, division)
        without = hidden.get(view.name, ())
        plain = _row_plain(view, division, train, row_states, without) if "row" in view.sources else None
        vector: Vectors | None = None
        tokens: Tokens | None = None
        view_bags: dict[str, Bags] = {}
        view_words: WordRows | None = None
        if "text" in view.sources:
            strings, vectors = texts.rows[view.name]
            if view.name not in bags:
                standardise[view.name] = fit_standardise(vectors, rows=train)
                bags[view.name] = make_bag([strings[row] for row in train])
            vector, view_bags = encode_texts(strings, vectors, standardise[view.name], bags[view.name])
            if view.name in texts.tokens:
                tokens = tokens_of(texts.tokens[view.name], standardise[view.name])
            if make_words is not None:
                if view.name not in words:
                    words[view.name] = make_words([strings[row] for row in train])
                view_words = words[view.name].transform(strings)
        if plain is not None or vector is not None:
            rows[view.name] = RowArrays(plain, vector, view_bags, view_words, tokens)
    shifts = {
        name: division.tables.frame(each.table).height * (1 + hidden[views[name].name].index(each.hidden))
        for name, each in examples.items()
        if each.hidden
    }
    questions = ask(examples, views, labels, division.events, timed=timed, soft=soft, shifts=shifts)
    for name, asked in questions.items():
        if "other" in asked.view.sources and items is not None:
            graph = relation_graph(division, asked.view.table, training_rows(division, asked.view.table))
            fitted = standardise.get(name)
            questions[name], standardise[name] = pair_questions(asked, graph, division, items.count[1:], known=fitted)
            if any(each.without for each in joined.values()):
                questions[name] = replace(questions[name], shown_n=shown_apart(asked))
    questions, memory = with_memory(questions, division)
    state = FeatureState(
        labels, views, item_columns, user_columns, event_columns, row_states, whitening, standardise, bags, timed, words
    )
    return Features(state, FeatureArrays(items, events, profiles, rows), questions, memory, joined)


def encode_texts(
    strings: list[str], vectors: Vectors, standardise: Standardise, bag: NgramBag
) -> tuple[Vectors, dict[str, Bags]]:
    """Return (standardised vectors, n-gram bags by family) of texts."""
    return standardise.apply(vectors), dict(bag.transform(strings))


def item_arrays(
    frame: pl.DataFrame,
    state: ColumnState,
    masked: set[str],
    vectors: tuple[Vectors, Vectors],
    count: NDArray[np.int32],
) -> ItemArrays:
    """Return the catalogue's arrays; `frame` has a row per item, `masked` are the columns that are labels."""
    plain = state.encode(frame).with_empty_first()
    plain_masked = state.encode(frame.drop([name for name in masked if name in frame.columns])).with_empty_first()
    text, text_masked = (np.concatenate([np.zeros((1, each.shape[1]), np.float32), each]) for each in vectors)
    return ItemArrays(text, text_masked, plain, plain_masked, np.concatenate([[0], count]).astype(np.int32))


def catalogue_frame(division: Division) -> pl.DataFrame:
    """Return the items' inputs in catalogue order; items known from events alone have empty rows."""
    assert division.events is not None
    catalogue = pl.DataFrame({ID: division.events.items})
    if ITEMS not in division.tables:
        return catalogue
    return catalogue.join(division.inputs[ITEMS], on=ID, how="left", maintain_order="left")


def _items(
    division: Division,
    texts: Texts,
    width: int,
    fitted: FeatureState | None,
    graphs: Mapping[str, GraphVectors],
) -> tuple[ColumnState | None, ItemArrays | None, Whitening | None]:
    events = division.events
    if events is None:
        return None, None, None
    of_items = {name: each.whole for name, each in graphs.items() if not each.of_users}
    frame = with_columns(catalogue_frame(division), of_items)
    masked = division.project.label_columns(ITEMS)
    train = training_items(division)
    spec = division.project.tables.get(ITEMS)
    state = NO_COLUMNS
    if fitted is not None:
        state = fitted.items or state
    elif spec is not None:
        state = fit_columns(frame[train], spec, spec.of(*SEEN))
    if fitted is None:
        state = _with_vectors(state, frame[train], of_items)
    seen = events.item_N[(events.part_N == TRAIN) & (events.item_N >= 0)]
    count = np.bincount(seen, minlength=frame.height).astype(np.int32)
    empty = np.zeros((frame.height, 0), np.float32)
    full, hidden, whitening = empty, empty, None
    if texts.items is not None:
        whitening = fitted.whitening if fitted is not None else None
        whitening = whitening or fit_whitening(texts.items, width=width, rows=train, norm=TEXT_SHARE * width**0.5)
        full = whitening.apply(texts.items)
        hidden = full if texts.items_masked is None else whitening.apply(texts.items_masked)
    elif texts.events is not None and fitted is not None:
        whitening = fitted.whitening
    elif texts.events is not None:
        said = np.unique(texts.event_text[training_rows(division, EVENTS)]) if texts.event_text is not None else None
        rows = None if said is None else said[said > 0] - 1
        whitening = fit_whitening(texts.events, width=width, rows=rows, norm=TEXT_SHARE * width**0.5)
    arrays = item_arrays(frame, state, masked, (full, hidden), count)
    if whitening is not None and ITEM_TOKENS in texts.tokens:
        read = tokens_of(texts.tokens[ITEM_TOKENS], whitening).with_empty_first()
        known = tokens_of(texts.tokens[MASKED_TOKENS], whitening).with_empty_first()
        arrays = replace(arrays, tokens=read, tokens_masked=known)
    return state, arrays, whitening


def training_items(division: Division) -> NDArray[np.int64]:
    """Return the rows of the catalogue that no item task holds out."""
    assert division.events is not None
    items = pl.DataFrame({ID: division.events.items})
    if ITEMS not in division.tables:
        return np.arange(items.height)
    known = division.tables.frame(ITEMS).select(ID, train=pl.Series(training_rows(division, ITEMS)))
    found = items.join(known, on=ID, how="left", maintain_order="left")["train"].fill_null(True)
    return np.flatnonzero(found.to_numpy())


def training_rows(division: Division, table: str) -> NDArray[np.bool_]:
    """Return, per row of a table, whether statistics may know it: no task of the table holds it out."""
    held = np.zeros(division.tables.frame(table).height, bool)
    if table == EVENTS:
        held |= division.parts[EVENTS] > TRAIN
    for name, task in division.project.tasks.items():
        if task.table == table:
            held |= division.task_parts[name] > TRAIN
    return ~held


def _events(
    division: Division, texts: Texts, whitening: Whitening | None, fitted: FeatureState | None
) -> tuple[ColumnState | None, EventArrays | None, bool]:
    events = division.events
    if events is None:
        return None, None, False
    table = division.tables[EVENTS]
    frame = division.past
    assert frame is not None, "events have a past"
    known = frame.filter(pl.Series(training_rows(division, EVENTS)))
    state = None if fitted is None else fitted.events
    state = state or fit_columns(known, table.spec, table.spec.of(*SEEN))
    timed = table.time_unit == "ms" and events.time_N is not None
    gaps = np.zeros(frame.height, np.int32)
    if timed and events.time_N is not None:
        gaps = gaps_within(events.time_N, events.starts)
    arrays = event_arrays(events.item_N, gaps, state.encode(frame), texts.event_text, texts.events, whitening)
    return state, arrays, timed


def event_arrays(
    item_N: NDArray[np.int32],
    gap_N: NDArray[np.int32],
    plain: Plain,
    text_N: NDArray[np.int32] | None,
    vectors: Vectors | None,
    whitening: Whitening | None,
) -> EventArrays:
    """Return events behind an empty row 0. text_N: row of `vectors` + 1, 0 for none."""
    encoded = np.zeros((1, 0), np.float32)
    if whitening is not None:
        encoded = np.zeros((1, whitening.width), np.float32)
        if vectors is not None and len(vectors):
            encoded = np.concatenate([encoded, whitening.apply(vectors)])
    texts = np.zeros(len(item_N), np.int32) if text_N is None or vectors is None else text_N
    return EventArrays(
        item_N=np.concatenate([[0], item_N + 1]).astype(np.int32),
        gap_N=np.concatenate([[0], gap_N]).astype(np.int32),
        text_N=np.concatenate([[0], texts]).astype(np.int32),
        plain=plain.with_empty_first(),
        text_vectors=encoded.astype(np.float32),
    )


def _profiles(
    division: Division, fitted: FeatureState | None, graphs: Mapping[str, GraphVectors]
) -> tuple[ColumnState | None, Plain | None]:
    """Profiles in the order of the division's users; a column that is a task's label is no part of a profile.

    After all users come all of them again for each part of the graphs' pairs, with the vectors made without it.
    """
    of_users = {name: each for name, each in graphs.items() if each.of_users}
    if division.events is None or (USERS not in division.tables and not of_users):
        return None, None
    spec, frame = division.project.tables.get(USERS), pl.DataFrame({ID: division.events.users})
    labels = division.project.label_columns(USERS)
    columns = [name for name in spec.of(*SEEN) if name not in labels] if spec is not None else []
    if not (columns or of_users) or (fitted is not None and fitted.users is None):
        return None, None
    state = None if fitted is None else fitted.users
    whole = {name: each.whole for name, each in of_users.items()}
    if spec is not None:
        known = division.inputs[USERS].filter(pl.Series(training_rows(division, USERS)))
        state = state or fit_columns(known, spec, columns)
        frame = frame.join(division.inputs[USERS], on=ID, how="left", maintain_order="left")
    state = state or NO_COLUMNS
    if fitted is None:
        state = _with_vectors(state, with_columns(frame, whole), whole)
    found = state.encode(with_columns(frame, whole))
    for part in range(max((len(each.without) for each in of_users.values()), default=0)):
        shown = {name: each.without[part] for name, each in of_users.items()}
        found = found.followed_by(state.encode(with_columns(frame, shown)))
    return state, found.with_empty_first()


def _with_vectors(state: ColumnState, frame: pl.DataFrame, graphs: Mapping[str, NodeVectors]) -> ColumnState:
    """Return the encoding of columns with that of graphs' vectors, fitted on the rows of `frame`."""
    columns = [f"{PREFIX}{name}" for name in graphs]
    fitted = {name: fit_vectors(frame[name], alike=True) for name in columns}
    return replace(state, vectors={**state.vectors, **{name: each for name, each in fitted.items() if each}})


def _rows_asked_in_training(
    view: View, views: Mapping[str, View], examples: Mapping[str, Examples], division: Division
) -> NDArray[np.int64]:
    """Rows of the view's table that every one of its tasks asks about in training, and none elsewhere."""
    height = division.tables.frame(view.table).height
    train, held = np.zeros(height, bool), np.zeros(height, bool)
    for task, each in examples.items():
        if views[task].name == view.name:
            inside = each.row_n >= 0
            train[each.row_n[inside & (each.part_n == TRAIN)]] = True
            held[each.row_n[inside & (each.part_n != TRAIN)]] = True
    return np.flatnonzero(train & ~held)


def _row_plain(
    view: View, division: Division, train: NDArray[np.int64], states: dict[str, ColumnState], hidden: Sequence[str]
) -> Plain:
    """All rows, and once more without each hidden column."""
    frame = division.inputs[view.table]
    if view.name not in states:
        states[view.name] = fit_columns(frame[train], division.project.tables[view.table], view.columns)
    state = states[view.name]
    found = state.encode(frame)
    for column in hidden:
        found = found.followed_by(state.encode(frame.drop(column)))
    return found


__all__ = [
    "Features",
    "Texts",
    "catalogue_frame",
    "encode_texts",
    "event_arrays",
    "item_arrays",
    "prepare_features",
    "training_items",
    "training_rows",
]

"""Which texts a project's views need, and their vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from motet.data import Division
from motet.features.prepare import (
    ITEM_TOKENS,
    MASKED_TOKENS,
    Texts,
    catalogue_frame,
    training_items,
    training_rows,
)
from motet.features.views import View, hidden_columns
from motet.language.cache import encode_cached
from motet.language.encoders import Encoder
from motet.language.encoders._transformer import TransformerEncoder
from motet.language.reader import tunable
from motet.language.template import item_texts, row_texts
from motet.schema import EVENTS, ITEMS, Project
from motet.tasks import Examples

Progress = Callable[[int, int], None]
DESCRIBING = ("text", "category", "tags")


def has_texts(project: Project) -> bool:
    """Tell whether a project declares anything that an encoder reads: texts, or words that describe items."""
    items = project.tables.get(ITEMS)
    return any(spec.of("text") for spec in project.tables.values()) or bool(items and items.of(*DESCRIBING))


def texts_of(
    division: Division,
    views: Mapping[str, View],
    encoder: Encoder,
    *,
    hidden: Mapping[str, Sequence[str]] | None = None,
    cache: Path | None = None,
    on_progress: Progress | None = None,
    tokens: bool = False,
    fitted: bool = False,
) -> Texts:
    """Return all texts of a division with their vectors; an encoder that must be fitted sees training texts only.

    hidden: by view name, the columns without which its rows' texts are wanted once more. tokens: with token ids of
    items and rows, for a language model that is trained. fitted: the encoder was fitted before, and stays as it is.
    """
    full, masked = _items(division)
    events, event_text = _events(division)
    rows = {
        view.name: _row_texts(division, view, (hidden or {}).get(view.name, ()))
        for view in views.values()
        if "text" in view.sources
    }
    if not encoder.pretrained and not fitted:
        encoder.fit(_training_texts(division, views, full, rows))
    wanted = [*(full or []), *(masked or []), *(events or []), *(text for each in rows.values() for text in each)]
    if not wanted:
        return Texts(None, None, None, None, {})
    vectors = encode_cached(encoder, wanted, cache, on_progress=on_progress)
    ends = np.cumsum([len(each) for each in (full or [], masked or [], events or [], *rows.values())])
    parts = np.split(vectors, ends[:-1])
    return Texts(
        items=parts[0] if full is not None else None,
        items_masked=parts[1] if masked is not None else None,
        events=parts[2] if events is not None else None,
        event_text=event_text,
        rows={name: (rows[name], part) for name, part in zip(rows, parts[3:], strict=True)},
        tokens=_tokens(tunable(encoder), full, masked, rows) if tokens else {},
    )


def _tokens(
    encoder: TransformerEncoder, full: list[str] | None, masked: list[str] | None, rows: Mapping[str, list[str]]
) -> dict[str, list[list[int]]]:
    """Token ids by view name, and of the items' texts."""
    cut = encoder.truncated  # these texts were counted when their vectors were made
    wanted = dict(rows)
    if full is not None:
        wanted |= {ITEM_TOKENS: full, MASKED_TOKENS: full if masked is None else masked}
    found = {name: encoder.tokens(texts) for name, texts in wanted.items()}
    encoder.truncated = cut
    return found


def item_text_columns(division: Division, *, masked: bool) -> list[str]:
    """Return the item columns that are put into words; masked leaves out those that are some task's label."""
    spec = division.project.tables.get(ITEMS)
    if spec is None:
        return []
    labels = division.project.label_columns(ITEMS) if masked else set()
    return [name for name in spec.of(*DESCRIBING) if name not in labels and name not in spec.keys().values()]


def _items(division: Division) -> tuple[list[str] | None, list[str] | None]:
    columns = item_text_columns(division, masked=False)
    if division.events is None or not columns:
        return None, None
    frame = catalogue_frame(division)
    hidden = item_text_columns(division, masked=True)
    return item_texts(frame, columns), None if hidden == columns else item_texts(frame, hidden)


def _events(division: Division) -> tuple[list[str] | None, np.ndarray | None]:
    """Distinct texts of events, and each event's text + 1 (0 none)."""
    texts = _event_texts(division)
    if texts is None:
        return None, None
    distinct = texts.filter(texts != "").unique().sort()
    codes = {text: code + 1 for code, text in enumerate(distinct)}
    number = texts.replace_strict(codes, default=0, return_dtype=pl.Int32).to_numpy()
    return distinct.to_list(), number.astype(np.int32)


def _event_texts(division: Division) -> pl.Series | None:
    """The text of every event, as histories know it."""
    spec = division.project.tables.get(EVENTS)
    columns = spec.of("text") if spec is not None and division.events is not None else []
    return pl.Series(row_texts(division.past, columns)) if columns and division.past is not None else None


def _training_texts(
    division: Division, views: Mapping[str, View], full: list[str] | None, rows: Mapping[str, list[str]]
) -> list[str]:
    """Texts of items, events and rows that no task holds out; what several events say counts once."""
    chosen = [] if full is None else [full[row] for row in training_items(division)]
    said = _event_texts(division)
    if said is not None:
        chosen += said.filter(pl.Series(training_rows(division, EVENTS)) & (said != "")).unique().sort().to_list()
    for view in {view.name: view for view in views.values()}.values():
        if view.name in rows:
            trains = training_rows(division, view.table)
            whole = rows[view.name][: len(trains)]
            chosen += [text for text, train in zip(whole, trains, strict=True) if train]
    return chosen


def shown_texts(
    division: Division, views: Mapping[str, View], examples: Mapping[str, Examples]
) -> dict[str, list[str]]:
    """Return, by view name, the texts of all its rows in the order of its arrays."""
    hidden = hidden_columns(views, examples)
    distinct = {view.name: view for view in views.values() if "text" in view.sources}
    return {name: _row_texts(division, view, hidden.get(name, ())) for name, view in distinct.items()}


def fitting_texts(division: Division, views: Mapping[str, View]) -> list[str]:
    """Return the texts that no task holds out, items also without their label columns; for a student to learn from."""
    full, masked = _items(division)
    rows = {view.name: _row_texts(division, view, ()) for view in views.values() if "text" in view.sources}
    hidden = [] if masked is None else [masked[row] for row in training_items(division)]
    return [*_training_texts(division, views, full, rows), *hidden]


def _row_texts(division: Division, view: View, hidden: Sequence[str]) -> list[str]:
    """The texts of all rows of a view's table, and once more without each hidden column."""
    shown = [view.text, *(tuple(name for name in view.text if name != column) for column in hidden)]
    return [text for columns in shown for text in row_texts(division.inputs[view.table], columns)]


__all__ = ["DESCRIBING", "fitting_texts", "item_text_columns", "shown_texts", "texts_of"]

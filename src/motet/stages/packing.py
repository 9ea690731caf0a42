"""Put a trained study into a folder that can be served, judged, updated and forgotten from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, Part, layout, write_folder
from motet.artifact.manifest import EncoderInfo
from motet.data import ID, OTHER, USER
from motet.evaluate import Evaluation
from motet.evaluate.kept import answers_to_parts
from motet.features.prepare import catalogue_frame, training_rows
from motet.features.views import PLAIN, SEEN
from motet.language.template import row_texts
from motet.model.inputs import FeatureTensors
from motet.model.parts import ITEM_WORDS, VIEWS, Served, encoder_parts, model_parts
from motet.model.predict import Predictor
from motet.recommend.catalogue import Catalogue
from motet.recommend.port import TaskView
from motet.recommend.relations import Relations
from motet.recommend.state import UserStates
from motet.schema import EVENTS, ITEMS, USERS
from motet.stages.calibrating import high_threshold
from motet.stages.graphs import item_part, user_columns
from motet.stages.study import Study


def pack(
    study: Study,
    served: Served,
    evaluation: Evaluation,
    log: Sequence[Mapping[str, Any]],
    out: Path,
    *,
    seed: int,
    certificate: Mapping[str, Any] | None = None,
    counts: Mapping[str, Any] | None = None,
    chosen: Mapping[str, Any] | None = None,
    folds: Mapping[str, Any] | None = None,
    refit: bool = False,
) -> Folder:
    """Write everything that serving, judging and forgetting need to `out`, and return the folder opened.

    served: the models that answer. evaluation: on the test questions, of those very models. log: a row per epoch and
    arm. counts: what checking the tables found. chosen: how kinds were chosen that the project left open. folds: what
    all folds found, where there are some. refit: whether the models have learned from the test questions since.
    """
    parts: dict[str, Part] = {layout.PROJECT: study.project.to_toml(), **model_parts(served)}
    parts[VIEWS] = {task: asdict(view) for task, view in task_views(study, evaluation).items()}
    if study.encoder is not None:
        parts |= encoder_parts(study.encoder)
    if study.division.events is not None:
        parts |= _catalogue(study).to_parts()
        parts |= _users(study).to_parts()
        relations = _relations(study, served)
        if relations.pairs.height:
            parts |= relations.to_parts()
        words = _item_words(study)
        if words.width:
            parts[ITEM_WORDS] = words
        vectors = item_vectors(study, served)
        if vectors is not None:
            parts[layout.VECTORS] = {"vectors": vectors}
    if joined := item_part(study.features):
        parts[layout.ITEM_GRAPHS] = joined
    if study.continued:
        parts[layout.CONTINUED] = dict(study.continued)
    found = evaluation.to_json()
    more = {name: dict(each) for name, each in {"chosen": chosen, "folds": folds}.items() if each}
    parts[layout.METRICS] = {**found, "data": dict(counts or {}), **more}
    parts[layout.SLICES] = evaluation.slices
    parts |= answers_to_parts(evaluation.answers)
    parts[layout.LOG] = pl.DataFrame(list(log), infer_schema_length=None)
    if certificate is not None:
        parts[layout.CERTIFICATE] = dict(certificate)
    encoder = None
    if study.encoder is not None:
        encoder = EncoderInfo(id=study.encoder.id)
    return write_folder(
        out,
        parts,
        name=study.project.project.name,
        seed=seed,
        runtime="torch",
        data_root=str(study.project.root.resolve()),
        encoder=encoder,
        tasks={name: study.examples[name].kind for name in served.routes},
        refit=refit,
    )


def task_views(study: Study, evaluation: Evaluation) -> dict[str, TaskView]:
    """Return what serving may know of each task that the model answers (a task trained alone is the only one)."""
    views = {}
    for name in evaluation.tasks:
        task = study.project.tasks[name]
        view, labels = study.features.state.views[name], study.features.state.labels[name]
        spec = study.project.tables[view.table]
        rating = task.kind == "rating"
        views[name] = TaskView(
            kind=task.kind,
            output=labels.output,
            sources=view.sources,
            table=view.table,
            user=spec.id if view.table == USERS else spec.user,
            item=spec.id if view.table == ITEMS else spec.item,
            texts=view.text,
            classes=labels.classes,
            levels=labels.levels,
            threshold=high_threshold(study, name) if rating else None,
            spread=evaluation.tasks[name].get("rmse") if rating and labels.output == "number" else None,
            repeats=getattr(task, "repeats", "mask"),
            other=spec.other,
        )
    return views


def _catalogue(study: Study) -> Catalogue:
    assert study.division.events is not None and study.features.arrays.items is not None
    spec = study.project.tables.get(ITEMS)
    ids = study.division.events.items.alias("@item")
    count = study.features.arrays.items.count[1:].astype(np.int64)
    if spec is None:
        return Catalogue(ids, popularity_I=count)
    frame = pl.DataFrame({ID: study.division.events.items}).join(
        study.division.tables.frame(ITEMS), on=ID, how="left", maintain_order="left"
    )
    texts = spec.of("text")
    titles = frame[texts[0]] if texts else None
    return Catalogue(ids, frame.select(spec.of(*PLAIN)), count, titles=titles)


def _item_words(study: Study) -> pl.DataFrame:
    """What views about items read of each item, so that a question need name the item only."""
    frame = catalogue_frame(study.division)
    views = {view.name: view for view in study.features.state.views.values()}
    return pl.DataFrame(
        {
            name: row_texts(frame, view.text)
            for name, view in views.items()
            if view.table == ITEMS and "text" in view.sources
        }
    )


def _users(study: Study) -> UserStates:
    division, state = study.division, study.features.state
    events, arrays = division.events, study.features.arrays.events
    assert events is not None and arrays is not None
    table = division.tables[EVENTS]
    columns = table.frame.select(table.spec.of(*SEEN))
    texts = len(arrays.text_vectors) > 1
    profiles = pl.DataFrame()
    if state.users is not None:
        frame = pl.DataFrame({ID: events.users})
        if USERS in division.tables:
            frame = frame.join(division.tables.frame(USERS), on=ID, how="left", maintain_order="left")
        profiles = user_columns(study.features, frame).select(state.users.columns)
    return UserStates(
        users=events.users.alias("@user"),
        starts=events.starts,
        item_N=events.item_N,
        columns=columns if columns.width else pl.DataFrame(),
        time_N=events.time_N,
        text_N=arrays.text_N[1:] - 1 if texts else None,
        text_MD=arrays.text_vectors[1:] if texts else np.zeros((0, 0), np.float32),
        profiles=profiles,
        time_unit=table.time_unit,
    )


def _relations(study: Study, served: Served) -> Relations:
    """The pairs that the answering tasks' questions could see: those of training, or all where all were trained on."""
    views = study.features.state.views
    frames = [Relations.empty().pairs]
    for table in sorted({views[task].table for task in served.routes if "other" in views[task].sources}):
        frame = study.division.tables.frame(table)
        if not study.project.train.refit:
            frame = frame.filter(pl.Series(training_rows(study.division, table)))
        frames.append(frame.select(relation=pl.lit(table), user=USER, other=OTHER).drop_nulls())
    return Relations(pl.concat(frames))


def item_vectors(study: Study, served: Served) -> NDArray[np.float32] | None:
    """Unit vectors of the catalogue in the space of the model that ranks, or else of any model that reads items."""
    labels = study.features.state.labels
    ranking = [task for task in served.routes if labels[task].output == "ranking"]
    for task in [*ranking, *served.routes]:
        model = served.models[served.routes[task]]
        tensors = FeatureTensors(study.tensors.items, None, None, {}, study.tensors.device)
        vectors = Predictor(model, tensors).vectors(model.sharing.trunk_of(task))
        if vectors is not None:
            found = vectors[1:].float().cpu().numpy()
            length = np.linalg.norm(found, axis=1, keepdims=True)
            return np.divide(found, length, out=np.zeros_like(found), where=length > 1e-8).astype(np.float32)
    return None

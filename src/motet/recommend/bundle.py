"""A bundle: a model folder loaded for serving."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from motet.artifact import Folder, Manifest, layout, read_folder
from motet.errors import RequestError
from motet.recommend.ask import asked
from motet.recommend.attribute import attribute
from motet.recommend.attribution import Attribution, Method
from motet.recommend.catalogue import Catalogue
from motet.recommend.engine import recommend, recommend_many
from motet.recommend.forget import without_users
from motet.recommend.loaded import Language, Loaded
from motet.recommend.neighbours import Space, neighbours
from motet.recommend.port import Prediction, Retrieval
from motet.recommend.prepare import prepare
from motet.recommend.question import MAX_K, Question
from motet.recommend.ranked import RankedList
from motet.recommend.retrieve import best
from motet.recommend.reword import find_rewriter
from motet.recommend.runtime import open_scorer
from motet.recommend.state import UserStates
from motet.recommend.weigh import blend_of
from motet.registry import nearest
from motet.schema import ExplainConfig


@dataclass(frozen=True)
class Bundle:
    """A model folder loaded for serving. Nothing is read from the folder after loading.

    project: the resolved project file's sections.
    """

    path: Path
    manifest: Manifest
    loaded: Loaded
    project: Mapping[str, Any] = field(default_factory=dict)

    def recommend(self, user: str | None = None, **options: Any) -> RankedList:
        """Return a ranked list.

        user: an id; an unknown one gets what is popular. options: the other fields of `Question`, among them
        history, profile, query, k, weights, filters, exclude, explain, diversity, seen.
        Raises RequestError where the question cannot be answered.
        """
        return recommend(self.loaded, _question(user=user, **options))

    def recommend_many(self, users: Sequence[str], **options: Any) -> list[RankedList]:
        """Return one list per user, in order, all with the same options."""
        return recommend_many(self.loaded, [_question(user=user, **options) for user in users])

    def prepare(self) -> Retrieval:
        """Return how candidates for lists are found, after building an index where the catalogue is large enough.

        The project's section `retrieve` says from which size on, and how much the index has to find to be used. Needs
        the extra `ann`; without it, and until this is called, lists are made exactly.
        """
        return prepare(self.loaded)

    def predict(
        self,
        task: str,
        texts: Sequence[str] | None = None,
        *,
        items: Sequence[str] | None = None,
        users: Sequence[str] | None = None,
        others: Sequence[str] | None = None,
        rows: Sequence[Mapping[str, Any]] | None = None,
        frame: Any = None,
    ) -> list[Prediction]:
        """Return one prediction per question; see `ask.asked` for what each task needs."""
        texts, items, users, others = (_several(each) for each in (texts, items, users, others))
        questions = asked(
            self.loaded, task, texts=texts, items=items, users=users, others=others, rows=rows, frame=frame
        )
        return list(self.loaded.scorer.predict(task, questions)) if questions.n else []

    def explain(
        self, task: str, texts: Sequence[str] | None = None, *, method: Method = "gradient", **given: Any
    ) -> list[Attribution]:
        """Return what the answers of a task that reads texts or rows come from, one per question.

        method: `gradient`, `leave_out`, `shap` or `lime` (the last two need the extra `explain`). given: items, users,
        others, rows or frame, as `predict` takes them. Raises RequestError where the task reads neither.
        """
        several: dict[str, Any] = {name: _several(each) if name != "frame" else each for name, each in given.items()}
        questions = asked(self.loaded, task, texts=_several(texts), **several)
        return attribute(self.loaded, task, questions, method=method) if questions.n else []

    def similar(self, item: str, *, k: int = 10) -> list[tuple[str, float]]:
        """Return up to k (item, cosine) pairs, the most similar first, without the item itself."""
        number = self.loaded.catalogue.index.get(str(item))
        if number is None:
            hint = nearest(str(item), self.loaded.catalogue.ids.head(10_000).to_list()).strip()
            raise RequestError(f"The catalogue has no item '{item}'.", hint or "Check the id.")
        if not 1 <= k <= MAX_K:
            raise RequestError(f"Expected k to be from 1 to {MAX_K}, found {k}.", "Change it.")
        vectors = self.loaded.scorer.item_vectors
        if not len(vectors):
            raise RequestError("This model has no item vectors.", "Train it with a task that reads items.")
        cosine_I = vectors @ vectors[number]
        allowed_I = self.loaded.catalogue.available_I.copy()
        allowed_I[number] = False
        ids = self.loaded.catalogue.ids
        return [(str(ids[int(one)]), float(cosine_I[one])) for one in best(cosine_I, allowed_I, k)]

    def neighbours(
        self,
        *,
        user: str | None = None,
        item: str | None = None,
        text: str | None = None,
        of: str = "items",
        k: int = 10,
    ) -> list[tuple[str, float]]:
        """Return up to k (id, cosine) pairs: the items or users nearest to one user, item or text, itself left out.

        of: `items` or `users`. Only a model that shares by `embedding` has one space for all of them; RequestError
        says so of others. The users' points are made when they are first asked for, and kept.
        """
        return neighbours(self.loaded, self._space, {"user": user, "item": item, "text": text}, of=of, k=k)

    @cached_property
    def _space(self) -> Space:
        return Space(self.loaded)


def load(
    path: str | Path, *, device: str = "auto", data: str | Path | None = None, without: Collection[str] = ()
) -> Bundle:
    """Return the model folder at `path`, verified and loaded for serving; raises ArtifactError if it is damaged.

    data: the folder against which the project's relative paths resolve (an encoder's folder), by default the one
    where the model was trained. without: users who are left out, as if `forget` had erased them; the folder stays.
    """

    def read(folder: Folder) -> Bundle:
        return _loaded(folder.with_parts(without_users(folder, without)) if without else folder, device, data)

    return read_folder(path, read)


def _loaded(folder: Folder, device: str, data: str | Path | None) -> Bundle:
    if data is not None:
        folder = replace(folder, manifest=folder.manifest.model_copy(update={"data_root": str(data)}))
    catalogue = Catalogue.from_folder(folder) if folder.has(layout.ITEMS) else Catalogue(_no_ids())
    users = UserStates.from_folder(folder) if folder.has(layout.HISTORIES) else UserStates.empty()
    scorer = open_scorer(folder, device=device)
    project = tomllib.loads(folder.text(layout.PROJECT)) if folder.has(layout.PROJECT) else {}
    explain = ExplainConfig(**project.get("explain", {}))
    rewriter = find_rewriter(explain.rewrite)
    told = (_language(project), blend_of(project), explain, rewriter, _meanings(project))
    loaded = Loaded(catalogue, users, scorer, *told)
    return Bundle(folder.path, folder.manifest, loaded, project)


def _language(project: Mapping[str, Any]) -> Language:
    return "zh" if project.get("project", {}).get("language") == "zh" else "en"


def _meanings(project: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    return {
        name: {column: _meaning(told) for column, told in table.get("columns", {}).items()}
        for name, table in project.get("tables", {}).items()
    }


def _meaning(told: str | Mapping[str, Any]) -> str:
    """A column's meaning, which a project file may give alone or beside more."""
    return told if isinstance(told, str) else str(told["meaning"])


def _no_ids() -> pl.Series:
    return pl.Series("@item", [], dtype=pl.String)


def _question(**fields: Any) -> Question:
    known = list(Question.__dataclass_fields__)
    for name in fields:
        if name not in known:
            raise RequestError(
                f"A question has no '{name}'; known: {', '.join(known)}.",
                nearest(name, known).strip() or "Choose one of these.",
            )
    given = {name: value for name, value in fields.items() if value is not None}
    return Question(**given)


def _several(value: Sequence[str] | str | None) -> Sequence[str] | None:
    """One id or text is a list of one."""
    return [value] if isinstance(value, str | int | np.integer) else value

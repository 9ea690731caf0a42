"""The shape of a model: every size that its parameters need, as JSON. Weights and a shape make a model again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from motet.features.columns import ColumnState
from motet.features.label_weights import label_weights
from motet.features.prepare import Features
from motet.model.losses import prior_loss
from motet.schema import ITEMS, Project


@dataclass(frozen=True)
class ColumnShape:
    """Sizes of encoded plain columns: rows of the code table, code columns, width of numbers, known tags, vectors."""

    codes: int = 0
    code_columns: int = 0
    bins: int = 0
    tags: int = 0
    vectors: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to encode."""
        return self.code_columns == 0 and self.bins == 0 and self.tags == 0 and not self.vectors

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ColumnShape:
        """Return the sizes that `asdict` wrote."""
        return cls(**{**fields, "vectors": tuple(fields.get("vectors", ()))})


@dataclass(frozen=True)
class ViewShape:
    """What a view shows: its sources, its row's columns, width of its text vector, n-gram vocabulary by family.

    about_items: whether the question is about the item itself, so that its label columns are hidden.
    gaps: whether its questions know how long ago the user's last event was.
    pairs: how many numbers are known of a pair of users. directed: whether (a, b) is another pair than (b, a).
    tower: the short name of its text tower. words: how many ids of words, where the tower reads them in order.
    """

    sources: tuple[str, ...]
    row: ColumnShape
    text: int
    bags: Mapping[str, int]
    about_items: bool = False
    gaps: bool = False
    pairs: int = 0
    directed: bool = False
    tower: str = "bag"
    words: int = 0


@dataclass(frozen=True)
class TaskShape:
    """A head: what it answers, how many numbers, the levels of an ordinal label, the mean loss of a constant answer.

    repeats: whether a ranking lets items of the history return. memory: how a ranking uses the memory, "" for not.
    loss: the task's choice, or "" for the head's own.
    label_weights: how much each label counts in the loss, or none (see `features.label_weights`).
    auxiliary: whether the task only helps the others, and is not judged.
    """

    view: str
    output: str
    size: int
    levels: tuple[float, ...]
    constant_loss: float
    weight: float
    repeats: bool = False
    memory: str = ""
    loss: str = ""
    label_weights: tuple[float, ...] = ()
    auxiliary: bool = False


@dataclass(frozen=True)
class SharingShape:
    """The strategy's short name and its sizes, of which each strategy reads what it needs (see SharingConfig).

    ranks: tasks with a private adapter of their own rank, whatever the strategy.
    """

    kind: str = "shared_bottom"
    experts: int = 4
    rank: int = 8
    size: int = 32
    chain: tuple[str, ...] = ()
    valves: Mapping[str, float] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LanguageShape:
    """What is trained of a language model: its weights' sizes by name, how fast, and how many items a step reads."""

    weights: Mapping[str, tuple[int, ...]]
    learning_rate: float
    items: int


@dataclass(frozen=True)
class ModelShape:
    """Everything that a model's parameters need to be allocated.

    cuts: how many hidden units or heads are left of a layer, by its place (see `model.narrow`); of others, all.
    """

    width: int
    layers: int
    heads: int
    max_history: int
    dropout: float
    sharing: SharingShape
    num_items: int
    item_text: int
    item_columns: ColumnShape
    event_text: int
    event_columns: ColumnShape
    profile: ColumnShape
    views: Mapping[str, ViewShape]
    tasks: Mapping[str, TaskShape]
    history: str = "transformer"
    language: LanguageShape | None = None
    cuts: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the shape as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ModelShape:
        """Return the shape that `to_json` wrote."""
        views = {
            name: ViewShape(**{**view, "sources": tuple(view["sources"]), "row": ColumnShape.from_json(view["row"])})
            for name, view in fields["views"].items()
        }
        lists = ("levels", "label_weights")
        tasks = {
            name: TaskShape(**{**task, **{key: tuple(task.get(key, ())) for key in lists}})
            for name, task in fields["tasks"].items()
        }
        columns = {name: ColumnShape.from_json(fields[name]) for name in ("item_columns", "event_columns", "profile")}
        sharing = SharingShape(**{**fields["sharing"], "chain": tuple(fields["sharing"]["chain"])})
        return cls(
            **{**fields, **columns, "views": views, "tasks": tasks, "sharing": sharing, "language": _language(fields)}
        )

    @property
    def judged(self) -> tuple[str, ...]:
        """The tasks that are judged: all but auxiliary ones."""
        return tuple(name for name, each in self.tasks.items() if not each.auxiliary)

    def only(self, task: str) -> ModelShape:
        """Return the shape of the twin: the same trunk with one task."""
        kept = self.tasks[task]
        return ModelShape(
            **{
                **vars(self),
                "tasks": {task: kept},
                "views": {kept.view: self.views[kept.view]},
                "sharing": SharingShape("shared_bottom"),
                "language": self.language if self.reads(task) else None,
                "cuts": {},
            }
        )

    def reads(self, task: str) -> bool:
        """Whether what a task looks at has texts that a language model in training reads."""
        sources = set(self.views[self.tasks[task].view].sources)
        items = bool(self.language and self.language.items and self.item_text)
        return "text" in sources or (items and bool({"history", "item"} & sources))


def _language(fields: Mapping[str, Any]) -> LanguageShape | None:
    kept = fields.get("language")
    if kept is None:
        return None
    return LanguageShape(**{**kept, "weights": {name: tuple(size) for name, size in kept["weights"].items()}})


def shape_of(project: Project, features: Features, *, language: LanguageShape | None = None) -> ModelShape:
    """Return the shape of the joint model of a project. language: what it trains of the language model, if anything."""
    state, arrays, trunk = features.state, features.arrays, project.trunk
    views = {}
    for view in {view.name: view for view in state.views.values()}.values():
        bags = state.ngrams[view.name].sizes if "text" in view.sources else {}
        rows = arrays.rows.get(view.name)
        text = rows.text.shape[1] if rows is not None and rows.text is not None else 0
        about = view.table == ITEMS and arrays.items is not None
        gaps = features.questions[view.name].gap_n is not None
        known = features.questions[view.name].pair_nF
        views[view.name] = ViewShape(
            view.sources,
            _columns(state.rows.get(view.name)),
            text,
            bags,
            about,
            gaps,
            pairs=0 if known is None else known.shape[1],
            directed=project.tables[view.table].directed,
            tower=trunk.text,
            words=state.words[view.name].size if view.name in state.words else 0,
        )
    tasks = {
        name: TaskShape(
            view=state.views[name].name,
            output=labels.output,
            size=labels.size,
            levels=labels.levels,
            constant_loss=constant_loss(
                labels,
                arrays.items.count.shape[0] - 1 if arrays.items is not None else 1,
                loss=getattr(project.tasks[name], "loss", ""),
                weights=label_weights(project.tasks[name], labels),
            ),
            weight=project.tasks[name].weight,
            repeats=getattr(project.tasks[name], "repeats", "mask") == "allow",
            memory=_memory(project, name),
            loss=getattr(project.tasks[name], "loss", ""),
            label_weights=label_weights(project.tasks[name], labels),
            auxiliary=project.tasks[name].auxiliary,
        )
        for name, labels in state.labels.items()
    }
    items, events = arrays.items, arrays.events
    return ModelShape(
        width=trunk.width,
        layers=trunk.layers,
        heads=trunk.heads,
        max_history=trunk.max_history,
        dropout=trunk.dropout if trunk.dropout is not None else _dropout(features),
        sharing=SharingShape(**{**project.sharing.model_dump(), "chain": tuple(project.sharing.chain)}),
        num_items=0 if items is None else len(items.count) - 1,
        item_text=0 if items is None else items.text.shape[1],
        item_columns=_columns(state.items),
        event_text=0 if events is None else events.text_vectors.shape[1] if len(events.text_vectors) > 1 else 0,
        event_columns=_columns(state.events),
        profile=_columns(state.users),
        views=views,
        tasks=tasks,
        history=trunk.history,
        language=language,
    )


def _memory(project: Project, task: str) -> str:
    asked = getattr(project.tasks[task], "memory", "off")
    return "" if asked == "off" else asked


def _columns(state: ColumnState | None) -> ColumnShape:
    if state is None:
        return ColumnShape()
    return ColumnShape(
        state.num_codes, len(state.categories), state.num_bins, len(state.tags), tuple(state.vector_sizes)
    )


def _dropout(features: Features) -> float:
    """Sparse catalogues need strong dropout, dense ones little (Klenitskiy & Vasilev 2023)."""
    if features.arrays.items is None:
        return 0.2
    count = features.arrays.items.count[1:]
    seen = count[count > 0]
    return 0.5 if len(seen) and float(seen.mean()) < 30 else 0.2


def constant_loss(labels: Any, num_items: int, *, loss: str = "", weights: tuple[float, ...] = ()) -> float:
    """Return the mean loss of always answering the training prior, in nats (1 for a standardised number).

    loss, weights: as in TaskShape.
    """
    import numpy as np

    if labels.output in ("binary", "class", "tags") and (weights or loss not in ("", "cross_entropy")):
        return prior_loss(labels.output, labels.prior, loss, weights)
    if labels.output == "ranking":
        return float(np.log(max(num_items, 2)))
    if labels.output == "number":
        return 1.0
    prior = np.clip(np.asarray(labels.prior, np.float64), 1e-6, 1 - 1e-6)
    if labels.output in ("class", "ordinal"):
        return float(-(prior * np.log(prior)).sum())
    return float(-(prior * np.log(prior) + (1 - prior) * np.log(1 - prior)).mean())

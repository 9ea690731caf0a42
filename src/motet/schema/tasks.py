"""Tasks, as declared in a project file: what to predict, never how."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from motet.schema._base import Strict
from motet.schema.split import TaskSplit

_DAY = 86_400_000
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": _DAY, "w": 7 * _DAY}


class TaskBase(Strict):
    """What every task may say.

    name: the key of its section; in Python it defaults to the kind.
    table, column: where its labels are; a column of another table is written `table.column`.
    text: the text columns of the row that it reads (default: all of them, on tables that are neither events,
    items nor users). inputs: further columns of the same row that may be seen.
    split: its own split of the rows. allow: inputs that may give the label away.
    weight: its share in the joint loss, relative to the other tasks.
    value: what it is worth to the business, relative to the other tasks. It decides what is advised and chosen
    (`motet advise`, `kind = "auto"`), never what is learned or certified.
    auxiliary: whether it only helps the others: trained in the joint model, without a twin, neither judged nor shipped
    as an answer.
    """

    name: str = ""
    table: str = "events"
    text: tuple[str, ...] | None = None
    inputs: tuple[str, ...] = ()
    split: TaskSplit | None = None
    allow: tuple[str, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    value: float = Field(default=1.0, ge=0)
    metrics: tuple[str, ...] = ()
    auxiliary: bool = False

    primary: ClassVar[str] = ""
    """The metric that the certificate judges."""

    lower_is_better: ClassVar[bool] = False


class LabelledTask(TaskBase):
    """A task whose label is a column.

    label_share: the share of its training labels that is kept, chosen by a hash of the row (or of the user, where the
    answer is not one cell); the others count as unknown, for every task. Validation and test stay whole.
    soft_targets: whether rows without a label of this task are learned from, in the joint model alone: `off`; `auto`,
    what the other tasks' labels say of them; the names of those tasks; or `self`, the model's own answers.
    soft_weight: how much such a row counts beside a labelled one; by default as the counts of both say.
    """

    column: str
    label_share: float = Field(default=1.0, gt=0, le=1)
    soft_targets: Literal["off", "auto", "self"] | tuple[str, ...] = "off"
    soft_weight: float | None = Field(default=None, gt=0, le=1)

    @field_validator("soft_targets", mode="before")
    @classmethod
    def _word_or_names(cls, value: Any) -> Any:
        if isinstance(value, str) and value not in ("off", "auto", "self"):
            raise ValueError(f'soft_targets is "off", "auto", "self" or a list of tasks, found "{value}"')
        return value

    @model_validator(mode="before")
    @classmethod
    def _table_in_column(cls, value: Any) -> Any:
        qualified = isinstance(value, dict) and "table" not in value and "." in str(value.get("column", ""))
        if qualified and not issubclass(cls, Interest):  # an interest's column is that of its events' items
            table, column = str(value["column"]).split(".", 1)
            return {**value, "table": table, "column": column}
        return value


class ChoiceTask(LabelledTask):
    """A task whose label is a choice: yes or no, one of many, some of many.

    loss: `integrated` adds 1 − cosine to the cross-entropy; `focal` turns down what is answered well already.
    class_weights: how much each label counts in the loss; `balanced` lifts rare ones, a table names them
    (`{ yes = 5 }`, other labels count 1).
    """

    loss: Literal["cross_entropy", "integrated", "focal"] = "cross_entropy"
    class_weights: Literal["none", "balanced"] | dict[str, float] = "none"

    @field_validator("class_weights", mode="before")
    @classmethod
    def _word_or_table(cls, value: Any) -> Any:
        if isinstance(value, str) and value not in ("none", "balanced"):
            raise ValueError(f'class_weights is "none", "balanced" or a table of labels, found "{value}"')
        for label, weight in value.items() if isinstance(value, dict) else ():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
                raise ValueError(f"class_weights are numbers above 0, found {label} = {weight!r}")
        return value


class NextItem(TaskBase):
    """history → item: which item comes next, ranked over the whole catalogue.

    repeats: `mask` takes items already seen off the list; `allow` lets them return (groceries).
    memory: a graph counts what followed what, and what resembles what. `mix` adds its shares to the network's
    probabilities, each to a weight that is chosen on validation; `offset` adds their logarithms to the scores, in
    training as in serving, with learned weights; `off` leaves it out.
    """

    kind: Literal["next_item"] = "next_item"
    repeats: Literal["mask", "allow"] = "mask"
    memory: Literal["mix", "offset", "off"] = "mix"
    primary: ClassVar[str] = "ndcg@10"


class Binary(ChoiceTask):
    """→ yes or no.

    positive: the values that mean yes, all others no, but for NA, N/A, NaN and null, which are unknown; at_least: the
    smallest number that means yes; a flag needs neither.
    negatives: `observed` takes the rows that are not positive; `sampled` draws items the user never had.
    """

    kind: Literal["binary"] = "binary"
    positive: tuple[str | int | float | bool, ...] | None = None
    at_least: float | None = None
    negatives: Literal["observed", "sampled"] = "observed"
    primary: ClassVar[str] = "auc"

    @field_validator("positive", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | int | float | bool) else value

    @model_validator(mode="after")
    def _one_rule(self) -> Binary:
        if self.positive is not None and self.at_least is not None:
            raise ValueError("give positive or at_least, not both")
        return self


class Rating(LabelledTask):
    """→ a number on a scale; few distinct values are treated as ordered classes."""

    kind: Literal["rating"] = "rating"
    primary: ClassVar[str] = "mae"
    lower_is_better: ClassVar[bool] = True


class Interest(LabelledTask):
    """history → what the next `horizon` events are about (tags, a category or a binned number of their items)."""

    kind: Literal["interest"] = "interest"
    horizon: int = Field(default=5, ge=1)
    primary: ClassVar[str] = "map"


class ClassTask(ChoiceTask):
    """→ one of many."""

    kind: Literal["class"] = "class"
    primary: ClassVar[str] = "accuracy"


class Tags(ChoiceTask):
    """→ some of many."""

    kind: Literal["tags"] = "tags"
    primary: ClassVar[str] = "map"


class Number(LabelledTask):
    """→ a number: of a row, or aggregated over the coming `window` of a user's events.

    loss: on standardised values; `squared` leans to the mean, `huber` and `absolute` to the median.
    """

    kind: Literal["number"] = "number"
    loss: Literal["huber", "squared", "absolute"] = "huber"
    aggregate: Literal["sum", "mean", "count", "max"] | None = None
    window: str | None = None
    primary: ClassVar[str] = "mae"
    lower_is_better: ClassVar[bool] = True

    @model_validator(mode="after")
    def _both_or_none(self) -> Number:
        if (self.aggregate is None) != (self.window is None):
            raise ValueError('aggregate and window belong together, for instance aggregate = "sum", window = "28d"')
        if self.window is not None and not re.fullmatch(r"\d+[smhdw]", self.window):
            raise ValueError(f"window is a whole number with s, m, h, d or w, found '{self.window}'")
        return self

    @property
    def window_ms(self) -> int | None:
        """The window in milliseconds, or None for a task without one."""
        return None if self.window is None else int(self.window[:-1]) * _UNITS[self.window[-1]]


class Relation(TaskBase):
    """user + user → yes or no: whether a pair stands in a relation, against pairs that do not, drawn by chance.

    table: one with the keys user and other. A relation is undirected unless its table says `directed = true`.
    """

    kind: Literal["relation"] = "relation"
    table: str
    primary: ClassVar[str] = "auc"


class Masked(TaskBase):
    """The rest of a row or item → one of its own columns, which is hidden: it needs no labels, and helps the others.

    column: an input of the table, no task's label; a text is predicted as its most frequent words. It stays an input
    of the other tasks. share: of the training rows that are asked. A masked task is always auxiliary.
    """

    kind: Literal["masked"] = "masked"
    column: str
    share: float = Field(default=1.0, gt=0, le=1)
    auxiliary: bool = True
    primary: ClassVar[str] = "log_loss"

    @model_validator(mode="after")
    def _helps_only(self) -> Masked:
        if not self.auxiliary:
            raise ValueError("a masked task is always auxiliary: leave auxiliary out")
        return self


TaskSpec = Annotated[
    NextItem | Binary | Rating | Interest | ClassTask | Tags | Number | Relation | Masked,
    Field(discriminator="kind"),
]

KINDS: dict[str, type[TaskBase]] = {
    "next_item": NextItem,
    "binary": Binary,
    "rating": Rating,
    "interest": Interest,
    "class": ClassTask,
    "tags": Tags,
    "number": Number,
    "relation": Relation,
    "masked": Masked,
}

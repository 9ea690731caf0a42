"""The project file: one TOML file that describes everything."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import Field, field_validator, model_validator

from motet.errors import ProjectError
from motet.registry import nearest
from motet.schema._base import Strict
from motet.schema.augment import AugmentConfig
from motet.schema.blend import BlendConfig, CalibrateConfig, check_blend, check_types
from motet.schema.explain import ExplainConfig
from motet.schema.graph import GraphConfig, check_graphs
from motet.schema.helping import check_helping
from motet.schema.retrieve import RetrieveConfig
from motet.schema.search import SearchConfig
from motet.schema.settings import (
    BalanceConfig,
    CertifyConfig,
    EncoderConfig,
    ProjectInfo,
    SharingConfig,
    TrainConfig,
    TrunkConfig,
    UpdateConfig,
)
from motet.schema.sharing import check_sharing
from motet.schema.shown import render_html
from motet.schema.split import FOLDS, SplitSpec
from motet.schema.tables import EVENTS, ITEMS, USERS, TableSpec
from motet.schema.tasks import KINDS, Interest, Masked, NextItem, Number, TaskBase, TaskSpec
from motet.schema.urls import without_password


class Project(Strict):
    """Everything a run needs to know.

    Read one with `Project.read("motet.toml")`, or build one from data frames:
    `Project(tables={"events": frame}, tasks=[NextItem()])`.
    """

    project: ProjectInfo = Field(default_factory=ProjectInfo)
    tables: dict[str, TableSpec] = Field(min_length=1)
    tasks: dict[str, TaskSpec] = Field(min_length=1)
    split: SplitSpec = Field(default_factory=SplitSpec)
    encoder: EncoderConfig = Field(default_factory=EncoderConfig)
    trunk: TrunkConfig = Field(default_factory=TrunkConfig)
    sharing: SharingConfig = Field(default_factory=SharingConfig)
    balance: BalanceConfig = Field(default_factory=BalanceConfig)
    train: TrainConfig = Field(default_factory=TrainConfig)
    certify: CertifyConfig = Field(default_factory=CertifyConfig)
    update: UpdateConfig = Field(default_factory=UpdateConfig)
    calibrate: CalibrateConfig = Field(default_factory=CalibrateConfig)
    blend: BlendConfig = Field(default_factory=BlendConfig)
    explain: ExplainConfig = Field(default_factory=ExplainConfig)
    retrieve: RetrieveConfig = Field(default_factory=RetrieveConfig)
    search: SearchConfig = Field(default_factory=SearchConfig)
    augment: AugmentConfig = Field(default_factory=AugmentConfig)
    graph: dict[str, GraphConfig] = Field(default_factory=dict)
    root: Path = Field(default=Path("."), exclude=True)

    @field_validator("tables", mode="before")
    @classmethod
    def _frames(cls, tables: Any) -> Any:
        if not isinstance(tables, Mapping):
            return tables
        plain = (Mapping, TableSpec)
        return {name: spec if isinstance(spec, plain) else {"frame": spec} for name, spec in tables.items()}

    @field_validator("tasks", mode="before")
    @classmethod
    def _named(cls, tasks: Any) -> Any:
        if isinstance(tasks, Sequence) and not isinstance(tasks, str):
            named: dict[str, Any] = {}
            for task in tasks:
                if not isinstance(task, TaskBase):
                    raise ValueError(f"a list of tasks holds tasks such as motet.NextItem(), found {task!r}")
                name = task.name or getattr(task, "kind", "task")
                if name in named:
                    raise ValueError(f"two tasks are called '{name}'; give one of them name=…")
                named[name] = task
            tasks = named
        if not isinstance(tasks, Mapping):
            return tasks
        out: dict[str, Any] = {}
        for name, task in tasks.items():
            if isinstance(task, TaskBase):
                out[name] = task.model_copy(update={"name": name})
            elif isinstance(task, Mapping):
                kind = task.get("kind")
                if kind not in KINDS:
                    hint = nearest(str(kind), list(KINDS))
                    raise ValueError(f"task '{name}' has kind '{kind}'; known: {', '.join(KINDS)}.{hint}")
                out[name] = {**task, "name": name}
            else:
                out[name] = task
        return out

    @model_validator(mode="after")
    def _tasks_fit_tables(self) -> Project:
        for task in self.tasks.values():
            if task.table not in self.tables:
                known = ", ".join(self.tables)
                hint = nearest(task.table, list(self.tables))
                raise ValueError(f"task '{task.name}' reads table '{task.table}'; declared tables: {known}.{hint}")
        main = self.balance.main
        if main is not None and main not in self.tasks:
            hint = nearest(main, list(self.tasks))
            raise ValueError(f"balance.main is '{main}', which is no task; known: {', '.join(self.tasks)}.{hint}")
        if self.split.kind == "leave_one_out" and any(_has_window(t) for t in self.tasks.values()):
            raise ValueError('a task with a window needs a split by time: set kind = "time" under [split]')
        own = [name for name, task in self.tasks.items() if task.split is not None]
        if self.split.kind == FOLDS and own:
            raise ValueError(f"under folds every task is tested on all its rows: remove split from {', '.join(own)}")
        return self

    @model_validator(mode="after")
    def _sharing_fits_tasks(self) -> Project:
        check_sharing(self.sharing, self.tasks)
        check_helping(self.tasks, self.tables, self.balance.main)
        check_graphs(self.graph, self.tables)
        users = self.tables.get(USERS)
        declared = [] if users is None else list(users.columns)
        check_blend(self.blend, self.tasks, None if users is not None and not declared else declared)
        items = self.tables.get(ITEMS)
        undeclared = items is not None and not items.columns
        check_types(self.blend.types, None if undeclared else [] if items is None else items.of("category", "tags"))
        return self

    @classmethod
    def read(
        cls, path: str | Path, *, data: str | Path | None = None, overrides: Mapping[str, Any] | None = None
    ) -> Project:
        """Return the project described by a TOML file.

        data: the folder against which relative table paths resolve (default: the file's own folder).
        overrides: dotted keys and values that replace those of the file, for instance {"train.epochs": 5}.
        Raises ProjectError with the place, the reason and the nearest known name.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ProjectError(f"There is no project file '{path}'.", "Write one with: motet init FILES…") from None
        except IsADirectoryError:
            remedy = f"Name the file in it, for instance {path / 'motet.toml'}"
            raise ProjectError(f"'{path}' is a folder; expected a project file.", remedy) from None
        except UnicodeDecodeError as error:
            raise ProjectError(f"The project file '{path}' cannot be read: {error}.", "Save it as UTF-8.") from None
        except OSError as error:
            reason = error.strerror or error
            raise ProjectError(f"The project file '{path}' cannot be read: {reason}.", "Check its path.") from None
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ProjectError(f"'{path}' is not valid TOML: {error}.", "Mend that line.") from None
        for key, value in (overrides or {}).items():
            set_dotted(content, key, value)
        return cls(**{**content, "root": Path(data) if data is not None else path.parent})

    @property
    def judged(self) -> dict[str, TaskBase]:
        """The tasks that are judged, certified and shipped: all but auxiliary ones."""
        return {name: task for name, task in self.tasks.items() if not task.auxiliary}

    def resolved_split(self) -> str:
        """Return the kind of split in force; `auto` is decided here."""
        if self.split.kind != "auto":
            return self.split.kind
        if any(_has_window(task) for task in self.tasks.values()):
            return "time"
        if any(isinstance(task, NextItem) for task in self.tasks.values()):
            return "leave_one_out"
        events = self.tables.get(EVENTS)
        timed = events is not None and (events.time is not None or events.of("time"))
        return "time" if timed else "random"

    def label_columns(self, table: str) -> set[str]:
        """Return the columns of a table that are some task's label.

        A masked column stays an input of the other tasks; of items, which have one form for all questions about them,
        it is hidden from all of these.
        """
        found = set()
        for task in self.tasks.values():
            column = getattr(task, "column", None)
            if column is None or isinstance(task, Interest) or (isinstance(task, Masked) and table != ITEMS):
                continue
            if task.table == table:
                found.add(column)
        return found

    def _repr_html_(self) -> str:
        return render_html(self)

    def to_toml(self) -> str:
        """Return the resolved project as TOML, without frames and with passwords redacted."""
        content = self.model_dump(mode="json", exclude_none=True)
        for table in content["tables"].values():
            if "url" in table:
                table["url"] = without_password(table["url"])
        for task in content["tasks"].values():
            task.pop("name", None)
        return tomli_w.dumps(content)


def _has_window(task: TaskBase) -> bool:
    return isinstance(task, Number) and task.window is not None


def set_dotted(content: dict[str, Any], key: str, value: Any) -> None:
    """Put `value` at the dotted `key` of nested dictionaries, in place."""
    *parents, last = key.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
        if not isinstance(content, dict):
            raise ProjectError(f"'{key}' cannot be set: '{parent}' is not a section.", "Check the dotted name.")
    content[last] = value


def parse_override(text: str) -> tuple[str, Any]:
    """Return (key, value) of `key=value`; the value is read as TOML and, failing that, as a plain string."""
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise ProjectError(f"Expected KEY=VALUE, found '{text}'.", "For instance: --set train.epochs=5")
    try:
        parsed = tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    return key.strip(), parsed

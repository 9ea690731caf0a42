"""What a packed run says about itself, read for drawing. Parts that are not there are empty."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motet.artifact import Folder, layout
from motet.report.anatomy import Anatomy, anatomy
from motet.schema.tasks import KINDS

Row = Mapping[str, Any]

ERRORS = frozenset({"mae", "mse", "rmse", "log_loss", "ece"})
"""Metrics where smaller is better."""


@dataclass(frozen=True)
class Saved:
    """The results of a run as plain values.

    created: UTC, ISO 8601. kinds: task → kind. metrics, certificate: as in the folder (`certificate` is None after
    plain training). slices, log: rows. project: the text of the project file. weights: how those of lists were tuned.
    compressed: how the model was made smaller or faster. anatomy: what it is made of.
    examples: a few users' lists.
    """

    name: str
    created: str = ""
    motet: str = ""
    seed: int | None = None
    encoder: str | None = None
    language: str = "en"
    kinds: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    slices: Sequence[Row] = ()
    certificate: Mapping[str, Any] | None = None
    log: Sequence[Row] = ()
    project: str = ""
    weights: Mapping[str, Any] = field(default_factory=dict)
    compressed: Mapping[str, Any] = field(default_factory=dict)
    anatomy: Anatomy | None = None
    examples: Sequence[Mapping[str, Any]] = ()

    @property
    def tasks(self) -> list[str]:
        """Every task, in the order of the manifest, then those that only the results know."""
        return list(dict.fromkeys((*self.kinds, *self.judged, *self.rows)))

    @property
    def judged(self) -> Mapping[str, Mapping[str, Any]]:
        """Task → metric → value, on test."""
        return self.metrics.get("tasks") or {}

    @property
    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        """Task → its row of the certificate."""
        return (self.certificate or {}).get("tasks") or {}

    @property
    def data(self) -> Mapping[str, Any]:
        """What reading, dividing and labelling counted."""
        return self.metrics.get("data") or {}

    def primary(self, task: str) -> str | None:
        """Return the metric that judges a task."""
        declared = self.rows.get(task, {}).get("metric")
        kind = KINDS.get(self.kinds.get(task, ""))
        return declared or (kind.primary if kind is not None else next(iter(self.judged.get(task, {})), None))


def read_saved(folder: Folder) -> Saved:
    """Return the results in a model folder."""
    manifest = folder.manifest
    project = folder.text(layout.PROJECT) if folder.has(layout.PROJECT) else ""
    return Saved(
        name=manifest.name,
        created=manifest.created,
        motet=manifest.motet,
        seed=manifest.seed,
        encoder=manifest.encoder.id if manifest.encoder else None,
        language=_language(project),
        kinds=dict(manifest.tasks),
        metrics=folder.json(layout.METRICS) if folder.has(layout.METRICS) else {},
        slices=folder.frame(layout.SLICES).to_dicts() if folder.has(layout.SLICES) else (),
        certificate=folder.json(layout.CERTIFICATE) if folder.has(layout.CERTIFICATE) else None,
        log=folder.frame(layout.LOG).to_dicts() if folder.has(layout.LOG) else (),
        project=project,
        weights=folder.json(layout.TUNED) if folder.has(layout.TUNED) else {},
        compressed=folder.json(layout.COMPRESSED) if folder.has(layout.COMPRESSED) else {},
        anatomy=anatomy(folder),
        examples=folder.json(layout.EXAMPLES)["lists"] if folder.has(layout.EXAMPLES) else (),
    )


def lower_is_better(metric: str | None) -> bool:
    """Return whether a metric is an error."""
    return metric in ERRORS


def _language(project: str) -> str:
    try:
        section = tomllib.loads(project).get("project", {})
    except tomllib.TOMLDecodeError:
        return "en"
    return str(section.get("language", "en")) if isinstance(section, dict) else "en"

"""The tiny shop made ready to train on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from motet.stages.study import Study
from motet.testing.project import tiny_in_memory
from motet.workflow import check, prepare


def tiny_study(frames: Mapping[str, pl.DataFrame] | None = None, **chosen: Any) -> Study:
    """Return the study of the tiny shop (or of other tables with its columns).

    chosen: what `project.tiny_sections` takes, among them tasks and settings.
    """
    return prepare(check(tiny_in_memory(frames, **chosen)))

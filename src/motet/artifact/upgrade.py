"""Lifting older manifests to the current format, one step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from motet.artifact.layout import FORMAT
from motet.errors import UPGRADE, ArtifactError

Step = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Mapping[int, Step] = {}
"""Format version → what turns the manifest's fields of that version into those of the next. The first has none."""


def upgrade(fields: dict[str, Any], *, steps: Mapping[int, Step] = STEPS, current: int = FORMAT) -> dict[str, Any]:
    """Return the manifest's fields in the current format; raises ArtifactError where no step leads there."""
    found = fields["format"]
    if found > current:
        raise ArtifactError(
            f"This model folder has format {found}; this version of Motet reads up to {current}.",
            UPGRADE,
        )
    while fields["format"] < current:
        version = fields["format"]
        if version not in steps:
            raise ArtifactError(
                f"This model folder has format {found}, which this version of Motet no longer reads.",
                "Train it again, or lift it with an older release first.",
            )
        fields = {**steps[version](fields), "format": version + 1}
    return fields

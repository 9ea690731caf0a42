"""What a list is made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from motet.errors import ArtifactError
from motet.recommend.calibrated import NONE, Calibration
from motet.recommend.catalogue import Catalogue
from motet.recommend.port import Scorer
from motet.recommend.reword import Rewriter
from motet.recommend.state import UserStates
from motet.schema import BlendConfig, ExplainConfig

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Loaded:
    """What answers questions.

    The catalogue, the users, the model's answers, the language of reasons, what lists weigh by default, how they are
    explained, and what may put explanations into other words. columns: table → column → meaning, as the project
    declares them.
    """

    catalogue: Catalogue
    users: UserStates
    scorer: Scorer
    language: Language = "en"
    blend: BlendConfig = field(default_factory=BlendConfig)
    explain: ExplainConfig = field(default_factory=ExplainConfig)
    rewriter: Rewriter | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def calibration(self, task: str) -> Calibration:
        """Return the task's map from promises to what comes; one that changes nothing where it has none."""
        known: Mapping[str, Calibration] = getattr(self.scorer, "calibration", {})
        return known.get(task, NONE)

    def __post_init__(self) -> None:
        num, vectors = len(self.catalogue), len(self.scorer.item_vectors)
        if vectors not in (0, num):
            raise ArtifactError(f"{num} items, and vectors of {vectors}.", "Train anew.")
        if len(self.users.item_N) and int(self.users.item_N.max()) >= num:
            raise ArtifactError(f"A history names an item beyond the {num} of the catalogue.", "Train anew.")

"""What a list is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from motet.errors import ArtifactError
from motet.recommend.catalogue import Catalogue
from motet.recommend.port import Scorer
from motet.recommend.state import UserStates

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Loaded:
    """The catalogue, the users, the model's answers, and the language of reasons."""

    catalogue: Catalogue
    users: UserStates
    scorer: Scorer
    language: Language = "en"

    def __post_init__(self) -> None:
        num, vectors = len(self.catalogue), len(self.scorer.item_vectors)
        if vectors not in (0, num):
            raise ArtifactError(f"{num} items, and vectors of {vectors}.", "Train anew.")
        if len(self.users.item_N) and int(self.users.item_N.max()) >= num:
            raise ArtifactError(f"A history names an item beyond the {num} of the catalogue.", "Train anew.")

"""More from the data: what training hides, moves and mixes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from motet.schema._base import Strict

Share = Annotated[float, Field(ge=0, le=1)]


class AugmentConfig(Strict):
    """How training batches are varied; all off unless said, and never while a model is judged or serves.

    crop: share of histories whose beginning is emptied, up to a moment drawn anew. mask: share of past events that are
    emptied. reorder: share of histories whose events before the first question are shuffled. replace: share of past
    items replaced by a neighbour. words: share of a text's words and n-grams that are silenced (beside those that
    always are). text: share of texts that are left out, so that other columns must do. mix: the α of mixup; 0 is off.
    """

    crop: Share = 0.0
    mask: Share = 0.0
    reorder: Share = 0.0
    replace: Share = 0.0
    words: Annotated[float, Field(ge=0, lt=1)] = 0.0
    text: Share = 0.0
    mix: float = Field(default=0.0, ge=0, le=10)

    @property
    def on(self) -> bool:
        """Whether anything is varied."""
        return any(self.model_dump().values())

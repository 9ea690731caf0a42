"""How lists are explained: the section `explain`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from motet.schema._base import Strict


class ExplainConfig(Strict):
    """Why an item is on a list.

    events: how many of a user's latest events are left out, one by one, to see what a score loses. rewrite: which
    language model may put the sentences into other words, behind a check of its facts; `off` for none.
    """

    events: int = Field(default=20, ge=0, le=100)
    rewrite: Literal["off", "smollm2"] = "off"

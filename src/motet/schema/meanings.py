"""What a column is. Every later stage is chosen by these words."""

from __future__ import annotations

from typing import Literal, get_args

Meaning = Literal["id", "time", "text", "category", "tags", "number", "flag", "behaviour", "vector"]
"""id: a key, never an input. time: a moment. text: words for the language model. category: one of many.
tags: some of many (a list, or a string with a separator). number: a quantity. flag: yes or no.
behaviour: what was done (view, cart, buy). vector: a precomputed feature."""

MEANINGS: tuple[str, ...] = get_args(Meaning)

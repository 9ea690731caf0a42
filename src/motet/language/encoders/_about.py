"""What is known of a language model before it is opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """One model, for people who choose.

    model, licence: of the weights. languages: what it was taught. prefix: what is set around a text. pooling: how one
    vector is made. longest: tokens that it can read. width: length of a vector. num_bytes: what its folder takes.
    """

    model: str
    licence: str
    languages: str
    prefix: str
    pooling: str
    longest: int | None
    width: int | None
    num_bytes: int | None

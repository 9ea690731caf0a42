"""A card per encoder: what it is, whether it is here, and how fast it was on this machine."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from motet.errors import MotetError
from motet.language.encoders import ENCODERS, Encoder
from motet.language.encoders._about import About
from motet.language.encoders._transformer import TransformerEncoder
from motet.language.load import load_encoder
from motet.language.place import default_cache_folder
from motet.schema import EncoderConfig

SPEEDS = "speeds.json"
NUM_TITLES = 256
LEAST_SECONDS = 2.0
_WORDS = (
    *("gentle", "mineral", "sunscreen", "lotion", "for", "oily", "sensitive", "skin", "unscented", "travel", "size"),
    *("cotton", "summer", "dress", "with", "pockets", "wireless", "noise", "cancelling", "headphones", "stainless"),
    *("steel", "kitchen", "knife", "set", "pack", "of", "two"),
)


@dataclass(frozen=True)
class Card:
    """One encoder. available: whether it can be used here; reason: why not. speed: titles of 32 tokens a second, as
    last measured on this machine.
    """

    name: str
    available: bool
    reason: str | None
    about: About | None
    speed: float | None

    def to_json(self) -> dict[str, Any]:
        """Return all of it as one flat mapping."""
        known = asdict(self.about) if self.about else {}
        return {"available": self.available, "reason": self.reason, **known, "texts_per_second": self.speed}


def cards(names: Sequence[str] = (), *, measure: bool = False, root: Path | None = None) -> list[Card]:
    """Return the cards of the named encoders, by default of all with a short name; nothing is unpacked unless measured.

    measure: encode made-up titles for a few seconds each, and keep the speeds. root: for relative folders.
    """
    known = _speeds()
    found = []
    for name in names or ENCODERS.names():
        try:
            encoder = load_encoder(EncoderConfig(name=name), language="en", root=root)
            if measure:
                known[name] = measured_speed(encoder)
            found.append(Card(name, True, None, about_of(encoder), known.get(name)))
        except MotetError as error:
            if names:
                raise
            found.append(Card(name, False, str(error), None, None))
    if measure:
        _keep(known)
    return found


def about_of(encoder: Encoder) -> About | None:
    """Return what an encoder says about itself, or what its folder says."""
    told: About | None = getattr(encoder, "about", None)
    if told is not None or not isinstance(encoder, TransformerEncoder):
        return told
    folder = encoder.folder
    size = sum(file.stat().st_size for file in folder.path.rglob("*") if file.is_file())
    around = f"{folder.prompt}…{folder.closing}" if folder.closing else folder.prompt
    return About(encoder.name, "see its model card", "", around, folder.pooling, folder.longest, folder.width, size)


def measured_speed(encoder: Encoder, *, num: int = NUM_TITLES, seconds: float = LEAST_SECONDS) -> float:
    """Return made-up titles of about 32 tokens encoded per second, after one batch to warm up."""
    rng = random.Random(0)
    titles = [" ".join(rng.choices(_WORDS, k=24)) for _ in range(num)]
    encoder.fit(titles)
    encoder.encode(titles[:32])
    began, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds or not done:
        encoder.encode(titles)
        done += len(titles)
    return round(done / spent, 1)


def _speeds() -> dict[str, float]:
    try:
        found = json.loads((default_cache_folder() / SPEEDS).read_text("utf-8"))
        return {str(name): float(speed) for name, speed in found.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _keep(speeds: dict[str, float]) -> None:
    """Write them beside and rename; that they are not kept is no reason to fail."""
    target = default_cache_folder() / SPEEDS
    beside = target.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(speeds, indent=1) + "\n", "utf-8")
        os.replace(beside, target)

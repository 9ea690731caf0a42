"""The names of an artifact's parts, in one place.

A name without a suffix gets one from what it holds: arrays `.safetensors`, frames `.parquet`, JSON values `.json`.
Texts and bytes carry their own suffix.
"""

from __future__ import annotations

FORMAT = 1
"""The version of the folder format that this package writes."""

MANIFEST = "manifest.json"
PROJECT = "project.toml"
REPORT = "report.html"

FEATURES = "features"
"""Folder of the fitted state: vocabularies, statistics, tokenizer."""

WEIGHTS, SHAPE = "model/weights", "model/shape"
"""Arrays of the model, and the JSON description that rebuilds it."""

VECTORS, ITEMS, GRAPH = "index/vectors", "index/items", "index/graph"
"""Arrays of item vectors, the frame of item ids with popularity and availability, arrays of the memory graph."""

USERS, HISTORIES, EVENTS, PROFILES, STATE, ATTRIBUTES = (
    "state/users",
    "state/histories",
    "state/events",
    "state/profiles",
    "state/shape",
    "state/items",
)
"""Frame of user ids, arrays of their events, frames of the events' columns and of the profiles, units, attributes."""

ITEM_GRAPHS = "index/graph_vectors"
"""Arrays of the vectors that items have from graphs, in catalogue order; users' stand among their profiles."""

RELATIONS = "state/relations"
"""Frame of the pairs of users that relations are answered from: relation, user, other."""

TUNED = "evaluation/tuned"
"""JSON: how the weights of lists were tuned: the front, the knee, what was found and certified."""

EXAMPLES = "evaluation/examples"
"""JSON: a few users' lists, as the folder recommended them when it was made; `forget` erases users from them, too."""

ANSWERS, ANSWER_ARRAYS = "evaluation/answers", "evaluation/answer_arrays.safetensors"
"""JSON and arrays: the answers to single test questions, by which folders are compared; who was asked is not told."""

CONTINUED = "evaluation/continued"
"""JSON: from which folder and sources a model went on, what it was compared with, and what was certified first."""

COMPRESSED = "evaluation/compressed"
"""JSON: what was tried to make a model smaller or faster, and its certificate against the original."""

METRICS, SLICES, CERTIFICATE, LOG = (
    "evaluation/metrics",
    "evaluation/slices",
    "evaluation/certificate",
    "evaluation/log",
)

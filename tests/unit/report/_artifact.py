"""A packed run made of numbers: eight tasks of all kinds, all verdicts, twins, gaps, awkward names."""

from __future__ import annotations

import math

import polars as pl

from motet.artifact import layout, write_folder
from motet.artifact.manifest import EncoderInfo

AWKWARD = '<script>alert("x")</script> & co'

# name: kind, metric, twin, difference, half interval, verdict, initial, repair, baseline, baseline's name
TASKS = {
    "next_item": ("next_item", "ndcg@10", 0.0712, 0.0049, 0.0021, "improved", None, None, 0.0683, "graph"),
    "buy": ("binary", "auc", 0.8121, 0.0113, 0.0052, "improved", None, None, 0.79, "own history"),
    "rating": ("rating", "mae", 0.6312, 0.0021, 0.0088, "not worse", None, None, 0.702, "item mean"),
    "interest": ("interest", "map", 0.4123, 0.0204, 0.0102, "improved", None, None, 0.361, "popularity"),
    "spend": ("number", "mae", 41.73, -0.63, 1.9, "unclear", None, None, 44.02, "item mean"),
    "品牌": ("class", "accuracy", 0.5511, 0.0, 0.0, "not worse", "harmed", "twin", 0.49, "linear text"),
    AWKWARD: ("tags", "map", 0.6021, -0.019, 0.011, "harmed", "harmed", None, 0.38, "majority"),
    "friend": ("relation", "auc", 0.9012, 0.0031, 0.0101, "not worse", None, None, None, None),
}

METRICS = {
    "next_item": ("recall@10", "ndcg@10", "recall@5", "ndcg@5", "mrr", "coverage"),
    "binary": ("auc", "log_loss", "ece", "accuracy", "precision", "recall", "macro_f1"),
    "relation": ("auc", "log_loss", "ece", "accuracy", "precision", "recall", "macro_f1"),
    "class": ("accuracy", "macro_f1", "micro_f1", "log_loss", "ece"),
    "rating": ("mae", "rmse", "mse", "accuracy", "qwk"),
    "tags": ("map", "micro_f1", "macro_f1", "log_loss"),
    "interest": ("map", "micro_f1", "macro_f1", "log_loss"),
    "number": ("mae", "rmse", "mse"),
}

PROJECT = """[project]
name = "beauty"
language = "{language}"

[tables.events]
path = "interactions.parquet"
user = "user"
item = "item"

[tasks.next_item]
kind = "next_item"  # <b>not bold</b>
"""


def make_artifact(path, *, language="en", name="beauty <i>& co", certified=True, tasks=None, **parts):
    """Write a folder; parts: name → part that replaces or (None) takes away one of the usual ones."""
    chosen = {task: TASKS[task] for task in tasks or TASKS}
    found = {
        layout.PROJECT: PROJECT.format(language=language),
        layout.METRICS: metrics(chosen),
        layout.SLICES: slices(chosen),
        layout.LOG: log(chosen, certified),
    }
    if certified:
        found[layout.CERTIFICATE] = certificate(chosen)
    found |= {getattr(layout, key): part for key, part in parts.items()}
    return write_folder(
        path,
        {key: part for key, part in found.items() if part is not None},
        name=name,
        seed=0,
        runtime="torch",
        encoder=EncoderInfo(id="minilm:53aa:9a3b"),
        tasks={task: row[0] for task, row in chosen.items()},
    )


def certificate(tasks):
    return {
        "tasks": {task: certificate_row(*row) for task, row in tasks.items()},
        "sharing": {
            "tasks_shared": 7,
            "parameters": 1_410_000,
            "twin_parameters": 6_870_000,
            "train_seconds": 312.0,
            "twin_seconds": 844.0,
            "latency_ms": 6.31,
            "twin_latency_ms": 4.4,
        },
        "seeds": [0, 1],
        "margin": 0.02,
        "claims": ["Not shown."],
    }


def certificate_row(kind, metric, twin, change, half, verdict, initial, repair, baseline, baseline_name):
    own = comparison(twin, change, half, verdict, sign=-1 if metric == "mae" else 1)
    before = comparison(twin, -0.04 * twin, 0.02 * twin, initial) if repair else own
    return {
        "kind": kind,
        "metric": metric,
        **own,
        "repair": repair,
        "initial": initial or verdict,
        "before": before,
        "baseline": baseline,
        "baseline_name": baseline_name,
        "metrics": {metric: twin + change},
    }


def comparison(twin, change, half, verdict, sign=1):
    return {
        "twin": twin,
        "joint": twin + sign * change,
        "difference": change,
        "low": change - half,
        "high": change + half,
        "holm_low": change - 1.3 * half,
        "verdict": verdict,
        "needed": 12_400 if verdict == "unclear" else None,
        "needed_seeds": None,
    }


def metrics(tasks):
    judged = {task: _values(row) for task, row in tasks.items()}
    return {
        "tasks": judged,
        "overall": {"score": 0.6123, "tasks": len(tasks), "questions": 4_321 * len(tasks)},
        "questions": {task: 4_321 + 17 * place for place, task in enumerate(tasks)},
        "slices": [],
        "calibration": {task: _bins(place) if row[0] in ("binary", "class", "rating", "relation") else []
                        for place, (task, row) in enumerate(tasks.items())},
        "data": {
            "tables": {
                "events": _table(198_502, 197_881, 612, 9, {"rating": 3}),
                "items": _table(12_101, 12_101, 0, 0, {}),
                "reviews & <b>notes</b>": _table(23_486, 22_641, 0, 845, {"age": 12, "price": 4}),
            },
            "tasks": {
                task: {"train": 153_000 - 17_000 * place, "valid": 22_363, "test": 22_363 if place != 5 else 0,
                       "coverage": 1.0 - 0.09 * place,
                       "left_out": {"unknown label": 118, "repeated targets": 41} if place % 2 else {}}
                for place, task in enumerate(tasks)
            },
            "removed": {"repeated targets": 41},
            "split": "leave_one_out",
            "truncated_texts": 318,
        },
    }  # fmt: skip


def _values(row):
    kind, metric, twin, change = row[:4]
    change = -change if metric == "mae" else change
    names = METRICS[kind]
    values = {name: 0.31 + 0.07 * place for place, name in enumerate(names)}
    if kind == "number":
        values = {"mae": 0, "rmse": 58.3, "mse": 3_398.9}
    values["ece"] = 0.021 if "ece" in values else None
    values["mse"] = None if kind == "rating" else values.get("mse")
    return {name: values.get(name) for name in names} | {metric: twin + change}


def _table(read, kept, duplicates, quarantined, outliers):
    return {
        "rows_read": read,
        "rows": kept,
        "duplicates": duplicates,
        "quarantined": quarantined,
        "outliers": outliers,
    }


def _bins(shift):
    return [
        {"confidence": p / 100, "frequency": min(1.0, max(0.0, (p / 100) ** (1 + 0.06 * shift))), "count": 40 + 3 * p}
        for p in range(4, 100, 7)
    ]


def slices(tasks):
    rows = []
    for place, (task, row) in enumerate(tasks.items()):
        metric, overall = row[1], row[2] + row[3]
        worse = 1 if metric == "mae" else -1
        groups = [("item", "cold (never seen)", 312, 0.42), ("item", "rare (1-9)", 2_240, 0.13),
                  ("item", "popular (50+)", 1_769, -0.12), ("history", "none", 11, 0.9),
                  ("history", "1-4 events", 2_020, 0.04), ("history", "20+ events", 290, -0.08)]  # fmt: skip
        for name, label, n, gap in groups[: 6 if place % 3 == 0 else 3]:
            value = overall * (1 + worse * gap * (0.4 + 0.1 * place))
            rows.append((task, name, label, metric, None if n == 11 else value, n))
    columns = {"task": pl.String, "slice": pl.String, "label": pl.String, "metric": pl.String}
    return pl.DataFrame(rows, schema=columns | {"value": pl.Float64, "n": pl.Int64}, orient="row")


def log(tasks, certified):
    rows = []
    for arm in ["joint", *tasks] if certified else ["joint"]:
        for seed in (0, 1):
            epochs = 14 + 3 * seed + (3 if arm == "joint" else 0)
            for epoch in range(epochs):
                row = {"arm": arm, "seed": seed, "epoch": epoch, "best": epoch <= epochs - 5, "seconds": 3.2}
                for place, task in enumerate(tasks):
                    if arm in ("joint", task):
                        level = tasks[task][2] if tasks[task][2] < 1 else 0.3
                        bump = 0.01 if arm == "joint" else 0.0
                        rise = 1 - math.exp(-0.35 * (epoch + 0.3))
                        wave = 0.006 * math.sin(1.7 * epoch + place + 3 * seed)
                        sign = -1 if tasks[task][1] == "mae" else 1
                        rise = 1 + math.exp(-0.35 * (epoch + 0.3)) if sign < 0 else rise
                        fall = 0.0004 * max(0, epoch - epochs + 5)
                        row[f"score/{task}"] = sign * level * rise * (1 + sign * (bump + wave)) - fall
                        row[f"loss/{task}"] = 1.9 * math.exp(-0.2 * epoch) + 0.4 + 0.1 * wave
                rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)

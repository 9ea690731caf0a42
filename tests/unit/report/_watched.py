"""A log as a watched run leaves it: three tasks, two seeds, looks in some epochs only."""

from __future__ import annotations

import polars as pl

TASKS = ("next_item", "buy", "rating")


def row(epoch, seed=0, *, arm="joint", best=True, **columns):
    """A row of the log; `affinity__a__b` and the like are written with their signs by `named`."""
    return {"arm": arm, "seed": seed, "epoch": epoch, "best": best, "seconds": 1.0, **columns}


def watched_log(tasks=TASKS):
    """Return a log in which the first task helps the second and harms the third."""
    first, second, third = tasks
    rows = []
    for seed in (0, 1):
        for epoch in range(6):
            columns = {}
            if epoch % 2 == 0:
                columns = (
                    {f"affinity/{a}>{b}": 0.02 if a == b else 0.0 for a in tasks for b in tasks}
                    | {
                        f"affinity/{first}>{second}": 0.003 + 0.001 * seed,
                        f"affinity/{first}>{third}": -0.002,
                        f"cosine/item/{first}|{second}": 0.4,
                        f"cosine/item/{first}|{third}": -0.25,
                        f"cosine/fusion/{second}|{third}": 0.05,
                    }
                    | {f"norm/item/{task}": 3.0 / (1 + epoch) for task in tasks}
                    | {f"norm/fusion/{second}": 4.0}
                )
            columns |= {f"gate/{second}/expert 1": 0.25, f"gate/{second}/itself": 0.75}
            rows.append(row(epoch, seed, best=epoch <= 4, **columns))
        rows += [row(epoch, seed, arm=second) for epoch in range(3)]
    return rows


def watched_frame(tasks=TASKS):
    """Return the same as the table that the folder holds."""
    return pl.DataFrame(watched_log(tasks), infer_schema_length=None)

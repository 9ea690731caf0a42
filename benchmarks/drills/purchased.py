"""What was bought is not on the next list."""

from __future__ import annotations

import random

from benchmarks.drills._bench import Bench, Found, service

from motet.recommend import load

EVENTS = 1_000


def run(bench: Bench) -> Found:
    folder, rng, wanted = bench.real(), random.Random(0), bench.times(EVENTS)
    items = load(folder / "models" / "first").loaded.catalogue.ids.to_list()
    returned, again, bought = 0, 0, {}
    with service(folder) as running:
        for number in range(wanted):
            user, item = f"shopper{number % max(1, wanted // 8)}", rng.choice(items)
            bought.setdefault(user, set()).add(item)
            event = {"id": f"b{number}", "user": user, "item": item, "behaviour": "buy"}
            assert running.good("POST", "/v1/events", {"events": [event]})["accepted"] == 1
            returned += bool(bought[user] & set(running.items(user=user, k=len(items))))
            if number < 20:
                again += item in running.items(user=user, k=len(items), seen="allow")
    figure = f"{returned} of {wanted:,} lists held something bought"
    return Found(returned == 0, figure, again > 0, f"{again} of 20 where repeats are asked for")

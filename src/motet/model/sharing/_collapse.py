"""The alarm for experts that no task uses any more (HoME: Wang et al. 2024, arXiv:2408.05430)."""

from __future__ import annotations

from collections.abc import Mapping

from motet.model.sharing._experts import EXPERT, ITSELF


def collapsed(usage: Mapping[str, Mapping[str, float]], *, least: float) -> list[str]:
    """Return the names of shared experts that no task uses by more than `least`, in the order of their first mention.

    usage: by task, the share that its gate gives to each choice, as `gate_usage` tells it. An expert's use is its share
    of what a task takes beside the representation itself; a task that takes no more than `least` beside it uses no
    expert. Choices that are not shared experts are never named.
    """
    most: dict[str, float] = {}
    for shares in usage.values():
        beside = sum(share for name, share in shares.items() if name != ITSELF)
        for name, share in shares.items():
            if name.startswith(EXPERT):
                use = share / beside if beside > least else 0.0
                most[name] = max(most.get(name, 0.0), use)
    return [name for name, use in most.items() if use <= least]

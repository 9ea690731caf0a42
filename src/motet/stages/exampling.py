"""A few test users' lists, as the packed folder itself recommends them, and the report that shows them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from motet.artifact import Folder, layout, open_folder, update_folder
from motet.recommend import load
from motet.recommend.examples import example_lists, example_users, few_of
from motet.recommend.forget import users_of
from motet.report import write_report
from motet.schema import TEST
from motet.stages.study import Study


def report(out: Path, users: Collection[str] | None = None, *, data: str | Path | None = None) -> None:
    """Ask the folder at `out` for a few lists, keep them in it, and write its report.

    users: of whom some are chosen, by a hash of their ids; by default those whose lists it kept before are asked again.
    """
    folder = open_folder(out)
    asked = example_users(folder) if users is None else list(users)
    if asked and folder.has(layout.ITEMS):
        bundle = load(out, data=data)
        chosen = few_of(asked, bundle.loaded.users.index)
        lists = example_lists(bundle, chosen)
        if lists or folder.has(layout.EXAMPLES):
            update_folder(out, lambda now: {layout.EXAMPLES: {"lists": _of_those_in(now, lists)}})
    write_report(out)


def _of_those_in(folder: Folder, lists: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lists of users whom nobody has erased from the folder meanwhile."""
    known = users_of(folder)
    return [each for each in lists if each["user"] in known]


def users_of_test(study: Study) -> list[str]:
    """Return the users that any test question is about, in order; what the answers are plays no part."""
    if study.division.events is None:
        return []
    asked = [
        examples.user_n[examples.part_n == TEST] for examples in study.examples.values() if examples.user_n is not None
    ]
    numbers = np.unique(np.concatenate([*asked, np.zeros(0, np.int64)])).astype(np.int64)
    return study.division.events.users.gather(numbers[numbers >= 0]).to_list()

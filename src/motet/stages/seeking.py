"""From a project to the best settings within a budget: the whole of a search, in one folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from motet.errors import ProjectError
from motet.schema import FOLDS, Project
from motet.schema.search import seconds_of
from motet.stages.best import Searched, write_best
from motet.stages.searching import Search, open_trials, side_by_side
from motet.stages.space import Space, check_space, settled, space_of
from motet.stages.study import Study
from motet.stages.trying import StudyTrainer
from motet.stages.watching import Watch

NOTE = "project.json"
Make = Callable[[Project], Study]


def seek(
    project: Project,
    out: Path,
    *,
    make: Make,
    anew: Make,
    budget: str | float,
    trials: int | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
) -> Searched:
    """Search, and return what was found, which is written even where the search is interrupted after its first trial.

    make: a project → its study, from tables at hand. anew: the same in a process of its own; it can be pickled.
    Raises ProjectError where the folder holds another search, budget, trials or jobs make no sense, or folds test all
    rows.
    """
    deadline = time.time() + seconds_of(budget)
    for name, count in (("trials", trials), ("jobs", jobs)):
        if count is not None and count < 1:
            raise ProjectError(f"Expected at least 1 for {name}, found {count}.", "Change it.")
    check_split(project)
    open_trials(out, project)  # before any work: whether optuna is there
    project = settled(project)
    first = make(project)
    space = space_of(first)
    check_space(project, space)
    check_same_search(out, project, space)
    search = Search(
        project, space, out, StudyTrainer(make, first), deadline=deadline, jobs=jobs, watch=watch or Watch()
    )
    search.first()
    try:
        search.queue()
        done = sum(each.state.is_finished() for each in search.trials.get_trials(deepcopy=False))
        search.quota = None if trials is None else max(0, trials - done)
        if jobs > 1:
            side_by_side(search, partial(StudyTrainer, anew), jobs - 1)
        else:
            search.run()
    finally:
        found = write_best(search)
    return found


def check_split(project: Project) -> None:
    """Raise ProjectError where no row is validated on alone: one fold's validation rows are another's test rows."""
    if project.split.kind == FOLDS:
        raise ProjectError(
            "Under split.kind = 'folds' every row is tested once, so that none is left to search on.",
            "Search, and certify what is found, under another split, for instance --set split.kind=auto.",
        )


def check_same_search(out: Path, project: Project, space: Space) -> None:
    """Keep beside the trials what they were about; ProjectError where that was something else.

    How settings are chosen, and when trials end, may change from one call to the next.
    """
    settings = project.search.model_copy(update={"sampler": "tpe", "pruner": "halving"})
    said = {
        "project": project.model_copy(update={"search": settings}).to_toml(),
        "space": {key: given if isinstance(given, tuple) else given.model_dump() for key, given in space.items()},
    }
    note, text = out / NOTE, json.dumps(said, ensure_ascii=False, sort_keys=True)
    if note.exists() and note.read_text(encoding="utf-8") != text:
        raise ProjectError(
            f"'{out}' holds a search over another project or another space.", "Choose another --out, or remove it."
        )
    note.write_text(text, encoding="utf-8")

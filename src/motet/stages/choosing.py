"""Choose what a project left open: `kind = "auto"` in [sharing] or [balance].

Successive halving over the candidates of `transfer/advise/kinds.toml`, before any arm is trained: one seed, the
project's own steps, judged on validation half A by the mean relative score over tasks, weighted by their value. All
kinds together train for `train.auto_passes` passes over the data, about as long as one joint run. What was chosen,
and every candidate's training, stays in the work folder, so that an interrupted run chooses once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from motet.errors import DataError
from motet.schema import AUTO, BalanceConfig, SharingConfig
from motet.stages.arms import judge, new_balancer, new_model
from motet.stages.kinds import can_be_had, with_kinds
from motet.stages.portions import Portions
from motet.stages.running import prepare_work
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.loop import fit
from motet.transfer.advise.halving import Choice, Scores, halve, units_in_all
from motet.transfer.advise.kinds import Section, kinds_of

SECTIONS: tuple[Section, ...] = ("sharing", "balance")
PLAIN: Mapping[Section, str] = {"sharing": SharingConfig().kind, "balance": BalanceConfig().kind}
CHOICE = "choice.json"
WORST = float("-inf")


def open_sections(study: Study) -> list[Section]:
    """Return the sections whose kind is `auto`."""
    return [section for section in SECTIONS if getattr(study.project, section).kind == AUTO]


def choose_kinds(study: Study, *, out: Path, resume: bool, watch: Watch, single: str | None = None) -> Study:
    """Return the study with every kind decided; `chosen` says how. A study that leaves nothing open comes back as is.

    single: a task that is trained alone; it shares with nobody, so the plain kinds will do, as for a single task.
    Raises DataError where the plain kind cannot be trained.
    """
    sections = open_sections(study)
    if not sections:
        return study
    if single is not None or len(study.examples) < 2:
        return with_kinds(study, **{section: PLAIN[section] for section in sections})
    work = prepare_work(study, out, resume=resume)
    place = work / CHOICE
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    for section in sections:
        if section not in found:
            # a balancer is chosen under the strategy that was chosen, a strategy under the plain balancer
            known = {name: found[name]["kind"] for name in SECTIONS if name in found}
            rest = {name: PLAIN[name] for name in sections if name not in found and name != section}
            race = _Race(with_kinds(study, **{**known, **rest}), section, work / "choosing", watch)
            found[section] = race.run(passes=study.project.train.auto_passes / len(sections))
            _write(place, found)
        else:
            watch.chose(section, found[section]["kind"], found[section]["why"], 0.0)
    return _decided(study, found)


def chosen_rows(study: Study) -> list[dict[str, Any]]:
    """Return rows for the run log: per candidate and unit of training, the reason in the last row of the chosen one."""
    return [row for each in study.chosen.values() for row in each.get("log", ())]


def chosen_json(study: Study) -> dict[str, Any]:
    """Return, by section, what was chosen and why: kind, why, tried (kind, passes, score), seconds."""
    return {
        section: {name: value for name, value in each.items() if name != "log"}
        for section, each in study.chosen.items()
    }


class _Race:
    """Trains the candidates of one section in turn, and remembers what they did."""

    def __init__(self, study: Study, section: Section, folder: Path, watch: Watch) -> None:
        self._study, self._section, self._folder, self._watch = study, section, folder / section, watch
        self._seconds: dict[str, float] = {}
        self._log: dict[str, list[dict[str, Any]]] = {}
        self._plan = Portions(study.plan, steps=study.plan.steps)
        self._round: tuple[list[str], int] = ([], 0)

    def run(self, *, passes: float) -> dict[str, Any]:
        """Return the choice as JSON values. passes: what all candidates together may take."""
        rivals, section = self._rivals(), self._section
        units = units_in_all(len(rivals))
        steps = int(passes * self._study.plan.steps / units) if units else 1
        self._plan = Portions(self._study.plan, steps=steps)
        values = {name: task.value for name, task in self._study.project.tasks.items()}
        choice = halve(rivals, self._train, values, on_round=self._tell)
        seconds = sum(self._seconds.values())
        self._watch.chose(section, choice.kind, choice.why, seconds)
        return {"kind": choice.kind, "why": choice.why, **self._record(choice), "seconds": round(seconds, 3)}

    def _rivals(self) -> dict[str, str]:
        wanted = dict(kinds_of(self._section))
        if self._section == "sharing" and self._study.project.sharing.chain:
            wanted["esmm"] = "a declared chain, each of whose tasks presumes the one before"
        plain = PLAIN[self._section]
        return {kind: said for kind, said in wanted.items() if kind == plain or can_be_had(self._with(kind))}

    def _with(self, kind: str) -> Study:
        return with_kinds(self._study, **{self._section: kind})

    def _tell(self, kinds: Sequence[str], units: int, ahead: int) -> None:
        """Tell who watches of a round; what later rounds train is counted as the plain kind."""
        seed, plain = self._study.project.train.seed, PLAIN[self._section]
        later = [(self._arm(plain), seed)] * -(-ahead // max(1, units))
        self._watch.choosing(self._section, kinds, [*((self._arm(kind), seed) for kind in kinds), *later], units)

    def _arm(self, kind: str) -> str:
        return f"{self._section} {kind}"

    def _train(self, kind: str, units: int) -> list[Scores]:
        study, seed, arm = self._with(kind), self._study.project.train.seed, self._arm(kind)
        # nothing but the number of units ends a candidate's training
        quick = {"epochs": units, "patience": 10**6, "minutes": None, "watch": 0}
        try:
            trained = fit(
                new_model(study, study.shape, seed=seed),
                self._plan,
                study.tensors,
                new_balancer(study, study.shape),
                judge(study, study.shape),
                config=study.project.train.model_copy(update=quick),
                seed=seed,
                listeners=self._watch.listeners(arm, seed),
                checkpoints=self._folder / kind,
                soften=softener(study, study.shape),
            )
        except DataError:
            if kind == PLAIN[self._section]:
                raise
            return [dict.fromkeys(study.shape.tasks, WORST)]  # it cannot learn here at all
        self._seconds[kind] = trained.seconds
        self._log[kind] = [{"arm": arm, "seed": seed, **row} for row in trained.log]
        judged = [task for task in study.shape.tasks if f"score/{task}" in trained.log[0]]
        return [{task: row[f"score/{task}"] for task in judged} for row in trained.log]

    def _record(self, choice: Choice) -> dict[str, Any]:
        tried = [
            {"kind": each.kind, "passes": round(each.units * self._plan.passes, 3), "score": each.score}
            for each in choice.trials
        ]
        log = [dict(row) for rows in self._log.values() for row in rows]
        mine = [row for row in log if row["arm"] == self._arm(choice.kind)]
        if mine:
            mine[-1]["why"] = f"chosen: {choice.why}"
        return {"plain": PLAIN[self._section], "tried": tried, "log": log}


def _decided(study: Study, found: Mapping[str, Any]) -> Study:
    kinds = {section: each["kind"] for section, each in found.items()}
    return replace(with_kinds(study, **kinds), chosen=dict(found))


def _write(place: Path, found: Mapping[str, Any]) -> None:
    """Write in one move, so that an interruption leaves either nothing or all of it."""
    beside = place.with_suffix(".new")
    beside.write_text(json.dumps(found), encoding="utf-8")
    beside.replace(place)

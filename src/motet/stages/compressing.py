"""Make a packed model smaller or faster: try methods, certify each against the original, keep the best that holds.

`size` wants the fewest bytes, `latency` the quickest answer to one question. A candidate holds where no task's primary
metric is worse by more than one percent, asked as serving asks. Validation questions choose; the one that was chosen is
certified on test questions, once.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from motet.artifact import Folder, layout, open_folder
from motet.errors import MotetError, RequestError
from motet.evaluate import PairedDifference, Predictions, compare
from motet.language.cards import about_of
from motet.language.encoders import Encoder
from motet.model.parts import Served
from motet.recommend import Bundle, load
from motet.stages.answer import Role, questions_of_role
from motet.stages.apart import check_apart
from motet.stages.comparing import Against
from motet.stages.compress_methods import METHODS, Given, drafted
from motet.stages.draft import draft_of, write_draft
from motet.stages.exampling import report
from motet.stages.judging import reread
from motet.stages.pace import Pace, paces
from motet.stages.served_answers import Questions, served_answers
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.transfer.verdict import judge

Goal = Literal["size", "latency"]
GOALS = ("size", "latency")
MARGIN = 0.01
DEFAULT = ("onnx", "int8")
EVERY = "all"


@dataclass(frozen=True)
class Candidate:
    """A folder made by some methods. pace, before: how fast it and the original answer, in turns.

    bytes: its size. encoder_bytes: of the language model that has to be installed beside it. tasks: how it compares
    with the original on validation questions. left_out: why a method could not be tried, else "".
    """

    methods: tuple[str, ...]
    bytes: int = 0
    encoder_bytes: int = 0
    pace: Pace = field(default_factory=Pace)
    before: Pace = field(default_factory=Pace)
    tasks: Mapping[str, Against] = field(default_factory=dict)
    left_out: str = ""
    path: Path | None = None

    @property
    def name(self) -> str:
        """The methods, joined."""
        return "+".join(self.methods)

    @property
    def worse(self) -> list[str]:
        """The tasks because of which it must not serve."""
        return [task for task, each in self.tasks.items() if each.worse]

    @property
    def holds(self) -> bool:
        """Whether it was made, and nothing is worse."""
        return not self.left_out and not self.worse

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "methods": list(self.methods),
            "bytes": self.bytes,
            "encoder_bytes": self.encoder_bytes,
            "pace": self.pace.to_json(),
            "before": self.before.to_json(),
            "tasks": told_tasks(self.tasks),
            "worse": self.worse,
            "left_out": self.left_out,
        }


def told_tasks(tasks: Mapping[str, Against]) -> dict[str, dict[str, Any]]:
    """Return a certificate against the original as plain JSON values."""
    found = {}
    for task, each in tasks.items():
        told = each.to_json()
        told["original"], told["compressed"] = told.pop("running"), told.pop("updated")
        found[task] = told
    return found


@dataclass(frozen=True)
class Compressed:
    """What became of it. path: the new folder, None where nothing was written. chosen: the candidate in it.

    encoder_bytes: of the original's language model. certificate: of the chosen candidate against the original, on test
    questions; what is worse there is not written.
    """

    path: Path | None
    goal: Goal
    bytes: int
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    forced: bool = False
    encoder_bytes: int = 0
    certificate: Mapping[str, Against] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The tasks that the certificate found worse."""
        return [task for task, each in self.certificate.items() if each.worse]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "path": None if self.path is None else str(self.path),
            "goal": self.goal,
            "original_bytes": self.bytes,
            "original_encoder_bytes": self.encoder_bytes,
            "chosen": None if self.chosen is None else self.chosen.name,
            "forced": self.forced,
            "margin": MARGIN,
            "certificate": told_tasks(self.certificate),
            "failed": self.failed,
            "candidates": [each.to_json() for each in self.candidates],
        }


def compress_folder(
    path: str | Path,
    out: str | Path,
    *,
    goal: Goal = "size",
    methods: Sequence[str] | None = None,
    data: str | Path | None = None,
    force: bool = False,
    watch: Watch | None = None,
) -> Compressed:
    """Write the smallest (`size`) or quickest (`latency`) form of a packed model that is not worse within 1 %.

    methods: some of METHODS, by default onnx and int8, or "all"; each is tried alone, and all that hold together. data:
    where the project's tables are. force: write the best even where it is worse, or no better than the original. Raises
    RequestError for an unknown goal or method, for a folder without tables, and where `out` is the original itself.
    """
    watch, out = watch or Watch(), check_apart(out, path)
    wanted = _checked(goal, methods)
    folder, study, served = reread(path, data=data)
    work = out.with_name(f"{out.name}.candidates")
    shutil.rmtree(work, ignore_errors=True)
    try:
        bench = _Bench(folder, study, served, work, watch, data)
        tried = _tried(bench, wanted)
        return _kept(bench, out, goal, tried, force=force)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Bench:
    """The original with its answers, and what makes candidates."""

    def __init__(
        self, folder: Folder, study: Study, served: Served, work: Path, watch: Watch, data: str | Path | None
    ) -> None:
        self.folder, self.study, self.served, self.work = folder, study, served, work
        self.watch, self.data = watch, data
        self.original = load(folder.path, data=data)
        self.bytes, self.encoder_bytes = size_of(folder), _encoder_bytes(study.encoder)
        self._known: dict[str, dict[str, Predictions]] = {}
        self.trained: dict[tuple[str, ...], Served] = {}

    def certificate(self, bundle: Bundle, role: Role) -> dict[str, Against]:
        """How a folder compares with the original on the questions of a role."""
        if role not in self._known:
            self._known[role] = self.answers(self.original, role)
        return against(self.study, self.answers(bundle, role), self._known[role], asked=role)

    def answers(self, bundle: Bundle, role: Role) -> dict[str, Predictions]:
        """The answers to all questions of a role, by task."""
        found = {}
        for task in self.original.loaded.scorer.tasks:
            at = questions_of_role(self.study, task, role)
            if len(at):
                self.watch.judging(task, "compressed")
                found[task] = served_answers(self.study, bundle, Questions(task, at))
        return found

    def made(self, methods: tuple[str, ...]) -> Candidate:
        """A candidate, compared and timed; one that cannot be made says why."""
        given = Given(self.folder, self.study, self.served, self.work / "training", self.watch, self.trained)
        try:
            draft = drafted(draft_of(self.folder), methods, given)
            written = write_draft(draft, self.work / "-".join(methods), self.folder)
            bundle = load(written.path, data=self.data)
            tasks = self.certificate(bundle, "valid")
        except MotetError as error:
            return Candidate(methods, left_out=error.message)
        before, pace = paces(self.study, self.original, bundle)
        same = written.manifest.encoder == self.folder.manifest.encoder
        beside = self.encoder_bytes if same else 0
        return Candidate(methods, size_of(written), beside, pace, before, tasks, path=written.path)


def against(
    study: Study,
    new: Mapping[str, Predictions],
    old: Mapping[str, Predictions],
    *,
    margin: float = MARGIN,
    asked: str = "test",
) -> dict[str, Against]:
    """Return the certificate of new answers against old ones, per task. asked: which questions they were.

    A sure difference within the margin is not worse: the margin is what compressing may cost.
    """
    differences: dict[str, PairedDifference] = {task: compare([new[task]], [old[task]]) for task in old}
    found = {}
    for task, each in judge(differences, margin=margin).items():
        least = -margin * abs(each.twin)
        if each.verdict == "harmed" and each.low >= least:
            each = replace(each, verdict="not worse")
        worse = each.verdict == "harmed" or (each.verdict == "unclear" and each.difference < least)
        found[task] = Against(study.project.tasks[task].primary, asked, len(new[task].unit_n), each, worse)
    return found


def size_of(folder: Folder) -> int:
    """Return the bytes of everything that serving needs: all parts but results and the report."""
    return sum(
        info.bytes
        for name, info in folder.manifest.parts.items()
        if not name.startswith(("evaluation/", layout.REPORT))
    )


def _tried(bench: _Bench, wanted: Sequence[str]) -> list[Candidate]:
    tried = [bench.made((name,)) for name in wanted]
    holding = tuple(each.methods[0] for each in tried if each.holds)
    if len(holding) > 1:
        tried.append(bench.made(holding))
    return tried


def _kept(bench: _Bench, out: Path, goal: Goal, tried: Sequence[Candidate], *, force: bool) -> Compressed:
    made = [each for each in tried if not each.left_out]
    holding = [each for each in made if each.holds and _gains(each, goal, bench.bytes + bench.encoder_bytes)]
    chosen = min(holding or (made if force else []), key=lambda each: _cost(each, goal), default=None)
    forced = chosen is not None and chosen not in holding
    found = Compressed(None, goal, bench.bytes, tuple(tried), chosen, forced, bench.encoder_bytes)
    if chosen is None or chosen.path is None:
        return found
    found = replace(found, certificate=bench.certificate(load(chosen.path, data=bench.data), "test"))
    if found.failed and not force:
        return found
    found = replace(found, path=out, forced=forced or bool(found.failed))
    shutil.rmtree(bench.work / "training", ignore_errors=True)
    draft = draft_of(open_folder(chosen.path))
    write_draft(draft.with_parts({layout.COMPRESSED: found.to_json()}), out, bench.folder)
    report(out, data=bench.data)
    return found


def _cost(each: Candidate, goal: Goal) -> float:
    """What is to be small; of speed, relative to the original in the same minutes."""
    return float(each.bytes + each.encoder_bytes) if goal == "size" else each.pace.one_ms / each.before.one_ms


def _encoder_bytes(encoder: Encoder | None) -> int:
    """What a language model takes that is no part of the folder."""
    told = about_of(encoder) if encoder is not None and encoder.pretrained else None
    return 0 if told is None else told.num_bytes or 0


def _gains(each: Candidate, goal: Goal, before: int) -> bool:
    cost = _cost(each, goal)
    return not math.isnan(cost) and cost < (before if goal == "size" else 1.0)


def _checked(goal: str, methods: Sequence[str] | None) -> list[str]:
    if goal not in GOALS:
        raise RequestError(f"There is no goal '{goal}'; known: {', '.join(GOALS)}.", "Write --goal size.")
    wanted = list(dict.fromkeys(methods or DEFAULT))
    wanted = list(METHODS) if wanted == [EVERY] else wanted
    for name in wanted:
        if name not in METHODS:
            raise RequestError(f"There is no method '{name}'; known: {', '.join(METHODS)}.", "Choose from these.")
    return sorted(wanted, key=list(METHODS).index)

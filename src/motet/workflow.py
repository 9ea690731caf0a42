"""The whole story, from tables to a recommendation. Read this first.

    check      read the tables, set bad rows aside, divide, look for leaks
    prepare    examples of every task, text vectors, features: a study
    advise     which tasks to learn together, and how
    search     which settings do best within a budget
    choose     the kinds of sharing and balance that the project left open
    train      one model for all tasks (or for one of them)
    certify    every task alone and together, compared, repaired: a certificate
    pack       one folder with everything that serving needs
    compress   a smaller or faster form of the folder, certified against it
    update     the folder's model goes on with new rows, or learns a new task; nothing worse takes over
    load       that folder, verified, ready to answer
    recommend  one list for one user

Each function is one sentence of the story; the stages hold the details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from motet.artifact import check_target
from motet.data import Division, Tables, check_leakage, divide, read_tables
from motet.data.folds import count_folds
from motet.data.leakage import Finding
from motet.evaluate import Evaluation
from motet.recommend import Bundle, RankedList, load
from motet.schema import EVENTS, Project
from motet.stages.adding import How
from motet.stages.advising import advise_study
from motet.stages.apart import check_apart
from motet.stages.arriving import New, arrive
from motet.stages.best import Searched
from motet.stages.choosing import choose_kinds, chosen_json
from motet.stages.compressing import Compressed, Goal, compress_folder
from motet.stages.finish import Finished, finish_certified, finish_trained
from motet.stages.folding import Folds, certify_all, train_all
from motet.stages.fused_judging import judge_any
from motet.stages.guarding import guard
from motet.stages.learning_more import Extended, learn_more
from motet.stages.outcomes import Outcome
from motet.stages.quality import Quality, asks_for_training, quality
from motet.stages.retraining import Certify, retrain
from motet.stages.running import run_arms, run_one
from motet.stages.seeking import seek
from motet.stages.setting_aside import beside, refused_rows_to, set_aside
from motet.stages.settings import check_settings
from motet.stages.study import Study, make_study
from motet.stages.updating import Updated, prepare_update, run_update, told
from motet.stages.watching import Watch
from motet.transfer import Certificate
from motet.transfer.advise import Advice


@dataclass(frozen=True)
class Checked:
    """Tables that were read and divided, and inputs that look suspicious but are allowed."""

    tables: Tables
    division: Division
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Result:
    """A finished run.

    certificate: None after plain training. bundle(): the folder, loaded. bad_rows, quarantine: how many rows were kept
    aside, and the file that lists them with their reasons, or None. chosen: by section (sharing, balance), the kind
    that was chosen where the project says `auto`, and why. folds: how many (count), and by task and metric the mean
    over them, its interval (low, high) and every fold's value; empty for other splits.
    """

    path: Path
    evaluation: Evaluation
    certificate: Certificate | None
    bad_rows: int = 0
    quarantine: Path | None = None
    chosen: Mapping[str, Any] = field(default_factory=dict)
    folds: Mapping[str, Any] = field(default_factory=dict)

    def bundle(self) -> Bundle:
        """Return the folder loaded for serving."""
        return load(self.path)


def check(project: Project, *, watch: Watch | None = None) -> Checked:
    """Read and check every table, divide it, and look for inputs that give a label away.

    Raises ProjectError, DataError or LeakageError, with what was found and what to try.
    """
    watch = watch or Watch()
    check_settings(project)
    tables = read_tables(project, on_progress=watch.reading)
    # a table given as a bare data frame has its meanings guessed while it is read
    project = project.model_copy(update={"tables": {name: table.spec for name, table in tables.tables.items()}})
    division = divide(project, tables)
    return Checked(tables, division, tuple(check_leakage(division)))


def _check_for(project: Project, out: Path, watch: Watch) -> tuple[Checked, Path | None]:
    """Check, and keep bad rows in a file beside the model folder; return where."""
    with refused_rows_to(beside(out)):
        checked = check(project, watch=watch)
    aside = set_aside(checked.tables, beside(out))
    if aside is not None:
        watch.set_aside(checked.tables.quarantine.height, aside)
    return checked, aside


def prepare(checked: Checked, *, watch: Watch | None = None) -> Study:
    """Return a study: what twins and joint have in common, proved to learn from nothing that is held out."""
    study = make_study(checked.division, on_progress=(watch or Watch()).preparing)
    guard(study)
    return study


def advise(project: Project, *, watch: Watch | None = None) -> Advice:
    """Return which tasks to learn together and how, from their labels and a short joint run; nothing is written."""
    watch = watch or Watch()
    return advise_study(prepare(check(project, watch=watch), watch=watch), watch=watch)


def search(
    project: Project,
    out: str | Path,
    *,
    budget: str | float = "30m",
    trials: int | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
) -> Searched:
    """Try settings on validation half A, and write best.toml, search.json and search.html into the folder `out`.

    budget: a text such as `30m`, or seconds. trials: at most so many, the project as it is included. jobs: how many
    processes search side by side. A search into a folder that holds one goes on with it.
    """
    watch = watch or Watch()
    checked = check(project, watch=watch)

    def make(one: Project) -> Study:
        division = divide(one, checked.tables)
        return prepare(Checked(checked.tables, division, tuple(check_leakage(division))), watch=watch)

    declared = checked.division.project
    return seek(declared, Path(out), make=make, anew=_studied, budget=budget, trials=trials, jobs=jobs, watch=watch)


def _studied(project: Project) -> Study:
    """Return the study of a project, its tables read anew: what a process of its own begins with."""
    return prepare(check(project))


def train(
    project: Project,
    out: str | Path,
    *,
    single: str | None = None,
    resume: bool = False,
    watch: Watch | None = None,
) -> Result:
    """Train the joint model, or one task alone, judge it on the test questions, and pack it into `out`."""
    watch, out = watch or Watch(), check_target(out)
    checked, aside = _check_for(project, out, watch)
    folds = _folds_of(checked, out, resume, watch)
    if folds is not None:
        return _told(*train_all(folds, single), checked, aside)
    study = choose_kinds(prepare(checked, watch=watch), out=out, resume=resume, watch=watch, single=single)
    outcome: Outcome = run_one(study, single, out=out, resume=resume, watch=watch)
    return _told(finish_trained(study, outcome, checked.tables, out), {}, study, checked, aside)


def certify(project: Project, out: str | Path, *, resume: bool = False, watch: Watch | None = None) -> Result:
    """Train every task alone and together, certify and repair, and pack what ships into `out`."""
    watch, out = watch or Watch(), check_target(out)
    checked, aside = _check_for(project, out, watch)
    folds = _folds_of(checked, out, resume, watch)
    if folds is not None:
        return _told(*certify_all(folds), checked, aside)
    study = choose_kinds(prepare(checked, watch=watch), out=out, resume=resume, watch=watch)
    arms = run_arms(study, out=out, resume=resume, watch=watch)
    return _told(finish_certified(study, arms, checked.tables, out, watch=watch), {}, study, checked, aside)


def _folds_of(checked: Checked, out: Path, resume: bool, watch: Watch) -> Folds | None:
    """Return the folds that a run goes through; None where there are none, or the project names one of them."""
    project, tables = checked.division.project, checked.tables
    count = count_folds(project, tables)
    if count == 1 or project.split.fold is not None:
        return None

    def make(one: Project) -> Study:
        division = divide(one, tables)
        return prepare(Checked(tables, division, tuple(check_leakage(division))), watch=watch)

    return Folds(project, tables, count, make, out, resume, watch)


def _told(finished: Finished, folds: Mapping[str, Any], study: Study, checked: Checked, aside: Path | None) -> Result:
    bad, chosen = checked.tables.quarantine.height, chosen_json(study)
    return Result(finished.path, finished.evaluation, finished.certificate, bad, aside, chosen, folds)


def evaluate(path: str | Path, *, split: str = "test", data: str | Path | None = None) -> Evaluation:
    """Judge a packed model on the questions of a part of its data (`test` or `valid`), read anew."""
    return judge_any(path, split=split, data=data)


def evaluate_recent(
    path: str | Path,
    *,
    events: str | Path | None = None,
    rows: Mapping[str, str | Path] | None = None,
    store: str | None = None,
    data: str | Path | None = None,
    watch: Watch | None = None,
) -> Mapping[str, Quality]:
    """Judge a packed model on rows that came after it, by task, against what it was certified with."""
    arrived = arrive(path, _new(events, rows, store), data=data)
    if not arrived.anything:
        return {}
    study, running = prepare_update(arrived, watch=watch or Watch())
    return quality(arrived.folder, study, arrived.grown, running)


def update(
    path: str | Path,
    out: str | Path,
    *,
    events: str | Path | None = None,
    rows: Mapping[str, str | Path] | None = None,
    store: str | None = None,
    data: str | Path | None = None,
    auto: bool = False,
    resume: bool = False,
    watch: Watch | None = None,
) -> Updated:
    """Let a packed model go on with new rows, compare it with what runs, and pack it into `out` where nothing is worse.

    events: a file of new events; rows: files of new rows by table; or store: the address of a store whose log goes on.
    auto: where the running model fell too far behind on the new rows, train features and model anew on all of them.
    """
    watch, out = watch or Watch(), check_apart(out, path)
    arrived = arrive(path, _new(events, rows, store), out=out, data=data)
    if not arrived.anything:
        return Updated(None, False, **told(arrived))
    study, running = prepare_update(arrived, watch=watch)
    found = quality(arrived.folder, study, arrived.grown, running) if auto else {}
    if asks_for_training(found):
        return retrain(arrived, study, running, out, quality=found, certify=_certifying(resume, watch))
    return replace(run_update(arrived, study, running, out, resume=resume, watch=watch), quality=found)


def compress(
    path: str | Path,
    out: str | Path,
    *,
    goal: Goal = "size",
    methods: Sequence[str] | None = None,
    data: str | Path | None = None,
    force: bool = False,
    watch: Watch | None = None,
) -> Compressed:
    """Write the smallest (`size`) or quickest (`latency`) form of a packed model of which no task is worse by over 1 %.

    methods: by default onnx and int8, or "all"; each is tried alone, and all that hold together. data: where the
    project's tables are. force: write the best even where it is worse.
    """
    return compress_folder(path, out, goal=goal, methods=methods, data=data, force=force, watch=watch)


def add_tasks(
    path: str | Path,
    file: str | Path,
    out: str | Path,
    *,
    trunk: How = "frozen",
    data: str | Path | None = None,
    resume: bool = False,
    watch: Watch | None = None,
) -> Extended:
    """Let a packed model learn the tasks that a file declares, certified against learning each alone.

    trunk: `frozen`, so that all other answers stay as they are, or `shared`, where it learns on and the others hold on.
    """
    return learn_more(path, file, check_apart(out, path), how=trunk, data=data, resume=resume, watch=watch)


def _new(events: str | Path | None, rows: Mapping[str, str | Path] | None, store: str | None) -> New:
    return New({**({EVENTS: events} if events is not None else {}), **(rows or {})}, store)


def _certifying(resume: bool, watch: Watch) -> Certify:
    """Return how all rows are certified anew when an update asks for it."""

    def run(project: Project, tables: Tables, out: Path, noted: Callable[[Study], Study]) -> Study:
        division = divide(project, tables)
        checked = Checked(tables, division, tuple(check_leakage(division)))
        study = noted(choose_kinds(prepare(checked, watch=watch), out=out, resume=resume, watch=watch))
        finish_certified(study, run_arms(study, out=out, resume=resume, watch=watch), tables, out, watch=watch)
        return study

    return run


def recommend(bundle: Bundle, user: str, *, k: int = 10, **options: Any) -> RankedList:
    """Return one list for one user."""
    return bundle.recommend(user, k=k, **options)


def predict(bundle: Bundle, task: str, **questions: Any) -> list[Mapping[str, Any]]:
    """Return the answers of one task."""
    return [answer.to_json() for answer in bundle.predict(task, **questions)]

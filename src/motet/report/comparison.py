"""Several model folders side by side: metrics with differences, settings that differ, sizes, seconds."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motet.artifact import Folder, layout, open_folder
from motet.errors import ArtifactError
from motet.report.figures import known
from motet.report.saved import Saved, lower_is_better, read_saved

if TYPE_CHECKING:
    from motet.evaluate.kept import KeptAnswers

    Kept = tuple[Folder, Mapping[str, KeptAnswers]]

ABOUT_INTERVALS = (
    "Intervals (95 %) are of paired differences on the same test questions: what other questions could have shown. "
    "They do not tell what another seed would do, and are not corrected for asking about several tasks."
)
SIGN = "Differences are to {name}, signed so that positive is better."
UNTIMED = "Where no time per request is told: `motet certify` measures it, plain training does not."
SINGLE = "--single"
WITHOUT_INTERVAL = "No interval where folders cannot be compared question by question: {reasons}."
COPIED = "a compressed folder holds the answers of the model it was made from; its own certificate compares them"


def compare_folders(paths: Sequence[str | Path]) -> dict[str, Any]:
    """Return what two or more model folders have and have not in common, as JSON values.

    runs: name, path, created, motet, encoder, seed, bytes, parameters, train_seconds, latency_ms and overall score.
    tasks: task → primary metric, lower_is_better, values and questions per run, differences to the first run (signed
    so that positive is better), paired (per run low and high of the 95 % interval of that difference, questions and
    units, where both folders keep their answers to the same test questions, else None), unpaired (per run why not,
    else None), verdicts of the certificates, whether all were asked equally many questions of the same split
    (same_questions), and all metrics. overall: the tasks that every run has a value for, and the mean score over those
    per run (None where a folder does not tell it). settings: key → its value per run, where they differ, and which task
    was trained alone. notes: what to mind when reading it. Raises ArtifactError for fewer than two folders, or one that
    cannot be read.
    """
    if len(paths) < 2:
        raise ArtifactError("One model folder alone cannot be compared.", "Name two or more.")
    folders = [open_folder(path) for path in paths]
    saved = [read_saved(folder) for folder in folders]
    sizes = [sum(part.bytes for part in folder.manifest.parts.values()) for folder in folders]
    weights = [
        next((part.bytes for name, part in folder.manifest.parts.items() if name.startswith(layout.WEIGHTS)), None)
        for folder in folders
    ]
    names = _names(paths)
    runs = [
        _run(one, name, path, size, heavy)
        for one, name, path, size, heavy in zip(saved, names, paths, sizes, weights, strict=True)
    ]
    tasks = {task: _task(task, saved) for task in dict.fromkeys(name for one in saved for name in one.tasks)}
    _pair(tasks, folders)
    notes = _notes(tasks) + ([UNTIMED] if any(run["latency_ms"] is None for run in runs) else [])
    overall, settings = _overall(tasks, saved), settings_that_differ(saved)
    return {"runs": runs, "tasks": tasks, "overall": overall, "settings": settings, "notes": notes}


def overall_name(record: Mapping[str, Any]) -> str:
    """Return what the last row of the tasks is called: over which of them it is a mean."""
    common, every = len(record["overall"]["tasks"]), len(record["tasks"])
    return "overall score" if common == every else f"overall score of {common} of {every} tasks"


def settings_that_differ(saved: Sequence[Saved]) -> dict[str, list[Any]]:
    """Return dotted key → its value per run, None where it is not set; only keys on which they disagree.

    `--single`, which no project file holds, is the task that a run trained alone.
    """
    each = [{**_flat(one.project), **_single(one)} for one in saved]
    keys = dict.fromkeys(key for one in each for key in one)
    found = {key: [one.get(key) for one in each] for key in keys}
    return {key: values for key, values in found.items() if any(value != values[0] for value in values[1:])}


def _single(saved: Saved) -> dict[str, str]:
    """The task that was trained alone: its arm is the only one in the log."""
    arms = {str(row.get("arm")) for row in saved.log}
    return {SINGLE: next(iter(arms))} if len(arms) == 1 and arms <= set(saved.tasks) else {}


def _overall(tasks: Mapping[str, Mapping[str, Any]], saved: Sequence[Saved]) -> dict[str, Any]:
    """The mean score of every run over the tasks that all of them answer."""
    common = [task for task, row in tasks.items() if all(known(value) for value in row["values"])]
    whole = len(common) == len(tasks)
    scores = [_stored(one) if whole else _mean_score(one, common) for one in saved]
    return {"tasks": common, "scores": scores}


def _stored(saved: Saved) -> float | None:
    score: float | None = (saved.metrics.get("overall") or {}).get("score")
    return score


def _mean_score(saved: Saved, tasks: Sequence[str]) -> float | None:
    """The mean over some tasks; folders without a score per task still tell it where no metric is an error."""
    kept = saved.metrics.get("scores") or {}
    scores = []
    for task in tasks:
        metric = saved.primary(task)
        plain = None if lower_is_better(metric) else saved.judged[task].get(metric or "")
        scores.append(kept.get(task, plain))
    told = [score for score in scores if score is not None and known(score)]
    return sum(told) / len(told) if told and len(told) == len(tasks) else None


def _run(saved: Saved, name: str, path: str | Path, size: int, heavy: int | None) -> dict[str, Any]:
    sharing = (saved.certificate or {}).get("sharing") or {}
    arm = _single(saved).get(SINGLE, "joint")
    own = [row.get("seconds") for row in saved.log if row.get("arm") == arm and row.get("seed") == saved.seed]
    seconds = sharing.get("train_seconds") or sum(each for each in own if known(each)) or None
    return {
        "name": name,
        "path": str(path),
        "created": saved.created,
        "motet": saved.motet,
        "encoder": saved.encoder,
        "seed": saved.seed,
        "score": _stored(saved),
        "bytes": size,
        "weight_bytes": heavy,
        "parameters": _parameters(saved) or sharing.get("parameters"),
        "train_seconds": seconds,
        "latency_ms": sharing.get("latency_ms"),
    }


def _parameters(saved: Saved) -> int:
    """The parameters of all models of a folder; 0 where it does not tell."""
    return sum(model.parameters for model in saved.anatomy.models) if saved.anatomy is not None else 0


def _task(task: str, saved: Sequence[Saved]) -> dict[str, Any]:
    metric = next((found for one in saved if task in one.judged and (found := one.primary(task))), None)
    values = [one.judged.get(task, {}).get(metric or "") for one in saved]
    sign = -1.0 if lower_is_better(metric) else 1.0
    differences = [sign * (each - values[0]) + 0.0 if known(each) and known(values[0]) else None for each in values]
    questions = [(one.metrics.get("questions") or {}).get(task) for one in saved]
    asked = [(count, one.data.get("split")) for count, one in zip(questions, saved, strict=True)]
    every = dict.fromkeys(name for one in saved for name in one.judged.get(task, {}))
    return {
        "metric": metric,
        "lower_is_better": lower_is_better(metric),
        "values": values,
        "differences": differences,
        "verdicts": [one.rows.get(task, {}).get("verdict") for one in saved],
        "questions": questions,
        "same_questions": all(each == asked[0] for each in asked[1:]),
        "metrics": {name: [one.judged.get(task, {}).get(name) for one in saved] for name in every},
    }


def _pair(tasks: Mapping[str, dict[str, Any]], folders: Sequence[Folder]) -> None:
    """Add the intervals of differences to the first folder, or why there is none."""
    from motet.evaluate.kept import read_answers

    kept = [(folder, read_answers(folder)) for folder in folders]
    for task, row in tasks.items():
        found = [_paired(task, row["metric"], each, kept[0]) for each in kept[1:]]
        row["paired"] = [None, *(None if isinstance(each, str) else each for each in found)]
        row["unpaired"] = [None, *(each if isinstance(each, str) else None for each in found)]


def _paired(task: str, metric: str | None, this: Kept, first: Kept) -> dict[str, Any] | str:
    """The interval of the difference between two folders, or the reason why there is none."""
    from motet.evaluate.kept import paired

    for folder, answers in (first, this):
        if task not in folder.manifest.tasks:
            return "not in every folder"
        if folder.has(layout.COMPRESSED):
            return COPIED
        if task not in answers:
            return "a folder keeps no answers to single questions"
    one, other = this[1][task], first[1][task]
    if not metric == one.metric == other.metric:
        return "not judged by the same metric"
    if one.questions != other.questions:
        return "not the same test questions"
    found = paired(one, other)
    low, high = found.interval()
    if not (known(low) and known(high)):
        return "too few questions"
    return {"low": low, "high": high, "questions": found.questions, "units": found.units}


def _notes(tasks: Mapping[str, Mapping[str, Any]]) -> list[str]:
    apart = [
        task
        for task, row in tasks.items()
        if not row["same_questions"] and all(value is not None for value in row["values"])
    ]
    missing = [task for task, row in tasks.items() if any(value is None for value in row["values"])]
    notes = [ABOUT_INTERVALS] if any(any(row["paired"]) for row in tasks.values()) else []
    why: dict[str, list[str]] = {}
    for task, row in tasks.items():
        for reason in dict.fromkeys(each for each in row["unpaired"] if each):
            why.setdefault(reason, []).append(task)
    if why:
        told = "; ".join(f"{reason} ({', '.join(names)})" for reason, names in why.items())
        notes.append(WITHOUT_INTERVAL.format(reasons=told))
    if apart:
        notes.insert(0, f"Not the same test questions, so the difference may be the questions': {', '.join(apart)}.")
    if missing:
        notes.insert(0, f"Not in every folder: {', '.join(missing)}.")
    return notes


def _names(paths: Sequence[str | Path]) -> list[str]:
    """Return short names; whole paths where those would be the same."""
    short = [Path(path).resolve().name for path in paths]
    return [str(path) if short.count(name) > 1 else name for path, name in zip(paths, short, strict=True)]


def _flat(text: str) -> dict[str, Any]:
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    found: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        else:
            found[prefix] = value

    walk("", sections)
    return found

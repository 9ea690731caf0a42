"""What a search found, as files: the best project file with comments, the record, and a page that shows both."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from motet.report.search import search_page
from motet.schema import Project
from motet.schema.overlay import with_settings
from motet.schema.urls import without_password
from motet.stages.searching import Search, judged_trials
from motet.stages.space import own_settings

if TYPE_CHECKING:
    from optuna import Study as Trials

BEST, RECORD, PAGE = "best.toml", "search.json", "search.html"
ENOUGH = 8
"""Trials from which on it is told what mattered."""


@dataclass(frozen=True)
class Searched:
    """A finished search.

    best: the project under the best settings. settings: those that differ from the project's own. gain: the mean
    relative validation score above that of the project's own settings after as many passes. record: everything, as JSON
    values.
    """

    path: Path
    best: Project
    settings: Mapping[str, Any]
    gain: float
    record: Mapping[str, Any]


def write_best(search: Search) -> Searched:
    """Write best.toml, search.json and search.html, and return what was found."""
    project, trials = search.project, search.trials
    judged = judged_trials(trials)
    winner = max(judged, key=lambda trial: (trial.user_attrs["score"], -trial.number))
    first = judged[0].user_attrs["score"]
    own = own_settings(project, list(search.space))
    settings = {key: value for key, value in winner.user_attrs["settings"].items() if value != own[key]}
    gain = winner.user_attrs["score"] - first
    best = with_settings(project, settings) if settings else project
    record = {
        "name": project.project.name,
        "objective": project.search.objective,
        "sampler": project.search.sampler,
        "passes": trials.user_attrs["passes"],
        "best": winner.number,
        "gain": gain,
        "changes": {key: {"from": own[key], "to": value} for key, value in settings.items()},
        "importance": importance(trials, list(search.space)),
        "trials": [_trial(each) for each in trials.get_trials(deepcopy=False)],
        "reference": trials.user_attrs["reference"],
    }
    _write(search.out / RECORD, json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    _write(search.out / BEST, best_text(project, best, own, settings, gain))
    _write(search.out / PAGE, search_page(record))
    return Searched(search.out, best, settings, gain, record)


def importance(trials: Trials, keys: Sequence[str]) -> dict[str, float]:
    """Return the share of each key in what made scores differ (fANOVA); empty where too few trials tell.

    Trials that were cut short count with what they had come to. Source: Hutter, Hoos & Leyton-Brown 2014.
    """
    import optuna

    told = [each for each in judged_trials(trials) if set(keys) <= set(each.params)]
    scores = {each.user_attrs["score"] for each in told}
    if len(told) < ENOUGH or len(scores) < 2:
        return {}
    whole = optuna.create_study(direction="maximize")
    for each in told:
        value = each.user_attrs["score"]
        whole.add_trial(optuna.trial.create_trial(value=value, params=each.params, distributions=each.distributions))
    found = optuna.importance.get_param_importances(
        whole, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0), params=list(keys)
    )
    return {key: float(share) for key, share in found.items()}


def best_text(project: Project, best: Project, own: Mapping[str, Any], settings: Mapping[str, Any], gain: float) -> str:
    """Return the best project file. A comment beside each changed line says what it was, and what the default is.

    Relative paths are written out, because the file lies elsewhere; a password in a URL is left out.
    """
    said = best.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    content = {name: section for name, section in said.items() if section}
    for name, table in content["tables"].items():
        _placed(table, project.root)
        if "url" in table:
            table["url"] = without_password(best.tables[name].url or "")
    for name, task in content["tasks"].items():
        task.pop("name", None)
        task["kind"] = best.tasks[name].kind
    encoder = content.get("encoder", {})
    if encoder.get("name") and (project.root / encoder["name"]).exists():
        encoder["name"] = str((project.root / encoder["name"]).resolve())
    head = [
        f"# What motet search found for '{project.project.name}': {100 * gain:+.2f} % on validation half A against the",
        "# project's own settings, in short trials. Whether that holds on test is what certify finds out.",
    ]
    if not settings:
        head = [f"# motet search found nothing better than the project's own settings for '{project.project.name}'."]
    return "\n".join([*head, "", *_commented(tomli_w.dumps(content), own, settings)]) + "\n"


def _placed(table: dict[str, Any], root: Path) -> None:
    """Write out where a table's file is."""
    if "path" in table:
        table["path"] = str(root.resolve() / table["path"])
    url = table.get("url", "")
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        table["url"] = f"sqlite:///{root.resolve() / url.removeprefix('sqlite:///')}"


def _commented(text: str, own: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    section: list[str] = []
    lines = []
    for line in text.splitlines():
        if line.startswith("["):
            section = _steps(tomllib.loads(line.replace("[[", "[").replace("]]", "]")))
        elif " = " in line and not line.startswith((" ", "]", "}")):
            key = ".".join([*section, line.split(" = ", 1)[0].strip("\"'")])
            if key in settings:
                line += f"  # was {_shown(own[key])}; by default {_shown(_default(key))}"
        lines.append(line)
    return lines


def _steps(content: Mapping[str, Any]) -> list[str]:
    found = []
    while content:
        name, content = next(iter(content.items()))
        found.append(name)
    return found


def _default(key: str) -> Any:
    """What a key of a section is where the file says nothing; None where that depends."""
    name, _, rest = key.partition(".")
    field = Project.model_fields.get(name)
    factory = None if field is None else field.default_factory
    if name in ("tables", "tasks") or factory is None:
        return None
    return getattr(factory(), rest, None)  # type: ignore[call-arg]


def _shown(value: Any) -> str:
    if value is None:
        return "chosen by itself"
    return f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _trial(trial: Any) -> dict[str, Any]:
    attrs = trial.user_attrs
    return {
        "number": trial.number,
        "state": trial.state.name.lower(),
        "score": attrs.get("score"),
        "passes": attrs.get("passes", 0),
        "seconds": attrs.get("seconds"),
        "settings": attrs.get("settings", dict(trial.params)),
        "why": attrs.get("why"),
    }


def _write(path: Path, text: str) -> None:
    """Write in one move, so that an interruption leaves the file before or the file after."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)

"""The page of a comparison: one offline file that shows several model folders side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.comparison import SIGN, overall_name
from motet.report.figures import compact, count, duration, known, milliseconds, number
from motet.report.markup import Child, Html, el, join, named
from motet.report.section import metric_name, table, verdict_word
from motet.report.shell import page_of, titled
from motet.report.svg import bar, picture
from motet.report.words import words


def comparison_page(record: Mapping[str, Any]) -> str:
    """Return a comparison (see `comparison.compare_folders`) as one HTML file that loads nothing."""
    names = [str(run["name"]) for run in record["runs"]]
    header = el(
        "header",
        el("p", el("span", "Motet", class_="wordmark"), " comparison", class_="kicker"),
        el("h1", join([named(name) for name in names], " · ")),
        el("p", SIGN.format(name=names[0]), class_="facts"),
        *(el("p", each, class_="facts") for each in record["notes"]),
    )
    parts = [
        titled("tasks", "Tasks", _tasks(record, names)),
        titled("costs", "Sizes and seconds", _costs(record, names)),
        titled("settings", "Settings that differ", _settings(record, names)),
        titled("metrics", "All metrics", _metrics(record, names)),
    ]
    return page_of(f"{', '.join(names)} · Motet comparison", el("main", header, *parts))


def _tasks(record: Mapping[str, Any], names: list[str]) -> Html:
    rows: list[list[Child]] = []
    for task, row in record["tasks"].items():
        cells: list[Child] = [named(task), metric_name(row["metric"] or "", lower=row["lower_is_better"])]
        columns = (row["values"], row["differences"], row["paired"], row["verdicts"])
        for value, difference, interval, verdict in zip(*columns, strict=True):
            parts: list[Child] = [number(value)]
            if difference:
                parts += [el("br"), el("small", number(difference, sign=True))]
            if interval:
                ends = ", ".join(number(interval[end], sign=True) for end in ("low", "high"))
                parts += [el("br"), el("small", f"[{ends}]")]
            if verdict:
                parts += [el("br"), verdict_word(verdict, words("en"))]
            cells.append(join(parts))
        rows.append(cells)
    rows.append([el("strong", overall_name(record)), "", *map(number, record["overall"]["scores"])])
    return table(["task", "metric", *names], rows, label="Tasks", numbers=range(2, 2 + len(names)))


def _costs(record: Mapping[str, Any], names: list[str]) -> Html:
    kinds = (
        ("model folder", "bytes", lambda value: f"{value / 2**20:.1f} MiB"),
        ("parameters", "parameters", compact),
        ("training time", "train_seconds", duration),
        ("time per request", "latency_ms", milliseconds),
    )
    cards = []
    for title, key, show in kinds:
        values = [run[key] for run in record["runs"]]
        if not any(known(value) for value in values):
            continue
        most = max([value for value in values if known(value)] + [1e-12])
        bars = [
            el(
                "div",
                el("span", name, class_="bar-name"),
                picture(bar(0, 100 * value / most, "joint-fill"), class_="bar"),
                el("span", show(value), class_="digits"),
                class_="bar-row",
            )
            for name, value in zip(names, values, strict=True)
            if known(value)
        ]
        cards.append(el("div", el("h3", title), *bars, class_="card"))
    return el("div", join(cards), class_="cards")


def _settings(record: Mapping[str, Any], names: list[str]) -> Html:
    if not record["settings"]:
        return el("p", "The project files say the same.", class_="nothing")
    rows: list[list[Child]] = [[key, *map(_setting, values)] for key, values in record["settings"].items()]
    return table(["key", *names], rows, label="Settings that differ")


def _metrics(record: Mapping[str, Any], names: list[str]) -> Html:
    rows: list[list[Child]] = [
        [named(task), metric, *map(number, values)]
        for task, row in record["tasks"].items()
        for metric, values in row["metrics"].items()
    ]
    asked: list[list[Child]] = [
        [named(task), "questions", *map(count, row["questions"])] for task, row in record["tasks"].items()
    ]
    return table(["task", "metric", *names], rows + asked, label="All metrics", numbers=range(2, 2 + len(names)))


def _setting(value: Any) -> str:
    return "not set" if value is None else str(value)

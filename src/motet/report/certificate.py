"""The section of the certificate: the picture, the same in numbers, calibration and repairs beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.certificate_picture import certificate_picture
from motet.report.figures import DASH, count, known, number
from motet.report.markup import Child, Html, el, join, named
from motet.report.repairs import calibration_beside, repair_said, repairs_tried
from motet.report.saved import Saved, lower_is_better
from motet.report.section import metric_name, section, table, verdict_word
from motet.report.standing import folds_of, is_twin
from motet.report.words import Words
from motet.transfer.claims import FEWEST

MARGIN = 0.02
"""The margin of a certificate that does not name its own."""


def margin_of(saved: Saved) -> float:
    """Return the certificate's margin, relative to the twin."""
    margin = (saved.certificate or {}).get("margin")
    return float(margin) if known(margin) else MARGIN


def certificate(saved: Saved, words: Words) -> Html:
    """Return the section; after plain training it says what is missing."""
    if not saved.rows:
        return section("certificate", words, lead=words("certificate_none"))
    return section(
        "certificate",
        words,
        certificate_picture(saved.rows, margin_of(saved), words),
        el("h3", words("as_table")),
        certificate_table(saved.rows, words),
        el("p", f"{words('errors_note')} {words('signed_note')}", class_="aside"),
        _note(saved, "auxiliary", "helpers_note", words),
        _note(saved, "tutored", "tutored_note", words),
        calibration_beside(saved.rows, words),
        repairs_tried(saved.rows, (saved.certificate or {}).get("sharing") or {}, words),
    )


def _note(saved: Saved, key: str, sentence: str, words: Words) -> Html | None:
    """What is said of the tasks that the certificate lists under a key."""
    names = (saved.certificate or {}).get(key) or ()
    return el("p", words(sentence, names=", ".join(names)), class_="aside") if names else None


def certificate_table(rows: Mapping[str, Mapping[str, Any]], words: Words) -> Html:
    """Return the certificate in numbers, in the metrics' own units."""
    keys = ("task_name", "kind", "metric", "twin", "joint", "difference_interval", "verdict", "repair", "baseline")
    return table(
        [words(key) for key in keys],
        [_row(task, row, words) for task, row in rows.items()],
        label=words("as_table"),
        numbers=(3, 4, 5),
    )


def _row(task: str, row: Mapping[str, Any], words: Words) -> list[Child]:
    metric, baseline = row.get("metric"), row.get("baseline")
    bounds = f"[{number(row.get('low'), sign=True)}, {number(row.get('high'), sign=True)}]"
    interval = el("small", bounds, class_="below")
    return [
        named(task),
        str(row.get("kind") or DASH),
        metric_name(metric, lower=lower_is_better(metric)),
        number(row.get("twin")),
        number(row.get("joint")),
        join(
            [number(row.get("difference"), sign=True), None if is_twin(row) or not known(row.get("low")) else interval]
        ),
        join([verdict_word(row.get("verdict"), words), _doubt(row, words)]),
        repair_said(row, words) or DASH,
        join([number(baseline), el("small", words.known(row.get("baseline_name") or ""), class_="below")]),
    ]


def _doubt(row: Mapping[str, Any], words: Words) -> Html | None:
    """What the verdict was before repair, and what would resolve an unclear one."""
    notes = []
    if row.get("initial") and row.get("initial") != row.get("verdict"):
        notes.append(words("was", verdict=words.known(row["initial"])))
    told = _would_tell(row, words) if row.get("verdict") == "unclear" and known(row.get("low")) else ""
    notes += [told] if told else []
    return el("small", words.list(notes)) if notes else None


def _would_tell(row: Mapping[str, Any], words: Words) -> str:
    units, seeds = row.get("needed"), row.get("needed_seeds")
    if known(units) and units <= FEWEST and not known(seeds):
        return words("units_at_least", n=count(units))
    if folds_of(row):
        return ""  # how much of what varies between folds more data would take away is not known
    if known(units) and known(seeds):
        return words("both_needed", n=count(units), seeds=count(seeds))
    if known(units):
        return words("units_needed", n=count(units))
    return words("seeds_needed", n=count(seeds)) if known(seeds) else words("hardly_told")

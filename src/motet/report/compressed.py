"""What was tried to make the model smaller or faster: sizes, speeds, and the certificate against the original."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.figures import count, known, number, percent
from motet.report.markup import Child, Html, el, named
from motet.report.saved import Saved
from motet.report.section import section, table, verdict_word
from motet.report.words import Words

PACES = ("list_ms", "lists", "answer_ms", "answers", "encoded")


def compressed(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None for a model that was not compressed."""
    found = saved.compressed
    made = [each for each in found.get("candidates", ()) if not each["left_out"]]
    if not made:
        return None
    chosen = next((each for each in made if "+".join(each["methods"]) == found["chosen"]), made[0])
    return section(
        "compressed",
        words,
        el("p", words("compressed_chosen", name=found["chosen"], goal=words.known(found["goal"]))),
        _forms(found, made, words),
        el("h3", words("compressed_tasks")),
        _tasks(found.get("certificate") or chosen["tasks"], words),
    )


def _forms(found: Mapping[str, Any], made: list[Mapping[str, Any]], words: Words) -> Html:
    heads = [words(f"compressed_{name}") for name in ("form", "bytes", "encoder", "share")]
    heads += [words(f"compressed_{name}") for name in PACES]
    beside = found.get("original_encoder_bytes", 0)  # folders of earlier versions do not tell it
    total = max(1, found["original_bytes"] + beside)
    first: list[Child] = [words("compressed_original"), count(found["original_bytes"]), count(beside), percent(1.0)]
    rows: list[list[Child]] = [[*first, *["–"] * 5]]
    for each in made:
        language = each.get("encoder_bytes", 0)
        share = percent((each["bytes"] + language) / total)
        cells: list[Child] = [_pace(each, name) for name in PACES]
        rows.append(["+".join(each["methods"]), count(each["bytes"]), count(language), share, *cells])
    return table(heads, rows, label=words("compressed_forms"), numbers=range(1, len(heads)))


def _pace(each: Mapping[str, Any], name: str) -> str:
    """After / before, on the same machine in turns."""
    after, before = each["pace"][name], each["before"][name]
    return f"{number(after)} / {number(before)}" if known(after) and known(before) else "–"


def _tasks(tasks: Mapping[str, Mapping[str, Any]], words: Words) -> Html:
    heads: list[Child] = [
        words("task_name"),
        words("metric"),
        words("weights_before"),
        words("weights_after"),
        "Δ",
        "95 %",
    ]
    heads.append(words("verdict"))
    rows: list[list[Child]] = []
    for task, each in tasks.items():
        ends = f"{number(each['low'])} – {number(each['high'])}" if known(each["low"]) else "–"
        values = [number(each[name]) for name in ("original", "compressed", "difference")]
        rows.append([named(task), each["metric"], *values, ends, verdict_word(each["verdict"], words)])
    return table(heads, rows, label=words("compressed_tasks"), numbers=range(2, 6))

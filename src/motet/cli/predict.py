"""motet predict: any task's answer to a text, an item, a user, two of them, or the rows of a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone, write_line
from motet.cli.attributed import shown
from motet.cli.files import check_out, read_numbered, write_rows
from motet.cli.grid import counted, grid, number
from motet.cli.lacking import lacking
from motet.cli.options import Data, ModelFolder
from motet.cli.top_rows import about, highest
from motet.cli.verb import verb
from motet.cli.watching import showing
from motet.errors import RequestError

if TYPE_CHECKING:
    import polars as pl

    from motet.recommend import Bundle, Prediction, TaskView
    from motet.recommend.attribution import Attribution

AT_ONCE = 4096
SHOWN = 40

Task = Annotated[str, typer.Option("--task", "-t", help="Which task.")]
Texts = Annotated[list[str] | None, typer.Option("--text", help="A text to judge. Repeatable.")]
Items = Annotated[list[str] | None, typer.Option("--item", "-i", help="An item's id. Repeatable.")]
Users = Annotated[list[str] | None, typer.Option("--user", "-u", help="A user's id. Repeatable.")]
Others = Annotated[list[str] | None, typer.Option("--other", help="The second user of a pair. Repeatable.")]
Input = Annotated[
    Path | None, typer.Option("--input", metavar="FILE", help="Rows with the table's columns: csv, parquet or jsonl.")
]
Top = Annotated[
    int | None, typer.Option("--top", "-k", min=1, help="Only so many answers, the highest predictions first.")
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where answers go: .parquet, .csv or .jsonl.")
]

Explain = Annotated[
    str | None,
    typer.Option(
        "--explain",
        metavar="METHOD",
        help="Say which words and columns an answer comes from: gradient, leave_out, shap or lime.",
    ),
]


@verb(
    "motet predict runs/shop --task sentiment --text 'lovely fabric' --text 'runs small'",
    "motet predict runs/shop --task rating --user 1042 --item 77",
    "motet predict runs/shop --task brand --item 77 --json",
    "motet predict runs/shop --task friend --user 1042 --other 1077",
    "motet predict runs/shop --task income --input people.csv --out answers.parquet",
    "motet predict runs/shop --task sentiment --text 'lovely fabric' --explain gradient",
    "motet predict runs/shop --task sentiment --text 'lovely fabric' --explain shap --out why.html",
    "motet predict runs/shop --task helpful --input reviews.csv --item 77 --top 10",
)
def predict(
    tone: Tone,
    folder: ModelFolder,
    task: Task,
    texts: Texts = None,
    items: Items = None,
    users: Users = None,
    others: Others = None,
    rows: Input = None,
    top: Top = None,
    out: Out = None,
    explain: Explain = None,
    data: Data = None,
) -> Answer:
    """Show a task's predictions.

    With --top, answers come by predicted value: a number, a level, or the probability of yes. With
    --input, --item and --user keep the rows of those items and users.

    Broken lines of a file are left out, with a warning; the answers then carry the numbers of their rows.

    What a task wants to be asked with depends on its kind: a text, an item, a user, a user and an
    item, two users, or a row.
    """
    from motet.recommend import load
    from motet.recommend.attribution import page

    drawn = out is not None and explain is not None and out.suffix.lower() == ".html"
    if out is not None and not drawn:
        check_out(out)
    if top is not None and explain is not None:
        raise RequestError("Found both --top and --explain.", "Explain the rows that --top found in a second question.")
    bundle = load(folder, data=data)
    numbers: Sequence[int] | None = None
    if rows is not None:
        asked, numbers = read_numbered(rows)
        asked, numbers = about(asked, numbers, _view(bundle, task), items=items, users=users)
        found = _predict_rows(bundle, task, asked, texts, tone)
    else:
        _check_asked(bundle, task, {"--text": texts, "--item": items, "--user": users, "--other": others})
        found = bundle.predict(task, texts or None, items=items or None, users=users or None, others=others or None)
        asked = _questions({"text": texts, "item": items, "user": users, "other": others}, len(found))
    if top is not None:
        order = highest(found, top, task)
        found = [found[place] for place in order]
        asked, numbers = asked[order], None if numbers is None else [numbers[place] for place in order]
    record: dict[str, Any] = {"predictions": [each.to_json() for each in found]}
    why = _explained(bundle, task, explain, rows is not None, asked, texts, items, users, others) if explain else []
    if explain:
        record["explanations"] = [each.to_json() for each in why]
    if numbers is not None:
        record["rows"] = numbers
        asked = _numbered(asked, numbers)
    if drawn:
        assert out is not None
        out.write_text(page(why), encoding="utf-8")
        return Answer(f"{counted(len(why), 'explanation')}: {out}", {**record, "out": str(out)})
    if out is not None:
        write_rows(_with_answers(asked, found), out)
        return Answer(f"{len(found):,} predictions: {out}", {**record, "out": str(out)})
    return Answer("\n\n".join([render(asked, found), *map(shown, why)]), record)


def render(asked: pl.DataFrame, found: Sequence[Prediction]) -> str:
    """Return a row per question, the first few of many."""
    names = [name for name in asked.columns if name in ("text", "item", "user", "other")] or asked.columns[:1]
    rows = [
        [*(_short(cell) for cell in cells), each.label or "-", number(each.probability), _value(each)]
        for cells, each in zip(asked.select(names).head(SHOWN).iter_rows(), found, strict=False)
    ]
    header = [*names, "label", "probability", "value"]
    table = grid(header, rows, right=(len(header) - 2, len(header) - 1))
    hidden = len(found) - len(rows)
    return f"{table}\n… and {hidden:,} more; write them all with --out FILE" if hidden else table


def _explained(
    bundle: Bundle,
    task: str,
    method: Any,
    from_file: bool,
    asked: pl.DataFrame,
    texts: Sequence[str] | None,
    items: Sequence[str] | None,
    users: Sequence[str] | None,
    others: Sequence[str] | None,
) -> list[Attribution]:
    """What the answers come from; the questions are those that were just answered."""
    if from_file:
        return bundle.explain(task, method=method, frame=typed(asked, bundle, _view(bundle, task)))
    given = {"items": items or None, "users": users or None, "others": others or None}
    return bundle.explain(task, texts or None, method=method, **given)


def _value(each: Prediction) -> str:
    """The predicted number, with the ends of its interval where they are known."""
    if each.low is None or each.high is None:
        return number(each.value)
    return f"{number(each.value)} ({number(each.low)} to {number(each.high)})"


def _short(cell: Any) -> str:
    text = " ".join(str("" if cell is None else cell).split())
    return text if len(text) <= 60 else f"{text[:59]}…"


def _predict_rows(
    bundle: Bundle, task: str, asked: pl.DataFrame, texts: Sequence[str] | None, tone: Tone
) -> list[Prediction]:
    if texts:
        raise RequestError("Found both --text and --input.", "Give one of them.")
    if not asked.height:
        raise RequestError("The input has no rows.", "Give at least one.")
    view = _view(bundle, task)
    frame = typed(asked, bundle, view)
    absent = lacking(_project(bundle), task, asked.columns) if "row" in view.sources else []
    if absent:
        what, it = ("column", "it counts") if len(absent) == 1 else ("columns", "they count")
        write_line(f"warning: the input has no {what} {listed(absent)}: {it} as unknown", error=True)
    found: list[Prediction] = []
    with showing(tone) as show:
        for start in range(0, frame.height, AT_ONCE):
            found += bundle.predict(task, frame=frame[start : start + AT_ONCE])
            show(f"predictions: {len(found):,} of {frame.height:,}", len(found) / frame.height, False)
    return found


def typed(asked: pl.DataFrame, bundle: Bundle, view: TaskView) -> pl.DataFrame:
    """Return rows as the model's tables were read: cells by their meaning, keys as strings.

    A cell that is not understood counts as unknown; standard error says how many there are.
    """
    from motet.data.cells import Cells, parse_column, parse_key
    from motet.schema import ITEMS, TableSpec

    declared = _project(bundle)["tables"]
    names = dict.fromkeys([view.table, *([ITEMS] if "item" in view.sources and ITEMS in declared else [])])
    columns: dict[str, Cells] = {}
    for name in reversed(list(names)):
        spec = TableSpec(**{**_sourceless(declared[name]), "path": "-"})
        keys = [key for role, key in spec.keys().items() if role != "time"]
        columns |= {key: parse_key(asked[key]) for key in keys if key in asked.columns}
        columns |= {own: parse_column(asked[own], kind) for own, kind in spec.columns.items() if own in asked.columns}
    if not columns:
        known = ", ".join(asked.columns)
        raise RequestError(f"The input has none of the columns of table '{view.table}'.", f"It holds: {known}.")
    for name, cells in columns.items():
        if cells.bad is not None and cells.bad.any():
            bad = int(cells.bad.sum())
            said = f"{counted(bad, 'cell')} of '{name}' {'counts' if bad == 1 else 'count'} as unknown: {cells.reason}"
            write_line(f"warning: {said}", error=True)
    return asked.with_columns(cells.values.alias(name) for name, cells in columns.items())


def _project(bundle: Bundle) -> dict[str, Any]:
    from motet.artifact import layout

    return tomllib.loads((bundle.path / layout.PROJECT).read_text(encoding="utf-8"))


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return names in quotes, the first few of many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(f"'{name}'" for name in names[:most]) + more


def _sourceless(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in ("path", "url", "query")}


def _check_asked(bundle: Bundle, task: str, given: Mapping[str, Sequence[str] | None]) -> None:
    """Raise RequestError, in the words of the command line, where a task is not asked as it wants to be."""
    from motet.schema import ITEMS

    view = _view(bundle, task)
    options = {"history": "--user", "other": "--other", "item": "--item", "text": "--text", "row": "--input"}
    needed = [options[source] for source in view.sources]
    if view.table == ITEMS and "--item" in needed:
        needed = [option for option in needed if option != "--text"]  # the catalogue knows its items' words
    absent = [option for option in needed if not given.get(option)]
    if absent:
        shown = "--input FILE" if "--input" in needed else " ".join(f"{option} …" for option in needed)
        raise RequestError(f"Task '{task}' needs {' and '.join(needed)}.", f"Ask it with: {shown}")


def _view(bundle: Bundle, task: str) -> TaskView:
    from motet.recommend.ask import task_view

    return task_view(bundle.loaded, task)


def _questions(given: Mapping[str, Sequence[str] | None], n: int) -> pl.DataFrame:
    """The questions as rows; a single id is meant for all of the others."""
    import polars as pl

    return pl.DataFrame({name: list(each) * (n // len(each)) for name, each in given.items() if each})


def _numbered(asked: pl.DataFrame, numbers: Sequence[int]) -> pl.DataFrame:
    """Rows with their numbers in the file, by which answers are matched where lines were left out."""
    import polars as pl

    name = "row"
    while name in asked.columns:
        name = f"_{name}"
    return asked.insert_column(0, pl.Series(name, numbers, pl.Int64))


def _with_answers(asked: pl.DataFrame, found: Sequence[Prediction]) -> pl.DataFrame:
    import polars as pl

    names = ["label", "probability", "value", *(["low", "high"] if any(one.low is not None for one in found) else [])]
    kinds = {f"predicted_{name}": pl.String if name == "label" else pl.Float64 for name in names}
    rows = [tuple(each.get(name) for name in names) for each in (one.to_json() for one in found)]
    return asked.hstack(pl.DataFrame(rows, schema=kinds, orient="row"))

"""motet recommend: one list for one user, or one per user of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.files import check_out, chunks, read_ids, write_rows
from motet.cli.filters import comma_separated, parse_filters, parse_weights
from motet.cli.grid import grid, number
from motet.cli.options import Data, Explain, ModelFolder
from motet.cli.verb import verb
from motet.cli.watching import showing
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.recommend import Bundle, RankedList

AT_ONCE = 1024

User = Annotated[str | None, typer.Option("--user", "-u", help="A user's id; an unknown one gets what is popular.")]
Users = Annotated[
    Path | None, typer.Option("--users", metavar="FILE", help="Ids: one per line, or a table's first column.")
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where lists go: .parquet, .csv or .jsonl.")
]
Length = Annotated[int, typer.Option("--length", "-k", help="How many items.")]
Weights = Annotated[
    str | None, typer.Option("--weights", metavar="TASK=X,…", help="How much each task counts, for this list.")
]
Query = Annotated[str | None, typer.Option("--query", metavar="TEXT", help="A text that the items should answer.")]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="ITEM,…", help="Items to leave out. Repeatable.")
]
Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="COLUMN=VALUE", help="Keep such items; also >= and <=. Repeatable."),
]
Values = Annotated[
    str | None,
    typer.Option("--values", metavar="TASK=X,…", help="What each task's coming true is worth, in place of weights."),
]
Popularity = Annotated[
    float | None, typer.Option("--popularity", help="How much popularity counts against an item: 0 to 1.")
]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="The moment for the project's rules, ISO 8601.")]
Types = Annotated[
    str | None, typer.Option("--types", metavar="COLUMN", help="The items' column that names their content type.")
]
AtMost = Annotated[
    str | None,
    typer.Option("--at-most", metavar="TYPE=N,…", help="Items of a type, at most; below 1 a share of the list."),
]
AtLeast = Annotated[
    str | None, typer.Option("--at-least", metavar="TYPE=N,…", help="Items of a type, as far as there are any.")
]
Diversity = Annotated[float, typer.Option("--diversity", help="0 for none, up to 1.")]


@verb(
    "motet recommend runs/shop --user 1042 -k 5 --explain",
    "motet recommend runs/shop --user 1042 --weights next_item=1,rating=0.5",
    "motet recommend runs/shop --query 'rye bread' --filter 'price<=3'",
    "motet recommend runs/media --user 1042 --types kind --at-most video=3,article=0.5",
    "motet recommend runs/shop --users customers.csv --out lists.parquet",
)
def recommend(
    tone: Tone,
    folder: ModelFolder,
    user: User = None,
    users: Users = None,
    out: Out = None,
    length: Length = 10,
    weights: Weights = None,
    explain: Explain = False,
    query: Query = None,
    exclude: Exclude = None,
    filters: Filter = None,
    diversity: Diversity = 0.0,
    values: Values = None,
    popularity: Popularity = None,
    at: At = None,
    types: Types = None,
    at_most: AtMost = None,
    at_least: AtLeast = None,
    data: Data = None,
) -> Answer:
    """Show what to recommend to a user.

    Or write one list per user of a file: as rows (user, rank, item, score, source), in jsonl as one object per user.
    """
    _check(user, users, out, query)
    from motet.recommend import load

    if out is not None:
        check_out(out)
    ids = read_ids(users) if users is not None else []
    bundle = load(folder, data=data)
    wanted = {
        "k": length,
        "weights": parse_weights(weights),
        "explain": explain,
        "query": query,
        "exclude": comma_separated(exclude),
        "filters": parse_filters(filters or (), bundle.loaded.catalogue.attributes),
        "diversity": diversity,
        "values": parse_weights(values, "--values"),
        "popularity": popularity,
        "at": at,
        "types": _types(types, at_most, at_least),
    }
    if users is None:
        found = bundle.recommend(user, **wanted)
        return Answer(render(bundle, found, user), found.to_json())
    assert out is not None, "checked above"
    return _write_lists(bundle, ids, wanted, out, tone)


def render(bundle: Bundle, found: RankedList, user: str | None) -> str:
    """Return a list for people: items with their titles, and the reasons below each."""
    told = {"history": "from the history", "profile": "from the profile", "query": "from the query"}
    whose = f"for user {user}, " if user is not None else ""
    lines = [f"{whose}{told.get(found.source, 'what is popular: nothing is known of this user')}:"]
    catalogue = bundle.loaded.catalogue
    rows = [
        [f"{place}.", one.item, number(one.score), _title(catalogue.title(catalogue.index[one.item]), one.item)]
        for place, one in enumerate(found.items, 1)
    ]
    if not rows:
        return "\n".join([*lines, "no item is left: the filters let none through, or all were seen."])
    shown = 4 if any(row[3] for row in rows) else 3
    heads = ("", "item", "score", "title")[:shown]
    header, *drawn = grid(heads, [row[:shown] for row in rows], right=(0, 2)).splitlines()
    lines.append(header)
    for line, one in zip(drawn, found.items, strict=True):
        why = one.explanation.sentences if one.explanation is not None else ()
        lines += [line, *(f"      - {reason}" for reason in (*why, *one.reasons))]
    if found.weights and found.weights_from != ("default",):
        weights = ", ".join(f"{task} {number(weight)}" for task, weight in found.weights.items())
        kind = "values" if found.mode == "value" else "weights"
        lines.append(f"{kind}: {weights} (from: {', '.join(found.weights_from)})")
    return "\n".join(lines)


def _types(column: str | None, at_most: str | None, at_least: str | None) -> dict[str, Any] | None:
    told = {"at_most": parse_weights(at_most, "--at-most"), "at_least": parse_weights(at_least, "--at-least")}
    named: dict[str, Any] = {key: quotas for key, quotas in told.items() if quotas}
    if column is not None:
        named["column"] = column
    return named or None


def _title(title: str, item: str) -> str:
    return "" if title == item else " ".join(title.split())[:80]


def _check(user: str | None, users: Path | None, out: Path | None, query: str | None) -> None:
    if users is not None and user is not None:
        raise RequestError("Found both --user and --users.", "Give one of them.")
    if users is not None and out is None:
        raise RequestError("--users needs --out.", "For instance: --out lists.parquet")
    if users is None and out is not None:
        raise RequestError("--out is for many lists.", "Add --users FILE, or leave --out away and use --json.")
    if users is None and user is None and query is None:
        raise RequestError("For whom?", "Give --user U, --query TEXT, or --users FILE with --out FILE.")


def _write_lists(bundle: Bundle, ids: Sequence[str], wanted: Mapping[str, Any], out: Path, tone: Tone) -> Answer:
    import polars as pl

    lists: list[RankedList] = []
    with showing(tone) as show:
        for part in chunks(ids, AT_ONCE):
            lists += bundle.recommend_many(part, **wanted)
            show(f"lists: {len(lists):,} of {len(ids):,}", len(lists) / len(ids), False)
    rows = [
        (user, rank, one.item, one.score, found.source, list(one.reasons))
        for user, found in zip(ids, lists, strict=True)
        for rank, one in enumerate(found.items, 1)
    ]
    kinds = {"user": pl.String, "rank": pl.Int32, "item": pl.String, "score": pl.Float64, "source": pl.String}
    frame = pl.DataFrame(rows, schema={**kinds, "reasons": pl.List(pl.String)}, orient="row")
    records = ({"user": user, **found.to_json()} for user, found in zip(ids, lists, strict=True))
    write_rows(frame if wanted["explain"] else frame.drop("reasons"), out, records)
    sources = {name: sum(found.source == name for found in lists) for name in sorted({one.source for one in lists})}
    told = ", ".join(f"{count:,} from {name}" for name, count in sources.items())
    return Answer(f"{len(lists):,} lists ({told}): {out}", {"users": len(lists), "sources": sources, "out": str(out)})

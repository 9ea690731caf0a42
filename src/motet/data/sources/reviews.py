"""Reviews of women's clothing: a file that the user has, laid out as the recipe reads it.

Source: "Women's E-Commerce Clothing Reviews" (23,486 reviews), a data set on Kaggle. It comes with no package.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from motet.errors import DataError

COLUMNS = (
    "title",
    "review_text",
    "rating",
    "recommended_ind",
    "positive_feedback_count",
    "department_name",
    "class_name",
)
WHERE = (
    'Get "Womens Clothing E-Commerce Reviews.csv" from kaggle.com (nicapotato), and name it or its folder with --data.'
)


def write_reviews(folder: str | Path, *, data: str | Path, rows: int | None = None, seed: int = 0) -> None:
    """Write the reviews as `clothing_reviews_en/reviews.parquet`, their columns named in lower case.

    data: the CSV or parquet file, or a folder that holds one with these columns. rows: keep so many, chosen by chance
    and `seed`, in their order; None keeps all. Raises DataError where there are none.
    """
    frame = _found(Path(data))
    if rows is not None and rows < frame.height:
        frame = frame.with_row_index("@row").sample(rows, seed=seed).sort("@row").drop("@row")
    target = Path(folder) / "clothing_reviews_en"
    target.mkdir(parents=True, exist_ok=True)
    frame.select(COLUMNS).write_parquet(target / "reviews.parquet")


def _found(data: Path) -> pl.DataFrame:
    inside = sorted((*data.glob("*.csv"), *data.glob("*.parquet"))) if data.is_dir() else [data]
    for path in inside:
        if path.is_file():
            frame = _read(path)
            if set(COLUMNS) <= set(frame.columns):
                return frame
    raise DataError(f"There is no table with the columns {', '.join(COLUMNS)} in '{data}'.", WHERE)


def _read(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=10_000)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"{path} cannot be read: {str(error).splitlines()[0]}", WHERE) from None
    names = {name: name.strip().lower().replace(" ", "_") for name in frame.columns}
    return frame.rename(names) if len(set(names.values())) == len(names) else frame

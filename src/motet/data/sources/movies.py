"""People who rate films: a MovieLens folder that the user has, laid out as the recipe reads it.

Source: GroupLens Research, MovieLens (Harper and Konstan 2015, ACM TiiS 5(4)). Its licence forbids passing it on, so it
comes with no package.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from motet.errors import DataError

FILES = {
    "ratings.csv": ("userId", "movieId", "rating", "timestamp"),
    "movies.csv": ("movieId", "title", "genres"),
}
WHERE = "Get ml-latest-small.zip from grouplens.org/datasets/movielens, unpack it, and name its folder with --data."


def write_movies(folder: str | Path, *, data: str | Path) -> None:
    """Copy ratings.csv and movies.csv of a MovieLens folder, or of the one folder in it, to `movielens_small/`.

    Raises DataError where they are not there, or have other columns.
    """
    source = _source(Path(data))
    target = Path(folder) / "movielens_small"
    target.mkdir(parents=True, exist_ok=True)
    for name, columns in FILES.items():
        with open(source / name, encoding="utf-8-sig", errors="replace") as stream:
            found = stream.readline().strip().split(",")
        if missing := [column for column in columns if column not in found]:
            raise DataError(f"{source / name} has no column {missing[0]!r}; found: {', '.join(found)[:80]}.", WHERE)
        shutil.copyfile(source / name, target / name)


def _source(data: Path) -> Path:
    inner = sorted(each for each in data.iterdir() if each.is_dir()) if data.is_dir() else []
    for place in (data, *inner):
        if all((place / name).is_file() for name in FILES):
            return place
    raise DataError(f"There is no MovieLens (ratings.csv and movies.csv) in '{data}'.", WHERE)

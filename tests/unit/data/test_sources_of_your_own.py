from pathlib import Path

import polars as pl
import pytest

from motet.data.sources.movies import write_movies
from motet.data.sources.reviews import COLUMNS, write_reviews
from motet.errors import DataError

RATINGS = "userId,movieId,rating,timestamp\n1,2,4.5,1000\n"
MOVIES = 'movieId,title,genres\n2,"Heat, again",Crime|Drama\n'


def test_a_movielens_folder_is_found_and_copied(tmp_path: Path) -> None:
    inner = tmp_path / "zip" / "ml-latest-small"
    inner.mkdir(parents=True)
    (inner / "ratings.csv").write_text(RATINGS)
    (inner / "movies.csv").write_text(MOVIES)
    for source in (inner, inner.parent):
        write_movies(tmp_path / "out", data=source)
        assert (tmp_path / "out" / "movielens_small" / "movies.csv").read_text() == MOVIES


def test_no_movielens_and_another_one_say_where_it_is_found(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no MovieLens") as told:
        write_movies(tmp_path / "out", data=tmp_path / "nowhere")
    assert "grouplens" in told.value.remedy
    (tmp_path / "ratings.csv").write_text("user,film\n")
    (tmp_path / "movies.csv").write_text(MOVIES)
    with pytest.raises(DataError, match="userId"):
        write_movies(tmp_path / "out", data=tmp_path)


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    names = [name.replace("_", " ").title() for name in COLUMNS]
    frame = pl.DataFrame({name: [f"{name} {at}" for at in range(50)] for name in names})
    frame.write_csv(tmp_path / "reviews.csv")
    return tmp_path


def test_reviews_are_named_in_lower_case_and_sampled_alike(reviews: Path) -> None:
    found = []
    for source in (reviews, reviews / "reviews.csv"):
        write_reviews(reviews / "out", data=source, rows=20, seed=1)
        found.append(pl.read_parquet(reviews / "out" / "clothing_reviews_en" / "reviews.parquet"))
    assert found[0].columns == list(COLUMNS) and found[0].height == 20 and found[0].equals(found[1])
    places = [int(title.split()[-1]) for title in found[0]["title"]]
    assert places == sorted(places)
    write_reviews(reviews / "out", data=reviews)
    assert pl.read_parquet(reviews / "out" / "clothing_reviews_en" / "reviews.parquet").height == 50


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match="review_text") as told:
        write_reviews(tmp_path / "out", data=tmp_path)
    assert "kaggle" in told.value.remedy

import math
from dataclasses import replace
from pathlib import Path

import polars as pl

from motet.cli.finished import leftovers, metrics_table, places, whereabouts
from motet.evaluate import Evaluation
from motet.evaluate.evaluation import SLICE_COLUMNS
from motet.schema import Project
from motet.workflow import Result

EVALUATION = Evaluation(
    tasks={"rating": {"mae": 0.5, "qwk": math.nan}},
    questions={"rating": 1200},
    overall={"score": 0.25, "tasks": 1, "questions": 1200},
    slices=pl.DataFrame(schema=SLICE_COLUMNS),
    calibration={},
)


def test_metrics_table() -> None:
    header, rating, overall = metrics_table(EVALUATION).splitlines()
    assert rating.split() == ["rating", "1,200", "mae", "0.5000", "qwk", "-"]
    assert overall.split() == ["overall", "1,200", "score", "0.2500"]


def test_where_things_are_and_what_comes_next(tmp_path: Path, shop: Path) -> None:
    project = Project.read(shop)
    assert places(tmp_path) == {"path": str(tmp_path), "report": None}
    (tmp_path / "report.html").write_text("")
    text = whereabouts(tmp_path, project)
    assert f"report: {tmp_path / 'report.html'}" in text
    assert f"motet recommend {tmp_path} --user" in text and f"motet predict {tmp_path} --task stars" in text


def test_only_what_the_folder_answers_is_to_be_tried(tmp_path: Path, shop: Path) -> None:
    project = Project.read(shop)
    alone = replace(EVALUATION, tasks={"brand": {"accuracy": 0.5}})
    text = whereabouts(tmp_path, project, Result(tmp_path, alone, None))
    assert f"motet predict {tmp_path} --task brand --help" in text and "--task stars" not in text
    assert "motet recommend" not in text
    ranking = replace(EVALUATION, tasks={"next_item": {"ndcg@10": 0.5}})
    text = whereabouts(tmp_path, project, Result(tmp_path, ranking, None))
    assert f"motet recommend {tmp_path} --user" in text and "motet predict" not in text


def test_bad_rows_are_not_passed_over_in_silence(tmp_path: Path, shop: Path) -> None:
    aside = tmp_path / "run.quarantine.parquet"
    result = Result(tmp_path / "run", EVALUATION, None, 3, aside)
    assert leftovers(result) == {"bad_rows": 3, "quarantine": str(aside)}
    line = f"3 bad rows are kept aside, with file, row and reason: {aside}"
    assert whereabouts(result.path, Project.read(shop), result).splitlines()[0] == line
    good = Result(tmp_path / "run", EVALUATION, None)
    assert leftovers(good) == {"bad_rows": 0, "quarantine": None}
    assert "kept aside" not in whereabouts(good.path, Project.read(shop), good)

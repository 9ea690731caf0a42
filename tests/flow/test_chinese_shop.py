"""A shop with Chinese titles: from files to a project, a certificate, a list and an answer to a Chinese query."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.cli.main import main

pytestmark = pytest.mark.slow

KINDS = {"防晒": "護膚", "连衣裙": "服装", "耳机": "数码", "咖啡豆": "食品"}
MAKES = ("清爽", "經典", "旅行装", "大容量", "ＰＲＯ", "儿童")


def write_tables(folder: Path) -> None:
    rng = np.random.default_rng(0)
    titles = [(f"{make}{thing} {number}号", kind) for thing, kind in KINDS.items() for number, make in enumerate(MAKES)]
    ids = [f"商品{number}" for number in range(len(titles))]
    pl.DataFrame(
        {"item": ids, "title": [title for title, _ in titles], "kind": [kind for _, kind in titles]}
    ).write_csv(folder / "items.csv")
    rows = []
    for user in range(40):
        liked = user % len(KINDS) * len(MAKES)
        for step, item in enumerate(rng.permutation(len(MAKES))):
            rows.append({"user": f"用户{user}", "item": ids[liked + int(item)], "time": 1_700_000_000 + step * 86_400})
    pl.DataFrame(rows).write_csv(folder / "events.csv")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    code = main([*arguments, "--json", "--quiet"])
    said = capsys.readouterr()
    assert code == 0, said.out + said.err
    return json.loads(said.out)


def test_init_certify_recommend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tables(tmp_path)
    project, out = str(tmp_path / "motet.toml"), str(tmp_path / "run")
    answer(capsys, "init", str(tmp_path / "events.csv"), str(tmp_path / "items.csv"), "-o", project)
    written = (tmp_path / "motet.toml").read_text("utf-8")
    assert 'language = "zh"' in written or 'language = "multi"' in written
    settings = ["encoder.name=lexical", "train.epochs=2", "certify.seeds=2"]
    told = answer(capsys, "certify", project, "--out", out, *(part for each in settings for part in ("--set", each)))
    assert "next_item" in told["tasks"]
    listed = answer(capsys, "recommend", out, "--user", "用户1", "-k", "5")
    assert listed["source"] == "history" and len(listed["items"]) == 5
    assert {each["item"] for each in listed["items"]} <= {f"商品{number}" for number in range(24)}
    # Traditional characters in the question, simplified ones in the titles: 連衣裙 finds 连衣裙.
    found = answer(capsys, "recommend", out, "--query", "連衣裙", "-k", "6")
    assert {each["item"] for each in found["items"]} == {f"商品{number}" for number in range(6, 12)}

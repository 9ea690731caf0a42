import io
import json
import math
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from motet.cli.answer import plain, print_json, write_line


def test_plain_values() -> None:
    given = {1: [math.nan, math.inf, np.float32(0.5), np.int64(3)], "p": Path("a/b"), "d": date(2024, 1, 2)}
    assert plain(given) == {"1": [None, None, 0.5, 3], "p": "a/b", "d": "2024-01-02"}
    assert plain((np.array([1.0, math.nan]), {"x"}, True, None, timedelta(hours=1))) == [
        [1.0, None],
        ["x"],
        True,
        None,
        "1:00:00",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_survives_any_terminal(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    print_json({"name": "苹果", "half": "\ud83d", "value": math.nan})
    assert json.loads(raw.getvalue()) == {"name": "苹果", "half": "\ud83d", "value": None}


def test_text_survives_a_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    write_line("苹果 …")
    assert raw.getvalue() == b"\\u82f9\\u679c \\u2026\n"

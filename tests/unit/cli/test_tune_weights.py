from motet.cli.tune_weights import render


def test_weights_are_shown_as_the_project_file_takes_them():
    row = {"before": 0.2, "after": 0.3, "difference": 0.1, "low": 0.05, "high": 0.15, "verdict": "reached"}
    found = {
        "objectives": {"buy": row, "next_item": {**row, "verdict": None}},
        "users": {"test": 12},
        "weights": {"next_item": 1.0, "buy": 0.5},
        "knee": {"weights": {"next_item": 1.0, "buy": 2.0}},
        "front": [{}],
        "segments": {"young": 5},
        "saved": False,
    }
    said = render(found, asked=True)
    assert "[blend.weights]\nnext_item = 1\nbuy = 0.5\n" in said and "reached" in said and "not saved" in said
    assert "the segment 'young' keeps weights of its own, which stand first (5 of the test questions)" in said

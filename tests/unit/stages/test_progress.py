import json
from pathlib import Path

from motet.stages.progress import FILE, ProgressLines
from motet.train.events import EpochDone, StepDone


def test_every_epoch_is_a_line_and_steps_now_and_then(tmp_path: Path) -> None:
    now = iter([0.0, 0.0, 1.0, 2.5, 2.5, 3.0])
    lines = ProgressLines(
        tmp_path / "m.work", arm="joint", seed=3, metrics={"a": "mae", "b": "auc"}, clock=lambda: next(now)
    )
    for done in (1, 2, 3):
        lines.step(StepDone(0, done, 9, {"a": 1.0}, {"a": 1.0}))
    lines.epoch(EpochDone(0, 2, {"a": float("nan")}, {"a": 0.5}, (), True, 1.25))
    told = [json.loads(line) for line in (tmp_path / "m.work" / FILE).read_text().splitlines()]
    assert [(each["event"], each.get("done")) for each in told] == [("step", 1), ("step", 3), ("epoch", None)]
    assert told[-1]["metrics"] == {"a": "mae"}  # of the tasks that were judged
    assert (
        told[-1]["loss/a"] is None
        and told[-1]["score/a"] == 0.5
        and (told[-1]["arm"], told[-1]["seed"]) == ("joint", 3)
    )


def test_a_line_that_cannot_be_written_ends_no_run(tmp_path: Path) -> None:
    (tmp_path / "m.work").write_text("a file stands in the way")
    ProgressLines(tmp_path / "m.work", arm="joint", seed=0).step(StepDone(0, 1, 1, {}, {}))
    assert (tmp_path / "m.work").read_text() == "a file stands in the way"

import os
from pathlib import Path

from motet.serve.runs import QUIET_SECONDS, curves_in, lines_after, run_named, runs_in


def begun(root: Path, name: str, text: str) -> Path:
    file = root / f"{name}.work" / "progress.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_runs_are_found_and_links_are_not_followed(tmp_path: Path) -> None:
    begun(tmp_path / "runs", "a", "")
    old = begun(tmp_path / "runs", "b", "")
    os.utime(old, (old.stat().st_mtime - 2 * QUIET_SECONDS,) * 2)
    begun(tmp_path, "secret", "")
    (tmp_path / "runs" / "link.work").symlink_to(tmp_path / "secret.work")
    assert [(run.name, run.state) for run in runs_in(tmp_path / "runs")] == [("a", "running"), ("b", "stopped")]
    assert run_named(tmp_path / "runs", "../secret") is None and runs_in(tmp_path / "nowhere") == []


def test_a_file_that_began_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    file = begun(tmp_path, "a", '{"x": 1}\n{"y": NaN}\n[]\n')
    told = list(lines_after(file, 0))
    assert [line for line, _ in told] == [{"x": 1}, {"y": None}]
    assert list(lines_after(file, told[0][1])) == told[1:]
    assert list(lines_after(file, 10_000)) == told


def test_an_epoch_that_was_trained_again_counts_once(tmp_path: Path) -> None:
    begun(tmp_path, "a", "".join(f'{{"event": "epoch", "arm": "joint", "epoch": 0, "loss/x": {n}}}\n' for n in (3, 2)))
    run = run_named(tmp_path, "a")
    assert run is not None and curves_in(run)[0]["losses"] == {"x": [2.0]}

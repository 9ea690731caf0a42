"""The examples run, on little data, in the order of their page; notebooks, too."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from _snippets import ROOT, environment

EXAMPLES = ROOT / "examples"
FIRST = "certify_frames.py"
SCRIPTS = {
    "predict.py": r"recommended\?  0\.\d+  beautifully told, a joy",
    "weights_and_front.py": r"\n +[\d.]+  +0\.\d{4} +0\.\d{4} \*",
    "explain.py": r"by objective: \{'next_item'",
    "serve_and_call.py": r"popular \[[^\n]*\n3 events are on disk\nhistory \[[^\n]*\nnew: True\nnear it: \['b",
    "plug_in.py": r"by_turns \{'next_item': 'ndcg@10 0\.\d{4}'",
}
"""What each script prints, in part."""
NOTEBOOKS = {
    "read_a_certificate.ipynb": ("<th>verdict</th>", "As shipped:"),
    "cold_items.ipynb": ("recommendable: True", "its place for a reader of these five:"),
}
RUN = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], 4)
NotebookClient(book, timeout=300, kernel_name="python3").execute()
shown = [part for cell in book.cells for part in cell.get("outputs", [])]
print("".join(part.get("text", "") + "".join(part.get("data", {}).values()) for part in shown))
"""


def run(folder: Path, *command: str) -> str:
    """Return what a command of Python's prints."""
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and the model that the first of them writes."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(EXAMPLES, folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    assert "difference [95 % interval]" in run(folder, f"examples/{FIRST}", "--quick")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs(folder: Path, name: str) -> None:
    assert re.search(SCRIPTS[name], run(folder, f"examples/{name}"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs(folder: Path, name: str) -> None:
    shown = run(folder, "-c", RUN, f"examples/{name}")
    for told in NOTEBOOKS[name]:
        assert told in shown


def test_every_example_is_run_and_listed_and_notebooks_are_kept_empty() -> None:
    found = {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")} - {"bookshop.py"}
    assert found == {FIRST, *SCRIPTS, *NOTEBOOKS}
    listed = re.findall(r"^\| `([^`]+)` \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.M)
    assert set(listed) == found
    assert not any('"output_type"' in (EXAMPLES / name).read_text(encoding="utf-8") for name in NOTEBOOKS)

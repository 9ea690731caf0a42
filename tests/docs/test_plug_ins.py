"""The plug-ins of the how-to pages are found by their entry points and keep their contracts."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from _snippets import ROOT, environment, snippets

PAGES = {"add-a-balancer": 4, "add-a-strategy": 4, "add-a-task-kind": 3}
"""How-to pages, and how many tests their plug-in has to pass at least."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages' files, as if a package with their entry points were installed."""
    folder = tmp_path_factory.mktemp("guests")
    (folder / "conftest.py").write_text(
        'import pytest\n\npytest.register_assert_rewrite("motet.testing.contracts")\n', encoding="utf-8"
    )
    info, lines = folder / "guests-1.0.dist-info", []
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guests\nVersion: 1.0\n", encoding="utf-8")
    for page in PAGES:
        for snippet in snippets(ROOT / "docs" / "how-to" / f"{page}.md"):
            if snippet.title == "pyproject.toml":
                for group, entries in tomllib.loads(snippet.text)["project"]["entry-points"].items():
                    lines += [f"[{group}]", *(f"{name} = {place}" for name, place in entries.items())]
            elif snippet.title:
                (folder / snippet.title).write_text(snippet.text, encoding="utf-8")
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_they_keep_their_contracts(folder: Path) -> None:
    wanted = ["-p", "no:xdist", "-p", "no:cacheprovider", "-q", "-W", "error", "-c", "/dev/null", "--rootdir", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *wanted, "."],
        cwd=folder,
        env=environment(PYTHONPATH=str(folder)),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert int(done.stdout.split(" passed")[0].split()[-1]) >= sum(PAGES.values())

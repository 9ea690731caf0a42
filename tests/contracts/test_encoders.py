"""What every encoder keeps, whoever wrote it."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from motet.language import ENCODERS, encode_cached, load_encoder
from motet.schema import EncoderConfig

_AT = Path(__file__).parents[1] / "unit" / "language" / "_tiny_model.py"
_SPEC = importlib.util.spec_from_file_location("_tiny_model", _AT)
_TINY = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_TINY)

FOLDERS = {"tiny folder": {}, "tiny cls": {"pooling": "cls_token"}, "tiny last": {"pooling": "lasttoken"}}
TEXTS = ["a red dress", "a blue dress", "tax return form", "cat", "Lovely, but it runs small!", "猫", "shoe 42"]


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Return a function that builds a fresh encoder, fitted where it wants to be."""
    folders = {}

    def build(name, *, fit=TEXTS * 3, **config):
        if name in FOLDERS:
            if name not in folders:
                folders[name] = _TINY.write_tiny_bert(tmp_path_factory.mktemp("model"), **FOLDERS[name])
            encoder = load_encoder(EncoderConfig(name=str(folders[name]), **config), language="en")
        else:
            encoder = load_encoder(EncoderConfig(name=name, **config), language="en")
        encoder.fit(fit)
        return encoder

    return build


@pytest.fixture(params=[*ENCODERS.names(), *FOLDERS])
def name(request):
    return request.param


def test_vectors_have_the_declared_width_and_unit_length(make, name):
    encoder = make(name)
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.width)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.width)


def test_two_encoders_agree(make, name):
    first, second = make(name), make(name)
    assert first.id == second.id
    np.testing.assert_array_equal(first.encode(TEXTS), second.encode(TEXTS))


def test_texts_differ(make, name):
    vectors = make(name).encode(TEXTS)
    assert np.linalg.matrix_rank(vectors @ vectors.T, tol=1e-3) == len(TEXTS)


def test_a_vector_does_not_depend_on_its_neighbours(make, name):
    encoder = make(name)
    together = encoder.encode([*TEXTS, "a much longer text about dresses, cats and tax " * 4])[: len(TEXTS)]
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    backwards = encoder.encode(TEXTS[::-1])[::-1]
    for other in (alone, backwards):
        assert (together * other).sum(1).min() > 0.999


@pytest.mark.parametrize("empty", ["", "   \n", "\x00"])
def test_an_empty_text_gives_zeros(make, name, empty):
    vectors = make(name).encode([empty, "cat", empty])
    assert not vectors[[0, 2]].any()
    assert vectors[1].any()


def test_odd_texts_are_taken(make, name):
    odd = ["\x00a\x00", "\ud800", "lone \udc00 half", "😀" * 50, "a" * 3_000, "\u202e‮rtl", "&<>", "\ufeffcat"]
    assert np.isfinite(make(name).encode(odd)).all()


def test_a_text_of_ten_megabytes_is_taken_and_counted(make, name):
    encoder = make(name)
    vectors = encoder.encode(["cat", "red dress " * 1_000_000])
    assert np.isfinite(vectors).all()
    assert vectors[1].any()
    assert encoder.truncated == 1


def test_progress_ends_at_all(make, name):
    seen = []
    make(name).encode([*TEXTS, ""], on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(TEXTS) + 1, len(TEXTS) + 1)


def test_state_restores_what_fit_learned(make, name):
    fitted = make(name)
    restored = make(name, fit=[]) if fitted.pretrained else load_encoder(EncoderConfig(name=name), language="en")
    restored.restore(fitted.state())
    assert restored.id == fitted.id
    np.testing.assert_array_equal(restored.encode(TEXTS), fitted.encode(TEXTS))


def test_state_is_arrays_and_json(make, name):
    import json

    for value in make(name).state().values():
        assert isinstance(value, np.ndarray) or json.loads(json.dumps(value)) == value


def test_fitting_matters_only_where_weights_are_not_given(make, name):
    assert (make(name).id == make(name, fit=["quite other words", "other words"]).id) == make(name).pretrained


def test_cached_vectors_are_the_encoders(make, name, tmp_path):
    encoder = make(name)
    first = encode_cached(encoder, TEXTS, tmp_path)
    np.testing.assert_array_equal(first, encode_cached(encoder, TEXTS, tmp_path))
    assert (first * encoder.encode(TEXTS)).sum(1).min() > 0.999


def test_torch_stays_out_until_a_text_is_encoded():
    import subprocess

    code = (
        "import sys\nfrom motet.language import load_encoder\nfrom motet.schema import EncoderConfig\n"
        "encoder = load_encoder(EncoderConfig(), language='en')\n"
        "assert encoder.id.startswith('minilm:53aa51172d142c89') and encoder.width == 384\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules and 'jieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

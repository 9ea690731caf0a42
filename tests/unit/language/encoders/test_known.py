import numpy as np
import pytest

from language._tiny_model import write_tiny_bert
from motet.errors import ProjectError
from motet.language.encoders._known import check_known
from motet.language.encoders._transformer import TransformerEncoder


def test_known_numbers_must_be_met(tmp_path):
    folder = write_tiny_bert(tmp_path / "model")
    vector = TransformerEncoder(folder, name="tiny", max_tokens=128, device="cpu").encode(["a cat"])[0]
    check_known(folder, name="tiny", known={"a cat": vector[:16].round(4).tolist()})
    for wrong in (-vector[:16], np.roll(vector[:16], 1), np.zeros(16)):
        with pytest.raises(ProjectError, match="'tiny' was unpacked, but reads 'a cat' differently"):
            check_known(folder, name="tiny", known={"a cat": wrong.tolist()})

import numpy as np
import pytest

from language._tiny_model import write_tiny_bert
from motet.errors import ProjectError
from motet.language import default_encoder, load_encoder
from motet.language.encoders.lexical import Lexical
from motet.language.load import check_encoder
from motet.schema import EncoderConfig


@pytest.fixture
def hub(monkeypatch):
    """A Hub that records what is asked of it."""
    import huggingface_hub

    asked = []

    def answer(name, **options):
        asked.append((name, options))
        if answer.folder is None:
            raise huggingface_hub.errors.LocalEntryNotFoundError("no network\nmore lines")
        return str(answer.folder)

    answer.folder = None
    answer.asked = asked
    monkeypatch.setattr(huggingface_hub, "snapshot_download", answer)
    return answer


def test_the_default_follows_the_language():
    assert load_encoder(EncoderConfig(), language="en").id.startswith("minilm:")
    assert isinstance(load_encoder(EncoderConfig(), language="zh"), Lexical)
    assert default_encoder("multi") == "lexical"


def test_a_local_folder_is_found_relative_to_the_root(tmp_path, hub):
    write_tiny_bert(tmp_path / "models" / "tiny")
    near = load_encoder(EncoderConfig(name="models/tiny"), language="en", root=tmp_path)
    full = load_encoder(EncoderConfig(name=str(tmp_path / "models" / "tiny")), language="en")
    assert near.id == full.id
    assert near.id.startswith("tiny:")
    assert near.width == 32
    assert hub.asked == []


def test_a_hub_name_is_fetched_as_data_only(tmp_path, hub):
    hub.folder = write_tiny_bert(tmp_path / "snapshot")
    encoder = load_encoder(EncoderConfig(name="someone/tiny-model"), language="en", device="cpu")
    assert encoder.id.startswith("someone/tiny-model:")
    assert encoder.device == "cpu"
    assert np.isfinite(encoder.encode(["cat"])).all()
    ((name, options),) = hub.asked
    assert name == "someone/tiny-model"
    assert not any(pattern.endswith((".py", ".bin", "*")) for pattern in options["allow_patterns"])


def test_a_hub_that_does_not_answer_is_one_line_with_a_remedy(hub):
    with pytest.raises(ProjectError, match="'someone/model'.*LocalEntryNotFoundError") as caught:
        load_encoder(EncoderConfig(name="someone/model"), language="en")
    assert "\n" not in str(caught.value)
    assert "folder" in caught.value.remedy
    assert "lexical" in caught.value.remedy


@pytest.mark.parametrize(("name", "hint"), [("minlm", "Did you mean 'minilm'"), ("./no/such/dir", "Give a short name")])
def test_a_slip_is_answered_without_asking_the_hub(hub, name, hint):
    with pytest.raises(ProjectError, match="lexical, minilm") as caught:
        load_encoder(EncoderConfig(name=name), language="en")
    assert hint in caught.value.remedy
    assert hub.asked == []


def test_a_check_downloads_nothing(tmp_path, hub):
    for name in (None, "lexical", "intfloat/e5-small-v2"):
        check_encoder(EncoderConfig(name=name), language="en")
    for name in ("minilmm", "not a name"):
        with pytest.raises(ProjectError, match="no encoder"):
            check_encoder(EncoderConfig(name=name), language="en")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProjectError, match="config.json"):
        check_encoder(EncoderConfig(name="empty"), language="en", root=tmp_path)
    assert not hub.asked

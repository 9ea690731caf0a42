import numpy as np
import pytest

from language._tiny_model import write_tiny_bert
from motet.errors import ArtifactError, ProjectError
from motet.language import default_encoder, load_encoder
from motet.language.encoders.lexical import Lexical
from motet.language.load import check_encoder, check_same_model, same_model, short_name
from motet.schema import EncoderConfig


@pytest.fixture
def hub(monkeypatch):
    """A Hub that records what is asked of it."""
    import huggingface_hub

    asked = []

    def answer(name, **options):
        if options.get("local_files_only"):
            raise huggingface_hub.errors.LocalEntryNotFoundError("not here yet")
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
    assert load_encoder(EncoderConfig(), language="zh").name == default_encoder("multi") == "e5"


def test_without_e5_lexical_stands_in_and_says_so(monkeypatch):
    from motet.language.encoders import e5

    monkeypatch.setattr(e5, "has_e5", lambda: False)
    with pytest.warns(RuntimeWarning, match=r"'lexical' stands in.*pip install"):
        assert isinstance(load_encoder(EncoderConfig(), language="zh"), Lexical)


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
    with pytest.raises(ProjectError, match="lexical, minilm, smollm2") as caught:
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


@pytest.fixture
def kept_by_hub(tmp_path, monkeypatch):
    """A model in the layout of the Hub's own cache, and no network."""
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    home = tmp_path / "models--someone--tiny"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("a" * 40)
    return write_tiny_bert(home / "snapshots" / ("a" * 40))


def test_a_model_in_the_hubs_cache_needs_no_network(kept_by_hub):
    encoder = load_encoder(EncoderConfig(name="someone/tiny"), language="en")
    assert encoder.id.startswith("someone/tiny:")
    assert np.isfinite(encoder.encode(["cat"])).all()


def test_part_of_a_model_in_the_hubs_cache_is_not_enough(kept_by_hub):
    (kept_by_hub / "model.safetensors").unlink()
    with pytest.raises(ProjectError, match="'someone/tiny' cannot be read.*found none") as caught:
        load_encoder(EncoderConfig(name="someone/tiny"), language="en")
    assert "network" in caught.value.remedy


def test_an_endpoint_is_named_by_its_address(monkeypatch):
    encoder = load_encoder(EncoderConfig(name="api:http://localhost:1/v1#small"), language="en")
    assert encoder.id.startswith("api:http://localhost:1/v1#small:")
    check_encoder(EncoderConfig(name="api:http://localhost:1/v1#small"), language="en")
    with pytest.raises(ProjectError, match="no embeddings endpoint"):
        check_encoder(EncoderConfig(name="api:localhost"), language="en")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("minilm:53aa:1111", "minilm:53aa:2222", True),
        ("tiny:53aa:1111", "renamed:53aa:1111", True),
        ("minilm:53aa:1111", "minilm:0000:1111", False),
        ("api:http://h:1/v1#m:1111", "api:http://h:1/v1#m:2222", True),
        ("api:http://h:1/v1#m:1111", "api:http://h:1/v1#n:1111", False),
        ("lexical:1111", "lexical:2222", False),
        ("lexical:1111", "e5:1111:22", False),
    ],
)
def test_models_are_told_apart_by_their_weights(one, other, same):
    assert same_model(one, other) is same


def test_the_short_name_is_read_from_an_id():
    assert short_name("e5:2c04:c685") == "e5"
    assert short_name("lexical:2c04") == "lexical"
    assert short_name("someone/tiny:1:2") is None
    assert short_name("api:http://h/v1#m:1") is None


def test_another_model_than_the_trained_one_is_refused():
    check_same_model("minilm:53aa:1111", "minilm:53aa:2222")
    check_same_model("anything", "")
    with pytest.raises(ArtifactError, match="'minilm:53aa:1'.*'e5:2c04:1'") as caught:
        check_same_model("e5:2c04:1", "minilm:53aa:1")
    assert caught.value.remedy

import json
import shutil

import pytest

from language._tiny_model import write_tiny_bert
from motet.errors import ProjectError
from motet.language.encoders._folder import read_folder


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return write_tiny_bert(tmp_path_factory.mktemp("model"))


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "copy")


def change(path, **fields):
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**content, **fields}))


def test_a_folder_says_what_its_model_is(folder):
    model = read_folder(folder)
    assert (model.width, model.longest, model.pooling, model.prompt) == (32, 64, "mean", "")
    assert model.pool_prompt
    assert not model.lower


def test_digests_follow_weights_and_settings(folder, tmp_path):
    before = read_folder(folder)
    other = read_folder(write_tiny_bert(tmp_path / "other", seed=1))
    assert other.weights != before.weights
    assert other.settings == before.settings
    change(folder / "sentence_bert_config.json", do_lower_case=True)
    after = read_folder(folder)
    assert after.weights == before.weights
    assert after.settings != before.settings


def test_weights_in_several_files(folder):
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    (folder / "model-1.safetensors").write_bytes(whole)
    (folder / "model-2.safetensors").write_bytes(whole[:50])
    names = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    change(folder / "model.safetensors.index.json", weight_map=names)
    first = read_folder(folder).weights
    (folder / "model-2.safetensors").write_bytes(whole[:60])
    assert read_folder(folder).weights != first


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_lasttoken": True}, "last"),
        ({"pooling_mode": "lasttoken"}, "last"),
        ({"pooling_mode": ["cls"]}, "cls"),
        ({}, "mean"),
    ],
)
def test_pooling_is_read_in_its_old_and_new_form(folder, config, expected):
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))
    assert read_folder(folder).pooling == expected


def test_lengths_are_the_smallest_limit(folder):
    change(folder / "sentence_bert_config.json", max_seq_length=20)
    assert read_folder(folder).longest == 20
    (folder / "sentence_bert_config.json").unlink()
    change(folder / "tokenizer_config.json", model_max_length=10**30)
    change(folder / "config.json", model_type="xlm-roberta", max_position_embeddings=514)
    assert read_folder(folder).longest == 512


def test_the_default_prompt_is_read(folder):
    change(folder / "config_sentence_transformers.json", prompts={"query": "query: "}, default_prompt_name="query")
    change(folder / "1_Pooling" / "config.json", include_prompt=False)
    model = read_folder(folder)
    assert (model.prompt, model.pool_prompt) == ("query: ", False)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "no config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "no tokenizer"),
        (lambda folder: change(folder / "config.json", is_encoder_decoder=True), "encoder-decoder"),
        (lambda folder: change(folder / "config.json", hidden_size=None), "how wide"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "only pytorch_model.bin"),
        (lambda folder: (folder / "model.safetensors").unlink(), "found none"),
        (lambda folder: change(folder / "1_Pooling" / "config.json", pooling_mode_max_tokens=True), "pools its tokens"),
        (
            lambda folder: (folder / "modules.json").write_text('[{"type": "models.Dense", "path": "2_Dense"}]'),
            "layer Dense",
        ),
    ],
)
def test_folders_that_cannot_serve_are_refused_in_one_line(folder, spoil, message):
    spoil(folder)
    with pytest.raises(ProjectError, match=message) as caught:
        read_folder(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy

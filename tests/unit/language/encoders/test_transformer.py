import json

import numpy as np
import pytest
import torch

from language._tiny_model import write_tiny_bert, write_tiny_llama
from motet.errors import ProjectError
from motet.language.encoders import _loading
from motet.language.encoders._transformer import TransformerEncoder, batches, pool, shortened


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_bert(tmp_path_factory.mktemp("model"))


@pytest.fixture(autouse=True)
def full_precision(monkeypatch):
    monkeypatch.setattr(_loading, "_cpu_has_bfloat16", lambda: False)


def encoder(folder, **options):
    return TransformerEncoder(folder, name="tiny", **{"max_tokens": 32, "device": "cpu", **options})


def by_hand(folder, ids, pooling):
    from transformers import BertModel

    with torch.inference_mode():
        states = BertModel.from_pretrained(folder).eval()(torch.tensor([ids])).last_hidden_state[0]
    vector = {"mean": states.mean(0), "cls": states[0], "last": states[-1]}[pooling].numpy()
    return vector / np.linalg.norm(vector)


@pytest.mark.parametrize(("mode", "pooling"), [("mean", "mean"), ("cls_token", "cls"), ("lasttoken", "last")])
def test_vectors_are_the_models_own(tmp_path, mode, pooling):
    folder = write_tiny_bert(tmp_path / "model", pooling=mode)
    found = encoder(folder)
    texts = ["a cat", "a much longer text about cats, dogs and tax"]
    vectors = found.encode(texts)
    for text, vector in zip(texts, vectors, strict=True):
        ids = found._tokenizer(text)["input_ids"]
        assert ids[0] == 2
        assert ids[-1] == 3
        np.testing.assert_allclose(
            vector, by_hand(folder, ids[:32] if len(ids) <= 32 else kept(ids), pooling), atol=1e-5
        )


def kept(ids):
    return [2, *ids[1:-1][:23], *ids[1:-1][-7:], 3]


def test_long_texts_keep_head_and_tail_and_are_counted(folder):
    found = encoder(folder, max_tokens=10)
    (ids, short) = found.tokens(["abcdefghij klmnopqrst", "abc"])
    letters = found._tokenizer("abcdefghij klmnopqrst", add_special_tokens=False)["input_ids"]
    assert ids == [2, *letters[:6], *letters[-2:], 3]
    assert len(short) == 5
    assert found.truncated == 1


def test_a_prompt_is_set_before_every_text_and_may_stay_out_of_the_mean(tmp_path):
    folder = write_tiny_bert(tmp_path / "model", prompt="query: ")
    found = encoder(folder)
    (vector,) = found.encode(["cat"])
    ids = found._tokenizer("query: cat")["input_ids"]
    np.testing.assert_allclose(vector, by_hand(folder, ids, "mean"), atol=1e-5)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "mean", "include_prompt": False}))
    other = encoder(folder)
    assert other.id != found.id
    assert other.encode(["cat"])[0] @ vector < 0.999
    assert other._unpooled == 1 + len("query:")


def test_bfloat16_agrees_with_float32(folder, monkeypatch):
    texts = ["a cat", "tax return", "red dress, size 42"]
    exact = encoder(folder).encode(texts)
    monkeypatch.setattr(_loading, "_cpu_has_bfloat16", lambda: True)
    quick = encoder(folder)
    rounded = quick.encode(texts)
    assert quick._model.dtype == torch.bfloat16
    assert (exact * rounded).sum(1).min() > 0.999
    assert not np.array_equal(exact, rounded)


def test_loading_leaves_the_random_stream_and_stderr_alone(folder, capfd):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    encoder(folder).encode(["cat"])
    assert torch.rand(1) == expected
    assert capfd.readouterr() == ("", "")


def test_missing_weights_are_refused_and_not_drawn_at_random(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = write_tiny_bert(tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights.pop("encoder.layer.1.output.dense.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ProjectError, match=r"lacks 1 .* encoder\.layer\.1\.output\.dense\.weight"):
        encoder(folder).encode(["cat"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(b"not weights"),
        lambda folder: (folder / "tokenizer.json").write_text("{}"),
        lambda folder: (folder / "config.json").write_text('{"hidden_size": 32, "model_type": "unheard-of"}'),
    ],
)
def test_a_broken_folder_is_one_line(tmp_path, spoil):
    folder = write_tiny_bert(tmp_path / "model")
    spoil(folder)
    with pytest.raises(ProjectError, match="cannot be loaded") as caught:
        encoder(folder).encode(["cat"])
    assert "\n" not in str(caught.value)


def test_code_that_a_model_brings_along_is_not_run(tmp_path):
    folder = write_tiny_bert(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "foreign", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    with pytest.raises(ProjectError):
        encoder(folder).encode(["cat"])
    assert not (tmp_path / "ran").exists()


def test_batches_hold_every_text_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(0, 300, 1_000)
    found = list(batches(lengths))
    assert sorted(np.concatenate(found)) == np.flatnonzero(lengths).tolist()
    assert all(len(rows) * lengths[rows].max() <= 4_096 and len(rows) <= 256 for rows in found)
    assert [len(rows) for rows in batches([10_000, 5_000])] == [1, 1]
    assert list(batches([])) == []


def test_shortened_ids_keep_three_quarters_and_one():
    assert shortened(list(range(100)), 8) == [0, 1, 2, 3, 4, 5, 98, 99]
    assert shortened([1, 2], 2) == [1, 2]
    assert shortened([1, 2, 3, 4], 3) == [1, 2, 3]


def test_pooling_ignores_padding():
    states = torch.tensor([[[1.0], [3.0], [100.0]], [[2.0], [4.0], [9.0]]])
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    assert pool(states, mask, "mean").flatten().tolist() == [2, 5]
    assert pool(states, mask, "cls").flatten().tolist() == [1, 2]
    assert pool(states, mask, "last").flatten().tolist() == [3, 9]
    assert pool(states, mask, "mean", skip=1).flatten().tolist() == [3, 6.5]


def test_a_model_of_ones_own_learns_and_the_shared_one_stays(folder):
    found = encoder(folder)
    before = found.encode(["a cat"])
    module, (ids_BT, mask_BT) = found.module(), found.padded(found.tokens(["a cat", "dogs and tax"]))
    assert ids_BT.shape == mask_BT.shape
    assert mask_BT[0].sum() < mask_BT[1].sum() == ids_BT.shape[1]
    states_BTD = module(input_ids=torch.tensor(ids_BT), attention_mask=torch.tensor(mask_BT)).last_hidden_state
    pooled_BD = found.pooled(states_BTD, torch.tensor(mask_BT))
    unit = torch.nn.functional.normalize(pooled_BD, dim=1)[0]
    np.testing.assert_allclose(unit.detach().numpy(), before[0], atol=1e-5)
    pooled_BD.sum().backward()
    assert all(weight.grad is not None for name, weight in module.named_parameters() if "pooler" not in name)
    with torch.no_grad():
        for weight in module.parameters():
            weight.zero_()
    np.testing.assert_array_equal(encoder(folder).encode(["a cat"]), before)


def test_the_shared_model_follows_its_files(folder, tmp_path):
    import shutil

    place = shutil.copytree(folder, tmp_path / "model")
    first = encoder(place).encode(["a cat"])
    shutil.rmtree(place)
    write_tiny_bert(place, seed=7)
    assert abs((encoder(place).encode(["a cat"]) @ first.T).item()) < 0.999


def test_a_causal_model_is_asked_for_one_word(tmp_path):
    found = encoder(write_tiny_llama(tmp_path / "model"), max_tokens=60)
    assert (found.folder.pooling, found.folder.closing) == ("last", '" means in one word: "')
    (ids,) = found.tokens(["cat"])
    spelled = found._tokenizer.decode(ids).replace(" ", "").replace("##", "")
    assert spelled == 'thistext:"cat"meansinoneword:"'
    with torch.inference_mode():
        states = found.module()(input_ids=torch.tensor([ids])).last_hidden_state[0]
    expected = states[-1].numpy() / np.linalg.norm(states[-1].numpy())
    beside_longer = found.encode(["cat", "a long text about dogs"])[0]
    np.testing.assert_allclose(beside_longer, expected, atol=1e-5)
    (cut,) = found.tokens(["cat " * 100])
    assert len(cut) == 60
    assert cut[-17:] == ids[-17:]
    tight = encoder(found.folder.path, max_tokens=8)
    assert len(tight.tokens(["a much longer text about tax"])[0]) > 8
    assert np.isfinite(tight.encode(["a", "b c"])).all()

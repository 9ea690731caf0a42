import pytest
import torch

from language._tiny_model import write_tiny_bert, write_tiny_llama
from motet.errors import ProjectError
from motet.language import reader as module
from motet.language.encoders._transformer import TransformerEncoder
from motet.language.encoders.lexical import Lexical
from motet.language.reader import Reader
from motet.schema import EncoderConfig

TEXTS = ["a happy cat", "", "税", "the dog runs small, and the seam is loose"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    made = {"bert": tmp_path_factory.mktemp("bert"), "llama": tmp_path_factory.mktemp("llama")}
    write_tiny_bert(made["bert"])
    write_tiny_llama(made["llama"])
    return made


def reader(folder, **keys):
    encoder = TransformerEncoder(folder, name="tiny", max_tokens=32, device="cpu")
    return Reader(lambda: encoder, EncoderConfig(name="tiny", **keys))


def start(made, *, change=0.0):
    generator = torch.Generator().manual_seed(0)
    return {
        name: (change * torch.randn(size, generator=generator)).requires_grad_() for name, size in made.sizes.items()
    }


@pytest.mark.parametrize("kind", ["bert", "llama"])
@pytest.mark.parametrize("tune", ["lora", "full"])
def test_untrained_it_reads_as_the_frozen_model(folders, kind, tune):
    made = reader(folders[kind], tune=tune, rank=2)
    vectors = made.vectors(start(made), made.encoder.tokens(TEXTS), training=False)
    known = made.encoder.encode(TEXTS)  # in bfloat16 where the processor has it
    told = [0, 2, 3]
    assert ((vectors.detach().numpy() * known).sum(1)[told] > 0.998).all()
    assert not vectors[1].any()


@pytest.mark.parametrize("tune", ["lora", "full"])
def test_weights_change_what_is_read_and_the_model_itself_stays(folders, tune):
    made = reader(folders["bert"], tune=tune, rank=2)
    tokens = made.encoder.tokens(TEXTS)
    plain = made.vectors(start(made), tokens, training=False)
    other = made.vectors(start(made, change=0.3), tokens, training=False)
    again = made.vectors(start(made), tokens, training=False)
    assert not torch.allclose(plain, other, atol=1e-2)
    assert torch.equal(plain, again)


def test_sizes_follow_rank_targets_and_layers(folders):
    made = reader(folders["bert"], tune="lora", rank=3, targets=("query", "value"), layers=1)
    assert all(".1." in name and ("query" in name or "value" in name) for name in made.sizes)
    assert sorted(made.sizes.values()) == [(3, 32), (3, 32), (32, 3), (32, 3)]
    whole, last = reader(folders["bert"], tune="full").sizes, reader(folders["bert"], tune="full", layers=1).sizes
    assert set(last) < set(whole) and any("word_embeddings" in name for name in whole)
    assert not any("pooler" in name or "embeddings" in name for name in last)


def test_what_is_not_kept_is_read_again_with_the_same_gradient(folders, monkeypatch):
    found = []
    for most in (10**9, 0):
        monkeypatch.setattr(module, "GRAPH_BYTES", most)
        made = reader(folders["bert"], tune="lora", rank=2)
        weights = start(made, change=0.1)
        torch.manual_seed(0)  # the model's own dropout is on
        made.vectors(weights, made.encoder.tokens(TEXTS), training=True)[:, 0].sum().backward()
        found.append([weight.grad for weight in weights.values()])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_what_cannot_be_trained_is_refused(folders):
    with pytest.raises(ProjectError, match="no language model that could be trained"):
        _ = Reader(lambda: Lexical(), EncoderConfig(tune="lora")).sizes
    with pytest.raises(ProjectError, match="'nonsense'.*query"):
        _ = reader(folders["bert"], tune="lora", targets=("nonsense",)).sizes
    with pytest.raises(ProjectError, match="layers is 3.* has 2"):
        _ = reader(folders["bert"], tune="full", layers=3).sizes

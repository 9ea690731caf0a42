from motet.language.encoders._about import About
from motet.language.encoders.e5 import ABOUT, KNOWN
from motet.language.encoders.smollm2 import ABOUT as CAUSAL


def test_packed_models_are_described_as_their_folders_are():
    assert isinstance(ABOUT, About)
    assert (ABOUT.prefix, ABOUT.pooling, ABOUT.width, ABOUT.longest) == ("query: ", "mean", 384, 512)
    assert (CAUSAL.pooling, CAUSAL.width) == ("last", 576)
    assert all(len(numbers) == 16 for numbers in KNOWN.values())

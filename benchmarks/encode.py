"""Claim: vectors of many titles take at most 15 % longer than the bare forward pass over the same tokens.

    python benchmarks/encode.py [--texts 5000] [--encoder minilm] [--rounds 3] [--results benchmarks/results]

Made-up titles of 4 to 40 words. Both sides use the same batches, model, precision and threads, and take turns. The bare
side is given padded token tensors and throws its answers away; ours starts at strings and ends with vectors kept in an
empty cache.
"""

import argparse
import platform
import random
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

import torch

from motet.language import encode_cached, load_encoder
from motet.language.encoders._loading import load_model
from motet.language.encoders._transformer import batches
from motet.schema import EncoderConfig

WORDS = (
    "gentle",
    "mineral",
    "sunscreen",
    "cotton",
    "summer",
    "dress",
    "wireless",
    "headphones",
    "steel",
    "knife",
    "for",
)


def titles(num: int) -> list[str]:
    rng = random.Random(0)
    return [f"{' '.join(rng.choices(WORDS, k=rng.randint(4, 40)))} {number}" for number in range(num)]


def bare(encoder, texts: list[str]) -> float:
    """Return CPU seconds of the forward passes alone."""
    model = load_model(encoder.folder.path, encoder.device)
    tokens = encoder.tokens(texts)
    padded = [encoder.padded([tokens[row] for row in rows]) for rows in batches([len(ids) for ids in tokens])]
    tensors = [(torch.from_numpy(ids), torch.from_numpy(mask)) for ids, mask in padded]
    began = time.process_time()
    with torch.inference_mode():
        for ids, mask in tensors:
            model(input_ids=ids, attention_mask=mask)
    return time.process_time() - began


def ours(encoder, texts: list[str]) -> float:
    """Return CPU seconds from strings to kept vectors."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        encode_cached(encoder, texts, Path(folder))
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=5_000)
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    encoder = load_encoder(EncoderConfig(name=given.encoder), language="en")
    texts = titles(given.texts)
    encoder.encode(texts[:64])
    pairs = [(bare(encoder, texts), ours(encoder, texts)) for _ in range(given.rounds)]
    ratio = median(whole / alone for alone, whole in pairs)
    alone, whole = (median(each) for each in zip(*pairs, strict=True))
    lines = [
        f"# Encoding {given.texts:,} titles with {given.encoder}, {date.today()}",
        "",
        f"{platform.processor() or platform.machine()}, torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"median of {given.rounds} rounds, CPU seconds.",
        "",
        "| bare forward pass | strings to kept vectors | ratio (target 1.15) |",
        "|---|---|---|",
        f"| {alone:.2f} | {whole:.2f} | {ratio:.3f} |",
        "",
    ]
    print("\n".join(lines))
    if given.results:
        given.results.mkdir(parents=True, exist_ok=True)
        (given.results / f"encode-{given.encoder}.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()

"""Claim: a student of a language model reads at least 20 times as many texts a second as its teacher.

    python benchmarks/student.py --data DIR [--texts 2000] [--learn 6000] [--column title] [--encoder minilm]
                                 [--rounds 3] [--results benchmarks/results]

DIR holds clothing_reviews_en/reviews.parquet. The student learns from distinct texts of a column; both then read others
of the same column, in turns. What the student costs the tasks of a recipe is told by
`motet compress DIR --out DIR --methods student`, against the original.
"""

import argparse
import platform
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median

import polars as pl

from motet.language import encode_cached, load_encoder
from motet.language.encoders.student import Student
from motet.schema import EncoderConfig

FILE = "clothing_reviews_en/reviews.parquet"


def seconds(encoder, texts: list[str]) -> float:
    began = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=2_000)
    parser.add_argument("--learn", type=int, default=6_000)
    parser.add_argument("--column", default="title")
    parser.add_argument("--encoder", default="minilm")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    column = pl.read_parquet(given.data / FILE, columns=[given.column])[given.column]
    found = column.drop_nulls().unique().sort().sample(fraction=1, shuffle=True, seed=0).to_list()
    asked, learned = found[: given.texts], found[given.texts :][: given.learn]
    teacher = load_encoder(EncoderConfig(name=given.encoder), language="en")
    student = Student(lambda texts: teacher)
    teacher.encode(asked[:64])
    with tempfile.TemporaryDirectory() as folder:
        read = lambda texts: encode_cached(teacher, texts, Path(folder))  # noqa: E731
        began = time.perf_counter()
        vectors = read(learned)
        words = time.perf_counter()
        student.learn(learned, vectors, teacher.id, read)
        taught = time.perf_counter()
        cosine = float((student.encode(asked) * read(asked)).sum(1).mean())
    pairs = [(seconds(teacher, asked), seconds(student, asked)) for _ in range(given.rounds)]
    slow, quick = (median(each) for each in zip(*pairs, strict=True))
    ratio = median(one / other for one, other in pairs)
    size = sum(value.nbytes for value in student.state().values() if hasattr(value, "nbytes"))
    lines = [
        f"# A student of {given.encoder}: {len(asked):,} clothing texts ({given.column}), {date.today()}",
        "",
        f"{platform.processor() or platform.machine()}, median of {given.rounds} rounds in turns. "
        f"Learned from {len(learned):,} other texts: {words - began:.0f} s of the teacher's reading, "
        f"{taught - words:.0f} s of the student's learning (single words read by the teacher included).",
        "",
        "| teacher, texts/s | student, texts/s | ratio (target 20) | mean cosine with the teacher | student, MB |",
        "|---|---|---|---|---|",
        f"| {len(asked) / slow:,.0f} | {len(asked) / quick:,.0f} | {ratio:.0f} | {cosine:.3f} | {size / 1e6:.1f} |",
        "",
    ]
    print("\n".join(lines))
    if given.results:
        given.results.mkdir(parents=True, exist_ok=True)
        (given.results / f"student-{given.encoder}-{given.column}.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()

"""`python -m bench.answers`: the speed of reading answers and of comparing numbers."""

import random
from time import perf_counter

from config import ROOT

POOLS = ROOT / "prebuilt" / "pools"
TEXTS, PAIRS = 2_000, 10_000


def recorded_texts(n: int = TEXTS) -> list[str]:
    """The first `n` texts of the pools that ship with the workshop."""
    import pyarrow.parquet as parquet

    texts: list[str] = []
    for file in sorted(POOLS.glob("*/part-*.parquet")):
        texts += parquet.read_table(file, columns=["text"]).column("text").to_pylist()
    return texts[:n]


def numeric_pairs(n: int = PAIRS, seed: int = 0) -> list[tuple[str, str]]:
    """Numbers written in two ways: every other pair is equal."""
    rng, pairs = random.Random(seed), []
    for i in range(n):
        number = rng.randint(-(10**6), 10**6)
        other = number if i % 2 else number + rng.randint(1, 9)
        pairs.append((str(number), rng.choice([f"{other:,}", f"{other}.0", rf"\frac{{{2 * other}}}{{2}}"])))
    return pairs


def main() -> None:
    """Measure, and print one line for each."""
    from helpers.answers import answers_match, extract_answer

    texts, pairs = recorded_texts(), numeric_pairs()
    start = perf_counter()
    for text in texts:
        extract_answer(text)
    seconds = perf_counter() - start
    print(
        f"extract_answer: {len(texts):,} recorded texts in {seconds:.2f} s, {len(texts) / seconds:,.0f} "
        "texts/s"
    )
    start = perf_counter()
    equal = sum(answers_match(a, b) for a, b in pairs)
    seconds = perf_counter() - start
    print(f"answers_match: {len(pairs):,} pairs of numbers in {seconds:.2f} s, {equal:,} of them equal")


if __name__ == "__main__":
    main()

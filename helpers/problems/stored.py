"""Which problems are stored, and which texts are held out from the training of the course models."""

from __future__ import annotations

import json
import random
import zlib
from typing import TypeVar

from config import ROOT

FOLDER = ROOT / "prebuilt" / "problems"
Any = TypeVar("Any")


def held_out(text: str) -> bool:
    """True for the tenth of all texts that is reserved for tests: the recipe never trains on them."""
    return zlib.crc32(text.encode()) % 10 == 0


def pair_held_out(a: int, b: int) -> bool:
    """The same for the multiplication of `a` and `b`, whatever its wording and order."""
    return held_out(f"{max(a, b)}x{min(a, b)}")


def read_rows(name: str) -> list[dict]:
    """The rows of a file of problems. Raises FileNotFoundError, which says what to do."""
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `python -m training.data.held_out`, or clone the repository again."
        )
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def draw(stored: list[Any], n: int, seed: int, what: str) -> list[Any]:
    """`n` different ones. Raises ValueError, which says `what` there is, where fewer are stored."""
    if n > len(stored):
        raise ValueError(f"there are {len(stored)} {what}, not {n}: ask for fewer.")
    return random.Random(seed).sample(stored, n)

"""Sums as a solution writes them out: `338 - 78 = 260`."""

import re

SUM = re.compile(r"(?<![\d.+*/-])(?<![-+*/] )(-?\d+) ([-+*/]) (-?\d+) = (-?\d+)(?!\d*\.\d)")


def written_sums(text: str) -> list[tuple[int, str, int, int]]:
    """Each sum of two whole numbers in the text: both numbers with the sign between them, and what is said to
    come out. Longer ones (`3 + 4 + 5 = 12`) and decimals are left out; `1,200` is a whole number.
    """
    found = SUM.findall(text.replace(",", ""))
    return [(int(a), sign, int(b), int(result)) for a, sign, b, result in found]

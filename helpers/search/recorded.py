"""Searches that were recorded on more problems than a lesson can wait for: `python -m
training.verifier_search`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from config import ROOT

if TYPE_CHECKING:
    import pandas as pd

SEARCHES = ROOT / "prebuilt" / "verifier_search.jsonl"


def recorded_searches(path: str | Path = SEARCHES) -> tuple[pd.DataFrame, dict]:
    """A row for each problem, method and size `n`, and what was measured (a dict with the names of the
    models).

    Columns: `data` ("words" or "sql"), `problem`, `steps`, `agree` (the largest share of equal answers among
    four samples), `level` (easy, middle, hard: thirds by how often one sample is right), `method`, `n`,
    `right` (0 or 1, or how often it would be), `tokens` (written) and `read` (lines or queries that a
    verifier read). Raises FileNotFoundError where nothing is recorded.
    """
    import pandas as pd

    if not Path(path).exists():
        raise FileNotFoundError(
            f"{path} is missing: run `python -m training.verifier_search`, or clone the repository again."
        )
    about, *lines = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    columns = ("method", "n", "right", "tokens", "read")
    known = ("data", "problem", "steps", "one", "agree")
    rows = [
        {key: line[key] for key in known} | dict(zip(columns, row, strict=True))
        for line in lines
        for row in line["rows"]
    ]
    table = pd.DataFrame(rows)
    return table.assign(level=_levels(table)).drop(columns="one"), about


def _levels(table: pd.DataFrame) -> pd.Series:
    """Thirds of the problems of each data set, by the share of single samples that are right; equals by
    number.
    """
    once = table.drop_duplicates(["data", "problem"])
    place = once.groupby("data")["one"].rank(method="first", ascending=False, pct=True)
    named = place.map(lambda share: "easy" if share <= 1 / 3 else "middle" if share <= 2 / 3 else "hard")
    names = dict(zip(zip(once["data"], once["problem"], strict=True), named, strict=True))
    return table.apply(lambda row: names[row["data"], row["problem"]], axis=1)

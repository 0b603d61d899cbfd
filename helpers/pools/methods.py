"""The recorded comparison of all methods of the course."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from config import ROOT

if TYPE_CHECKING:
    import pandas as pd

METHODS = ROOT / "prebuilt" / "methods.json"


def recorded_methods(path: str | Path = METHODS) -> tuple[pd.DataFrame, dict]:
    """The recorded comparison of all methods of the course, and what it was measured on (a dict).

    A row for each data set, method and size: tokens a problem `written` by a model and `read` by a verifier,
    `accuracy` with its interval, and `gain`, the paired difference to one greedy chain, with its own.
    Raises FileNotFoundError where nothing is recorded.
    """
    import pandas as pd

    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing: run `make main-figure`, or clone the repository again.")
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    return pd.DataFrame(found["rows"]), {key: value for key, value in found.items() if key != "rows"}

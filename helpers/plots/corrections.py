"""What became of right and wrong answers, as a picture; and the recorded comparison of all methods of the course.

A flip matrix is a dict {("right", "wrong"): 6, ...}: the first word is the answer before, the second after. Knows nothing
of how answers were made or how they are counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.models import ROOT
from helpers.plots.figure import Figure, canvas, finish, percent

if TYPE_CHECKING:
    import pandas as pd

METHODS = ROOT / "prebuilt" / "methods.json"
WORDS = ("right", "wrong")
LOOK = {  # light enough for black text; the words in each cell say what the colour says
    ("right", "right"): ("#CFE8DD", "kept"),
    ("right", "wrong"): ("#F6C9AE", "broken"),
    ("wrong", "right"): ("#BBD9EE", "mended"),
    ("wrong", "wrong"): ("#E3E3E3", "still wrong"),
}

Flips = Mapping[tuple[str, str], int]


def draw_flips(matrices: Mapping[str, Flips], *, title: str, model: str) -> Figure:
    """Flip matrices side by side, one for each name: rows are before, columns after; counts, and shares of the row.

    Raises ValueError for a matrix that lacks one of the four kinds.
    """
    words = []
    with canvas(len(matrices), width=max(5.2, 4.0 * len(matrices)), height=3.5) as (figure, axes):
        for ax, (name, flips) in zip(axes, matrices.items(), strict=True):
            if set(flips) != set(LOOK):
                raise ValueError(
                    "A flip matrix needs the four kinds (right or wrong before, right or wrong after)."
                )
            for (before, after), count in flips.items():
                x, y = WORDS.index(after), WORDS.index(before)
                row = sum(flips[before, word] for word in WORDS)
                colour, said = LOOK[before, after]
                ax.add_patch(_square(x, y, colour))
                share = f"{percent(count / row)} of those {before}" if row else f"none was {before}"
                ax.text(x, y - 0.08, str(count), ha="center", va="center", fontsize=20, weight="bold")
                ax.text(x, y + 0.25, f"{said}\n{share}", ha="center", va="center", fontsize=8.5)
            ax.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5), title=name)
            ax.set_xticks([0, 1], [f"{word} after" for word in WORDS])
            ax.set_yticks([0, 1], [f"{word} before" for word in WORDS])
            ax.tick_params(length=0)
            ax.grid(False)
            ax.spines[:].set_visible(False)
            words.append(f"{name}: " + ", ".join(f"{a} to {b} {n}" for (a, b), n in flips.items()) + ".")
        n = sum(next(iter(matrices.values())).values())
        note = f"Model: {model} · {n} problems · counts; shares of a row"
        return finish(figure, title, note, "Flip matrices. " + " ".join(words))


def recorded_methods(path: str | Path = METHODS) -> tuple[pd.DataFrame, dict]:
    """The recorded comparison: a row for each method and size (notebook, method, k, tokens, accuracy, low, high, n), and
    what it was measured on (model, problems, ...).

    Raises FileNotFoundError where nothing is recorded.
    """
    import pandas as pd

    if not Path(path).exists():
        raise FileNotFoundError(f"{path} is missing: run `make main-figure`, or clone the repository again.")
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    return pd.DataFrame(found["rows"]), {key: value for key, value in found.items() if key != "rows"}


def _square(x: int, y: int, colour: str):
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, color=colour, lw=0)

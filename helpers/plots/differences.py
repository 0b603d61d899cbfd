"""Paired differences as dots with their intervals, around zero."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from helpers.plots.figure import BLACK, BLUE, Figure, canvas, caption, finish

if TYPE_CHECKING:
    import pandas as pd

NARROW = 0.02  # an axis shows at least two points on either side


def differences(table: pd.DataFrame, *, title: str, model: str, samples: int | None = None) -> Figure:
    """A row for each `label`, a panel for each `panel`: columns `gain`, `low`, `high` (shares; bounds of a
    95 % interval) and `n`. A dot is hollow where the interval holds 0; all panels have the same axis.
    """
    panels, labels = list(table.groupby("panel", sort=False)), list(table["label"].unique())
    places, words = {label: i for i, label in enumerate(labels)}, []
    ends = 100 * min(-NARROW, table["low"].min()), 100 * max(NARROW, table["high"].max())
    room = 0.05 * (ends[1] - ends[0])
    with canvas(len(panels), 4.0 + 2.4 * len(panels), 1.8 + 0.42 * len(labels)) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            ax.axvline(0, color=BLACK, lw=1)
            for row in part.itertuples():
                sure, place = row.low > 0 or row.high < 0, places[row.label]
                ax.hlines(place, 100 * row.low, 100 * row.high, color=BLUE, lw=2, alpha=0.6)
                look = {"color": BLUE, "markerfacecolor": BLUE if sure else "white"}
                ax.plot(100 * row.gain, place, marker="o", **look)
                bounds = f"[{100 * row.low:+.1f}, {100 * row.high:+.1f}]"
                words.append(f"{name}, {row.label}: {100 * row.gain:+.1f} {bounds}.")
            ax.set_yticks(range(len(labels)), [textwrap.fill(str(label), 34) for label in labels])
            ax.set_ylim(len(labels) - 0.5, -0.5)
            ax.grid(False, axis="y")
            ax.set_xlim(ends[0] - room, ends[1] + room)
            ax.set(title=name, xlabel="points")
        note = caption(model, table, samples).replace("band:", "line:") + ", paired · hollow: it holds 0"
        return finish(figure, title, note, "Differences in points. " + " ".join(words))

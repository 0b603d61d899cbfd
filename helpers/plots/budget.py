"""Figures of what a method costs: lines over any cost, the front of the best buys, snapshots against
samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.figure import BLACK, Figure, canvas, finish, percent, styles

if TYPE_CHECKING:
    import pandas as pd

SHARES = (0, 0.25, 0.5, 0.75, 1)


def lines_over(
    table: pd.DataFrame,
    x: str,
    *,
    title: str,
    note: str,
    y: str = "accuracy",
    panel: str | None = None,
    labels: Mapping[str, str] | None = None,
    log: bool = True,
) -> Figure:
    """Column `y` over column `x`, a line for each `method`, a panel for each value of `panel`.

    Columns `low` and `high`, where they are, make a band. `labels`: names of the axes, by column or by
    panel. An accuracy has an axis from 0 to 100 %.
    """
    labels, words = labels or {}, []
    panels = list(table.groupby(panel, sort=False)) if panel else [("", table)]
    look = styles(list(table["method"].unique()))
    width = 7.6 if len(panels) == 1 else 3.9 * len(panels)
    with canvas(len(panels), width) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            for method, line in part.groupby("method", sort=False):
                line = line.sort_values(x)
                ax.plot(line[x], line[y], label=method, **look[method])
                if {"low", "high"} <= {*line}:
                    ax.fill_between(
                        line[x], line["low"], line["high"], color=look[method]["color"], alpha=0.13, lw=0
                    )
                points = ", ".join(f"{_said(v, y)} at {u:.3g}" for u, v in zip(line[x], line[y], strict=True))
                words.append(f"{name + ', ' if name else ''}{method}: {points}.")
            if log:
                log_axis(ax)
            ax.set(title=name, xlabel=labels.get(name, labels.get(x, x)))
        shown = axes[0].get_legend_handles_labels()[1]
        for method in (name for name in look if name not in shown):  # the legend is that of the first panel
            axes[0].plot([], [], label=method, **look[method])
        if y == "accuracy":
            share_axis(axes[0])
        else:
            axes[0].set_ylim(bottom=0)
        axes[0].set_ylabel(labels.get(y, "accuracy (share of problems right)" if y == "accuracy" else y))
        return finish(figure, title, note, f"{y} over {x}. " + " ".join(words))


def draw_front(table: pd.DataFrame, x: str, *, title: str, note: str, label: str) -> Figure:
    """Accuracy over the cost `x` of each point, marked by its `method`; the rows marked in column
    `front` (no other point is as good for less) are joined by a line and named by column `label`.
    """
    look = styles(list(table["method"].unique()))
    with canvas(width=8.6, height=5.4) as (figure, [ax]):
        for method, path in table.groupby("method", sort=False):
            ax.plot(path[x], path["accuracy"], label=method, **(look[method] | {"linestyle": ""}))
        best = table[table["front"]].sort_values(x)
        ax.step(best[x], best["accuracy"], where="post", color=BLACK, lw=2.2, alpha=0.45, label="the front")
        for row in best.to_dict("records"):
            place = {"xytext": (4, 6), "textcoords": "offset points", "fontsize": 8}
            ax.annotate(row[label], (row[x], row["accuracy"]), **place)
        log_axis(ax)
        ax.set_xlabel(x)
        share_axis(ax)
        ax.set_ylabel("accuracy (share of problems right)")
        rows = (f"{r[label]} {percent(r['accuracy'])} for {r[x]:.3g}" for r in best.to_dict("records"))
        return finish(figure, title, note, f"On the front: {', '.join(rows)}.")


def draw_snapshots(table: pd.DataFrame, *, title: str, note: str) -> Figure:
    """Accuracy in each cell of snapshots (column `training`, FLOPs) × samples (column `k`), with lines of
    equal accuracy.
    """
    grid = table.pivot_table(index="k", columns="training", values="accuracy").sort_index()
    ks, training, shares = list(grid.index), list(grid.columns), grid.to_numpy()
    with canvas(width=7.6, height=4.8) as (figure, [ax]):
        ax.grid(False)
        ax.pcolormesh(
            range(len(training)), range(len(ks)), shares, shading="nearest", cmap="Blues", vmin=0, vmax=1
        )
        if min(shares.shape) > 1:
            levels = [level for level in np.arange(0.1, 1.0, 0.1) if shares.min() < level < shares.max()]
            if levels:
                lines = ax.contour(
                    range(len(training)), range(len(ks)), shares, levels, colors=BLACK, linewidths=1
                )
                ax.clabel(lines, fmt=percent, fontsize=8)
        for (i, j), share in np.ndenumerate(shares):
            ink = "white" if share > 0.55 else BLACK
            ax.text(j, i, percent(share), ha="center", va="bottom", color=ink, fontsize=9)
        ax.set_xticks(range(len(training)), [f"{value:.2g}" for value in training])
        ax.set_yticks(range(len(ks)), [str(k) for k in ks])
        ax.set(
            xlabel="training compute of the snapshot (FLOPs, 6 · N · tokens)",
            ylabel="samples in the vote (k)",
        )
        cells = (
            f"{percent(shares[i, j])} with {k} samples after {t:.2g}"
            for j, t in enumerate(training)
            for i, k in enumerate(ks)
        )
        return finish(figure, title, note, "Accuracy: " + ", ".join(cells) + ".")


def log_axis(ax) -> None:
    """A logarithmic axis across whose numbers are plain text: the common look reads no formulas."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_xscale("log")
    low, high = ax.get_xlim()
    span = high / low
    steps = (1, 1.2, 1.5, 2, 3, 4, 5, 7) if span < 5 else (1, 2, 5) if span < 30 else (1, 3)
    ax.xaxis.set_major_locator(LogLocator(subs=steps))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def share_axis(ax) -> None:
    """An axis of shares, from 0 to 100 %."""
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks(SHARES, [percent(share) for share in SHARES])


def _said(value: float, y: str) -> str:
    return percent(value) if y == "accuracy" else f"{value:.3g}"

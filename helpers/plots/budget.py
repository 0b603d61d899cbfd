"""Figures of what a method costs: lines over any cost, gains over samples, the front of the best buys,
snapshots against samples, what an answer is worth by a sign of its quality.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers.plots.figure import (
    BLACK,
    BLUE,
    GREY,
    VERMILLION,
    Figure,
    canvas,
    finish,
    percent,
    styles,
)

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

    Columns `low` and `high`, where they are, make a band, or a bar where the line is a point. A column
    `mark`, where it is, holds short texts beside the points. `labels`: names of the axes, by column or by
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
                colour = look[method]["color"]
                ax.plot(line[x], line[y], label=method, **look[method])
                if {"low", "high"} <= {*line} and len(line) > 1:
                    ax.fill_between(line[x], line["low"], line["high"], color=colour, alpha=0.13, lw=0)
                elif {"low", "high"} <= {*line}:
                    _bars(ax, line[x], line, y, colour)
                for mark, u, v in zip(line.get("mark", ()), line[x], line[y], strict=False):
                    place = {"xytext": (3, -10), "textcoords": "offset points", "fontsize": 7.5}
                    ax.annotate(mark, (u, v), color=colour, **place)
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


def draw_gains(table: pd.DataFrame, x: str, *, title: str, note: str, labels: tuple[str, str]) -> Figure:
    """Column `gain` in points over column `x`, each with its interval (`low` to `high`), and a line at 0.

    `labels`: names of the two axes.
    """
    with canvas(height=3.8) as (figure, [ax]):
        ax.axhline(0, color=GREY, lw=1)
        ax.plot(table[x], table["gain"], color=BLUE, marker="o")
        _bars(ax, table[x], table, "gain", BLUE)
        ax.set(xlabel=labels[0], ylabel=labels[1])
        rows = table.to_dict("records")
        words = (f"{r['gain']:+.1f} [{r['low']:+.1f}, {r['high']:+.1f}] at {r[x]:.3g}" for r in rows)
        return finish(figure, title, note, f"{labels[1]}: {', '.join(words)}.")


def draw_front(table: pd.DataFrame, x: str, *, title: str, note: str, label: str) -> Figure:
    """Accuracy over the cost `x` of each point, marked by its `method`; the rows marked in column
    `front` (no other point is as good for less) are joined by a line, numbered, and named beside the figure
    by column `label`, with bars from `low` to `high`.
    """
    look = styles(list(table["method"].unique()))
    with canvas(width=8.6, height=5.4) as (figure, [ax]):
        for method, path in table.groupby("method", sort=False):
            ax.plot(path[x], path["accuracy"], label=method, **(look[method] | {"linestyle": ""}))
        best = table[table["front"]].sort_values(x)
        ax.step(best[x], best["accuracy"], where="post", color=BLACK, lw=2.2, alpha=0.45, label="the front")
        _bars(ax, best[x], best, "accuracy", GREY)
        rows = best.to_dict("records")
        for number, row in enumerate(rows, 1):
            place = {"xytext": (-5, 7), "textcoords": "offset points", "fontsize": 9, "ha": "right"}
            ax.annotate(number, (row[x], row["accuracy"]), weight="bold", **place)
        names = "\n".join(f"{number}  {row[label]}" for number, row in enumerate(rows, 1))
        ax.text(1.02, 1, names, transform=ax.transAxes, va="top", fontsize=8.5, linespacing=1.5)
        log_axis(ax)
        ax.set_xlabel(x)
        share_axis(ax)
        ax.set_ylabel("accuracy (share of problems right)")
        words = (f"{r[label]} {percent(r['accuracy'])} for {r[x]:.3g}" for r in rows)
        return finish(figure, title, note, f"On the front: {', '.join(words)}.")


def draw_signs(table: pd.DataFrame, *, level: float, title: str, note: str) -> Figure:
    """The accuracy of the answers at each value of a sign of their quality, from unsure to sure: a panel
    for each `method`, its `group`s in their order, intervals from `low` to `high`; a line at `level`.
    """
    panels, words = list(table.groupby("method", sort=False)), []
    with canvas(len(panels), 3.6 * len(panels)) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            places = range(len(part))
            ax.axhline(
                level, color=VERMILLION, ls="--", lw=1.5, label=f"an answer pays above {percent(level)}"
            )
            ax.plot(places, part["accuracy"], color=BLUE, marker="o", label="the answers of this group")
            _bars(ax, places, part, "accuracy", BLUE)
            ax.set_xticks(places, list(part["group"]), fontsize=8.5)
            ax.set(title=name, xlabel="unsure to sure")
            said = (f"{percent(r.accuracy)} of {r.group}" for r in part.itertuples())
            words.append(f"{name}: {', '.join(said)}.")
        share_axis(axes[0])
        axes[0].set_ylabel("accuracy (share of answers right)")
        return finish(figure, title, note, " ".join(words))


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
                ax.contour(range(len(training)), range(len(ks)), shares, levels, colors=BLACK, linewidths=1)
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


def _bars(ax, places, rows: pd.DataFrame, y: str, colour: str) -> None:
    """Intervals from `low` to `high` around `y`."""
    around = (rows[y] - rows["low"], rows["high"] - rows[y])
    ax.errorbar(places, rows[y], yerr=around, fmt="none", color=colour, alpha=0.6, lw=1, capsize=2)


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

"""Charts of scores: how they spread, and whether a claimed probability is honest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.plots.figure import (
    GREEN,
    GREY,
    VERMILLION,
    Figure,
    canvas,
    caption,
    finish,
    percent,
    styles,
)

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"right": (GREEN, ""), "wrong": (VERMILLION, "//")}
BINS = 24


def score_histograms(
    panels: Mapping[str, Mapping[str, Sequence[float]]], *, title: str, model: str, scorer: str, n: int
) -> Figure:
    """How the scores of right and of wrong samples spread: {panel: {"right": scores, "wrong": scores}}.

    Each kind is drawn as shares of its own number, so that the rarer one is seen too. `n`: problems in all.
    """
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    words = []
    with canvas(len(panels), 4.8 * len(panels), 3.8, sharey=False) as (figure, axes):
        for ax, (name, kinds) in zip(axes, panels.items(), strict=True):
            both = [score for scores in kinds.values() for score in scores]
            edges = np.linspace(min(both), max(both) or 1.0, BINS + 1)
            for kind, scores in kinds.items():
                colour, hatch = KINDS[kind]
                share = np.histogram(scores, edges)[0] / max(1, len(scores))
                look = {"color": colour, "alpha": 0.35, "hatch": hatch, "lw": 0}
                ax.stairs(share, edges, fill=True, label=f"{kind} samples", **look)
                ax.stairs(share, edges, color=colour, lw=1.6)
                middle = f"median {np.median(scores):.1f}" if len(scores) else "none"
                words.append(f"{name}, {len(scores):,} {kind} samples: {middle}.")
            ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            ax.yaxis.set_major_formatter(lambda share, _: percent(share))
            ax.set(title=name, xlabel=f"score by {scorer}")
        axes[0].set_ylabel("share of the samples of this kind")
        note = f"{caption(model, band=False)} · {n} problems · scored by {scorer}"
        return finish(figure, title, note, "Histograms of scores. " + " ".join(words))


def calibration(table: pd.DataFrame, *, title: str, model: str, scorer: str) -> Figure:
    """Claimed probability against the share that is right. On the diagonal a claim is true.

    A point a row of `table`: columns `claimed`, `accuracy`, `low`, `high`, `n` (problems) and `method`.
    """
    look = styles(list(table["method"].unique()))
    words = []
    with canvas(width=6.4, height=4.8) as (figure, [ax]):
        ax.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls=(0, (2, 2)), label="claims that are true")
        for method, line in table.groupby("method", sort=False):
            ax.plot(line["claimed"], line["accuracy"], label=method, **look[method])
            ax.vlines(
                line["claimed"], line["low"], line["high"], color=look[method]["color"], alpha=0.35, lw=3
            )
            points = zip(line["claimed"], line["accuracy"], strict=True)
            words.append(
                f"{method}: " + ", ".join(f"claimed {percent(c)}, right {percent(a)}" for c, a in points)
            )
        shares = [0, 0.25, 0.5, 0.75, 1]
        ax.set_xticks(shares, [percent(share) for share in shares])
        ax.set_yticks(shares, [percent(share) for share in shares])
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        ax.set_xlabel(f"probability that {scorer} claims")
        ax.set_ylabel("share that is right")
        note = caption(model, table).replace("band:", "bar:")
        return finish(figure, title, note, "Calibration. " + ". ".join(words) + ".")

"""Charts of scores: how they spread, whether a claim is honest, and what they win over a vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from helpers.plots.figure import (
    BLACK,
    BLUE,
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

    Each kind is drawn as shares of its own number, so that the rarer one is seen too. The outermost bins hold
    the highest and lowest percent, which would squeeze the rest. `n`: problems in all.
    """
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    words = []
    with canvas(len(panels), 4.8 * len(panels), 3.8, sharey=False) as (figure, axes):
        for ax, (name, kinds) in zip(axes, panels.items(), strict=True):
            both = [score for scores in kinds.values() for score in scores]
            low, high = np.percentile(both, [1, 99])
            edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
            for kind, scores in kinds.items():
                colour, hatch = KINDS[kind]
                share = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)[0] / max(1, len(scores))
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

    A point a row of `table`, a panel for each `data`: columns `claimed`, `accuracy`, `low`, `high`,
    `n` (problems), `samples` and `data`.
    """
    panels = list(table.groupby("data", sort=False))
    shares = [0, 0.25, 0.5, 0.75, 1]
    words = []
    with canvas(len(panels), 4.8 * len(panels), 4.4) as (figure, axes):
        for ax, (name, line) in zip(axes, panels, strict=True):
            ax.plot([0, 1], [0, 1], color=GREY, lw=1.2, ls=(0, (2, 2)), label="claims that are true")
            ax.vlines(line["claimed"], line["low"], line["high"], color=BLUE, alpha=0.35, lw=3)
            ax.plot(line["claimed"], line["accuracy"], color=BLUE, lw=1.2, label="samples with that claim")
            size = 12 + 160 * line["samples"] / line["samples"].max()
            ax.scatter(line["claimed"], line["accuracy"], s=size, color=BLUE, zorder=3)
            points = zip(line["claimed"], line["accuracy"], line["samples"], strict=True)
            words.append(
                f"{name}: "
                + ", ".join(f"claimed {percent(c)}, right {percent(a)} of {n}" for c, a, n in points)
            )
            ax.set_xticks(shares, [percent(share) for share in shares])
            ax.set_yticks(shares, [percent(share) for share in shares])
            ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), title=name)
            ax.set_xlabel(f"probability that {scorer} claims")
        axes[0].set_ylabel("share of the samples that is right")
        note = caption(model, table).replace("band:", "bar:") + " · area of a dot: samples"
        return finish(figure, title, note, "Calibration. " + ". ".join(words) + ".")


def gains(table: pd.DataFrame, *, title: str, model: str, over: str, samples: int) -> Figure:
    """Paired differences in accuracy to the method `over`: a line a `method`, a panel a `data`.

    Columns of `table`: `k`, `gain`, `low`, `high` (shares; bounds of a 95 % interval over problems), `n`,
    `method`, `data`.
    """
    look = styles(list(table["method"].unique()))
    panels = list(table.groupby("data", sort=False))
    words = []
    with canvas(len(panels), 4.8 * len(panels), 4.4) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            ax.axhline(0, color=BLACK, lw=1)
            ks = sorted(part["k"].unique())
            lines = list(part.groupby("method", sort=False))
            for i, (method, line) in enumerate(lines):
                line = line.sort_values("k")
                beside = line["k"] * 2 ** (0.08 * (i - (len(lines) - 1) / 2))  # bars must not hide each other
                ax.plot(beside, 100 * line["gain"], label=method, **look[method])
                colour = look[method]["color"]
                ax.vlines(beside, 100 * line["low"], 100 * line["high"], color=colour, alpha=0.4, lw=2)
                ends = zip(line["k"], line["gain"], line["low"], line["high"], strict=True)
                said = ", ".join(
                    f"k = {k}: {100 * g:+.0f} [{100 * a:+.0f}, {100 * b:+.0f}]" for k, g, a, b in ends
                )
                words.append(f"{name}, {method}: {said}.")
            ax.set_xscale("log", base=2)
            ax.set_xticks(ks, [f"{k:g}" for k in ks])
            ax.minorticks_off()
            ax.set(title=name, xlabel="samples for each problem (k)")
        axes[0].set_ylabel(f"points above {over}")
        note = caption(model, table, samples).replace("band:", "bar:") + ", paired over problems"
        return finish(figure, title, note, f"Points above {over}. " + " ".join(words))

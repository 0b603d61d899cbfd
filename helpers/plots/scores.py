"""Figures of scores: how they spread, whether they are honest, and what is thought of each step of a solution.

The figures of notebook 05; the rules are those of `helpers.plots.charts`. Knows nothing of reward models and estimates nothing.
"""

from __future__ import annotations

import html
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

    Each kind is drawn as shares of its own number, so that the rarer one is seen as well. `n`: problems in all.
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
    """Claimed probability against the share that is right, a point a row: columns `claimed`, `accuracy`, `low`, `high`,
    `n` (problems) and `method`. On the diagonal a claim is true.
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


def steps_read(
    question: str, rows: Sequence[tuple[str, float, str]], *, title: str, model: str, scorer: str
) -> Figure:
    """A solution line by line, with a bar for the score of each: (line, score in [0, 1], what is known of the line)."""
    lines, words = [], []
    for line, score, known in rows:
        colour, mark = (BLUE, "") if score >= 0.5 else (VERMILLION, "✗ ")
        bar = f'<div style="background: {colour}; height: 0.8em; width: {100 * score:.0f}%"></div>'
        lines.append(
            f'<tr><td style="text-align: left; font-family: monospace">{html.escape(line)}</td>'
            f'<td style="width: 9em">{bar}</td><td style="color: {colour}">{mark}{score:.2f}</td>'
            f'<td style="text-align: left; color: {BLACK}">{html.escape(known)}</td></tr>'
        )
        words.append(f"{line}: {score:.2f}{', ' + known if known else ''}")
    note = f"{caption(model, band=False)} · a bar: the probability, by {scorer}, that all is right up to here"
    markup = (
        f'<figure style="max-width: 60em; margin: 0.5em 0 1.5em"><b>{html.escape(title)}</b>'
        f'<p style="margin: 0.5em 0">{html.escape(question)}</p><table style="background: white">{"".join(lines)}</table>'
        f'<figcaption style="font-size: 85%; opacity: 0.75; margin-top: 0.5em">{html.escape(note)}</figcaption></figure>'
    )
    return Figure(f"{title} {question} {'. '.join(words)}. {note}.", markup)

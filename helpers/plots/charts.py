"""Charts of accuracy, and of votes.

A chart takes a table with one row for each point: the columns `accuracy`, `low` and `high` (shares, with the
bounds of a 95 % interval), `n` (problems behind the point) and `method`, and what the figure is drawn over,
such as `steps`, `k` or `tokens`. The title states the finding and comes from the notebook; so does the name
of the model.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from helpers.answers import answers_match, vote_key
from helpers.plots.figure import (
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

AXES = {
    "steps": "calculations that a problem needs (steps)",
    "k": "samples for each problem (k)",
    "tokens": "generated tokens for each problem",
}


def accuracy_by(
    table: pd.DataFrame,
    x: str,
    *,
    title: str,
    model: str,
    panel: str | None = None,
    samples: int | None = None,
) -> Figure:
    """Accuracy over the column `x`, a line with a band for each `method`, a panel for each value of `panel`.

    Values of `x` that double (k = 1, 2, 4, ...) are set at equal distances.
    """
    _need(table, x, "method", "accuracy", "low", "high", *([panel] if panel else []))
    panels = list(table.groupby(panel, sort=False)) if panel else [("", table)]
    look = styles(list(table["method"].unique()))
    with canvas(len(panels), width=7.6 if len(panels) == 1 else 4.8 * len(panels)) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            for method, line in part.groupby("method", sort=False):
                line = line.sort_values(x)
                ax.plot(line[x], line["accuracy"], label=method, **look[method])
                ax.fill_between(
                    line[x], line["low"], line["high"], color=look[method]["color"], alpha=0.15, lw=0
                )
            values = sorted(part[x].unique())
            if len(values) > 2 and all(b == 2 * a for a, b in pairwise(values)):
                ax.set_xscale("log", base=2)
            ax.set_xticks(values, [f"{value:g}" for value in values])
            ax.minorticks_off()
            ax.set(title=name, xlabel=AXES.get(x, x))
        _accuracy_axis(axes[0])
        return finish(figure, title, caption(model, table, samples), _words(table, x, panel))


def accuracy_against_tokens(
    table: pd.DataFrame,
    *,
    title: str,
    model: str,
    label: str | None = None,
    samples: int | None = None,
) -> Figure:
    """Accuracy over `tokens` (a problem, on average; logarithmic axis), a path for each `method`.

    A path goes in the order of the table; its first and its last point are named by the column `label`, but
    for a name that stands there already.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    _need(table, "method", "tokens", "accuracy", "low", "high", *([label] if label else []))
    look = styles(list(table["method"].unique()))
    placed: list[tuple[str, float, float]] = []
    with canvas() as (figure, [ax]):
        for method, path in table.groupby("method", sort=False):
            ax.plot(path["tokens"], path["accuracy"], label=method, **look[method])
            ax.vlines(
                path["tokens"], path["low"], path["high"], color=look[method]["color"], alpha=0.35, lw=3
            )
            for point, side in ((path.iloc[0], -1), (path.iloc[-1], 1)) if label else ():
                name = _named(label, point[label])
                if _stands(placed, name, point):
                    continue
                placed.append((name, point["tokens"], point["accuracy"]))
                ax.annotate(
                    name,
                    (point["tokens"], point["accuracy"]),
                    xytext=(8 * side, 0),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    va="center",
                    color=look[method]["color"],
                )
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda tokens, _: f"{tokens:,.0f}"))
        ax.set_xlim(table["tokens"].min() / 1.9, table["tokens"].max() * 1.9)
        ax.set_xlabel(AXES["tokens"])
        _accuracy_axis(ax)
        note = caption(model, table, samples).replace("band:", "bar:")
        return finish(figure, title, note, _words(table, "tokens"))


def _stands(placed: Sequence[tuple[str, float, float]], name: str, point: pd.Series) -> bool:
    """Whether the same name stands so near that the two would be set over each other."""
    tokens, share = point["tokens"], point["accuracy"]
    return any(
        name == other and abs(t / tokens - 1) < 0.15 and abs(a - share) < 0.05 for other, t, a in placed
    )


def bars(table: pd.DataFrame, *, title: str, model: str, samples: int | None = None) -> Figure:
    """One bar for each row of the table, named by its column `label`, from the top down."""
    _need(table, "label", "accuracy", "low", "high")
    labels = [textwrap.fill(str(label), 34) for label in table["label"]]
    places = range(len(table))
    with canvas(height=1.5 + 0.42 * len(table)) as (figure, [ax]):
        ax.barh(places, table["accuracy"], color=BLUE, height=0.62)
        ax.hlines(places, table["low"], table["high"], color="black", lw=1.5)
        for place, (share, high) in enumerate(zip(table["accuracy"], table["high"], strict=True)):
            ax.text(max(share, high) + 0.015, place, percent(share), va="center")
        ax.set_yticks(places, labels)
        ax.invert_yaxis()
        ax.grid(False, axis="y")
        ax.set_xlim(0, 1.08)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [percent(share) for share in (0, 0.25, 0.5, 0.75, 1)])
        ax.set_xlabel("accuracy (share of problems right)")
        rows = zip(table["label"], table["accuracy"], strict=True)
        words = "Bars: " + ", ".join(f"{label} {percent(share)}" for label, share in rows) + "."
        return finish(figure, title, caption(model, table, samples).replace("band:", "line:"), words)


def vote_bars(questions: Mapping[str, tuple[Sequence[str | None], str]], *, title: str, model: str) -> Figure:
    """The votes on single questions, side by side: {name: (the answers of all samples, the right answer)}.

    The most voted answer stands on top, a tie is broken by the first seen; answers beyond the sixth are put
    together, and samples without an answer are shown last.
    """
    words = []
    with canvas(len(questions), 4.4 * max(2, len(questions)), 3.8, sharey=False) as (figure, axes):
        for ax, (name, (answers, gold)) in zip(axes, questions.items(), strict=True):
            rows = _vote_rows(answers, gold)
            for place, (_, votes, kind) in enumerate(rows):
                colour, hatch = {"right": (GREEN, ""), "wrong": (VERMILLION, "//")}.get(kind, (GREY, ".."))
                ax.barh(place, votes, color=colour, hatch=hatch, edgecolor="white", height=0.7)
                wins = ", wins" if place == 0 and kind != "no answer" else ""
                ax.text(votes, place, f"  {votes} {kind}{wins}", va="center", fontsize=9)
            ax.set_yticks(range(len(rows)), [_short(text) for text, *_ in rows])
            ax.tick_params(axis="y", length=0)
            ax.set_ylim(6.6, -0.6)
            ax.set_xlim(0, 1.45 * max(votes for _, votes, _ in rows))
            ax.xaxis.get_major_locator().set_params(integer=True)
            ax.grid(False, axis="y")
            ax.set(title=textwrap.fill(name, 44), xlabel="votes (samples)")
            words.append(
                f"{name}: " + ", ".join(f"{text} {votes} ({kind})" for text, votes, kind in rows) + "."
            )
        axes[0].set_ylabel("answer")
        samples = {len(answers) for answers, _ in questions.values()}
        note = caption(model, samples=max(samples), band=False)
        return finish(figure, title, note, "Votes. " + " ".join(words))


def _need(table: pd.DataFrame, *columns: str) -> None:
    missing = [column for column in columns if column not in table]
    if missing or not len(table):
        raise ValueError(f"The table of a figure needs rows and the columns {', '.join(missing or columns)}.")


def _accuracy_axis(ax) -> None:
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(share) for share in (0, 0.25, 0.5, 0.75, 1)])
    ax.set_ylabel("accuracy (share of problems right)")


def _named(label: str, value) -> str:
    return f"{label} = {value:g}" if len(label) == 1 else f"{value} {label}"


def _short(text: str, longest: int = 18) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _words(table: pd.DataFrame, x: str, panel: str | None = None) -> str:
    """The points of a chart in words."""
    lines = []
    for names, line in table.groupby([panel, "method"] if panel else ["method"], sort=False):
        points = (f"{percent(p['accuracy'])} at {p[x]:.4g} {x}" for _, p in line.iterrows())
        lines.append(f"{', '.join(map(str, names))}: {', '.join(points)}.")
    return f"Accuracy over {AXES.get(x, x)}. " + " ".join(lines)


def _vote_rows(answers: Sequence[str | None], gold: str) -> list[tuple[str, int, str]]:
    """(answer, votes, "right" | "wrong" | "no answer"), at most seven; of equals the first seen first."""
    keys = {answer: vote_key(answer) for answer in answers if answer is not None}
    shown = {key: answer for answer, key in reversed(keys.items())}  # the first seen of equal answers
    votes = Counter(keys[answer] for answer in answers if answer is not None).most_common()
    rows = [(shown[k], count, "right" if answers_match(shown[k], gold) else "wrong") for k, count in votes]
    silent = len(answers) - sum(count for _, count in votes)
    room = 6 if silent else 7
    if len(rows) > room:
        rest = rows[room - 1 :]
        found = any(kind == "right" for *_, kind in rest)
        kind = "one of them right" if found else "wrong"
        rows = [*rows[: room - 1], (f"{len(rest)} others", sum(count for _, count, _ in rest), kind)]
    return rows + [("none", silent, "no answer")] * bool(silent)

"""The main figure: every method of the course, coloured by where its information comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.plots.figure import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Figure,
    canvas,
    finish,
    percent,
)

if TYPE_CHECKING:
    import pandas as pd

CHAIN, LARGE, ORACLE = "chain of thought", "the large model, one greedy chain", "oracle"
GROUPS = ("one chain", "votes", "program as verifier", "model as verifier", "search", "sequential")
COLOURS = dict(zip(GROUPS, (BLACK, BLUE, GREEN, VERMILLION, PURPLE, ORANGE), strict=True))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # one for each method of a group


def finding(table: pd.DataFrame) -> str:
    """What the figure shows, in words: which methods, at the largest size tried, are above one greedy chain.

    Above: the paired 95 % interval is. No size is picked by its outcome.
    """
    said = []
    for data, part in table[table["group"].isin(GROUPS[1:])].groupby("data", sort=False):
        ends = part.groupby("method", sort=False).tail(1)
        above = ends[ends["gain_low"] > 0].sort_values("gain", ascending=False)
        names = ", ".join(
            f"{row.method} {100 * row.gain:+.0f}" for row in above.head(3).itertuples(index=False)
        )
        said.append(f"{len(above)} of {len(ends)} on {data}" + (f" ({names} points)" if names else ""))
    return f"At their largest size these methods are above one greedy chain: {'; '.join(said)}"


def draw_methods(table: pd.DataFrame, model: str) -> Figure:
    """Accuracy against tokens written and read: a panel a data set, a path a method, coloured by group.

    A thin line leads from the tokens written to all tokens. Across: one greedy chain of the model and of the
    large one; above: the oracle, which knows a right sample whenever there is one.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    table = table.assign(tokens=table["written"] + table["read"])
    panels = list(table.groupby("data", sort=False))
    looks = _looks(table)
    words = []
    with canvas(len(panels), 6.4 * len(panels), 6.6) as (figure, axes):
        for ax, (name, part) in zip(axes, panels, strict=True):
            for method, path in part.groupby("method", sort=False):
                _draw(ax, method, path, looks)
                points = (f"{percent(p.accuracy)} for {p.tokens:.0f}" for p in path.itertuples(index=False))
                words.append(f"{name}, {method}: {', '.join(points)}.")
            ax.set_xscale("log")
            ax.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
            ax.xaxis.set_minor_locator(NullLocator())
            ax.xaxis.set_major_formatter(FuncFormatter(lambda tokens, _: f"{tokens:,.0f}"))
            ax.set(
                title=f"{name} ({part['n'].max()} problems)",
                xlabel="tokens for each problem, written and read",
            )
            ax.set_ylim(-0.02, 1.02)
            ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(x) for x in (0, 0.25, 0.5, 0.75, 1)])
        axes[0].set_ylabel("accuracy (share of problems right)")
        note = (
            f"Model: {model} · a colour: where the information comes from · upright bar: 95 % interval · "
            "thin line: from tokens written to all tokens (a verifier reads, too)"
        )
        return finish(figure, finding(table), note, "Accuracy against tokens. " + " ".join(words))


def _looks(table: pd.DataFrame) -> dict[str, dict]:
    """Colour by group, marker by method within the group."""
    found = {}
    for group, part in table.groupby("group", sort=False):
        for method, marker in zip(part["method"].unique(), MARKERS, strict=False):
            found[method] = {
                "color": COLOURS.get(group, GREY),
                "marker": marker,
                "label": method,
            }
    return found


def _draw(ax, method: str, path: pd.DataFrame, looks: dict[str, dict]) -> None:
    if method == ORACLE:
        ax.plot(path["tokens"], path["accuracy"], color=GREY, ls=(0, (1, 1)), lw=1.5, label="oracle (pass@k)")
        return
    if method == LARGE:
        ax.axhline(path["accuracy"].iloc[0], color=SKY, ls=(0, (6, 2)), lw=1.5, label=LARGE)
        return
    look = looks[method]
    if method == CHAIN:
        label = "one greedy chain, as a line across"
        ax.axhline(path["accuracy"].iloc[0], color=BLACK, ls="-", lw=1.2, label=label)
    ax.hlines(path["accuracy"], path["written"], path["tokens"], color=look["color"], lw=0.8, alpha=0.5)
    ax.vlines(path["tokens"], path["low"], path["high"], color=look["color"], alpha=0.25, lw=2.5)
    ax.plot(path["tokens"], path["accuracy"], lw=1.4, markersize=5.5, **look)

"""How often roll-outs end right, line by line around the first mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.plots.figure import BLUE, GREY, Figure, canvas, caption, finish, percent

if TYPE_CHECKING:
    import pandas as pd


def rollout_places(table: pd.DataFrame, *, title: str, model: str, rollouts: int) -> Figure:
    """A point for each `place` of the table, counted from the first wrong line (0), with the columns
    `accuracy`, `low` and `high`: the share of roll-outs begun after that line that end right; and `n`, the
    solutions that have such a line.
    """
    table = table.sort_values("place")
    names = [_named(place, table["place"]) for place in table["place"]]
    with canvas() as (figure, [ax]):
        ax.axvline(-0.5, color=GREY, lw=1, ls="--")
        ax.plot(table["place"], table["accuracy"], color=BLUE, marker="o")
        ax.fill_between(table["place"], table["low"], table["high"], color=BLUE, alpha=0.15, lw=0)
        ticks = [f"{name}\nn = {n}" for name, n in zip(names, table["n"], strict=True)]
        ax.set_xticks(table["place"], ticks)
        ax.set_ylim(-0.03, 1.03)
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(y) for y in (0, 0.25, 0.5, 0.75, 1)])
        ax.set(xlabel="line after which the roll-outs begin", ylabel="roll-outs that end right")
        note = f"{caption(model)} over solutions · n: wrong solutions, {rollouts} roll-outs a line"
        words = ", ".join(
            f"{name} {percent(share)} of {n}".replace("\n", " ")
            for name, share, n in zip(names, table["accuracy"], table["n"], strict=True)
        )
        return finish(figure, title, note, f"Roll-outs that end right: {words} solutions.")


def _named(place: int, places: pd.Series) -> str:
    if place == 0:
        return "the first\nwrong line"
    more = " or more" if place in (places.min(), places.max()) else ""
    return f"{abs(place)}{more}\n{'before' if place < 0 else 'after'}"

"""How often roll-outs end right, line by line around the first mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.plots.figure import BLUE, GREY, Figure, canvas, caption, finish, percent

if TYPE_CHECKING:
    import pandas as pd


def rollout_places(table: pd.DataFrame, *, title: str, model: str, solutions: int, rollouts: int) -> Figure:
    """A point for each `place` of the table, counted from the first wrong line (0), with the columns
    `accuracy`, `low` and `high`: the share of roll-outs begun after that line that end right.
    """
    table = table.sort_values("place")
    with canvas() as (figure, [ax]):
        ax.axvline(-0.5, color=GREY, lw=1, ls="--")
        ax.plot(table["place"], table["accuracy"], color=BLUE, marker="o")
        ax.fill_between(table["place"], table["low"], table["high"], color=BLUE, alpha=0.15, lw=0)
        ax.set_xticks(table["place"], [_named(place, table["place"]) for place in table["place"]])
        ax.set_ylim(0, 1.02)
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(y) for y in (0, 0.25, 0.5, 0.75, 1)])
        ax.set(xlabel="line after which the roll-outs begin", ylabel="roll-outs that end right")
        note = f"{caption(model)} · {solutions} wrong solutions, {rollouts} roll-outs a line"
        words = ", ".join(
            f"{_named(place, table['place'])} {percent(share)}".replace("\n", " ")
            for place, share in zip(table["place"], table["accuracy"], strict=True)
        )
        return finish(figure, title, note, f"Roll-outs that end right: {words}.")


def _named(place: int, places: pd.Series) -> str:
    if place == 0:
        return "the first\nwrong line"
    more = " or more" if place in (places.min(), places.max()) else ""
    return f"{abs(place)}{more}\n{'before' if place < 0 else 'after'}"

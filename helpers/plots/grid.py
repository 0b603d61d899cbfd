"""The picture of a best-of-N run with a judge: every question a row, every candidate a square.

Knows nothing of models and judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.plots.figure import BLACK, BLUE, ORANGE, Figure, canvas, finish


@dataclass(frozen=True)
class GridRow:
    """One question: its name, which candidates are right, their scores, and the one that was chosen."""

    name: str
    right: Sequence[bool]
    scores: Sequence[float]
    chosen: int


def grid(rows: Sequence[GridRow], *, title: str, model: str, judge: str) -> Figure:
    """A square for each candidate: blue with ✓ where it is right, orange with ✗ where it is wrong, its score
    below, a thick frame around the chosen one. Raises ValueError without rows.
    """
    if not rows:
        raise ValueError("A grid needs at least one question.")
    most = max(len(row.right) for row in rows)
    with canvas(width=max(5.5, 2.2 + 0.95 * most), height=1.5 + 0.46 * len(rows)) as (figure, [ax]):
        for y, row in enumerate(rows):
            for x, (right, score) in enumerate(zip(row.right, row.scores, strict=True)):
                chosen = x == row.chosen
                look = {"facecolor": BLUE if right else ORANGE, "alpha": 0.85 if chosen else 0.4}
                ax.add_patch(_square(x, y, **look))
                if chosen:
                    ax.add_patch(_square(x, y, fill=False, edgecolor=BLACK, lw=2.5))
                ink = "white" if chosen and right else "black"
                ax.text(x, y, f"{'✓' if right else '✗'} {score:g}", ha="center", va="center", color=ink)
        ax.set_xlim(-0.5, most - 0.5)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.set_yticks(range(len(rows)), [row.name for row in rows])
        ax.set_xticks(range(most), [str(i + 1) for i in range(most)])
        ax.set(xlabel="candidate")
        ax.grid(False)
        for side in ax.spines.values():
            side.set_visible(False)
        note = f"Model: {model} · judge: {judge} · {len(rows)} questions · ✓ right, ✗ wrong, with the judge's score · frame: chosen"
        words = [
            f"{row.name}: {sum(row.right)} of {len(row.right)} right, the chosen one is "
            f"{'right' if row.right[row.chosen] else 'wrong'}"
            for row in rows
        ]
        return finish(figure, title, note, "; ".join(words) + ".")


def _square(x: int, y: int, **look):
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, **look)

"""Grids of squares: candidates that a judge chose from, and what became of right and wrong answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.plots.figure import BLACK, BLUE, ORANGE, Figure, canvas, finish, percent

WORDS = ("right", "wrong")
KINDS = {  # light enough for black text; the words in each cell say what the colour says
    ("right", "right"): ("#CFE8DD", "kept"),
    ("right", "wrong"): ("#F6C9AE", "broken"),
    ("wrong", "right"): ("#BBD9EE", "mended"),
    ("wrong", "wrong"): ("#E3E3E3", "still wrong"),
}

# {("right", "wrong"): 6, ...}: the first word is the answer before, the second after.
Flips = Mapping[tuple[str, str], int]


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
                ax.add_patch(_square(x, y, 0.9, 0.84, **look))
                if chosen:
                    ax.add_patch(_square(x, y, 0.9, 0.84, fill=False, edgecolor=BLACK, lw=2.5))
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
        note = (
            f"Model: {model} · judge: {judge} · {len(rows)} questions · ✓ right, ✗ wrong, with the judge's "
            "score · "
            "frame: chosen"
        )
        words = [
            f"{row.name}: {sum(row.right)} of {len(row.right)} right, the chosen one is "
            f"{'right' if row.right[row.chosen] else 'wrong'}"
            for row in rows
        ]
        return finish(figure, title, note, "; ".join(words) + ".")


def draw_flips(matrices: Mapping[str, Flips], *, title: str, model: str) -> Figure:
    """Flip matrices side by side, one for each name: rows are before, columns after; counts and shares of
    rows.

    Raises ValueError for a matrix that lacks one of the four kinds.
    """
    words = []
    with canvas(len(matrices), width=max(5.2, 4.0 * len(matrices)), height=3.5) as (figure, axes):
        for ax, (name, flips) in zip(axes, matrices.items(), strict=True):
            if set(flips) != set(KINDS):
                raise ValueError(
                    "A flip matrix needs the four kinds (right or wrong before, right or wrong after)."
                )
            for (before, after), count in flips.items():
                x, y = WORDS.index(after), WORDS.index(before)
                row = sum(flips[before, word] for word in WORDS)
                colour, said = KINDS[before, after]
                ax.add_patch(_square(x, y, 0.96, 0.96, facecolor=colour, lw=0))
                share = f"{percent(count / row)} of those {before}" if row else f"none was {before}"
                ax.text(x, y - 0.08, str(count), ha="center", va="center", fontsize=20, weight="bold")
                ax.text(x, y + 0.25, f"{said}\n{share}", ha="center", va="center", fontsize=8.5)
            ax.set(xlim=(-0.5, 1.5), ylim=(1.5, -0.5), title=name)
            ax.set_xticks([0, 1], [f"{word} after" for word in WORDS])
            ax.set_yticks([0, 1], [f"{word} before" for word in WORDS])
            ax.tick_params(length=0)
            ax.grid(False)
            ax.spines[:].set_visible(False)
            words.append(f"{name}: " + ", ".join(f"{a} to {b} {n}" for (a, b), n in flips.items()) + ".")
        n = sum(next(iter(matrices.values())).values())
        note = f"Model: {model} · {n} problems · counts; shares of a row"
        return finish(figure, title, note, "Flip matrices. " + " ".join(words))


def _square(x: int, y: int, width: float, height: float, **look):
    """A rectangle around (x, y)."""
    from matplotlib.patches import Rectangle

    return Rectangle((x - width / 2, y - height / 2), width, height, **look)

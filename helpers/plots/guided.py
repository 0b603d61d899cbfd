"""Pictures of a search that a verifier guides: step scores, genealogies, trees with visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
)
from helpers.plots.trees import LEFT, Node, tree

Place = tuple[str, ...]
ENDED = {"kept": "mean result between 0 and 1", "pruned": "all results 0", "answer": "all solved"}


def step_scores(
    kinds: Mapping[str, Sequence[float]], *, title: str, model: str, scorer: str, line: float = 0.5
) -> Figure:
    """The scores of lines by where they stand, from left to right: {"one line before": scores, ...}.

    A box holds the middle half, the thick line is the median, the whiskers reach from 5 to 95 %.
    """
    import numpy as np

    kinds = {kind: scores for kind, scores in kinds.items() if len(scores)}
    words = []
    with canvas() as (figure, [ax]):
        ax.axhline(line, color=GREY, lw=1, ls=(0, (2, 2)))
        for place, (kind, scores) in enumerate(kinds.items()):
            low, first, middle, third, high = np.percentile(scores, [5, 25, 50, 75, 95])
            colour = BLUE if middle >= line else VERMILLION
            ax.vlines(place, low, high, color=colour, lw=1.2)
            ax.bar(
                place,
                third - first,
                bottom=first,
                width=0.5,
                color=colour,
                alpha=0.3,
                edgecolor=colour,
                hatch="" if middle >= line else "//",
            )
            ax.hlines(middle, place - 0.25, place + 0.25, color=colour, lw=3)
            words.append(f"{kind}: median {middle:.2f} of {len(scores)} lines.")
        ax.set_xticks(range(len(kinds)), [f"{kind}\n{len(scores)} lines" for kind, scores in kinds.items()])
        ax.set(ylim=(-0.02, 1.02), ylabel=f"score by {scorer}")
        ax.grid(False, axis="x")
        note = f"{caption(model, band=False)} · box: middle half, thick: median, whiskers: 5 to 95 %"
        return finish(figure, title, note, "Scores of lines. " + " ".join(words))


@dataclass(frozen=True)
class Generation:
    """The particles after one line: the score of each, and its parent's place in the generation before."""

    scores: tuple[float, ...]
    parents: tuple[int, ...]


def genealogy(generations: Sequence[Generation], *, title: str, model: str) -> Figure:
    """Who descends from whom: a column for each line of the solutions, a mark for each particle.

    Blue dots have a score of 0.5 or more. Thick lines lead to the last generation: all else died out.
    """
    alive = [set(range(len(generations[-1].parents)))]
    for generation in reversed(generations[1:]):
        alive.insert(0, {generation.parents[i] for i in alive[0]})
    with canvas(width=max(6.0, 1.2 * len(generations)), height=4.4) as (figure, [ax]):
        for column, generation in enumerate(generations):
            for i, (score, parent) in enumerate(zip(generation.scores, generation.parents, strict=True)):
                lives = i in alive[column]
                if column:
                    look = {"color": GREEN, "lw": 2.4} if lives else {"color": GREY, "lw": 0.9}
                    ax.plot([column - 1, column], [parent, i], zorder=1, **look)
                colour, marker = (BLUE, "o") if score >= 0.5 else (VERMILLION, "X")
                ax.scatter(column, i, s=30 + 90 * score, color=colour, marker=marker, zorder=2)
        ax.set_xticks(range(len(generations)), [str(column + 1) for column in range(len(generations))])
        ax.set(xlabel="line of the solution", ylabel="particle")
        ax.set_ylim(max(len(g.parents) for g in generations) - 0.4, -0.6)
        ax.grid(False)
        roots = len(alive[0])
        marks = (
            "blue dot: score of 0.5 or more, orange cross: below · green, thick: has descendants at the end"
        )
        note = f"{caption(model, band=False)} · {marks}"
        words = [
            f"line {column + 1}: {sum(s >= 0.5 for s in g.scores)} of {len(g.scores)} scored 0.5 or more"
            for column, g in enumerate(generations)
        ]
        alt = f"Genealogy of particles; at the end {roots} of the first have descendants: {'; '.join(words)}."
        return finish(figure, title, note, alt)


def visited_tree(
    children: Mapping[Place, Sequence[Place]],
    visits: Mapping[Place, int],
    totals: Mapping[Place, float],
    *,
    root: str,
    title: str,
    model: str,
    most: int = 24,
) -> Figure:
    """A tree of Monte Carlo tree search: under each step its visits and the mean of their results.

    A place is a tuple of lines. At most `most` places are drawn, the most visited; solved ones (all their
    results are 1) are green, those whose results are all 0 grey.
    """
    nodes = visit_nodes(children, visits, totals, root=root, most=most)
    return tree(nodes, title=title, model=model, fates=ENDED)


def visit_nodes(
    children: Mapping[Place, Sequence[Place]],
    visits: Mapping[Place, int],
    totals: Mapping[Place, float],
    *,
    root: str,
    most: int,
) -> list[Node]:
    """The nodes of `visited_tree`, parents before children."""
    places = [place for row in children.values() for place in row if visits.get(place)]
    drawn = sorted(places, key=lambda place: (-visits[place], len(place)))[:most]
    ways = dict.fromkeys(place[:end] for place in drawn for end in range(1, len(place) + 1))
    nodes, at = [Node(root, None, "kept", f"{visits.get((), 0)} visits")], {(): 0}
    for place in sorted(ways, key=len):
        count, share = visits[place], totals.get(place, 0.0) / visits[place]
        fate = "answer" if share == 1 else "pruned" if share == 0 else "kept"
        at[place] = len(nodes)
        note = f"{count} visit{'s' * (count != 1)}, {percent(share)}"
        nodes.append(Node(LEFT.sub(r"\nleft \1", place[-1]), at[place[:-1]], fate, note))
    return nodes

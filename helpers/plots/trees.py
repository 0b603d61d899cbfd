"""The picture of a search: partial solutions as a tree, from the question on the left to the answer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf

from helpers.plots.figure import BLUE, GREEN, GREY, Figure, canvas, finish
from helpers.search import Level, State

FATES = {"kept": "kept", "pruned": "pruned", "answer": "answer"}
LEFT = re.compile(r" \(left: ([^)]*)\)")  # shown on a line of its own


@dataclass(frozen=True)
class Node:
    """A node of a search tree: `parent` is the place of its parent in the list of nodes, None for the root.

    `state` is "kept", "pruned" or "answer"; `note` stands small under the label, such as the state's value.
    """

    label: str
    parent: int | None
    state: str = "kept"
    note: str = ""


def tree(nodes: Sequence[Node], *, title: str, model: str, fates: Mapping[str, str] = FATES) -> Figure:
    """A search tree from left to right: kept nodes blue, pruned ones grey, dashed, answers green, thick.

    `fates` says what these three mean, where it is something else.
    """
    depth, height = _layout(nodes)
    look = {"kept": (BLUE, "-", 1.4), "pruned": (GREY, (0, (3, 2)), 1.0), "answer": (GREEN, "-", 2.6)}
    levels, rows = max(depth) + 1, max(height) + 1
    with canvas(width=max(6.0, 2.3 * levels), height=1.4 + 0.72 * rows) as (figure, [ax]):
        for i, node in enumerate(nodes):
            colour, dashes, width = look[node.state]
            text = _wrapped(node.label) + (f"\n({node.note})" if node.note else "")
            if node.parent is not None:
                ends = [depth[node.parent], depth[i]], [height[node.parent], height[i]]
                ax.plot(*ends, color=colour, linestyle=dashes, lw=width, zorder=1)
            box = {
                "boxstyle": "round,pad=0.35",
                "fc": "white",
                "ec": colour,
                "linestyle": dashes,
                "lw": width,
            }
            ink = "#555555" if node.state == "pruned" else "black"
            ax.text(depth[i], height[i], text, ha="center", va="center", fontsize=8.5, color=ink, bbox=box)
        ax.set_xlim(-0.5, levels - 0.5)
        ax.set_ylim(rows - 0.4, -0.6)
        ax.axis("off")
        kept, pruned, answer = (fates[state] for state in look)
        note = f"Model: {model} · blue: {kept} · grey, dashed: {pruned} · green, thick: {answer}"
        words = [f"{'  ' * depth[i]}{node.label} ({fates[node.state]})" for i, node in enumerate(nodes)]
        return finish(figure, title, note, "Search tree: " + "; ".join(words) + ".")


def draw_search(
    levels: Sequence[Level],
    answer: State | None,
    *,
    problem: int,
    root: str,
    title: str,
    model: str,
) -> Figure:
    """The search of one problem as a tree, from the question `root` on the left to `answer` on the right.

    The path to `answer` is highlighted, pruned states are grey; the number under a step is its score.
    """
    return tree(search_nodes(levels, answer, problem=problem, root=root), title=title, model=model)


def search_nodes(levels: Sequence[Level], answer: State | None, *, problem: int, root: str) -> list[Node]:
    """The nodes of one problem's search, parents before children. A state that stays in the search over
    several levels is one node, with the score and the fate of its last level.
    """
    last: dict[tuple[str, ...], tuple[float, bool]] = {}
    for states, scores, kept in levels:
        stays = {state.lines for state in kept if state.problem == problem}
        for state, score in zip(states, scores, strict=True):
            if state.problem == problem:
                last[state.lines] = (score, state.lines in stays)
    path = {answer.lines[:end] for end in range(len(answer.lines) + 1)} if answer else set()
    nodes, place = [Node(root, None, "answer" if answer else "kept")], {(): 0}
    for lines, (score, stays) in sorted(last.items(), key=lambda item: len(item[0])):
        fate = "answer" if lines in path else "kept" if stays else "pruned"
        place[lines] = len(nodes)
        note = "ruled out" if isinf(score) else f"{score:.2f}"
        nodes.append(Node(LEFT.sub(r"\nleft \1", lines[-1]), place[lines[:-1]], fate, note))
    return nodes


def _wrapped(label: str) -> str:
    """A step over two lines, its calculation kept together: "Buys 7:" above "7 + 7 = 14"."""
    return "\n".join(textwrap.fill(part, 26) for part in label.replace(": ", ":\n", 1).split("\n"))


def _layout(nodes: Sequence[Node]) -> tuple[list[int], list[float]]:
    """The depth of each node, and its row: leaves one below the other, a parent amid its children."""
    children = [[i for i, node in enumerate(nodes) if node.parent == parent] for parent in range(len(nodes))]
    depth, height, leaves = [0] * len(nodes), [0.0] * len(nodes), iter(range(len(nodes)))

    def place(i: int, level: int) -> None:
        depth[i] = level
        for child in children[i]:
            place(child, level + 1)
        rows = [height[child] for child in children[i]]
        height[i] = sum(rows) / len(rows) if rows else next(leaves)

    for i, node in enumerate(nodes):
        if node.parent is None:
            place(i, 0)
    return depth, height

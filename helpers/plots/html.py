"""Texts drawn: replies beside each other, and a tree of partial solutions. Each returns a `Figure`.

Knows nothing of models, of how a reply came about or how a tree was searched.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.answers import answers_match
from helpers.plots.figure import BLUE, GREEN, GREY, VERMILLION, Figure, canvas, caption, finish
from helpers.problems import Problem


def answered_twice(problem: Problem, runs: Mapping[str, Mapping], *, model: str) -> Figure:
    """The replies to one question side by side: {method: {"text": ..., "pred": ..., "tokens": ...}}."""
    verdicts, columns = [], []
    for method, run in runs.items():
        right = answers_match(run["pred"], problem.answer)
        verdict = "right" if right else "wrong" if run["pred"] is not None else "no answer"
        verdicts.append(f"{method} {verdict} ({run['tokens']} tokens)")
        colour = GREEN if right else VERMILLION
        read = (
            "nothing could be read"
            if run["pred"] is None
            else f"read: <b>{html.escape(str(run['pred']))}</b>"
        )
        columns.append(
            f'<div style="flex: 1 1 18em; border-left: 4px solid {colour}; padding-left: 0.8em">'
            f"<b>{html.escape(method)}</b> · {run['tokens']} tokens"
            f'<pre style="white-space: pre-wrap; background: none; color: inherit; padding: 0; margin: 0.5em 0">'
            f"{html.escape(run['text'])}</pre>"
            f'{read} <b style="color: {colour}">{"✓" if right else "✗"} {verdict}</b></div>'
        )
    title = f"{problem.id}: " + ", ".join(verdicts)
    note = f"The answer is {problem.answer}. {caption(model, samples=1, band=False)}"
    markup = (
        f'<figure style="max-width: 60em; margin: 0.5em 0 1.5em"><b>{html.escape(title)}</b>'
        f'<p style="margin: 0.5em 0">{html.escape(problem.question)}</p>'
        f'<div style="display: flex; flex-wrap: wrap; gap: 1.5em">{"".join(columns)}</div>'
        f'<figcaption style="font-size: 85%; opacity: 0.75; margin-top: 0.5em">{html.escape(note)}</figcaption></figure>'
    )
    replies = " ".join(f"{method}: {run['text']}" for method, run in runs.items())
    return Figure(f"{title}. {problem.question} {replies} {note}.", markup)


@dataclass(frozen=True)
class Node:
    """A node of a search tree: `parent` is the place of its parent in the list of nodes, None for the root.

    `state` is "kept", "pruned" or "answer"; `note` stands small under the label, such as the value of the state.
    """

    label: str
    parent: int | None
    state: str = "kept"
    note: str = ""


def tree(nodes: Sequence[Node], *, title: str, model: str) -> Figure:
    """A search tree from left to right: kept nodes blue, pruned ones grey and dashed, answers green and thick."""
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
        note = f"Model: {model} · blue: kept · grey, dashed: pruned · green, thick: answer"
        words = [f"{'  ' * depth[i]}{node.label} ({node.state})" for i, node in enumerate(nodes)]
        return finish(figure, title, note, "Search tree: " + "; ".join(words) + ".")


def _wrapped(label: str) -> str:
    """A step over two lines, its calculation kept together: "Buys 7:" above "7 + 7 = 14"."""
    return "\n".join(textwrap.fill(part, 26) for part in label.replace(": ", ":\n", 1).split("\n"))


def _layout(nodes: Sequence[Node]) -> tuple[list[int], list[float]]:
    """The depth of each node, and its row: leaves one below the other, a parent in the middle of its children."""
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

"""What `training.methods` measured, as plain values, as text and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from helpers.plots.methods import CHAIN, draw_methods
from helpers.pools import METHODS

if TYPE_CHECKING:
    from training.methods import Result


def report(
    results: dict[str, list[Result]],
    model: str,
    left_out: Sequence[str] = (),
    sizes: dict[str, int] | None = None,
) -> dict:
    """All rows as plain values, by data set, and what they were measured on; `sizes`: the models' weights."""
    rows = []
    for data, found in results.items():
        [chain] = [result.right for result in found if result.method == CHAIN]
        rows += [{"data": data} | result.row(chain) for result in found]
    return {"model": model, "left out": list(left_out), "parameters": sizes or {}, "rows": rows}


def as_markdown(found: dict) -> str:
    """The table as text."""
    lines = [
        f"{found['model']}, held-out problems. Tokens a problem: written by any model, and read by a judge, "
        "a reward model or the models of Dr. SoW. In brackets: 95 % intervals over problems; differences are "
        "paired.",
    ]
    for data in dict.fromkeys(row["data"] for row in found["rows"]):
        rows = [row for row in found["rows"] if row["data"] == data]
        lines += ["", f"## {data}, {rows[0]['n']} problems", ""]
        lines += ["| notebook | kind | method | k | written | read | accuracy | minus one greedy chain |"]
        lines += ["| --- | --- | --- | --- | --- | --- | --- | --- |"]
        for row in rows:
            accuracy = f"{row['accuracy']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
            gain = f"{row['gain']:+.2f} [{row['gain_low']:+.2f}, {row['gain_high']:+.2f}]"
            named = f"| {row['notebook']} | {row['group']} | {row['method']} | {row['k']} "
            lines.append(f"{named}| {row['written']:.0f} | {row['read']:.0f} | {accuracy} | {gain} |")
    lines += ["", "k: samples, lines from each state of a tree, or rounds."]
    if sizes := found["parameters"]:
        costs = ", ".join(f"{name} {2 * size / 1e6:.1f}" for name, size in sizes.items())
        lines.append(
            f"A token, written or read, costs about two operations a weight, in million FLOP: {costs}."
        )
    if found["left out"]:
        lines.append(f"Left out, since these models were not there: {', '.join(found['left out'])}.")
    return "\n".join([*lines, ""])


def write(found: dict, path: Path = METHODS) -> None:
    """The comparison as data, as text and as a picture."""
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(as_markdown(found), encoding="utf-8")
    draw_methods(pd.DataFrame(found["rows"]), found["model"]).save(path.with_suffix(".png"))

"""How long the solved notebooks take: `make bench-notebooks`.

    python -m bench.notebooks [NN ...]      each in a new kernel: wall seconds from its start to the end
                                            of the last cell, processor seconds, seconds to the first
                                            figure, memory at its peak
    python -m bench.notebooks --keep        the same, and docs/computing.json keeps it, cell by cell
    python -m bench.notebooks --clone       from `git clone` to the first figure, with a warm package cache

The seconds are one machine's, and a busy machine's are longer.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from bench.processes import core_seconds, resident
from bench.sampling import machine
from config import ROOT
from docs.site.minutes import COMPUTING
from grading.kernels import LocalKernelManager

LINE = "{:<28}{:>9}{:>9}{:>15}{:>10}"
SHOWN = 10  # cells of a notebook, the slowest


@dataclass(frozen=True)
class Cost:
    """Seconds and MiB of one run of a notebook, and the seconds of each cell. No figure: `figure` is None."""

    name: str
    seconds: float
    cores: float
    figure: float | None
    mib: float
    cells: dict[str, float]


def run(path: Path) -> Cost:
    """Executes the notebook at `path` as *Run All* does, in a copy of the course folder: 06 takes functions
    from the notebooks beside it.
    """
    notebook = nbformat.read(path, 4)
    starts, cells, ends, figures, cores, memory = {}, {}, [0.0], [], [0.0], [0]

    def before(cell: dict, cell_index: int) -> None:
        starts[cell_index] = time.perf_counter()

    def after(cell: dict, cell_index: int, execute_reply: dict | None = None) -> None:
        now = time.perf_counter()
        ends.append(now - begun)
        cells[cell.get("id", str(cell_index))] = now - starts[cell_index]
        if any(has_picture(output) for output in cell.outputs):
            figures.append(now - begun)
        cores.append(core_seconds() - before_all)
        memory.append(resident())

    begun, before_all = time.perf_counter(), core_seconds()
    with tempfile.TemporaryDirectory() as folder:
        place = shutil.copytree(path.parent.parent, Path(folder) / "course") / path.parent.name
        NotebookClient(
            notebook,
            timeout=3600,
            resources={"metadata": {"path": str(place)}},
            kernel_manager_class=LocalKernelManager,
            on_cell_start=before,
            on_cell_executed=after,
        ).execute()
    figure, mib = min(figures, default=None), max(memory) / 2**20
    return Cost(path.stem, ends[-1], max(cores), figure, mib, cells)


def has_picture(output: dict) -> bool:
    """Whether an output shows a figure: as an image, or as HTML with one in it."""
    data = output.get("data", {})
    return "image/png" in data or "image/svg+xml" in data or "<img" in str(data.get("text/html", ""))


def keep(cost: Cost, file: Path = COMPUTING) -> None:
    """Writes the cost of the notebook and the seconds of each cell into `file`, beside those of others."""
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"seconds": {}}
    kept["machine"] = machine()
    kept["seconds"][cost.name] = {name: round(seconds, 1) for name, seconds in cost.cells.items()}
    kept["seconds"] = dict(sorted(kept["seconds"].items()))
    figure = None if cost.figure is None else round(cost.figure)
    whole = {"seconds": round(cost.seconds), "core-seconds": round(cost.cores)}
    whole |= {"first figure": figure, "MiB": round(cost.mib)}
    kept["notebooks"] = dict(sorted((kept.get("notebooks", {}) | {cost.name: whole}).items()))
    file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def table(names: Sequence[str], folder: Path, kept: bool = False) -> None:
    """Runs the notebooks whose names begin so, all where none is named, and prints a line for each."""
    paths = [p for p in sorted(folder.glob("*/*.ipynb")) if not names or p.stem.startswith(tuple(names))]
    if not paths:
        sys.exit(f"No notebook of {folder} begins with {', '.join(names)}.")
    print(LINE.format("", "seconds", "core-s", "first figure", "MiB"))
    total = 0.0
    for path in paths:
        cost = run(path)
        total += cost.seconds
        if kept:
            keep(cost)
        figure = "-" if cost.figure is None else f"{cost.figure:.1f}"
        print(LINE.format(cost.name, f"{cost.seconds:.1f}", f"{cost.cores:.1f}", figure, f"{cost.mib:.0f}"))
        slow = sorted(cost.cells, key=cost.cells.get, reverse=True)[:SHOWN]
        print(
            "    slowest cells: " + ", ".join(f"{name} {cost.cells[name]:.1f}" for name in slow), flush=True
        )
    print(LINE.format("all", f"{total:.1f}", "", "", ""))


def from_clone() -> None:
    """The first two commands of the README in a fresh clone, and notebook 00 up to its first figure."""
    with tempfile.TemporaryDirectory() as folder:
        clone, begun = Path(folder) / "course", time.perf_counter()

        def step(name: str, *command: str) -> None:
            done = subprocess.run(
                command, cwd=clone if clone.exists() else folder, capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(f"{name} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
            print(f"{name:<28}{time.perf_counter() - begun:>9.1f}", flush=True)

        print(f"{'':<28}{'seconds':>9}")
        step("cloned", "git", "clone", "--quiet", str(ROOT), str(clone))
        step("installed", "make", ".venv/.ready")
        step("notebook 00, solved", ".venv/bin/python", "-m", "bench.notebooks", "00")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="how the names of the notebooks begin, such as 01")
    parser.add_argument("--clone", action="store_true", help="measure from `git clone` to the first figure")
    parser.add_argument("--keep", action="store_true", help="keep the seconds of each cell for the plan")
    args = parser.parse_args()
    if args.clone:
        from_clone()
    else:
        table(args.names, ROOT / "solutions", args.keep)


if __name__ == "__main__":
    main()

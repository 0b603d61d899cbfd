"""What a solution notebook says about itself: its exercises, their points, and what a release must not show.

An exercise is a code cell that the learner writes, with the test cells between it and the next cell that the
learner writes.
"""

import ast
import builtins
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from config import ROOT
from grading.slicing import free_names, statements

SOLUTIONS = sorted((ROOT / "solutions").glob("*/*.ipynb"))


@dataclass(frozen=True)
class Exercise:
    """`cell` and `tests` are indices into the notebook's cells; `points` is the sum over the tests."""

    grade_id: str
    cell: int
    tests: tuple[int, ...]
    points: float


def read(path: Path) -> NotebookNode:
    """The notebook at `path`, in the current format."""
    return nbformat.read(path, as_version=4)


def grade_id(cell: NotebookNode) -> str:
    """The id under which nbgrader knows the cell, or nothing."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def points(cell: NotebookNode) -> float:
    """What a cell is worth, by tests or by hand."""
    return float(cell.metadata.nbgrader.points) if is_grade(cell) or is_task(cell) else 0.0


def is_test(cell: NotebookNode) -> bool:
    """Whether the cell holds automatic tests."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def is_live(cell: NotebookNode) -> bool:
    """Whether the cell runs a model for a figure."""
    return "live" in cell.metadata.get("tags", [])


def exercises(notebook: NotebookNode) -> dict[str, Exercise]:
    """The exercises that tests grade, by the `grade_id` of the cell that the learner writes, in order."""
    starts = [i for i, cell in enumerate(notebook.cells) if is_solution(cell)] + [len(notebook.cells)]
    found = {}
    for start, end in pairwise(starts):
        tests = tuple(i for i in range(start + 1, end) if is_test(notebook.cells[i]))
        if tests:
            name = grade_id(notebook.cells[start])
            found[name] = Exercise(name, start, tests, sum(points(notebook.cells[i]) for i in tests))
    return found


def secret_lines(notebook: NotebookNode) -> set[str]:
    """Lines of solutions and hidden tests, without those that also stand in the open somewhere.

    Where a cell that the learner writes has no marked region, all of it is secret. One word is no line.
    """
    secret, shown = set(), set()
    for cell in notebook.cells:
        whole = is_solution(cell) and "BEGIN SOLUTION" not in cell.source
        inside = whole
        for line in map(str.strip, cell.source.splitlines()):
            if "BEGIN SOLUTION" in line or "BEGIN HIDDEN TESTS" in line or "BEGIN MARK SCHEME" in line:
                inside = True
            elif "END SOLUTION" in line or "END HIDDEN TESTS" in line or "END MARK SCHEME" in line:
                inside = whole
            else:
                (secret if inside else shown).add(line)
    return {line for line in secret - shown if len(line.split()) > 1}


def fill(release: NotebookNode, solution: NotebookNode, code: dict[str, str] | None = None) -> NotebookNode:
    """The release, handed in with the solution's cells written, or with `code` by `grade_id` instead."""
    written = {grade_id(cell): cell.source for cell in solution.cells if is_solution(cell)} | (code or {})
    submission = nbformat.from_dict(release)
    for cell in submission.cells:
        if is_solution(cell):
            cell.source = written[grade_id(cell)]
    return submission


def needed(notebook: NotebookNode) -> list[int]:
    """Indices of the cells on which the tests' outcome can depend, in order: the tests, and every cell that
    binds or changes a name which a later one of these uses. Left out are cells that only show something, and
    live ones, for which no grader waits.
    """
    names: set[str] = set()
    chosen = []
    for i, cell in reversed(list(enumerate(notebook.cells))):
        if cell.cell_type != "code" or is_live(cell):
            continue
        if is_test(cell) or "import *" in cell.source or changes(cell.source) & names:
            chosen.append(i)
            names |= uses(cell.source)
    return chosen[::-1]


@cache
def changes(source: str) -> frozenset[str]:
    """Names that a cell binds, or whose objects it changes."""
    return frozenset(name for part in statements(source) for name in part.binds | part.alters)


@cache
def uses(source: str) -> frozenset[str]:
    """Names that a cell takes from earlier ones or from Python, and those that it has in quotes."""
    parts = statements(source)
    quoted = {
        n.value
        for n in ast.walk(ast.parse("\n".join(part.source for part in parts)))
        if isinstance(n, ast.Constant)
    }
    builtin = {name for part in parts for name in part.uses if hasattr(builtins, name)}
    return frozenset(free_names(source) | builtin | {text for text in quoted if isinstance(text, str)})

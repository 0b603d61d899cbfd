"""What a solution notebook says about itself: its exercises, their points, and what a release must not show.

An exercise is a code cell that the learner writes, with the test cells between it and the next cell that the
learner writes. Knows nothing of kernels.
"""

import ast
import dis
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import CodeType

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from grading.course import ROOT

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
    (re)binds or changes a name which a later one of these uses. Left out are cells that only show something.
    """
    names: set[str] = set()
    chosen = []
    for i in reversed(range(len(notebook.cells))):
        cell = notebook.cells[i]
        if cell.cell_type != "code":
            continue
        binds, uses = _names(cell.source)
        if is_test(cell) or "*" in binds or binds & names:
            chosen.append(i)
            names |= uses
    return chosen[::-1]


def _names(source: str) -> tuple[set[str], set[str]]:
    """Global names that a cell binds or changes, and those that it takes from earlier cells."""
    source = TransformerManager().transform_cell(source)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(source, "cell", "exec", flags | ast.PyCF_ONLY_AST)
    code = compile(source, "cell", "exec", flags)
    first: dict[str, str] = {}
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_NAME", "STORE_NAME", "DELETE_NAME"):
            first.setdefault(step.argval, step.opname)
    binds = {step.argval for step in _steps(code) if step.opname in ("STORE_NAME", "STORE_GLOBAL")}
    uses = {step.argval for step in _steps(code) if step.opname in ("LOAD_NAME", "LOAD_GLOBAL")}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=[ast.alias("*")]):
                binds.add("*")
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()) | ast.Expr(ast.Call()):
                binds |= {root} if (root := _root(node)) else set()
    return binds, {name for name in uses if first.get(name) != "STORE_NAME"}


def _steps(code: CodeType) -> Iterator[dis.Instruction]:
    """The instructions of a cell and of all functions in it."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _steps(constant)


def _root(node: ast.AST) -> str:
    """`a` of `a.b[c].d = …` and of `a.b(…)`; nothing for a plain call."""
    if isinstance(node, ast.Expr):
        node = node.value.func
        if isinstance(node, ast.Name):
            return ""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""

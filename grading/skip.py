"""Which cells of a learner's notebook need not run for its tests, since no learner waits for a figure
meanwhile.

What is left out are plain cells (no exercise, no test, not locked) that no test depends on. When a name is
missed in spite of that, everything runs.
"""

import re
from collections.abc import Collection

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading.kernels import LocalExecute
from grading.slicing import alters_process, bound_names, free_names, needed_cells

MISSING = re.compile(r"name '(\w+)' is not defined")
TAG = "skip-execution"  # nbclient leaves out cells with this tag


def skippable(notebook: NotebookNode, names: Collection[str]) -> frozenset[int]:
    """Places of the cells that need not run so that `names`, which tests use, are as if all had run."""
    cells = {place: cell for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    tests = {place for place, cell in cells.items() if is_test(cell)}
    plain = {place for place, cell in cells.items() if is_plain_code(cell)}
    late = {place for place in plain if place > max(tests, default=-1)}
    run = [place for place in cells if place not in tests | late]
    always = [number for number, place in enumerate(run) if place not in plain]
    needed = needed_cells([cells[place].source for place in run], always, names)
    return frozenset(plain - {run[number] for number in needed})


def missed(notebook: NotebookNode, skipped: Collection[int]) -> bool:
    """Whether a cell or a test looked in vain for a name that one of the skipped cells binds."""
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
    errors = [each.evalue for each in outputs if each.output_type == "error"]
    names = {name for text in errors for name in MISSING.findall(text)}
    return bool(names & bound_names(notebook.cells[place].source for place in skipped))


def is_plain_code(cell: NotebookNode) -> bool:
    """Whether it is a code cell without a role in grading."""
    return cell.cell_type == "code" and not cell.metadata.get("nbgrader")


def is_test(cell: NotebookNode) -> bool:
    """Whether it is a code cell that tests another."""
    return cell.cell_type == "code" and is_grade(cell) and not is_solution(cell)


def require_separate_tests(notebook: NotebookNode) -> None:
    """Raises ValueError for a test that means the learner's process, since tests run in one of their own."""
    for cell in filter(is_test, notebook.cells):
        if alters_process(cell.source):
            raise ValueError(
                f"{cell.metadata.nbgrader.grade_id} changes the process it runs in (a module, a signal), "
                "where the learner's code is not: let it call the function and look at what comes back."
            )


class ExecuteNeeded(LocalExecute):
    """nbgrader's Execute for *Validate*, without the cells that no test needs."""

    def preprocess(self, nb, resources, km=None):
        """Returns the executed notebook."""
        names = {name for cell in nb.cells if is_test(cell) for name in free_names(cell.source)}
        skipped = skippable(nb, names)
        for place in skipped:
            nb.cells[place].metadata.tags = [*nb.cells[place].metadata.get("tags", []), TAG]
        nb, resources = super().preprocess(nb, resources, km)
        if missed(nb, skipped):
            for place in skipped:
                nb.cells[place].metadata.tags.remove(TAG)
            nb, resources = super().preprocess(nb, resources, km)
        return nb, resources

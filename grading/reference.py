"""The reference solution as a module, made from the solution notebook itself: there is no second copy to
drift.

A hidden test writes `import reference` and compares with `reference.some_function(...)`. While `grading`
grades, the module exists in the test process alone.
"""

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

from grading.slicing import bound_names, slice_for, statements


def learner_names(notebook: NotebookNode) -> set[str]:
    """Names that a learner's cells of the notebook bind."""
    return bound_names(c.source for c in notebook.cells if _code(c) and is_solution(c) and not is_grade(c))


def statements_for_reference(notebook: NotebookNode) -> list[str]:
    """Sources of the statements that define what the learner writes, with what they need, in order."""
    pool = [each for c in notebook.cells if _code(c) and not _test(c) for each in statements(c.source)]
    return [each.source for each in slice_for(learner_names(notebook), pool)[2]]


def _code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code"


def _test(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell)

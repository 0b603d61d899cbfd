import pytest

from training.solutions import from_notebook


def test_functions_come_from_the_solution_notebooks_without_running_them():
    lesson = from_notebook("03", "tree_search", "by_probability")
    assert callable(lesson.tree_search) and callable(lesson.by_probability)
    with pytest.raises(LookupError):
        from_notebook("03", "no_such_function")

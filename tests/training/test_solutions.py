import nbformat
import pytest

from training.solutions import from_notebook


def test_functions_come_from_the_solution_notebooks_without_running_them():
    lesson = from_notebook("03", "tree_search", "by_probability")
    assert callable(lesson.tree_search) and callable(lesson.by_probability)
    with pytest.raises(KeyError):
        from_notebook("03", "no_such_function")


def test_functions_of_a_learner_come_from_the_folder_that_is_named(tmp_path):
    code = "import re\nLIMIT = 3\n\ndef cut(text):\n    return text[:LIMIT]\n\nmodel = load()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (tmp_path / "02_mine").mkdir()
    nbformat.write(notebook, tmp_path / "02_mine" / "02_mine.ipynb")
    assert from_notebook("02", "cut", folder=tmp_path).cut("abcd") == "abc"
    with pytest.raises(ValueError):
        from_notebook("03", "cut", folder=tmp_path)

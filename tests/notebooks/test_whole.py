"""A claim is asked of the notebook's own variables once all cells have run."""

from nbformat.v4 import new_code_cell, new_notebook

from tests.notebooks.whole import untrue


def test_a_sentence_that_is_false_of_its_notebook_is_named(tmp_path):
    notebook = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("x += 1\nprint('beside it')")])
    claims = {"it is 'two'": "x == 2", "and it grows": "all(x > y for y in (1, 2))"}
    assert untrue(notebook, claims, tmp_path) == ["and it grows"]

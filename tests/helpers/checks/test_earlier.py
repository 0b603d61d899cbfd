"""Functions of the learner's earlier notebooks are read without running those notebooks."""

import nbformat
import pytest

from config import ROOT
from helpers.checks.earlier import NotThere, from_earlier

CELLS = [
    "import re\nLIMIT = 3",
    "def cut(text):\n    return re.sub('-', '', text)[:LIMIT]",
    "model = load()  # never runs",
    "def unfinished(:",
    "def todo(text):\n    raise NotImplementedError()",
    "def broken(text=no_such_name):\n    return text",
]
TEST = nbformat.v4.new_code_cell("def cut(text):\n    return 'of the test'")
TEST.metadata["nbgrader"] = {"grade": True, "solution": False}


@pytest.fixture
def folder(tmp_path):
    cells = [*map(nbformat.v4.new_code_cell, CELLS), TEST]
    (tmp_path / "02_mine").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "02_mine" / "02_mine.ipynb")
    return tmp_path


def test_a_function_comes_with_what_it_needs_and_nothing_else_runs(folder):
    assert from_earlier("02", "cut", folder=folder).cut("a-bcd") == "abc"


def test_an_exercise_that_is_not_written_says_so_when_it_is_called(folder):
    with pytest.raises(NotImplementedError):
        from_earlier("02", "todo", folder=folder).todo("x")


@pytest.mark.parametrize(("number", "name"), [("03", "cut"), ("02", "unfinished"), ("02", "broken")])
def test_what_is_missing_is_named(folder, number, name):
    with pytest.raises(NotThere, match=number):
        from_earlier(number, name, folder=folder)


NO_METADATA = '{"cells": [{"cell_type": "code", "metadata": null, "source": ""}]}'


@pytest.mark.parametrize("broken", ["<<<<<<< mine", "[]", '{"cells": [{}]}', '{"cells": null}', NO_METADATA])
def test_a_file_that_is_no_notebook_is_named(folder, broken):
    (folder / "02_mine" / "02_mine.ipynb").write_text(broken)
    with pytest.raises(NotThere, match="cannot be read"):
        from_earlier("02", "cut", folder=folder)


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("01", ["run_baseline"]),
        ("02", ["majority_vote"]),
        ("03", ["tree_search", "by_probability"]),
        ("05", ["best_of_n", "weighted_vote", "sums_hold"]),
    ],
)
def test_the_solutions_have_what_notebook_06_asks_for(number, names):
    found = from_earlier(number, *names, folder=ROOT / "solutions")
    assert all(callable(getattr(found, name)) for name in names)

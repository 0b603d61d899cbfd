"""The release: deterministic, without solutions, hidden tests and outputs, and nothing left behind."""

import nbformat
import pytest
from nbformat.v4 import new_output

from grading.release import build_release, differences, write_release
from tests.grading.small_course import ASSIGNMENT, small_notebook, write_course


@pytest.fixture
def root(tmp_path):
    return write_course(tmp_path)


def test_the_release_holds_stubs_and_visible_tests_only(root):
    write_release(root)
    text = (root / "notebooks" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()
    assert text.count("raise NotImplementedError()") == 2 and "YOUR ANSWER HERE" in text
    assert "assert double(2) == 4" in text
    for secret in ("twice = x + x", "secret_number", "HIDDEN", "SOLUTION", "isclose", "Doubling is cheap"):
        assert secret not in text


def test_two_releases_are_equal_and_the_second_writes_nothing(root):
    assert build_release(root) == build_release(root)
    assert len(write_release(root)) == 2
    assert write_release(root) == []


def test_nothing_is_left_behind_but_the_release(root):
    write_release(root)
    assert sorted(path.name for path in root.iterdir()) == ["notebooks", "solutions"]


def test_outputs_of_the_solution_do_not_reach_the_release(root):
    clean = build_release(root)
    notebook = small_notebook()
    notebook.cells[3].outputs = [new_output("stream", text="[0, 2, 4]")]
    notebook.cells[3].execution_count = 7
    nbformat.write(notebook, root / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    assert build_release(root) == clean


def test_differences_name_changed_missing_and_surplus_files(root):
    write_release(root)
    folder = root / "notebooks" / ASSIGNMENT
    (folder / f"{ASSIGNMENT}.ipynb").write_text("{}")
    (folder / "picture.svg").unlink()
    (folder / "old.csv").write_text("1")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "x.ipynb").write_text("{}")
    changed = differences(root, build_release(root))
    assert [path.name for path in changed] == ["old.csv", "picture.svg", f"{ASSIGNMENT}.ipynb"]
    write_release(root)
    assert differences(root, build_release(root)) == []


def test_cells_without_ids_are_refused_with_the_remedy(root):
    path = root / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.write_text(path.read_text().replace('"nbformat_minor": 5', '"nbformat_minor": 4'))
    with pytest.raises(ValueError, match="open it in JupyterLab and save it"):
        build_release(root)


def test_a_test_that_means_the_learner_s_process_is_refused(root):
    notebook = small_notebook()
    notebook.cells[2].source += "\nimport builtins\nbuiltins.eval = None"
    nbformat.write(notebook, root / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    with pytest.raises(ValueError, match="test-double changes the process"):
        build_release(root)

"""What a run of a notebook costs: seconds of each cell, the first figure, memory."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from bench import notebooks

FIGURE = 'from IPython.display import HTML\nHTML(\'<img alt="" src="data:,">\')'


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "01_small"
    place.mkdir()
    cells = [new_code_cell("open('left_over', 'w').close()"), new_code_cell(FIGURE), new_code_cell("1 + 1")]
    nbformat.write(new_notebook(cells=cells), place / "01_small.ipynb")
    return tmp_path


def test_the_first_figure_comes_before_the_end(folder):
    cost = notebooks.run(folder / "01_small" / "01_small.ipynb")
    assert 0 < cost.figure < cost.seconds
    assert cost.cores > 0 and cost.mib > 0 and len(cost.cells) == 3


def test_nothing_is_left_beside_the_notebook(folder):
    notebooks.run(folder / "01_small" / "01_small.ipynb")
    assert [path.name for path in (folder / "01_small").iterdir()] == ["01_small.ipynb"]


def test_notebooks_beside_it_are_there_as_in_the_course(folder):
    other = folder / "02_other"
    other.mkdir()
    cells = [new_code_cell("assert open('../01_small/01_small.ipynb').read()")]
    nbformat.write(new_notebook(cells=cells), other / "02_other.ipynb")
    assert len(notebooks.run(other / "02_other.ipynb").cells) == 1


def test_a_name_that_is_not_there_is_said(folder):
    with pytest.raises(SystemExit, match="begins with 07"):
        notebooks.table(["07"], folder)


def test_a_line_for_each_notebook_with_its_slowest_cells(folder, capsys):
    notebooks.table([], folder)
    head, line, slow, whole = capsys.readouterr().out.splitlines()
    assert "first figure" in head and line.startswith("01_small") and slow.count(",") == 2
    assert whole.startswith("all")


def test_seconds_are_kept_beside_those_of_other_notebooks(tmp_path):
    file = tmp_path / "computing.json"
    for name, seconds in (("02_b", 1.26), ("01_a", 2.0), ("02_b", 3.0)):
        notebooks.keep(notebooks.Cost(name, 5.0, 5.0, None, 100.0, {"cell": seconds}), file)
    kept = json.loads(file.read_text())
    assert kept["seconds"] == {"01_a": {"cell": 2.0}, "02_b": {"cell": 3.0}} and kept["machine"]
    assert kept["notebooks"]["01_a"] == {
        "seconds": 5,
        "core-seconds": 5,
        "first figure": None,
        "MiB": 100,
    }

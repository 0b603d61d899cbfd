"""The top of each notebook says what it teaches, what it needs, how long it takes, and what is hard."""

import re
from pathlib import Path

import pytest

from tests.notebooks.reading import SOLUTIONS, exercises, read

MOST = 75
each_notebook = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
each_with_points = pytest.mark.parametrize("path", SOLUTIONS[1:], ids=lambda path: path.stem)


def top(path: Path) -> str:
    return read(path).cells[0].source


@each_notebook
def test_it_names_three_to_six_objectives_prerequisites_and_minutes(path):
    objectives = top(path).partition("you can**")[2].partition("\n\n**You need**")[0]
    assert 3 <= len(re.findall(r"^- [a-z]", objectives, re.MULTILINE)) <= 6
    assert "**You need**" in top(path)
    assert re.search(r"\*\*Time:\*\* (about )?\d+ minutes", top(path))


@each_with_points
def test_it_lists_every_exercise_with_its_difficulty_and_its_points(path):
    rows = re.findall(r"^\| ?(\d*)[^|]*\| (.+) \| [●○]{3} \| (\d+) \|$", top(path), re.MULTILINE)
    graded = [exercise.points for exercise in exercises(read(path)).values()]
    numbered = [float(points) for number, _, points in rows if number]
    assert sorted(numbered) == sorted(graded)
    assert len(rows) == len(graded) + 1, "the questions at the end have a row, too"


@each_notebook
def test_what_is_over_75_cells_is_an_optional_part(path):
    cells = read(path).cells
    optional = [i for i, cell in enumerate(cells) if re.search(r"^##? Optional", cell.source, re.MULTILINE)]
    required = [cell for cell in cells[: min(optional, default=len(cells))]]
    assert len(required) <= MOST and (len(cells) <= MOST or optional)

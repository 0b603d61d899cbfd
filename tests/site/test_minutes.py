"""Minutes to read: counted from the notebooks, on the plan of the course and at the top of each of them."""

import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from config import ROOT
from docs.site.minutes import COMPUTING, PLAN, costs, filled, sections, table

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
ROW = re.compile(r"^\| (.+?) \| [*]*(\d+)[*]* \| [*]*(\d+)[*]* \| (.*?) ?\|$", re.MULTILINE)


def test_a_section_has_its_words_and_its_exercises(tmp_path):
    cells = [
        new_markdown_cell("# The title\n\none two"),
        new_code_cell("not = 'counted'"),
        new_markdown_cell("## A\n\nthree\n\n### Exercise 1 · `f` (2 points)\n\nfour"),
        new_markdown_cell("### Exercise 2 · `g` (optional, 3 points)"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "x.ipynb")
    title, part = sections(tmp_path / "x.ipynb")
    assert (title.title, title.words, title.exercises) == ("The title", 4, ())
    assert (part.title, part.exercises) == ("A", (("1", "2"), ("2", "3")))
    assert part.minutes == pytest.approx(part.words / 200)
    assert (len(title.cells), part.cells) == (1, ())


def test_the_page_lists_the_sections_and_exercises_of_today():
    """A minute more or less is no fault; `python -m docs.site.minutes` writes the table again."""
    page = PLAN.read_text(encoding="utf-8")
    said, counted = (ROW.findall(filled(page, lines)) for lines in (_kept(page), table()))
    assert [(row[0], *row[2:]) for row in said] == [(row[0], *row[2:]) for row in counted]
    assert len(said) > 80
    assert all(abs(int(a[1]) - int(b[1])) <= 1 + int(b[1]) // 10 for a, b in zip(said, counted, strict=True))


def _kept(page: str) -> list[str]:
    """The lines of the table that the page has now."""
    return page.partition("<!-- minutes -->\n")[2].partition("<!-- /minutes -->")[0].splitlines()


def test_a_section_computes_as_long_as_its_cells(tmp_path):
    cells = [
        new_markdown_cell("# T"),
        new_code_cell(id="a"),
        new_markdown_cell("## A"),
        new_code_cell(id="b"),
    ]
    (tmp_path / "notebooks" / "x").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "x" / "x.ipynb")
    *_, whole, part = table(tmp_path, {"x": {"a": 1.5, "b": 2.5}})
    assert (whole, part) == ("| **T** | **0** | **4** | |", "| A | 1 | 2 |  |")


def test_all_notebooks_were_timed():
    timed = json.loads(COMPUTING.read_text(encoding="utf-8"))["seconds"]
    assert sorted(timed) == [path.stem for path in NOTEBOOKS]


def test_the_readme_has_what_was_recorded_of_each_notebook():
    recorded = json.loads(COMPUTING.read_text(encoding="utf-8"))
    assert list(recorded["notebooks"]) == [path.stem for path in NOTEBOOKS]
    assert "\n".join(costs(recorded)) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_without_marks_nothing_is_written():
    with pytest.raises(ValueError, match="marks"):
        filled("no marks", iter([]))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_minutes_at_the_top_are_those_of_the_words(path):
    top = nbformat.read(path, as_version=4).cells[0].source
    said = re.search(r"(\d+) minutes to read|(\d+) to read", top)
    parts = sections(path)
    optional = (i for i, section in enumerate(parts) if section.title.startswith("Optional"))
    needed = sum(section.minutes for section in parts[: next(optional, None)])
    counted = sum(section.minutes for section in parts)
    if said:
        assert needed - 3 <= int(said[1] or said[2]) <= counted + 3
    else:
        assert int(re.search(r"about (\d+) minutes", top)[1]) > counted

"""The built site: no solution, nothing from elsewhere, no dead link, no picture without words."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from config import ROOT
from tests.notebooks.reading import SOLUTIONS, exercises, read, secret_lines
from tests.site.pages import HTML, built, page, parse

pytestmark = pytest.mark.site
each_notebook = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def notebook_page(path: Path) -> Path:
    return HTML / "notebooks" / path.parent.name / f"{path.stem}.html"


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@cache
def released() -> str:
    """What learners read in the notebooks anyway."""
    cells = [
        cell for path in SOLUTIONS for cell in read(ROOT / "notebooks" / path.parent.name / path.name).cells
    ]
    return squeezed("\n".join(cell.source for cell in cells))


def secrets(path: Path) -> set[str]:
    """Lines of the solutions and hidden tests of a notebook that no released notebook shows."""
    lines = {squeezed(line) for line in secret_lines(read(path))}
    return {line for line in lines if line not in released()}


@each_notebook
def test_no_solution_and_no_hidden_test_is_on_any_page(path):
    """Short lines count as lines of the notebook's own page, long ones anywhere."""
    secret = secrets(path)
    own = {squeezed(line).strip() for line in page(notebook_page(path)).text.splitlines()}
    assert secret and not secret & own
    for file in built():
        text = squeezed(page(file).text)
        shown = [line for line in secret if len(line) > 50 and line in text]
        assert not shown, (file.relative_to(HTML), shown)


def test_nor_in_any_other_file():
    secret = {line for path in SOLUTIONS for line in secrets(path) if len(line) > 50}
    for file in HTML.rglob("*"):
        if file.suffix in (".js", ".ipynb", ".txt", ".json"):
            text = file.read_text(encoding="utf-8", errors="ignore")
            assert not [line for line in secret if line in text], file
    marks = ("BEGIN " + "HIDDEN TESTS", "BEGIN " + "SOLUTION", "BEGIN " + "MARK SCHEME")
    pages = [file for file in built() if "notebooks" in file.parts]
    assert pages and not [f for f in pages for mark in marks if mark in page(f).text]


@each_notebook
def test_a_notebook_is_there_with_its_outputs(path):
    found = page(notebook_page(path))
    tried = exercises(read(path))
    assert found.text.count("raise NotImplementedError()") >= len(tried)
    assert len(re.findall(r"✓ .*?: all \d+ cases pass", found.text)) >= len(tried) - 1
    if not path.stem.startswith("00"):
        assert any(found.alts), "no figure"


def test_every_picture_has_words():
    assert not [file.relative_to(HTML) for file in built() if not all(page(file).alts)]


def test_nothing_is_loaded_from_elsewhere():
    for file in built():
        away = [url for url in page(file).loaded if re.match(r"(https?:)?//", url)]
        assert not away, (file.relative_to(HTML), away)
    for file in HTML.rglob("*.css"):
        assert not re.search(
            r"url\([\"']?(https?:)?//|@import [\"']http", file.read_text(encoding="utf-8")
        ), file


def test_every_link_within_the_site_leads_somewhere():
    dead = []
    for file in built():
        for link in page(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            there = target.is_file() and (
                not parts.fragment
                or target.suffix != ".html"
                or unquote(parts.fragment) in page(target).anchors
            )
            if not there:
                dead.append(f"{file.relative_to(HTML)}: {link}")
    assert not dead, "\n".join(dead)


def test_the_search_knows_the_pages():
    index = (HTML / "searchindex.js").read_text(encoding="utf-8")
    assert all(path.stem in index for path in SOLUTIONS) and (HTML / "search.html").is_file()


def test_every_page_says_its_language():
    assert {page(file).language for file in built()} == {"en"}


def test_no_page_names_a_folder_of_this_machine():
    assert not [file for file in built() if str(ROOT) in file.read_text(encoding="utf-8")]


def test_formulas_and_charts_are_drawn():
    """Neither dollar signs nor the source of a chart stand in the text of a page."""
    formulas = [f for f in built() if "<math" in f.read_text(encoding="utf-8")]
    assert {f.stem[:2] for f in formulas} >= {"07", "08", "09"}
    raw = re.compile(r"\$\$|\$\\?[a-zA-Z]|flowchart TD")
    assert not [f.relative_to(HTML) for f in built() if raw.search(prose(f))]


def prose(file: Path) -> str:
    """The text of a page without its code."""
    return parse(
        re.sub(r"<(pre|code)[ >].*?</\1>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    ).text


def test_the_list_of_notebooks_has_one_entry_for_each():
    page_ = (HTML / "docs" / "start.html").read_text(encoding="utf-8")
    listed = re.findall(r'toctree-l1[^>]*><a[^>]*href="\.\./notebooks/([^"]+)"', page_)
    assert listed == [f"{path.parent.name}/{path.stem}.html" for path in SOLUTIONS]

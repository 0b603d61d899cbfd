"""How a page is made of a release and a solved notebook, and slides of a text."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from config import ROOT
from docs.site.build import TITLES, accessible
from docs.site.diagram import as_tables
from docs.site.notebooks import BARS, executed, with_outputs
from docs.site.slides import render
from tests.notebooks.reading import SOLUTIONS, read, secret_lines
from tests.site.pages import parse


def printed(text: str):
    return new_output("stream", name="stdout", text=text)


def test_sources_come_from_the_release_and_outputs_from_the_solved_one():
    graded = {"nbgrader": {"grade": True, "grade_id": "t"}}
    bar, noise = new_output("display_data", {BARS: {}}), new_output("stream", name="stderr", text="warning")
    solved = new_notebook(
        cells=[
            new_code_cell("answer = 42", id="a", outputs=[printed("the secret 42")], metadata=graded),
            new_code_cell("check(answer)", id="b", outputs=[bar, noise, printed("✓")]),
            new_code_cell("only in the solution", id="c", outputs=[printed("hidden")]),
        ]
    )
    release = new_notebook(
        cells=[
            new_code_cell("raise NotImplementedError()", id="a", metadata=graded),
            new_markdown_cell("between", id="m"),
            new_code_cell("check(answer)", id="b"),
        ]
    )
    page = with_outputs(release, solved)
    assert [cell.source for cell in page.cells] == [cell.source for cell in release.cells]
    assert page.cells[0].outputs == [] and [o.text for o in page.cells[2].outputs] == ["✓"]
    assert "outputs" in release.cells[0] and release.cells[2].outputs == []  # the argument is left alone


def test_a_second_title_is_a_heading():
    texts = ("# One", "# Two\n\n## Three", "## Four")
    release = new_notebook(cells=[new_markdown_cell(text) for text in texts])
    assert [c.source for c in with_outputs(release, new_notebook()).cells] == [
        "# One",
        "## Two\n\n## Three",
        "## Four",
    ]


def test_a_notebook_is_executed_once_for_each_state(tmp_path):
    root, cache = tmp_path / "course", tmp_path / "cache"
    path = root / "solutions" / "a" / "a.ipynb"
    path.parent.mkdir(parents=True)
    (root / "config.py").write_text("x = 1")
    nbformat.write(new_notebook(cells=[new_code_cell("import os\nos.getcwd()", id="a")]), path)
    first = executed(path, root, cache)
    assert str(path.parent) in first.cells[0].outputs[0].data["text/plain"]
    [kept] = cache.iterdir()
    kept.write_text(
        kept.read_text()
        .replace("execute_result", "display_data")
        .replace('"execution_count": 1', '"execution_count": 7')
    )
    assert executed(path, root, cache).cells[0].execution_count == 7  # read, not run
    (root / "config.py").write_text("x = 2")
    assert executed(path, root, cache).cells[0].execution_count == 1


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_a_page_shows_no_line_of_a_solution(path):
    """With outputs that say nothing; what the real ones say, the tests of the built site see."""
    release = read(ROOT / "notebooks" / path.parent.name / path.name)
    page = with_outputs(release, read(path))
    shown = {line.strip() for cell in page.cells for line in cell.source.splitlines()}
    secret = secret_lines(read(path))
    assert not secret & shown and (secret or not path.stem[:2].isdigit())


def test_the_deck_is_one_file_with_a_note_to_every_slide():
    html = render((ROOT / "docs/slides/deck.md").read_text(encoding="utf-8"), ROOT / "docs/slides")
    page = parse(html)
    assert html.count("<section") == html.count("<aside>") >= 8
    assert all(page.alts) and all(url.startswith("data:image/png") for url in page.loaded)


def test_what_scrolls_can_be_reached_by_the_keyboard():
    page = accessible(
        '<pre>a</pre><pre tabindex="0">b</pre><p class="caption" role="heading">c</p><table class="x">'
    )
    assert page.count('tabindex="0"') == 3 and 'aria-level="2"' in page and "<table tabindex" in page


@pytest.mark.parametrize("text", ["# A title\n\nno note", "no title\n\nNote: words"])
def test_a_slide_without_title_or_note_is_refused(text, tmp_path):
    with pytest.raises(ValueError, match="slide 1"):
        render(text, tmp_path)


def test_a_flow_chart_is_a_table_on_the_site():
    chart = (
        '```mermaid\nflowchart TD\n    a["one<br>first"] --> b & c\n    b["two"] -.-> c\n    c["three"]\n```'
    )
    page = as_tables(f"before\n\n{chart}\n\nafter")
    assert "| `one` | first | `two`, `three` |  |" in page and "| `two` |  |  | `three` |" in page
    assert "mermaid" not in page and page.startswith("before\n") and page.endswith("\nafter")
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert "```mermaid" in architecture and "```mermaid" not in as_tables(architecture)


def test_every_report_without_a_title_gets_one():
    bare = [p.stem for p in (ROOT / "prebuilt").rglob("*.md") if p.read_text("utf-8")[0] not in "-#"]
    assert bare and set(bare) <= set(TITLES)

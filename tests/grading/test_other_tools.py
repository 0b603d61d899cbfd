"""Submissions saved by other tools, or by other versions of JupyterLab, are the same submissions."""

import json
from collections.abc import Callable

import nbformat
import pytest

from grading.check import check
from grading.submissions import collect
from tests.grading.class_course import ASSIGNMENT, FULL, PLACE, notebook, points, submission, submit


def vs_code(nb: dict) -> None:
    """Languages in the cells' metadata, a short kernelspec."""
    for cell in nb["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python" if cell["cell_type"] == "code" else "markdown"}
    nb["metadata"] = {
        "kernelspec": {"name": "python3", "display_name": ".venv"},
        "language_info": {"name": "python"},
    }


def colab(nb: dict) -> None:
    """Format 4.0: the ids move into the metadata; outputs and times are noted there too."""
    nb["nbformat_minor"] = 0
    nb["metadata"] = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    for cell in nb["cells"]:
        cell["metadata"] |= {"id": cell.pop("id"), "outputId": "4f0e", "executionInfo": {"elapsed": 12}}


def jupyterlab_3(nb: dict) -> None:
    """Format 4.4 has no cell ids; tags and scrolling are kept."""
    nb["nbformat_minor"] = 4
    for cell in nb["cells"]:
        del cell["id"]
        cell["metadata"] |= {"tags": [], "scrolled": True}


def sources_as_text(nb: dict) -> None:
    """Sources as text, not as lists of lines."""
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"])


def windows(nb: dict) -> None:
    """Windows' line endings in all sources."""
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def one_id(nb: dict) -> None:
    """All cells have the same id."""
    for cell in nb["cells"]:
        cell["id"] = "cell"


def bad_ids(nb: dict) -> None:
    """Ids that are none."""
    for number, cell in enumerate(nb["cells"]):
        cell["id"] = ["", "a b", "x" * 80, 5, None][number % 5]


def spaces_at_line_ends(nb: dict) -> None:
    """An editor that ends each source with an empty line."""
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"]) + "\n"


def attachments(nb: dict) -> None:
    """Pictures pasted into a text cell, and metadata of an extension."""
    nb["cells"][0]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    nb["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def byte_order_mark(nb: dict) -> None:
    """The file begins with a byte order mark, see `saved`."""


TOOLS = (
    vs_code,
    colab,
    jupyterlab_3,
    sources_as_text,
    windows,
    one_id,
    bad_ids,
    spaces_at_line_ends,
    attachments,
    byte_order_mark,
)


def saved(nb: nbformat.NotebookNode, tool: Callable[[dict], None]) -> bytes:
    """The notebook's file as the tool writes it."""
    raw = json.loads(nbformat.writes(nb))
    tool(raw)
    text = json.dumps(raw, indent=1)
    if tool is windows:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if tool is byte_order_mark else "utf-8")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_the_same_points(grader, tool):
    result = grader.grade(submission(saved(notebook(), tool)))
    assert (result.status, points(result), result.flags) == ("graded", FULL, {})


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_a_wrong_and_a_blank_answer_stay_so(grader, pack, tool):
    release = pack.notebooks[ASSIGNMENT].release_notebook
    wrong = nbformat.from_dict(release)
    wrong.cells[PLACE["double"]].source = "def double(x):\n    return x + x"
    result = grader.grade(submission(saved(wrong, tool)))
    assert (points(result), result.flags) == (dict.fromkeys(FULL, 0) | {"test-double": 3.0}, {})
    if tool is not spaces_at_line_ends:  # nbgrader takes another text for an answer
        assert result.cells[ASSIGNMENT]["why"]["score"] == 0 and not result.cells[ASSIGNMENT]["why"]["manual"]
        assert result.comments[ASSIGNMENT]["solve"] == "No response."


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_an_edited_test_is_seen_and_nothing_else(pack, tool):
    packed = pack.notebooks[ASSIGNMENT]
    nb = notebook()
    nb.cells[PLACE["test-solve"]].source = "assert True"
    found = check(saved(nb, tool), packed.release_notebook, packed.source_notebook)
    assert found.tampered == {"test-solve": "edited"}


def test_fifty_megabytes_of_outputs(grader, tmp_path):
    nb = notebook()
    shown = nbformat.v4.new_output("display_data", data={"image/png": "A" * (50 << 20)})
    nb.cells[PLACE["live"]].outputs = [shown]
    files, notes = collect(submit(tmp_path, "s01", nb))
    assert notes == []
    result = grader.grade(submission(files))
    assert (result.status, points(result)) == ("graded", FULL)
    assert len(result.to_bytes()) < 1 << 20

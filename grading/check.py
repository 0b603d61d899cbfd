"""Looks at a submission before anything of it runs, and repairs what can be repaired without guessing.

A damaged file costs an exception of its own (`Damaged`, with one sentence) and never stops the batch;
what was repaired is said. The learner's sources are kept, everything that nbgrader
relies on (metadata, points, tests, order of nothing but the tests) comes from the release. Runs nothing.
"""

import ast
import json
import re
from dataclasses import dataclass, field

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grading.submissions import Damaged

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
NEW_CELL = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@dataclass
class Checked:
    """A notebook fit for grading, what was repaired, and test cells found edited or deleted, by id."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)
    tampered: dict[str, str] = field(default_factory=dict)


def check(data: bytes, release: NotebookNode, source: NotebookNode) -> Checked:
    """A fresh notebook with the learner's sources and the release's metadata. Raises Damaged.

    `source` is the solution notebook, whose test cells count as untouched too.
    """
    checked = Checked(new_notebook())
    cells = [_clean(cell, number) for number, cell in enumerate(_cells(data, checked.notes), 1)]
    known = {grade_id_of(cell): cell for cell in release.cells if grade_id_of(cell)}
    _name_by_cell_id(cells, release, known, checked.notes)
    cells = _without_duplicates(cells, known, checked.notes)
    originals = {grade_id_of(cell): cell for cell in source.cells if grade_id_of(cell)}
    for cell in cells:
        _restore(cell, known, originals, checked)
    _put_back(cells, release, checked)
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            cell.id = NEW_CELL["raw"]().id
        seen.add(cell.id)
    checked.notebook.cells = cells
    checked.notebook.metadata = NotebookNode(kernelspec=release.metadata.get("kernelspec", {}))
    try:
        nbformat.validate(checked.notebook)
    except nbformat.ValidationError as error:
        raise Damaged(f"the notebook is damaged ({error.message[:100]}); ask for it again.") from None
    return checked


def grade_id_of(cell: NotebookNode) -> str:
    """nbgrader's id of the cell; empty without one."""
    meta = cell.metadata.get("nbgrader")
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else ""
    return grade_id if isinstance(grade_id, str) else ""


def _cells(data: bytes, notes: list[str]) -> list:
    """The raw cells of nbformat 3 or 4."""
    if data.startswith(b"\xef\xbb\xbf"):
        notes.append("a byte order mark was removed")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damaged(f"the notebook is not UTF-8 text (byte {error.start}); ask for it again.") from None
    if not text.strip():
        raise Damaged("the notebook is empty; ask for it again.")
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise Damaged("the notebook is nested too deeply to be one; ask for it again.") from None
    except ValueError as error:
        why = "it holds the marks of a merge conflict" if "\n<<<<<<< " in text else str(error)
        raise Damaged(f"the notebook is not JSON ({why}); ask for it again.") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("nbformat"), int):
        raise Damaged("the file is JSON but no notebook; ask for it again.")
    if notebook["nbformat"] == 3:
        notes.append("nbformat 3 was converted to 4")
        sheets = notebook.get("worksheets")
        sheet = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else {}
        cells = [_from_version_3(cell) for cell in sheet.get("cells", [])]
    elif notebook["nbformat"] == 4:
        cells = notebook.get("cells")
    else:
        raise Damaged(f"the notebook has format {notebook['nbformat']}, not 4; ask for it to be saved as 4.")
    if not isinstance(cells, list) or not cells:
        raise Damaged("the notebook has no cells; ask for it again.")
    return cells


def _from_version_3(cell: object) -> object:
    if not isinstance(cell, dict):
        return cell
    kind = {"heading": "markdown", "html": "markdown"}.get(cell.get("cell_type"), cell.get("cell_type"))
    return cell | {"cell_type": kind, "source": cell.get("input", cell.get("source", ""))}


def _clean(cell: object, number: int) -> NotebookNode:
    """The cell with nothing but its kind, source, id and metadata."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in NEW_CELL:
        raise Damaged(f"cell {number} is no notebook cell; ask for the notebook again.")
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Damaged(f"the source of cell {number} is no text; ask for the notebook again.")
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as Windows ends lines: the same text
    fresh = NEW_CELL[cell["cell_type"]](source.encode("utf-8", "replace").decode())
    if isinstance(cell.get("id"), str) and CELL_ID.fullmatch(cell["id"]):
        fresh.id = cell["id"]
    pictures = cell.get("attachments")
    if isinstance(pictures, dict) and all(isinstance(each, dict) for each in pictures.values()):
        fresh["attachments"] = nbformat.from_dict(pictures)
    meta = cell.get("metadata")
    grading = meta.get("nbgrader") if isinstance(meta, dict) else None
    if isinstance(grading, dict):
        fresh.metadata["nbgrader"] = nbformat.from_dict(grading)
    return fresh


def _name_by_cell_id(cells: list, release: NotebookNode, known: dict, notes: list[str]) -> None:
    """Cells that lost nbgrader's metadata are known by their notebook id, when nothing else claims it."""
    named = {grade_id_of(cell) for cell in cells}
    by_id = {cell.id: grade_id_of(cell) for cell in release.cells if grade_id_of(cell) and "id" in cell}
    for cell in cells:
        grade_id = by_id.get(cell.id)
        if grade_id and grade_id not in named and grade_id_of(cell) not in known:
            cell.metadata["nbgrader"] = NotebookNode(grade_id=grade_id)
            named.add(grade_id)
            notes.append(f"{grade_id} had lost its metadata")


def _without_duplicates(cells: list, known: dict, notes: list[str]) -> list:
    """One cell of each id stays graded: the one that was worked on, else the last; copies become plain."""
    for grade_id, original in known.items():
        same = [cell for cell in cells if grade_id_of(cell) == grade_id]
        if len(same) > 1:
            changed = [cell for cell in same if cell.source.strip() != original.source.strip()]
            keep = changed[0] if len(changed) == 1 and _is(original, "solution") else same[-1]
            notes.append(f"{grade_id} was there {len(same)} times")
            for cell in same:
                if cell is not keep:
                    cell.metadata.pop("nbgrader")
                    if not _is(original, "solution"):
                        cell.source, cell.cell_type = f"(a copy of {grade_id})", "raw"
                        cell.pop("outputs", None), cell.pop("execution_count", None)
    return cells


def _restore(cell: NotebookNode, known: dict, originals: dict, checked: Checked) -> None:
    """Gives the cell the release's metadata, or none; notes a test that was edited."""
    grade_id = grade_id_of(cell)
    release = known.get(grade_id)
    if release is None:
        if cell.metadata.pop("nbgrader", None):
            checked.notes.append(
                f"a cell's grading metadata ({grade_id or 'no id'}) is not of this assignment"
            )
        return
    if _is(release, "locked") and not _is(release, "solution"):
        same = any(_same_code(cell, original) for original in (release, originals.get(grade_id, release)))
        if not same and _is(release, "grade"):
            checked.tampered[grade_id] = "edited"
        elif not same:
            checked.notes.append(f"{grade_id} was changed; the original was used")
        cell.source = release.source
    if cell.cell_type != release.cell_type:
        checked.notes.append(f"{grade_id} was a {cell.cell_type} cell")
        fresh = NEW_CELL[release.cell_type](cell.source, id=cell.id)
        cell.clear(), cell.update(fresh)
    cell.metadata = NotebookNode(nbformat.from_dict(dict(release.metadata)))


def _put_back(cells: list, release: NotebookNode, checked: Checked) -> None:
    """Inserts graded and locked cells that are gone, each after the nearest earlier cell that is there."""
    place = 0
    for original in release.cells:
        grade_id = grade_id_of(original)
        present = next(
            (i for i, cell in enumerate(cells) if grade_id and grade_id_of(cell) == grade_id), None
        )
        if present is not None:
            place = present + 1
        elif grade_id and (_is(original, "grade") or _is(original, "locked") or _is(original, "task")):
            written = any(cell.cell_type == "markdown" and "nbgrader" not in cell.metadata for cell in cells)
            if _is(original, "solution") and written and not _only_given_text(cells, release):
                raise Damaged(
                    f"the answer cell {grade_id} is gone, but there is text elsewhere; look and grade by "
                    "hand."
                )
            cells.insert(place, nbformat.from_dict(dict(original)))
            place += 1
            if _is(original, "grade") and not _is(original, "solution"):
                checked.tampered[grade_id] = "deleted"
            checked.notes.append(f"{grade_id} was gone and was put back")
        elif grade_id:
            checked.notes.append(f"the solution cell {grade_id} is gone")


def _only_given_text(cells: list, release: NotebookNode) -> bool:
    given = {cell.source.strip() for cell in release.cells}
    return all(
        c.source.strip() in given for c in cells if c.cell_type == "markdown" and "nbgrader" not in c.metadata
    )


def _is(cell: NotebookNode, what: str) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get(what))


def _same_code(cell: NotebookNode, original: NotebookNode) -> bool:
    """Equal but for layout and comments."""
    if cell.source.strip() == original.source.strip():
        return True
    try:
        return ast.dump(ast.parse(cell.source)) == ast.dump(ast.parse(original.source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False

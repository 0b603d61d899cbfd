"""Enters an assignment's cells in the gradebook, as nbgrader's own step does, but within a transaction."""

import json

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader import api
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from sqlalchemy.orm import Session

from grading.pack import Pack


def enter_assignment(session: Session, pack: Pack, course: str) -> None:
    """Makes the assignment's notebooks and cells those of `pack`.

    A cell that is gone is removed with its grades. Raises ValueError when one of these was given by hand.
    """
    work = session.query(api.Assignment).filter_by(name=pack.assignment).first()
    if work is None:
        work = api.Assignment(name=pack.assignment, course_id=course)
        session.add(work)
    for name, packed in pack.notebooks.items():
        made = nbformat.reads(packed.saved, as_version=4)
        real = next((each for each in work.notebooks if each.name == name), None)
        if real is None:
            real = api.Notebook(name=name, assignment=work)
            session.add(real)
        real.kernelspec = json.dumps(made.metadata.get("kernelspec", {}))
        session.flush()
        for kind, wanted in _wanted(made).items():
            _enter_cells(session, real, kind, wanted)


def _wanted(notebook: NotebookNode) -> dict[type, dict[str, dict]]:
    """The gradebook's fields of the notebook's cells, by kind and id."""
    wanted: dict[type, dict[str, dict]] = {
        kind: {} for kind in (api.GradeCell, api.SolutionCell, api.TaskCell, api.SourceCell)
    }
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        about = {"cell_type": cell.cell_type}
        if is_grade(cell):
            wanted[api.GradeCell][meta.grade_id] = about | {"max_score": float(meta.points)}
        if is_solution(cell):
            wanted[api.SolutionCell][meta.grade_id] = {}
        if is_task(cell):
            wanted[api.TaskCell][meta.grade_id] = about | {"max_score": float(meta.points)}
        if is_grade(cell) or is_solution(cell) or is_task(cell) or is_locked(cell):
            about |= {"locked": is_locked(cell), "source": cell.source, "checksum": meta.get("checksum")}
            wanted[api.SourceCell][meta.grade_id] = about
    return wanted


def _enter_cells(session: Session, real: api.Notebook, kind: type, wanted: dict[str, dict]) -> None:
    present = {cell.name: cell for cell in session.query(kind).filter_by(notebook_id=real.id)}
    for name in present.keys() - wanted.keys():
        _remove(session, present[name])
    for name, fields in wanted.items():
        target = present.get(name)
        if target is None:
            target = kind(name=name, notebook=real)
            session.add(target)
        for field, value in fields.items():
            setattr(target, field, value)


def _remove(session: Session, cell: api.Base) -> None:
    grades = getattr(cell, "grades", [])
    if any(grade.manual_score is not None for grade in grades):
        raise ValueError(
            f"{cell.name} is gone from the notebook, but grades were given by hand for it: put the cell "
            "back, or remove these grades in formgrader first."
        )
    for each in (*grades, *getattr(cell, "comments", [])):
        session.delete(each)
    session.delete(cell)

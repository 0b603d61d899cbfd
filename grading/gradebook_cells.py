"""Copies an assignment's cells from a throw-away gradebook into the real one."""

from nbgrader import api
from sqlalchemy.orm import Session

KINDS = {
    api.GradeCell: ("max_score", "cell_type"),
    api.SolutionCell: (),
    api.TaskCell: ("max_score", "cell_type"),
    api.SourceCell: ("cell_type", "locked", "source", "checksum"),
}


def enter_assignment(template: Session, session: Session, name: str, course: str) -> None:
    """Makes the assignment's notebooks and cells in `session` those of `template`.

    A cell that is gone is removed with its grades. Raises ValueError when one of these was given by hand.
    """
    made = template.query(api.Assignment).filter_by(name=name).one()
    work = session.query(api.Assignment).filter_by(name=name).first()
    if work is None:
        work = api.Assignment(name=name, course_id=course)
        session.add(work)
    for notebook in made.notebooks:
        real = next((each for each in work.notebooks if each.name == notebook.name), None)
        if real is None:
            real = api.Notebook(name=notebook.name, assignment=work)
            session.add(real)
        real.kernelspec = notebook.kernelspec
        session.flush()
        for kind, fields in KINDS.items():
            _enter_cells(template, session, notebook, real, kind, fields)


def _enter_cells(
    template: Session, session: Session, made, real, kind: type, fields: tuple[str, ...]
) -> None:
    wanted = {cell.name: cell for cell in template.query(kind).filter_by(notebook_id=made.id)}
    present = {cell.name: cell for cell in session.query(kind).filter_by(notebook_id=real.id)}
    for name in present.keys() - wanted.keys():
        _remove(session, present[name])
    for name, cell in wanted.items():
        target = present.get(name)
        if target is None:
            target = kind(name=name, notebook=real)
            session.add(target)
        for field in fields:
            setattr(target, field, getattr(cell, field))


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

"""Puts results into the real gradebook: one transaction for each student, all of it or nothing.

Manual grades and comments survive; merging a result twice, or by two graders at once, leaves the same
gradebook; a submission that needs attention changes no grade. What was graded is remembered in a table of its
own (`grading_result`) in the same database, in the same transaction.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from nbgrader import api
from nbgrader.utils import parse_utc
from sqlalchemy.orm import Session

from grading.gradebook_cells import enter_assignment
from grading.pack import DIGEST, Pack
from grading.submissions import GRADED, Result

PATIENCE = 120  # seconds to wait while another grader writes
META = sa.MetaData()
RESULTS = sa.Table(
    "grading_result",
    META,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("graded_at", sa.String(40), nullable=False),
)
PACKS = sa.Table(
    "grading_pack",
    META,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("pack", sa.LargeBinary, nullable=False),
)
NOT_KEPT = {"notebooks": {}, "learned": {}}


class Book:
    """The real gradebook. `url` is nbgrader's database URL."""

    def __init__(self, url: str, course: str = "default_course") -> None:
        with api.Gradebook(url, course):
            pass  # makes the tables, and the course
        self._course = course
        waiting = {"timeout": PATIENCE} if url.startswith("sqlite") else {}
        self._engine = sa.create_engine(url, connect_args=waiting)
        if waiting:
            _write_locks(self._engine)
        META.create_all(self._engine)

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that is committed at the end, or not at all."""
        with Session(self._engine) as session, session.begin():
            yield session

    def digests(self, assignment: str) -> dict[str, str]:
        """What was graded (or found to need attention) last: student -> digest."""
        with self.transaction() as session:
            rows = session.execute(
                sa.select(RESULTS.c.student, RESULTS.c.digest).filter_by(assignment=assignment)
            )
            return {student: digest for student, digest in rows}  # noqa: C416  (a result is no mapping)

    def results(self, assignment: str) -> dict[str, Result]:
        """The last result of each student, without notebooks of graded submissions."""
        with self.transaction() as session:
            rows = session.execute(
                sa.select(RESULTS.c.student, RESULTS.c.result).filter_by(assignment=assignment)
            )
            return {student: Result(**json.loads(text)) for student, text in rows}

    def pack(self, assignment: str, digest: str) -> Pack | None:
        """The calibrated pack with that digest, if it is remembered."""
        with self.transaction() as session:
            data = session.scalar(sa.select(PACKS.c.pack).filter_by(assignment=assignment, digest=digest))
        return Pack.from_bytes(data) if data else None

    def keep_pack(self, pack: Pack) -> None:
        """Remembers the calibrated pack, and enters its cells in the gradebook. Raises ValueError.

        Cells that are gone are removed with their grades, unless one of these was given by hand.
        """
        key = {"assignment": pack.assignment}
        with self.transaction() as session:
            enter_assignment(session, pack, self._course)
            _replace_row(session, PACKS, key, digest=pack.digest, pack=pack.to_bytes())

    def merge(
        self, assignment: str, result: Result, digest: str, autograded: Path, replace: bool = False
    ) -> bool:
        """Enters one student's result; False when the same is there already (another grader's), and stays.

        `autograded` is nbgrader's folder of that name: the graded notebooks are put there first.
        """
        if result.status == GRADED:
            _write_notebooks(autograded / result.student / assignment, result)
        with self.transaction() as session:
            key = {"assignment": assignment, "student": result.student}
            old = session.execute(sa.select(RESULTS.c.digest, RESULTS.c.result).filter_by(**key)).first()
            if old and old.digest == digest and not replace:
                return False
            previous = Result(**json.loads(old.result)) if old else Result(result.student)
            if session.get(api.Student, result.student) is None:
                session.add(api.Student(id=result.student))
            if result.status == GRADED:
                if old and old.digest[DIGEST:] == digest[DIGEST:] != "":  # the same work, graded anew
                    _grant_again(result, previous)
                _enter_grades(session, assignment, result, previous)
            _remember(session, assignment, result, "" if result.unsettled else digest)
        return True

    def accept(self, assignment: str, student: str, autograded: Path) -> str:
        """Enters what was held back: withheld points, or the proposal for a submission that needs attention.

        Returns what was done. Raises ValueError when there is nothing to accept.
        """
        with self.transaction() as session:
            key = {"assignment": assignment, "student": student}
            row = session.execute(sa.select(RESULTS.c.digest, RESULTS.c.result).filter_by(**key)).first()
            result = Result(**json.loads(row.result)) if row else Result(student)
            held = [
                about for cells in result.cells.values() for about in cells.values() if about.get("withheld")
            ]
            if not row or not result.cells or (result.status == GRADED and not held):
                raise ValueError(f"nothing of {student}'s {assignment} is held back.")
            if result.notebooks:
                _write_notebooks(autograded / student / assignment, result)
            points = sum(map(_grant, held))
            was, result.status, result.reason = result.reason, GRADED, ""
            result.notes.append(
                f"accepted by hand: {points:g} points that were withheld" if held else f"accepted: {was}"
            )
            _enter_grades(session, assignment, result, result)
            _remember(session, assignment, result, row.digest)
            return result.notes[-1]


def _grant(about: dict) -> float:
    """Gives a test its withheld points: how many they are."""
    points = about["withheld"]
    about |= {"score": points, "withheld": 0, "accepted": True}
    return points


def _grant_again(result: Result, previous: Result) -> None:
    """Gives the points that were accepted by hand for the same submission."""
    held = [
        about
        for name, cells in result.cells.items()
        for test, about in cells.items()
        if about.get("withheld") and previous.cells.get(name, {}).get(test, {}).get("accepted")
    ]
    if held:
        result.notes.append(f"accepted by hand before: {sum(map(_grant, held)):g} points that were withheld")


def _write_locks(engine: sa.Engine) -> None:
    """Transactions take SQLite's write lock when they begin, so that what they read stays true."""

    @sa.event.listens_for(engine, "connect")
    def _(connection, _record):
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _replace_row(session: Session, table: sa.Table, key: dict, **values: object) -> None:
    session.execute(sa.delete(table).filter_by(**key))
    session.execute(sa.insert(table).values(**key, **values))


def _remember(session: Session, assignment: str, result: Result, digest: str) -> None:
    kept = asdict(result) | (NOT_KEPT if result.status == GRADED else {"learned": {}})
    key = {"assignment": assignment, "student": result.student}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _replace_row(session, RESULTS, key, digest=digest, result=json.dumps(kept), graded_at=now)


def _write_notebooks(folder: Path, result: Result) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = {f"{name}.ipynb": text for name, text in result.notebooks.items()}
    if result.timestamp:
        files["timestamp.txt"] = result.timestamp
    for name, text in files.items():
        part = folder / f".{name}.{uuid4().hex}"  # two graders may write at once
        part.write_text(text, "utf-8")
        part.replace(folder / name)


def _enter_grades(session: Session, assignment: str, result: Result, previous: Result) -> None:
    work = session.query(api.Assignment).filter_by(name=assignment).one()
    entry = (
        session.query(api.SubmittedAssignment).filter_by(assignment=work, student_id=result.student).first()
    )
    if entry is None:
        entry = api.SubmittedAssignment(assignment=work, student_id=result.student)
        session.add(entry)
    if result.timestamp:
        entry.timestamp = parse_utc(result.timestamp)
    for notebook in work.notebooks:
        graded = next((each for each in entry.notebooks if each.notebook is notebook), None)
        if graded is None:
            graded = api.SubmittedNotebook(assignment=entry, notebook=notebook)
            session.add(graded)
        cells, before = result.cells[notebook.name], previous.cells.get(notebook.name, {})
        graded.late_submission_penalty = result.late.get(notebook.name)
        graded.flagged = any(key.startswith(f"{notebook.name}/") for key in result.flags)
        for cell in notebook.grade_cells + notebook.task_cells:
            _enter_grade(session, graded, cell, cells.get(cell.name), before.get(cell.name, {}))
        comments = result.comments.get(notebook.name, {})
        for cell in notebook.solution_cells + notebook.task_cells:
            comment = next((each for each in graded.comments if each.cell is cell), None)
            if comment is None:
                comment = api.Comment(notebook=graded, cell=cell)
                session.add(comment)
            comment.auto_comment = comments.get(cell.name)


def _enter_grade(
    session: Session, graded: api.SubmittedNotebook, cell: api.BaseCell, about: dict | None, old: dict
):
    grade = next((each for each in graded.grades if each.cell is cell), None)
    if grade is None:
        grade = api.Grade(notebook=graded, cell=cell)
        session.add(grade)
    about = about or {"score": None, "manual": True}
    if grade.manual_score is None:
        grade.needs_manual_grade = about["manual"]
    elif about.get("answer") != old.get("answer") or about["score"] != old.get("score"):
        grade.needs_manual_grade = (
            True  # it was graded by hand for another answer: keep the grade, look again
        )
    grade.auto_score = about["score"]

"""Who has which grade, and what is still to do: a table for the terminal and CSV for spreadsheets, Canvas and
Moodle.

A student who handed in nothing, or whose submission needs attention, has an empty grade, never a zero.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields

from nbgrader import api

from grading.run import Course
from grading.submissions import GRADED, Result

MISSING = "missing"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run text that begins like this


@dataclass(frozen=True)
class Row:
    """One student's standing in one assignment. `score` is None where there is no grade."""

    assignment: str
    student: str
    status: str
    score: float | None
    max_score: float
    manual_pending: int
    late_penalty: float
    seconds: float
    reason: str
    flags: str
    notes: str


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them."""

    student: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str


def rows(course: Course, assignment: str) -> list[Row]:
    """Every student of the gradebook and every folder in `submitted/`, in order."""
    results = course.book.results(assignment)
    with course.book.transaction() as session:
        work = session.query(api.Assignment).filter_by(name=assignment).first()
        entries = {each.student_id: each for each in work.submissions} if work else {}
        known = {student.id for student in session.query(api.Student)}
        students = sorted(known | set(course.handed_in(assignment)))
        most = work.max_score if work else 0.0
        return [_row(assignment, each, entries.get(each), results.get(each), most) for each in students]


def people(course: Course) -> dict[str, Person]:
    """The gradebook's students by id."""
    with course.book.transaction() as session:
        return {
            each.id: Person(
                each.id, each.first_name or "", each.last_name or "", each.email or "", each.lms_user_id or ""
            )
            for each in session.query(api.Student)
        }


def table(found: Sequence[Row]) -> str:
    """The rows for a terminal, and a last line that counts them."""
    lines = [("student", "grade", "to do by hand", "seconds", "")]
    for row in found:
        grade = "-" if row.score is None else f"{row.score:g} of {row.max_score:g}"
        remark = (row.reason and f"{row.status}: {row.reason}") or (MISSING if row.status == MISSING else "")
        remark = "; ".join(filter(None, [remark, row.flags and f"flag: {row.flags}", row.notes]))
        seconds = f"{row.seconds:.1f}" if row.seconds else ""
        lines.append((row.student, grade, str(row.manual_pending or ""), seconds, remark))
    widths = [max(len(line[place]) for line in lines) for place in range(4)]
    text = [
        "  ".join(part.ljust(width) for part, width in zip(line, [*widths, 0], strict=True)) for line in lines
    ]
    count = {
        status: sum(row.status == status for row in found)
        for status in dict.fromkeys(r.status for r in found)
    }
    pending, flagged = sum(bool(row.manual_pending) for row in found), sum(bool(row.flags) for row in found)
    summary = [f"{number} {status}" for status, number in count.items()]
    summary += [
        f"{pending} to grade by hand",
        f"{flagged} flagged",
        f"{sum(row.seconds for row in found):.0f} s",
    ]
    return "\n".join(line.rstrip() for line in [*text, ", ".join(summary) + "."])


def to_csv(found: Iterable[Row]) -> str:
    """One line for each row; an empty score is no grade."""
    head = [field.name for field in fields(Row)]
    return _lines([head, *([_safe(value) for value in astuple(row)] for row in found)])


def to_canvas(found: Sequence[Row], known: dict[str, Person]) -> str:
    """Canvas's gradebook import: one line a student, one column an assignment, points possible on top."""
    most = {row.assignment: f"{row.max_score:g}" for row in found}
    lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *most]]
    lines.append(["    Points Possible", "", "", "", "", *most.values()])
    for person, scores in _standing(found, known):
        name = ", ".join(filter(None, [person.last_name, person.first_name])) or person.student
        lines.append([_safe(name), person.lms_user_id, "", person.student, "", *scores])
    return _lines(lines)


def to_moodle(found: Sequence[Row], known: dict[str, Person]) -> str:
    """Moodle's grade import: users by username (nbgrader's id) and address, one column an assignment."""
    lines = [["username", "firstname", "lastname", "email", *dict.fromkeys(row.assignment for row in found)]]
    for person, scores in _standing(found, known):
        names = [_safe(person.first_name), _safe(person.last_name)]
        lines.append([person.student, *names, person.email, *scores])
    return _lines(lines)


def _standing(found: Sequence[Row], known: dict[str, Person]) -> Iterator[tuple[Person, list[str]]]:
    """Each student with a score for each assignment; empty where there is none."""
    names = dict.fromkeys(row.assignment for row in found)
    scores = {(row.student, row.assignment): "" if row.score is None else f"{row.score:g}" for row in found}
    for student in dict.fromkeys(row.student for row in found):
        person = known.get(student, Person(student, "", "", "", ""))
        yield person, [scores.get((student, name), "") for name in names]


def _row(assignment: str, student: str, entry, result: Result | None, most: float) -> Row:
    graded = entry is not None and any(notebook.grades for notebook in entry.notebooks)
    status = result.status if result else GRADED if graded else MISSING
    cells = [grade for notebook in entry.notebooks for grade in notebook.grades] if graded else []
    result = result or Result(student)
    return Row(
        assignment=assignment,
        student=student,
        status=status,
        score=round(entry.score - (entry.late_submission_penalty or 0.0), 6) if graded else None,
        max_score=most,
        manual_pending=sum(bool(cell.needs_manual_grade) for cell in cells),
        late_penalty=(entry.late_submission_penalty or 0.0) if graded else 0.0,
        seconds=round(result.seconds, 2),
        reason=result.reason,
        flags="; ".join(f"{cell}: {why}" for cell, why in result.flags.items()),
        notes="; ".join(dict.fromkeys(result.notes + [f"worth a look: {each}" for each in result.looks])),
    )


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _lines(lines: list[list]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue()

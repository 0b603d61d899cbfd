"""`python -m grading`: grades classes, accepts what was held back, writes feedback and reports.

python -m grading grade                              everything in submitted/
python -m grading grade 03_tree_of_thought --students 's0*' --workers 2
python -m grading grade 03_tree_of_thought --scheduler tcp://scheduler:8786
python -m grading accept 03_tree_of_thought s07      withheld points, or the proposal for a broken submission
python -m grading report                             after grading by hand: feedback, CSV, item analysis
"""

import argparse
import sys
import warnings
from pathlib import Path

from tqdm import tqdm

from config import ROOT
from grading.course import assignments
from grading.submissions import GRADED

REPORTS = "reports"


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Runs one command.

    Exit status: 0; 1 where something needs attention or a page was not written; 2 where nothing was done.
    """
    parser = argparse.ArgumentParser(
        prog="python -m grading", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    grade = commands.add_parser("grade", help="grade what is new or changed")
    grade.add_argument("assignment", nargs="?", help="its folder's name; default: all with submissions")
    grade.add_argument("--students", default="*", metavar="PATTERN", help="such as 's0*'; default: all")
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, default=2, help="processes on this machine; default: 2")
    where.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask scheduler, such as tcp://host:8786")
    grade.add_argument("--again", action="store_true", help="grade what is unchanged too")
    accept = commands.add_parser("accept", help="enter what was held back for one student")
    accept.add_argument("assignment")
    accept.add_argument("student")
    report = commands.add_parser("report", help="write feedback, CSV and item analysis from the gradebook")
    report.add_argument("assignment", nargs="?")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    try:
        return {"grade": _grade, "accept": _accept, "report": _report}[options.command](options, root)
    except ValueError as error:
        print(f"Nothing was done: {error}", file=sys.stderr)
        return 2
    except ConnectionError as error:
        print(f"Stopped: {error}", file=sys.stderr)
        return 1


def _grade(options: argparse.Namespace, root: Path) -> int:
    from grading import feedback
    from grading.run import Course, grade_class, prepare, sandbox_warning, workers

    course = Course.open(root)
    names = [options.assignment] if options.assignment else assignments(root)
    wanted = [name for name in names if course.handed_in(name, options.students)]
    _require(root, names)
    if not wanted:
        raise ValueError("put what learners hand in at submitted/<student>/<assignment>/ first.")
    troubled, refused = 0, []
    with workers(options.workers, options.scheduler) as client:
        for text in set(client.run(sandbox_warning, on_error="ignore").values()) - {""}:
            print(f"{'!' * 80}\n{text}\n{'!' * 80}", file=sys.stderr)
        for name in wanted:
            try:
                pack, notes = prepare(course, name, client)
            except ValueError as error:
                refused.append(f"{name}: {error}")
                continue
            for note in notes:
                print(f"{name}: {note}", file=sys.stderr)
            students = course.handed_in(name, options.students)
            total = len(students)
            graded = []
            with tqdm(total=total, desc=name, unit="submission") as bar:
                for result, left in grade_class(course, pack, client, options.students, options.again):
                    graded.append(result.student)
                    bar.update(total - left - bar.n)
                bar.update(total - bar.n)
            late = feedback.without_page(course, name, students)
            failed, waiting = _write_reports(course, name, sorted({*graded, *late}))
            troubled += failed + waiting
    if len(refused) == len(wanted):
        raise ValueError("\n".join(refused))
    for text in refused:
        print(f"Not graded: {text}", file=sys.stderr)
    troubled += len(refused)
    _write_exports(course, root)
    return 1 if troubled else 0


def _accept(options: argparse.Namespace, root: Path) -> int:
    from grading.run import Course

    course = Course.open(root)
    print(course.book.accept(options.assignment, options.student, course.folder("autograded")))
    failed, _ = _write_reports(course, options.assignment, [options.student])
    _write_exports(course, root)
    return 1 if failed else 0


def _report(options: argparse.Namespace, root: Path) -> int:
    from grading.run import Course

    course = Course.open(root)
    names = [options.assignment] if options.assignment else assignments(root)
    _require(root, names)
    failed = 0
    for name in names:
        if results := course.book.results(name):
            failed += _write_reports(course, name, list(results))[0]
    _write_exports(course, root)
    return 1 if failed else 0


def _require(root: Path, names: list[str]) -> None:
    for name in set(names) - set(assignments(root)):
        raise ValueError(f"there is no assignment {name!r} in solutions/; is the name right?")


def _write_reports(course, assignment: str, students: list[str]) -> tuple[int, int]:
    """Feedback for `students`, the item analysis, the table on the screen.

    Gives how many pages could not be written, and how many submissions need attention.
    """
    from grading import feedback, items, leaderboard, report

    results = course.book.results(assignment)
    ready = [student for student in students if student in results and results[student].status == GRADED]
    failed = feedback.write_feedback(course, assignment, ready)
    for student in failed:
        print(f"{student}: the feedback page could not be written", file=sys.stderr)
    folder = course.root / REPORTS
    folder.mkdir(exist_ok=True)
    (folder / f"{assignment}.html").write_text(items.page(assignment, list(results.values())), "utf-8")
    found = report.rows(course, assignment)
    print(f"\n{assignment}\n{report.table(found)}\n")
    if standing := leaderboard.places(course.folder("autograded"), assignment, list(results)):
        (folder / f"{assignment}_leaderboard.md").write_text(leaderboard.as_text(standing), "utf-8")
        print(leaderboard.as_text(standing))
    return len(failed), sum(row.status not in (GRADED, report.MISSING) for row in found)


def _write_exports(course, root: Path) -> None:
    from grading import report

    found = [
        row for name in assignments(root) if course.book.results(name) for row in report.rows(course, name)
    ]
    known = report.people(course)
    files = {
        "grades.csv": report.to_csv(found),
        "canvas.csv": report.to_canvas(found, known),
        "moodle.csv": report.to_moodle(found, known),
    }
    for name, text in files.items():
        (root / REPORTS / name).write_text(text, "utf-8")
    print(f"Written: feedback/, {REPORTS}/*.html, " + ", ".join(f"{REPORTS}/{name}" for name in files))


if __name__ == "__main__":
    sys.exit(main())

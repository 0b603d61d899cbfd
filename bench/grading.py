"""`python -m bench.grading`: what grading costs on the course's own notebooks, 01 to 06, against plain
`nbgrader autograde`.

A third of the class hands in the solution, a third the blank release, a third every other exercise.
nbgrader's own command grades one submission of each kind; `grading` grades these with one worker, and the
whole class with two. All in one run, in seconds and in core-seconds of all processes. What is done once for
an assignment (its release, the trial on the solution) is shown apart, and so is the start of the workers.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution

from bench.processes import core_seconds, resident
from bench.sampling import README, heading, line, machine
from config import ROOT
from grading.course import assignments
from grading.release import write_release
from grading.run import Course, grade_class, prepare, workers
from grading.submissions import GRADED
from training import marks

KINDS = ("solution", "blank", "half")
HEAD = (
    "notebook",
    "nbgrader, s",
    "ours, s",
    "times faster",
    "nbgrader, core-s",
    "ours, core-s",
    "times less",
    "slowest, s",
    "once, s",
)


@dataclass
class Cost:
    """Seconds by the clock, core-seconds of this process and all below it, and bytes they hold in the end."""

    seconds: float = 0.0
    cores: float = 0.0
    memory: int = 0
    each: list[tuple[str, float]] = field(default_factory=list)  # (student, seconds in its worker)


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of the block; processes that were started in it must still run, or have been waited for."""
    cost, began, before = Cost(), time.perf_counter(), core_seconds()
    yield cost
    cost.seconds, cost.cores = time.perf_counter() - began, core_seconds() - before
    cost.memory = resident()


def half_solved(release: nbformat.NotebookNode, solution: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The release with every other exercise solved, the first among them."""
    notebook = nbformat.from_dict(release)
    solved = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in solution.cells
        if cell.cell_type == "code" and is_solution(cell) and not is_grade(cell)
    }
    for number, grade_id in enumerate(solved):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
        cell.source = solved[grade_id] if number % 2 == 0 else cell.source
    return notebook


def write_class(root: Path, names: list[str], students: int) -> None:
    """`solutions/`, `notebooks/` and `submitted/` of the assignments, for so many students of each kind; by
    their names the kinds take turns.
    """
    for name in names:
        shutil.copytree(ROOT / "solutions" / name, root / "solutions" / name)
    write_release(root)
    for path in (root / "solutions").glob("*/*.ipynb"):
        solution = nbformat.read(path, 4)
        release = nbformat.read(root / "notebooks" / path.parent.name / path.name, 4)
        made = {"solution": solution, "blank": release, "half": half_solved(release, solution)}
        for kind, notebook in made.items():
            for number in range(students):
                folder = root / "submitted" / f"{number:03}-{kind}" / path.parent.name
                folder.mkdir(parents=True)
                nbformat.write(notebook, folder / path.name)


def plain(root: Path, assignment: str) -> Cost:
    """`nbgrader autograde` of one submission of each kind."""
    _nbgrader(root, "generate_assignment", assignment, "--force")
    with measured() as cost:
        _nbgrader(root, "autograde", assignment, "--student=000-*", "--Execute.timeout=600")
    return cost


def ours(
    root: Path, names: list[str], count: int, students: str
) -> tuple[Cost, dict[str, Cost], dict[str, Cost]]:
    """The start of `count` workers; by assignment the cost of what is done once, and of grading
    `students`.
    """
    course, once, graded = Course.open(root), {}, {}
    with measured() as start:
        held = workers(count)
        client = held.__enter__()
    try:
        for name in names:
            with measured() as once[name]:
                pack, _ = prepare(course, name, client)
            with measured() as graded[name]:
                for result, _ in grade_class(course, pack, client, students, again=True):
                    assert result.status == GRADED, f"{result.student}: {result.reason}"
                    graded[name].each.append((result.student, result.seconds))
    finally:
        held.__exit__(None, None, None)
        course.book.close()
    return start, once, graded


def many(root: Path, assignment: str, students: int) -> None:
    """Prints the cost of each tenth of a large class, to see that time is linear and memory flat."""
    write_class(root, [assignment], students // len(KINDS))
    course = Course.open(root)
    with workers(2) as client:
        pack, _ = prepare(course, assignment, client)
        done = grade_class(course, pack, client)
        left = len(course.handed_in(assignment))
        part = max(1, left // 10)
        while left:
            with measured() as cost:
                for _, left in done:
                    if left % part == 0:
                        break
            print(f"{left:6} left: {cost.seconds:7.1f} s, {cost.cores:7.1f} core-s, {cost.memory >> 20} MB")
    course.book.close()


def table(theirs: dict[str, Cost], mine: dict[str, Cost], once: dict[str, Cost]) -> list[list[str]]:
    """The table's cells: a row for each notebook, means over the kinds of submission, and one for all."""
    found = []
    for names in [*([name] for name in mine), list(mine)]:
        spent = [
            sum(getattr(costs[name], what) for name in names) / len(names) / len(KINDS)
            for what in ("seconds", "cores")
            for costs in (theirs, mine)
        ]
        numbers = [f"{number:.1f}" for number in spent]
        times = [f"{spent[0] / spent[1]:.0f}", f"{spent[2] / spent[3]:.0f}"]
        slowest = max(seconds for name in names for _, seconds in mine[name].each)
        first = sum(once[name].seconds for name in names)
        label = names[0] if len(names) == 1 else "all"
        found.append(
            [label, *numbers[:2], times[0], *numbers[2:], times[1], f"{slowest:.1f}", f"{first:.0f}"]
        )
    return found


def compare(root: Path, names: list[str], students: int) -> list[str]:
    """The lines of the report: each notebook, by nbgrader and here, and the class."""
    write_class(root, names, students // len(KINDS))
    with tempfile.TemporaryDirectory() as folder:
        write_class(Path(folder), names, 1)
        theirs = {name: plain(Path(folder), name) for name in names}
    _, once, one = ours(root, names, 1, "000-*")
    start, _, class_ = ours(root, names, 2, "*")
    count = sum(len(cost.each) for cost in class_.values())
    minutes = sum(cost.seconds for cost in class_.values()) / 60
    return [
        *heading(HEAD),
        *map(line, table(theirs, one, once)),
        "",
        f"A submission in a warm worker, mean of {', '.join(KINDS)}; `once`: what is done once for an "
        f"assignment. {count // len(names)} students with all of it, {count} submissions: **{minutes:.1f} "
        f"minutes** with two workers, {start.seconds:.0f} s to start them. {machine()}, "
        f"{len(os.sched_getaffinity(0))} cores.",
    ]


def main() -> None:
    """Runs the benchmark, prints its table, and with `--write` puts it into the README."""
    parser = argparse.ArgumentParser(prog="python -m bench.grading", description="Speed of grading.")
    parser.add_argument("assignments", nargs="*", help="default: 01 to 06")
    parser.add_argument("--students", type=int, default=30, help="of the class; default: 30")
    parser.add_argument("--many", type=int, metavar="N", help="grade N submissions of the first assignment")
    parser.add_argument("--write", action="store_true", help="the table into the README")
    options = parser.parse_args()
    names = options.assignments or [name for name in assignments(ROOT) if "01" <= name < "07"]
    with tempfile.TemporaryDirectory() as folder:
        if options.many:
            many(Path(folder), names[0], options.many)
            return
        lines = compare(Path(folder), names, options.students)
    print(*lines, sep="\n")
    if options.write:
        marks.write(README, "grading", "\n".join([*lines, ""]))


def _nbgrader(root: Path, *command: str) -> None:
    """Runs an nbgrader command in `root` as in an activated environment: it calls `alembic` by its name."""
    course = ["--CourseDirectory.source_directory=solutions", "--CourseDirectory.release_directory=notebooks"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "nbgrader", *command, *course],
        cwd=root,
        env=os.environ
        | {"PATH": path, "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT)])},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"nbgrader failed:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()

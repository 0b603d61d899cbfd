"""`python -m bench.grading`: seconds a submission, against plain `nbgrader autograde` in the same run.

A class of copies of one small solved assignment is graded by nbgrader's own command (half before and half after,
so that a machine whose speed drifts favours none) and by `grading` with local workers, start-up included. Its release
and calibration, once for an assignment, are shown apart, as nbgrader's own release is not timed either. What 4, 8
and 16 workers would take is simulated from the measured durations; the model is printed.
"""

import argparse
import heapq
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.reference import on_path
from grading.run import Course, grade_class, prepare, workers
from grading.submissions import GRADED

NAME = "bench"
TESTS = """import reference
for x in range(20):
    assert {name}(x) == reference.{name}(x)"""


def solved_notebook(exercises: int = 5) -> nbformat.NotebookNode:
    """An assignment of small functions with hidden tests, solved."""
    cells = [new_markdown_cell("# Bench")]
    for number in range(exercises):
        name = f"add_{number}"
        source = f"def {name}(x):\n    ### BEGIN SOLUTION\n    return x + {number}\n    ### END SOLUTION"
        test = f"### BEGIN HIDDEN TESTS\n{TESTS.format(name=name)}\n### END HIDDEN TESTS"
        cells.append(new_code_cell(source, metadata=_graded(name, solution=True)))
        cells.append(new_code_cell(test, metadata=_graded(f"test_{name}", grade=True, locked=True, points=1)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def write_class(root: Path, students: int) -> None:
    """`solutions/` and `submitted/` for that many students."""
    notebook = solved_notebook()
    folders = [root / "solutions", *(root / "submitted" / f"s{number:03}" for number in range(students))]
    for number, folder in enumerate(folders):
        (folder / NAME).mkdir(parents=True)
        notebook.cells[0].source = f"# Bench {number}"
        nbformat.write(notebook, folder / NAME / f"{NAME}.ipynb")


def plain(root: Path, pattern: str) -> float:
    """Seconds that `nbgrader autograde` takes for the students that match the pattern."""
    began = time.perf_counter()
    _nbgrader(root, "autograde", NAME, f"--student={pattern}")
    return time.perf_counter() - began


def ours(root: Path, count: int) -> dict:
    """Seconds for the whole class with `count` local workers, and each submission's own."""
    course = Course.open(root)
    began = time.perf_counter()
    with workers(count) as client:
        started = time.perf_counter() - began
        pack, _ = prepare(course, NAME, client)
        prepared = time.perf_counter() - began
        results = [result for result, _ in grade_class(course, pack, client)]
    bad = [result for result in results if result.status != GRADED]
    assert not bad and all(cell["score"] for r in results for cell in r.cells[NAME].values()), bad
    merge = _merge_seconds(course, pack, results[0])
    course.book.close()
    total = time.perf_counter() - began
    return {"start": started, "prepare": prepared - started, "total": total, "merge": merge,
            "each": [result.seconds for result in results]}  # fmt: skip


def simulate(durations: Sequence[float], workers: int, start: float, merge: float) -> float:
    """Seconds for the class: a queue that `workers` equal workers empty, and one merger that takes `merge` s each.

    Workers start together after `start` s; a finished submission waits for the merger. No other cost is modelled
    (network, scheduler: a Dask scheduler adds about 1 ms a task).
    """
    free, finished = [start] * workers, []
    for duration in durations:
        at = heapq.heappop(free) + duration
        heapq.heappush(free, at)
        finished.append(at)
    end = 0.0
    for at in sorted(finished):
        end = max(end, at) + merge
    return end


def _nbgrader(root: Path, *command: str) -> None:
    """Runs an nbgrader command in `root` as in an activated environment: it calls `alembic` by its name."""
    course = ["--CourseDirectory.source_directory=solutions", "--CourseDirectory.release_directory=notebooks"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "nbgrader", *command, *course],
        cwd=root,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"nbgrader failed:\n{done.stderr[-2000:]}")


def _merge_seconds(course: Course, pack, result) -> float:
    began = time.perf_counter()
    for number in range(5):
        course.book.merge(NAME, result, f"bench{number}", course.folder("autograded"))
    return (time.perf_counter() - began) / 5


def _graded(cell: str, **changes: object) -> dict:
    base = {
        "schema_version": 3,
        "grade_id": cell,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    }
    return {"nbgrader": base | changes}


def main() -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the numbers there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_class(root, options.students)
        shutil.copytree(root, plain_root := root / "plain")
        solution = root / "solutions" / NAME / f"{NAME}.ipynb"
        _nbgrader(plain_root, "generate_assignment", NAME)
        with on_path(solution):
            first = plain(plain_root, "s*[02468]")
        measured = ours(root, options.workers)
        with on_path(solution):
            second = plain(plain_root, "s*[13579]")
    n, cores = options.students, len(os.sched_getaffinity(0))
    numbers = {"plain": (first + second) / n, "ours": measured["total"] / n, "cores": cores, **measured}
    once = measured["prepare"] / n
    numbers["ratio"] = numbers["plain"] / (numbers["ours"] - once)
    numbers["ratio with calibration"] = numbers["plain"] / numbers["ours"]
    start = measured["start"]
    alone = [each * min(1.0, cores / options.workers) for each in measured["each"]]
    simulated = {count: simulate(alone, count, start, measured["merge"]) for count in (1, 2, 4, 8, 16)}
    print(f"{n} submissions, {cores} core(s)")
    print(f"nbgrader autograde            {numbers['plain']:.2f} s a submission")
    print(
        f"grading, {options.workers} workers            {numbers['ours'] - once:.2f} s a submission: {numbers['ratio']:.1f} times faster"
    )
    print(f"  of which start {measured['start']:.1f} s")
    print(
        f"  release and calibration, once for an assignment, {measured['prepare']:.1f} s more; with it "
        f"{numbers['ours']:.2f} s a submission: {numbers['ratio with calibration']:.1f} times faster"
    )
    print(
        f"  one submission in a worker {sum(measured['each']) / n:.2f} s, merging it {measured['merge'] * 1000:.0f} ms"
    )
    print("simulated (first come first served, one core for each worker, one merger, start-up as measured):")
    for count, seconds in simulated.items():
        print(
            f"  {count:2} workers  {seconds / n:.2f} s a submission, {numbers['plain'] * n / seconds:.1f} times faster"
        )
    if options.json:
        options.json.write_text(json.dumps(numbers | {"simulated": simulated}, indent=1))


if __name__ == "__main__":
    main()

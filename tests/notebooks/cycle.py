"""The slow and sure way to score a learner's code: released, handed in and graded by nbgrader's own cycle."""

from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from grading.course import course_directory
from grading.cycle import grade_submissions
from grading.release import write_release
from tests.notebooks.reading import fill, read

BLANK = None


def real_scores(
    root: Path, assignment: str, name: str, trials: dict[str, dict[str, str] | None]
) -> dict[str, dict[str, float]]:
    """Automatic points by trial and graded cell, of notebook `name` in the course under `root`.

    A trial is code by `grade_id` in place of some of the solution's cells, or BLANK: the release as it is.
    What nbgrader executed stands in `root/autograded/<trial>` afterwards.
    """
    write_release(root)
    release = read(root / "notebooks" / assignment / f"{name}.ipynb")
    solution = read(root / "solutions" / assignment / f"{name}.ipynb")
    for trial, code in trials.items():
        folder = root / "submitted" / trial / assignment
        folder.mkdir(parents=True)
        submission = release if code is BLANK else fill(release, solution, code)
        nbformat.write(submission, folder / f"{name}.ipynb")
    problems = {grade.student: grade.problem for grade in grade_submissions(root) if grade.problem}
    assert not problems, problems
    with Gradebook(course_directory(root, assignment).db_url) as gradebook:
        found = {
            trial: gradebook.find_submission_notebook(name, assignment, trial).grades for trial in trials
        }
        return {trial: {grade.name: grade.auto_score for grade in grades} for trial, grades in found.items()}

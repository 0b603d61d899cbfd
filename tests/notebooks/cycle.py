"""The slow and sure way to score a learner's code: released, handed in and graded by nbgrader's own cycle."""

from collections.abc import Collection
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from grading.course import course_directory
from grading.cycle import grade_submissions
from grading.release import write_release
from grading.skip import TAG
from tests.notebooks.reading import fill, is_live, read

BLANK = None


def real_scores(
    root: Path,
    assignment: str,
    name: str,
    trials: dict[str, dict[str, str] | None],
    without_live: Collection[str] = (),
) -> dict[str, dict[str, float]]:
    """Automatic points by trial and graded cell, of notebook `name` in the course under `root`.

    A trial is code by `grade_id` in place of some of the solution's cells, or BLANK: the release as it is.
    Of the trials in `without_live` the live cells, on which no test depends, are not executed. What nbgrader
    executed stands in `root/autograded/<trial>` afterwards.
    """
    write_release(root)
    release = read(root / "notebooks" / assignment / f"{name}.ipynb")
    solution = read(root / "solutions" / assignment / f"{name}.ipynb")
    for trial, code in trials.items():
        folder = root / "submitted" / trial / assignment
        folder.mkdir(parents=True)
        submission = fill(release, release if code is BLANK else solution, code)
        for cell in submission.cells if trial in without_live else ():
            if is_live(cell):
                cell.metadata.tags.append(TAG)
        nbformat.write(submission, folder / f"{name}.ipynb")
    problems = {grade.student: grade.problem for grade in grade_submissions(root) if grade.problem}
    assert not problems, problems
    with Gradebook(course_directory(root, assignment).db_url) as gradebook:
        found = {
            trial: gradebook.find_submission_notebook(name, assignment, trial).grades for trial in trials
        }
        return {trial: {grade.name: grade.auto_score for grade in grades} for trial, grades in found.items()}

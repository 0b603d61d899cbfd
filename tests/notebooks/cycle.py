"""The slow and sure way to score a learner's code: released, handed in and graded by nbgrader's own cycle."""

from collections.abc import Collection
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment

from grading.course import course_directory, settings
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
    config = settings(root)
    for step in (GenerateAssignment, Autograde):  # the first enters the cells in the gradebook
        made = step(coursedir=course_directory(root, assignment), config=config)
        made.force = True
        made.start()
    with Gradebook(course_directory(root, assignment).db_url) as gradebook:
        found = {
            trial: gradebook.find_submission_notebook(name, assignment, trial).grades for trial in trials
        }
        return {trial: {grade.name: grade.auto_score for grade in grades} for trial, grades in found.items()}

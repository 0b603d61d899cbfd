"""Where a course lies on disk, and nbgrader's settings for it."""

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from config import ROOT


def settings(root: Path) -> Config:
    """The settings of `nbgrader_config.py`, for the course folder `root` instead of the repository."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.CourseDirectory.root = str(Path(root).resolve())
    return config


def course_directory(root: Path, assignment: str, student: str = "*", **changes: str) -> CourseDirectory:
    """nbgrader's view of one assignment (and one student) of the course in `root`.

    `changes` overrides settings of `CourseDirectory`, such as `db_url` or `release_directory`.
    """
    ids = {"assignment_id": assignment, "student_id": student}
    return CourseDirectory(config=settings(root), **ids, **changes)


def assignments(root: Path) -> list[str]:
    """Names of the folders in `solutions/` that hold a notebook, in order."""
    return sorted({path.parent.name for path in (Path(root) / "solutions").glob("*/*.ipynb")})

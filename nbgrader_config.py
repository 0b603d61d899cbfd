"""nbgrader's settings, read by `nbgrader`, by JupyterLab's nbgrader panels and by `grading`."""

import os
import sys
from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    IgnorePattern,
    LimitOutput,
    SaveAutoGrades,
)
from nbgrader.validator import Validator

from grading.feedback import STEPS
from grading.kernels import LocalExecute
from grading.skip import ExecuteNeeded

c = get_config()

# nbgrader calls `alembic` by its name when it makes a gradebook, also where no virtual environment is
# activated.
programs = str(Path(sys.executable).parent)
if programs not in os.environ["PATH"].split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])

c.CourseDirectory.root = str(Path(__file__).parent)
c.CourseDirectory.course_id = "inference-scaling"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"

# The live cells of a notebook may compute for a minute; nbgrader's own limit is 30 s a cell.
c.Execute.timeout = 300
# A cell's last output may be late on a busy machine; after nbclient's 4 s that would count as an error.
c.Execute.iopub_timeout = 60
# nbgrader's own list, but for the kernel: one that needs no free TCP port cannot lose it to another process.
c.Autograde.autograde_preprocessors = [
    LocalExecute,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]

# Any text on stderr costs a test cell its points; a progress bar is no failure.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"\d+%\||\d+it \[|Loading weights"

# Feedback shows what failed, neither hidden tests (cut from the cells and from tracebacks) nor mark schemes.
c.GenerateFeedback.preprocessors = list(STEPS)

# Validate runs the cells that the tests need, not the live figures. nbgrader has no setting for it.
Validator.preprocessors = [CheckCellMetadata, ClearOutput, ExecuteNeeded]

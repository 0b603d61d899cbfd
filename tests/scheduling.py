"""Which process runs which test, where `-n` starts several."""

import re
from collections.abc import Iterable

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

LONG = ("tests/notebooks/", "tests/grading/", "tests/training/")  # seconds for a test, elsewhere less
NOTEBOOK = re.compile(r"test_notebooks\.py::.*?\[(?:[a-z ]+-)?(\d\d_\w+)")


class ByFile(LoadScopeScheduling):
    """A file stays in one process, since its tests share what they set up; of the notebooks', a notebook. A
    test on a real model is by itself, since it takes minutes.
    Long ones begin first, then those with the most tests, so that all processes end at about the same time.

    Not `--dist loadgroup`: xdist 3.8 writes the groups into names of tests, which pytest 9.2 does not let it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(next_of(self.workqueue), last=False)
        super()._assign_work_unit(node)


def group(nodeid: str) -> str:
    """What tests of one process have in common: their file, and their notebook; all, on a real model."""
    if nodeid.startswith("tests/real/"):
        return nodeid
    notebook = NOTEBOOK.search(nodeid)
    return nodeid.partition("::")[0] + (f" {notebook[1]}" if notebook else "")


def next_of(waiting: Iterable[str]) -> str:
    """The group that begins next, of those that wait, with the most tests first."""
    return min(waiting, key=lambda each: not each.startswith(LONG))

"""Which process runs which test, where `-n` starts several."""

import re

from xdist.scheduler import LoadScopeScheduling

NOTEBOOK = re.compile(r"test_notebooks\.py::.*?\[(\d\d_\w+)")


class ByFile(LoadScopeScheduling):
    """A file stays in one process, since its tests share what they set up; of the notebooks', a notebook.

    Not `--dist loadgroup`: xdist 3.8 writes the groups into names of tests, which pytest 9.2 does not let it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """What tests of one process have in common: their file, and their notebook."""
    notebook = NOTEBOOK.search(nodeid)
    return nodeid.partition("::")[0] + (f" {notebook[1]}" if notebook else "")

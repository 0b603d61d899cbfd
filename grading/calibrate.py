"""Tries a pack on the solution and on the blank release before any learner meets it.

In a calibrated pack the solution earns every point and the release none, and a cell may take ten times what
the slowest of the solution's took, a notebook ten times what the solution took.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from grading.pack import Pack
from grading.submissions import Result, Submission

Grader = Callable[[Pack, Submission, bool], Result]
TIMES = 10  # a limit is that many times what the solution took
LEAST, LEAST_WHOLE = 20.0, 600.0  # seconds of a cell and of a notebook, however fast the solution is
STANDARD = {
    "grading",
    "IPython",
    "ipykernel",
    "ipython_genutils",
    "zmq",
    "tornado",
    "debugpy",
    "_pydev_bundle",
}


class Uncalibrated(ValueError):
    """The assignment cannot be graded as it is; the text says which test is at fault."""


def calibrate(pack: Pack, grade: Grader) -> tuple[Pack, list[str]]:
    """The pack with limits from what the solution took, and notes for the instructor. Raises Uncalibrated."""
    result = grade(pack, _handed_in(pack, "source"), True)
    if result.reason:
        raise Uncalibrated(f"the solution itself cannot be graded: {result.reason}")
    tests = [(f"{name}/{test}", about) for name, test, about in _tests(pack, result)]
    if failed := [f"{test} ({about['error']})" for test, about in tests if about["score"] < about["max"]]:
        raise Uncalibrated("the solution itself does not pass " + ", ".join(sorted(failed)))
    pack = _learned(pack, result)
    blank = grade(pack, _handed_in(pack, "release"), False)
    if blank.reason:
        raise Uncalibrated(f"the released notebook cannot be graded: {blank.reason}")
    if gifts := [f"{nb}/{test}" for nb, test, about in _tests(pack, blank) if about["score"]]:
        raise Uncalibrated("the released notebook earns points without any work: " + ", ".join(gifts))
    return pack, result.notes


def _handed_in(pack: Pack, what: str) -> Submission:
    files = {f"{name}.ipynb": getattr(each, what) for name, each in pack.notebooks.items()}
    return Submission("solution", {name: b64encode(text.encode()).decode() for name, text in files.items()})


def _tests(pack: Pack, result: Result) -> list[tuple[str, str, dict]]:
    """Test cells with points, as (notebook, id, grade)."""
    return [
        (name, test, about)
        for name, cells in result.cells.items()
        for test, about in cells.items()
        if test in pack.notebooks[name].exam["tests"] and about["max"]
    ]


def _learned(pack: Pack, result: Result) -> Pack:
    """With what the solution's run showed: the time it may take, the modules worth preloading."""
    modules = [module for each in result.learned.values() for module in each["modules"]]
    wanted = [module for module in dict.fromkeys(modules) if module.partition(".")[0] not in STANDARD]
    slowest, whole = (max(each[what] for each in result.learned.values()) for what in ("slowest", "whole"))
    limits = replace(
        pack.limits,
        cell_seconds=min(pack.limits.cell_seconds, max(LEAST, TIMES * slowest)),
        notebook_seconds=min(pack.limits.notebook_seconds, max(LEAST_WHOLE, TIMES * whole)),
    )
    return replace(pack, limits=limits, preload=tuple(wanted))

"""Tries a pack on the solution and on the blank release before any learner meets it.

Promises: in a calibrated pack the solution earns every point and the release none; a test that the examiner
cannot run from outside of the kernel is marked to be run inside of it. Knows nothing of Dask and gradebooks.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

from grading.pack import Pack
from grading.submissions import Result, Submission

Grader = Callable[[Pack, Submission, bool], Result]
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
    """The pack with each test's mode settled, and notes for the instructor. Raises Uncalibrated."""
    solution = _handed_in(pack, "source")
    result = grade(pack, solution, True)
    if failed := _failed(pack, result):
        pack = _in_kernel(pack, failed)
        result = grade(pack, solution, True)
    inside = [
        f"{name}/{t}" for name, each in pack.notebooks.items() for t, m in each.modes.items() if m == "kernel"
    ]
    notes = [
        f"{test} runs inside the learner's kernel, where its text can be read" for test in sorted(inside)
    ]
    vague = {test for test, why in result.flags.items() if "wrong answers" in why}
    if vague:
        notes += [f"{test} passes with wrong answers too: it tests little" for test in sorted(vague)]
        pack = _without_control(pack, vague)
        result = grade(pack, solution, True)
    if failed := _failed(pack, result):
        raise Uncalibrated("the solution itself does not pass " + ", ".join(sorted(failed.values())))
    if result.flags:
        raise Uncalibrated("the solution itself is suspect: " + "; ".join(sorted(set(result.flags.values()))))
    pack = _learned(pack, result)
    blank = grade(pack, _handed_in(pack, "release"), False)
    if blank.reason:
        raise Uncalibrated(f"the released notebook cannot be graded: {blank.reason}")
    if gifts := [f"{nb}/{test}" for nb, test, about in _tests(pack, blank) if about["score"]]:
        raise Uncalibrated("the released notebook earns points without any work: " + ", ".join(gifts))
    return pack, notes


def _handed_in(pack: Pack, what: str) -> Submission:
    files = {f"{name}.ipynb": getattr(each, what) for name, each in pack.notebooks.items()}
    return Submission("solution", {name: b64encode(text.encode()).decode() for name, text in files.items()})


def _tests(pack: Pack, result: Result) -> list[tuple[str, str, dict]]:
    """Test cells with points, as (notebook, id, grade)."""
    return [
        (name, test, about)
        for name, cells in result.cells.items()
        for test, about in cells.items()
        if test in pack.notebooks[name].modes and about["max"]
    ]


def _failed(pack: Pack, result: Result) -> dict[str, str]:
    """Tests without full marks, and what they said. Raises Uncalibrated when the solution cannot be graded."""
    if result.reason:
        raise Uncalibrated(f"the solution itself cannot be graded: {result.reason}")
    tests = [(f"{name}/{test}", about) for name, test, about in _tests(pack, result)]
    return {
        key: f"{key} ({about['error']})"
        for key, about in tests
        if about["score"] < about["max"] and key not in result.flags
    }


def _in_kernel(pack: Pack, tests: dict[str, str]) -> Pack:
    notebooks = {
        name: replace(
            each, modes={t: "kernel" if f"{name}/{t}" in tests else mode for t, mode in each.modes.items()}
        )
        for name, each in pack.notebooks.items()
    }
    return replace(pack, notebooks=notebooks)


def _without_control(pack: Pack, tests: set[str]) -> Pack:
    notebooks = {
        name: replace(each, names={t: [] if f"{name}/{t}" in tests else n for t, n in each.names.items()})
        for name, each in pack.notebooks.items()
    }
    return replace(pack, notebooks=notebooks)


def _learned(pack: Pack, result: Result) -> Pack:
    """With what the solution's kernel showed: what names stand for, and which modules are worth preloading."""
    notebooks = {
        name: replace(each, bindings=result.learned.get(name, {}).get("bindings", {}))
        for name, each in pack.notebooks.items()
    }
    modules = [module for each in result.learned.values() for module in each.get("modules", [])]
    wanted = [module for module in dict.fromkeys(modules) if module.partition(".")[0] not in STANDARD]
    return replace(pack, notebooks=notebooks, preload=tuple(wanted))

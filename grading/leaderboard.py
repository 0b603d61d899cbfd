"""The standing of a class in what a test measures: its line `Leaderboard: 0.4321 …` in graded work.

Tests run in a process of their own, so a learner's code cannot print such a line there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading.skip import is_test

LINE = re.compile(r"^Leaderboard: ([+-]?\d+(?:\.\d+)?)(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A student, what was measured, and of what."""

    student: str
    value: float
    unit: str


def places(autograded: Path, assignment: str, students: Iterable[str]) -> list[Place]:
    """The students whose graded work holds such a line, the highest value first; of equals by name."""
    found = []
    for student in students:
        lines = [
            (float(value), unit.strip())
            for path in sorted((Path(autograded) / student / assignment).glob("*.ipynb"))
            for text in _said(path)
            for value, unit in LINE.findall(text)
        ]
        found += [Place(student, *line) for line in lines[:1]]
    return sorted(found, key=lambda place: (-place.value, place.student))


def as_text(found: list[Place]) -> str:
    """The standing in Markdown; equal values share a place."""
    lines = [f"| place | student | {found[0].unit or 'value'} |", "| --- | --- | --- |"]
    for place in found:
        rank = 1 + sum(other.value > place.value for other in found)
        lines.append(f"| {rank} | {place.student} | {place.value:+.4f} |")
    return "\n".join([*lines, ""])


def _said(path: Path) -> list[str]:
    """What the tests of a graded notebook printed."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells if is_test(cell) for output in cell.outputs]
    return [output.text for output in outputs if output.output_type == "stream" and output.name == "stdout"]

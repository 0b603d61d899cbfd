"""`python -m docs.site.minutes`: how long each section is to read, written into docs/course_plan.md.

Counted, not guessed: words of the released text at 200 a minute. Code, figures and writing are not in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from config import ROOT

PLAN = ROOT / "docs" / "course_plan.md"
BEGIN, END = "<!-- minutes -->\n", "<!-- /minutes -->"
WORDS_A_MINUTE = 200
HEADING = re.compile(r"^##? (.+)$", re.MULTILINE)
EXERCISE = re.compile(r"^### Exercises? (\d+)\b.*?\((?:optional, )?(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading of the second level with all that stands below it; `exercises` are (number, points)."""

    title: str
    words: int
    exercises: tuple[tuple[str, str], ...]

    @property
    def minutes(self) -> float:
        return self.words / WORDS_A_MINUTE


def sections(notebook: Path) -> list[Section]:
    """The sections of a released notebook; what stands before the second heading goes by the title."""
    cells = nbformat.read(notebook, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    _, *parts = HEADING.split(text)
    found = []
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        exercises = tuple(match.groups() for match in EXERCISE.finditer(body))
        found.append(Section(title.strip(), len(f"{title} {body}".split()), exercises))
    return found


def table(root: Path = ROOT) -> Iterator[str]:
    """The lines of the page's table."""
    yield "| section | minutes to read | exercises (points) |"
    yield "| --- | --- | --- |"
    for path in sorted((root / "notebooks").glob("*/*.ipynb")):
        first, *rest = sections(path)
        total = sum(section.minutes for section in (first, *rest))
        yield f"| **{first.title}** | **{total:.0f}** | |"
        for section in rest:
            tasks = ", ".join(f"{number} ({points})" for number, points in section.exercises)
            yield f"| {section.title} | {max(1, round(section.minutes))} | {tasks} |"


def filled(page: str, lines: Iterator[str]) -> str:
    """`page` with the part between the marks written anew. ValueError where the marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the plan of the course lacks the marks of its table")
    return before + begin + "\n".join(lines) + "\n" + end + after


if __name__ == "__main__":
    PLAN.write_text(filled(PLAN.read_text(encoding="utf-8"), table()), encoding="utf-8")

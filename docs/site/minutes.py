"""`python -m docs.site.minutes`: how long each section is to read and computes, into docs/course_plan.md, and
what each notebook costs, into README.md.

Counted, not guessed: words of the released text at 200 a minute, without code and figures; seconds of its
solved cells from `docs/computing.json`, which `python -m bench.notebooks --keep` writes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from config import ROOT
from training import marks

PLAN, README = ROOT / "docs" / "course_plan.md", ROOT / "README.md"
COMPUTING = ROOT / "docs" / "computing.json"
WORDS_A_MINUTE = 200
HEADING = re.compile(r"^##? (.+)$", re.MULTILINE)
EXERCISE = re.compile(r"^### Exercises? (\d+)\b.*?\((?:optional, )?(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading of the second level with all that stands below it; `exercises` are (number, points), `cells`
    the ids of its code cells.
    """

    title: str
    words: int
    exercises: tuple[tuple[str, str], ...]
    cells: tuple[str, ...]

    @property
    def minutes(self) -> float:
        return self.words / WORDS_A_MINUTE


def sections(notebook: Path) -> list[Section]:
    """The sections of a released notebook; what stands before the second heading goes by the title."""
    texts: list[str] = []
    cells: list[list[str]] = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            cells[-1].append(cell.id)
            continue
        first, *parts = HEADING.split(cell.source)
        if texts:
            texts[-1] += f"\n\n{first}"
        for title, body in zip(parts[::2], parts[1::2], strict=True):
            texts.append(f"{title}\n{body}")
            cells.append([])
    return [
        Section(
            text.partition("\n")[0].strip(),
            len(text.split()),
            tuple(match.groups() for match in EXERCISE.finditer(text)),
            tuple(ids),
        )
        for text, ids in zip(texts, cells, strict=True)
    ]


def table(root: Path = ROOT, computing: Mapping[str, Mapping[str, float]] | None = None) -> Iterator[str]:
    """The lines of the page's table. `computing`: seconds of each cell, by notebook (None: as recorded)."""
    if computing is None:
        computing = json.loads(COMPUTING.read_text(encoding="utf-8"))["seconds"]
    yield "| section | minutes to read | seconds to compute | exercises (points) |"
    yield "| --- | --- | --- | --- |"
    for path in sorted((root / "notebooks").glob("*/*.ipynb")):
        first, *rest = sections(path)
        seconds = computing.get(path.stem, {})
        total = sum(section.minutes for section in (first, *rest))
        yield f"| **{first.title}** | **{total:.0f}** | **{sum(seconds.values()):.0f}** | |"
        for section in rest:
            tasks = ", ".join(f"{number} ({points})" for number, points in section.exercises)
            needed = round(sum(seconds.get(cell, 0.0) for cell in section.cells))
            yield f"| {section.title} | {max(1, round(section.minutes))} | {needed} | {tasks} |"


def costs(kept: Mapping) -> Iterator[str]:
    """The lines of the table in the README: what `python -m bench.notebooks --keep` recorded."""
    yield "| notebook | seconds | core-seconds | seconds to its first figure | MiB |"
    yield "| --- | --- | --- | --- | --- |"
    for name, cost in kept["notebooks"].items():
        figure = "-" if cost["first figure"] is None else cost["first figure"]
        yield f"| {name} | {cost['seconds']} | {cost['core-seconds']} | {figure} | {cost['MiB']:,} |"
    total = sum(cost["seconds"] for cost in kept["notebooks"].values())
    yield f"| all | {total} | | | |"


def filled(page: str, lines: Iterator[str]) -> str:
    """`page` with the part between the marks written anew. ValueError where the marks are missing."""
    return marks.filled(page, "minutes", "\n".join(lines) + "\n")


if __name__ == "__main__":
    PLAN.write_text(filled(PLAN.read_text(encoding="utf-8"), table()), encoding="utf-8")
    recorded = json.loads(COMPUTING.read_text(encoding="utf-8"))
    text = "\n".join([*costs(recorded), "", f"On {recorded['machine']}.", ""])
    marks.write(README, "notebooks", text)

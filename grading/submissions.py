"""What a learner handed in and what came of it, as values that travel; and reading the first from disk.

Links are never followed; nothing is parsed or run.
"""

import json
import os
import stat
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

NOTEBOOK, OTHER, ALL, COUNT = (
    80 << 20,
    10 << 20,
    120 << 20,
    500,
)  # bytes (outputs may fill 50 MB); number of files
GRADED, ATTENTION = "graded", "needs attention"
SKIPPED = {".ipynb_checkpoints", "__pycache__", ".git"}


class Damaged(ValueError):
    """The submission cannot be graded; the text says why and what to do."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in: files by path (base64), and what the check of the folder noted.

    `due` is the time (ISO, UTC) at which the work was due for this student; empty for never.
    """

    student: str
    files: dict[str, str]
    notes: list[str] = field(default_factory=list)
    due: str = ""

    def contents(self) -> dict[str, bytes]:
        """The files."""
        return {name: b64decode(data) for name, data in self.files.items()}


@dataclass
class Result:
    """What came out. `cells`: notebook -> graded cell -> score, max, manual, answer (a checksum), error,
    withheld, accepted; `notebooks`: what was graded, as JSON text.

    A submission that needs attention has a `reason`; its cells, if any, are a proposal that is not merged. It
    is `unsettled` where not the submission but the machines were at fault: the next run tries again.
    """

    student: str
    status: str = ATTENTION
    reason: str = ""
    notes: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    cells: dict[str, dict[str, dict]] = field(default_factory=dict)
    comments: dict[str, dict[str, str | None]] = field(default_factory=dict)
    late: dict[str, float | None] = field(default_factory=dict)
    notebooks: dict[str, str] = field(default_factory=dict)
    timestamp: str = ""
    seconds: float = 0.0
    learned: dict = field(default_factory=dict)
    unsettled: bool = False

    def to_bytes(self) -> bytes:
        """The result as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Result":
        """The result that `to_bytes` wrote."""
        return cls(**json.loads(data))


def collect(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Its files by relative path, and notes on what was left out (links, devices, large files)."""
    files: dict[str, bytes] = {}
    notes: list[str] = []
    for path in _walk(folder, notes):
        name = path.relative_to(folder).as_posix()
        limit = NOTEBOOK if path.suffix == ".ipynb" else OTHER
        total = sum(map(len, files.values()))
        if len(files) >= COUNT or total > ALL:
            notes.append(f"only the first {len(files)} files were taken ({total >> 20} MB)")
            break
        data = _read(path, limit)
        if data is None:
            notes.append(f"{name} was left out: it is no ordinary file, or larger than {limit >> 20} MB")
        else:
            files[name] = data
    return files, notes


def find_notebook(name: str, files: dict[str, bytes], notes: list[str], ids: set[str]) -> bytes:
    """The bytes of notebook `name`; if it was renamed, of the only other one with its graded cells `ids`.

    Raises Damaged when there is none, or more than one.
    """
    if f"{name}.ipynb" in files:
        return files[f"{name}.ipynb"]
    found = [path for path in files if path.endswith(".ipynb") and _holds(files[path], ids)]
    if len(found) == 1:
        notes.append(f"{found[0]} was taken as {name}.ipynb")
        return files[found[0]]
    others = ", ".join(sorted(path for path in files if path.endswith(".ipynb"))) or "no notebook at all"
    raise Damaged(f"{name}.ipynb is missing (handed in: {others}); ask the learner, or rename the right one.")


def _walk(folder: Path, notes: list[str]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        notes.append(f"{folder.name} cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.is_symlink() or not entry.name.isprintable():
            notes.append(f"{entry.name!a} was left out: it is a link, or its name is not text")
        elif entry.is_dir():
            if entry.name not in SKIPPED:
                yield from _walk(Path(entry.path), notes)
        else:
            yield Path(entry.path)


def _read(path: Path, limit: int) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        return file.read(limit) if stat.S_ISREG(status.st_mode) and status.st_size <= limit else None


def _holds(data: bytes, ids: set[str]) -> bool:
    return sum(f'"{each}"'.encode() in data for each in ids) * 2 > len(ids)

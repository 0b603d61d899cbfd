"""`python -m grading.release`: writes the learners' notebooks from the reference solutions.

The same solutions give the same bytes; solutions, hidden tests, outputs stay out of `notebooks/`; a file
there that no solution accounts for is removed. `--check` writes nothing and names the files that differ.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment

from config import ROOT
from grading.course import assignments, course_directory, settings
from grading.skip import require_separate_tests

IGNORED = {".ipynb_checkpoints", "__pycache__"}


def build_release(root: Path) -> dict[Path, bytes]:
    """All files of `notebooks/` as the solutions under `root` make them, by path relative to `notebooks/`.

    Raises ValueError when a notebook's cells lack ids, since nbgrader would give them new ones every time,
    and for a test that cannot run apart from the learner's code.
    """
    release: dict[Path, bytes] = {}
    for assignment in assignments(root):
        for path in (root / "solutions" / assignment).glob("*.ipynb"):
            _require_cell_ids(path)
            require_separate_tests(nbformat.read(path, as_version=4))
        release |= released(root, assignment)
    return release


def released(root: Path, assignment: str) -> dict[Path, bytes]:
    """What nbgrader makes of one assignment, by path as in `build_release`; no gradebook is touched."""
    config = settings(root)
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    with tempfile.TemporaryDirectory() as folder:
        course = course_directory(root, assignment, release_directory=folder)
        GenerateAssignment(coursedir=course, config=config).start()
        return {path: _tidy(path, data) for path, data in _files(Path(folder)).items()}


def differences(root: Path, release: dict[Path, bytes]) -> list[Path]:
    """Paths below `notebooks/` whose content there is not that of `release`: changed, missing or surplus."""
    present = _files(root / "notebooks")
    return sorted(path for path in present.keys() | release.keys() if present.get(path) != release.get(path))


def write_release(root: Path) -> list[Path]:
    """Makes `notebooks/` equal to the release; returns the paths that were written or removed."""
    release = build_release(root)
    changed = differences(root, release)
    for path in changed:
        target = root / "notebooks" / path
        if path in release:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(release[path])
        else:
            target.unlink()
    return changed


def _files(folder: Path) -> dict[Path, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not IGNORED & set(path.parts))
    return {path.relative_to(folder): path.read_bytes() for path in found}


def _tidy(path: Path, data: bytes) -> bytes:
    return data.rstrip(b"\n") + b"\n" if path.suffix == ".ipynb" else data


def _require_cell_ids(path: Path) -> None:
    notebook = nbformat.reader.reads(path.read_text(encoding="utf-8"))
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5) or any("id" not in c for c in notebook.cells):
        raise ValueError(f"{path}: its cells have no ids; open it in JupyterLab and save it once.")


def main(arguments: list[str] | None = None) -> int:
    """Writes or checks the release of this repository; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m grading.release", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; name the files that differ")
    if parser.parse_args(arguments).check:
        stale = differences(ROOT, build_release(ROOT))
        for path in stale:
            print(f"notebooks/{path} is not what its solution makes: run `make release`")
        return 1 if stale else 0
    for path in write_release(ROOT):
        print(f"notebooks/{path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

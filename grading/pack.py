"""All that a worker needs to grade one assignment, as bytes: it may sit on a machine that shares no disk.

A pack is made from the solution notebook alone (one source): the release, the gradebook's cells, what the
test process runs.
"""

import ast
import hashlib
import json
from base64 import b64encode
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import ClearSolutions, ComputeChecksums
from nbgrader.utils import is_solution
from traitlets.config import Config

from config import ROOT
from grading.course import settings
from grading.reference import learner_names, statements_for_reference
from grading.release import released
from grading.sandbox import Limits
from grading.skip import is_test, require_separate_tests
from grading.slicing import bound_names, needs, statements

SECTIONS = ("IgnorePattern", "LimitOutput", "LateSubmissionPlugin")  # of nbgrader's settings, those used here
CODE, DATA = ("grading", "helpers", "training"), "prebuilt"  # what the code and the data of a test may be
DIGEST = 16  # characters of a pack's digest, and of a submission's


@dataclass(frozen=True)
class PackedNotebook:
    """A notebook of the assignment. `exam` is what the test process needs, see
    `grading.test_process.prepare`; `saved` is the release with its hidden tests, as the gradebook keeps it.
    """

    source: str
    release: str
    exam: dict
    saved: str = ""

    @cached_property
    def source_notebook(self) -> NotebookNode:
        """The solution."""
        return nbformat.reads(self.source, as_version=4)

    @cached_property
    def release_notebook(self) -> NotebookNode:
        """What learners got."""
        return nbformat.reads(self.release, as_version=4)

    @cached_property
    def remote_names(self) -> set[str]:
        """Names that tests take from the learner's process."""
        return {name for need in self.exam["tests"].values() for name in need["remote"]}


@dataclass(frozen=True)
class Pack:
    """One assignment. `files` are base64; `digest` changes when any grade could."""

    assignment: str
    notebooks: dict[str, PackedNotebook]
    files: dict[str, str]
    config: dict
    limits: Limits
    sandbox: str = ""
    preload: tuple[str, ...] = ()
    code: str = ""
    digest: str = ""

    def to_bytes(self) -> bytes:
        """The pack as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Pack":
        """The pack that `to_bytes` wrote."""
        plain = json.loads(data)
        notebooks = {name: PackedNotebook(**each) for name, each in plain.pop("notebooks").items()}
        limits, preload = Limits(**plain.pop("limits")), tuple(plain.pop("preload"))
        return cls(notebooks=notebooks, limits=limits, preload=preload, **plain)


def build(root: Path, assignment: str, limits: Limits | None = None, sandbox: str = "") -> Pack:
    """The pack of `solutions/<assignment>` under `root`, not yet tried on the solution (`grading.calibrate`).

    `limits.cell_seconds` defaults to nbgrader's `Execute.timeout`. Raises ValueError when nbgrader cannot
    make the release, or a test cannot run apart from the learner's code.
    """
    config = settings(root)
    source = Path(root) / "solutions" / assignment
    try:
        release = released(Path(root), assignment)
    except Exception as error:
        raise ValueError(f"nbgrader cannot release {assignment}: {error}") from error
    notebooks = {}
    for path in sorted(source.glob("*.ipynb")):
        text = path.read_text("utf-8")
        packed = pack_notebook(text, release[Path(assignment, path.name)].decode())
        notebooks[path.stem] = replace(packed, saved=_saved(packed.source_notebook, config))
    pack = Pack(
        assignment=assignment,
        notebooks=notebooks,
        files={name: b64encode(data).decode() for name, data in _data_files(source).items()},
        config={name: _plain(config[name]) for name in SECTIONS if name in config},
        limits=limits or Limits(cell_seconds=float(config.Execute.get("timeout", 300))),
        sandbox=sandbox,
        code=code_digest(),
        preload=tuple(
            sorted({name for each in notebooks.values() for name in _imports(each.source_notebook)})
        ),
    )
    return replace(pack, digest=_digest(pack))


def pack_notebook(source: str, release: str) -> PackedNotebook:
    """A notebook as text, and what learners get of it, taken apart for the test process."""
    notebook = nbformat.reads(source, as_version=4)
    require_separate_tests(notebook)
    learner = learner_names(notebook)
    given: list[str] = []
    own: list[str] = []
    tests = {}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        if is_test(cell):
            test = cell.metadata.nbgrader.grade_id
            need = needs(cell.source, given, learner)
            tests[test] = {"given": need.given, "remote": sorted({*need.remote, *learner})}
        else:
            own.append(cell.source)
        if not is_solution(cell):
            given.append(cell.source)
    exam = {
        "reference": statements_for_reference(notebook),
        "tests": tests,
        "variables": sorted(bound_names(own)),
    }
    return PackedNotebook(source, release, exam)


def _saved(source: NotebookNode, config: Config) -> str:
    """The notebook at the step of a release at which nbgrader fills its gradebook."""
    notebook, resources = nbformat.from_dict(source), {"nbgrader": {}}
    for step in (ClearSolutions, ComputeChecksums):
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return nbformat.writes(notebook)


def _imports(notebook: NotebookNode) -> set[str]:
    """Modules that the notebook imports, for the fork server to have; not those of live cells, which are not
    run while grading.
    """
    found = set()
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        if "live" in cell.metadata.get("tags", []):
            continue
        for each in statements(cell.source):
            for node in ast.walk(ast.parse(each.source)):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module)
    return found - {"reference"}


def _data_files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".ipynb")
    skipped = {".ipynb_checkpoints", "__pycache__"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if not skipped & set(path.parts)
    }


def _plain(section: dict) -> dict:
    return {key: value for key, value in section.items() if isinstance(value, str | int | float | bool)}


def code_digest() -> str:
    """Of the code that grades and the data that it reads, so that machines with different versions of the
    course are told apart.
    """
    digest = hashlib.sha256((ROOT / "config.py").read_bytes())
    code = [path for package in CODE for path in (ROOT / package).rglob("*.py")]
    for path in sorted([*code, *(ROOT / DATA).rglob("*")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _digest(pack: Pack) -> str:
    """Of what decides a grade."""
    parts = {"assignment": pack.assignment, "files": pack.files, "config": pack.config, "code": pack.code}
    parts |= {"limits": asdict(pack.limits), **{name: each.source for name, each in pack.notebooks.items()}}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:DIGEST]

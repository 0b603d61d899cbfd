"""Every notebook: honest points for right and wrong work, a release that gives nothing away, clean files."""

import runpy
import shutil
from functools import cache
from pathlib import Path

import pytest
from nbgrader.utils import is_solution

from config import ROOT
from grading.pack import pack_notebook
from grading.release import build_release, differences
from grading.skip import skippable
from tests.notebooks.cycle import BLANK, real_scores
from tests.notebooks.reading import SOLUTIONS, exercises, is_live, is_test, points, read, secret_lines
from tests.notebooks.session import open_session

WITH_EXERCISES = [path for path in SOLUTIONS if exercises(read(path))]
each_notebook = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
each_with_exercises = pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem)


def variants(path: Path) -> dict[str, dict]:
    """The variants of the notebook's exercises; see variants/README.md."""
    file = Path(__file__).parent / "variants" / f"{path.parent.name}.py"
    return runpy.run_path(str(file))["VARIANTS"] if file.exists() else {}


def each_variant() -> list:
    """One test for each variant: (notebook, exercise, whether it is right, code)."""
    return [
        pytest.param(path, name, kind == "right", code, id=f"{path.stem}-{name}-{kind}{i}")
        for path in WITH_EXERCISES
        for name, entry in variants(path).items()
        for kind in ("right", "wrong")
        for i, code in enumerate(entry[kind])
    ]


def each_trial() -> list:
    """(notebook, whether live cells run for wrong and blank work too). What computes for minutes is slow."""
    quick = [path for path in WITH_EXERCISES if path.stem.startswith(("00", "01", "04"))]
    first = [pytest.param(path, False, id=path.stem) for path in quick]
    slow = pytest.mark.slow
    return first + [pytest.param(path, True, id=f"{path.stem}-whole", marks=slow) for path in WITH_EXERCISES]


@cache
def full_marks(path: Path) -> dict[str, float]:
    """Points by test cell."""
    return {cell.metadata.nbgrader.grade_id: points(cell) for cell in read(path).cells if is_test(cell)}


@pytest.fixture(scope="module")
def session(path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("session") / path.parent.name
    shutil.copytree(path.parent, folder)
    with open_session(read(path), folder) as session:
        yield session


@pytest.fixture(scope="module")
def graded(path, whole, tmp_path_factory):
    """The course folder and the scores of three trials, by nbgrader's own cycle."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(path.parent, root / "solutions" / path.parent.name)
    trials = {"solution": {}, "blank": BLANK, "mixed": mixed(path)}
    without_live = () if whole else ("blank", "mixed")
    return root, real_scores(root, path.parent.name, path.stem, trials, without_live)


def mixed(path: Path) -> dict[str, str]:
    """A right variant for every other exercise, a wrong one for those between."""
    entries = enumerate(variants(path).items())
    return {name: entry["wrong" if i % 2 else "right"][-1] for i, (name, entry) in entries}


@each_with_exercises
def test_every_exercise_has_its_variants(path):
    entries = variants(path)
    assert entries.keys() == exercises(read(path)).keys()
    for name, exercise in exercises(read(path)).items():
        entry = entries[name]
        assert entry["points"] == exercise.points, name
        assert len(set(entry["right"])) >= 8 and len(set(entry["wrong"])) >= 12, name


@pytest.mark.parametrize("path, name, right, code", each_variant(), scope="module")
def test_variant(session, path, name, right, code):
    lost = {} if right else dict.fromkeys(cell_ids(path, name), 0)
    assert session.score({name: code}) == full_marks(path) | lost, f"\n{code}"


@cache
def cell_ids(path: Path, name: str) -> list[str]:
    """The test cells of an exercise."""
    notebook = read(path)
    return [notebook.cells[i].metadata.nbgrader.grade_id for i in exercises(notebook)[name].tests]


@pytest.mark.parametrize("path", WITH_EXERCISES, ids=lambda path: path.stem, scope="module")
def test_no_variant_left_a_trace(session, path):
    assert session.control() == full_marks(path)


@pytest.mark.parametrize("path, whole", each_trial(), scope="module")
class TestGradedByNbgrader:
    def test_the_solution_gets_full_marks_and_the_rest_is_graded_by_hand(self, graded, path, whole):
        _, scores = graded
        by_hand = {name for name, score in scores["solution"].items() if score is None}
        assert {name: scores["solution"][name] for name in full_marks(path)} == full_marks(path)
        assert by_hand == scores["solution"].keys() - full_marks(path).keys()

    def test_the_blank_release_gets_nothing(self, graded, path, whole):
        assert not any(graded[1]["blank"].values())

    def test_the_tests_print_nothing_to_stderr(self, graded, path, whole):
        executed = read(graded[0] / "autograded" / "solution" / path.parent.name / path.name)
        outputs = [output for cell in executed.cells if is_test(cell) for output in cell.outputs]
        assert not [output for output in outputs if output.get("name") == "stderr"]

    def test_right_and_wrong_work_scores_as_in_the_session(self, graded, session, path, whole):
        scores = graded[1]["mixed"]
        assert {name: scores[name] for name in full_marks(path)} == session.score(mixed(path))


@each_notebook
def test_the_release_gives_nothing_away(path):
    release = read(ROOT / "notebooks" / path.relative_to(ROOT / "solutions"))
    lines = {line.strip() for cell in release.cells for line in cell.source.splitlines()}
    assert not lines & secret_lines(read(path))
    assert not [
        line for line in lines if "HIDDEN TESTS" in line or "SOLUTION" in line or "MARK SCHEME" in line
    ]
    stubs = [cell.source for cell in release.cells if is_solution(cell) and cell.cell_type == "code"]
    assert all("# YOUR CODE HERE" in stub and "raise NotImplementedError()" in stub for stub in stubs)


@each_with_exercises
def test_points_and_questions_by_hand(path):
    if path.stem.startswith("00"):
        pytest.skip("a first notebook, for practice")
    cells = read(path).cells
    assert 12 <= sum(map(points, cells)) <= 24
    assert sum(points(cell) > 0 and not is_test(cell) for cell in cells) >= 2


@each_with_exercises
def test_grading_waits_for_no_live_cell(path):
    notebook, names = read(path), pack_notebook(path.read_text("utf-8"), "{}").remote_names
    needed = set(range(len(notebook.cells))) - skippable(notebook, names)
    assert [notebook.cells[i].id for i in needed if is_live(notebook.cells[i])] == []


def test_the_release_is_what_make_release_writes():
    stale = differences(ROOT, build_release(ROOT))
    assert not stale, f"run `make release`; it changes {', '.join(map(str, stale))}"


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("[ns]o*/*/*.ipynb")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_outputs_in_git(path):
    remedy = f"run `jupyter nbconvert --clear-output --inplace {path.relative_to(ROOT)}`"
    for cell in read(path).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None, remedy

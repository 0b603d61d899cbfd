"""The hidden tests notice every small fault in the reference solutions; what they let pass does what the text asks."""

import nbformat
import pytest

from tests.grading.small_course import small_notebook
from tests.notebooks.mutants import mutants, survivors
from tests.notebooks.reading import SOLUTIONS

PATHS = [path for path in SOLUTIONS if path.stem[:2] in ("01", "02", "03", "04", "05", "06")]
EQUIVALENT = {}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_mutant_is_noticed_or_does_what_the_text_asks(path):
    outcomes = [(name, mutant.what, outcome) for name, mutant, outcome in survivors(path)]
    assert len(outcomes) > 50
    assert [each for each in outcomes if each[2] == "survived" and each[1] not in EQUIVALENT] == []


SOURCE = """def over(xs, limit):
    \"\"\"The first above the limit.\"\"\"
    ### BEGIN SOLUTION
    for x in xs:
        if x > limit and x:
            return max(x, 3)
    return None
    ### END SOLUTION"""


def test_one_change_each_and_none_outside_of_the_solution():
    found = [mutant.what.partition(" → ")[2] for mutant in mutants(SOURCE)]
    assert len(found) == 17 and len({mutant.code for mutant in mutants(SOURCE)}) == 17
    for changed in (
        "if x >= limit and x:",
        "if x > limit or x:",
        "if True:",
        "return max(limit, 3)",
        "return max(x, 4)",
        "return max(x)",
        "return None",
        "pass",
    ):
        assert changed in found, found
    assert all(mutant.code.startswith("def over(xs, limit):") for mutant in mutants(SOURCE))


def test_what_a_weak_test_lets_pass_is_named(tmp_path):
    notebook = small_notebook()
    notebook.cells[1].source = "def double(x):\n    ### BEGIN SOLUTION\n    return x > 3\n    ### END SOLUTION"
    notebook.cells[2].source = "assert double(5) and not double(1)"
    del notebook.cells[3:]
    path = tmp_path / "weak.ipynb"
    nbformat.write(notebook, path)
    found = {(name, mutant.what.partition(" → ")[2]): outcome for name, mutant, outcome in survivors(path)}
    survived = {what for (_, what), outcome in found.items() if outcome == "survived"}
    assert survived == {"return x >= 3", "return x > 4", "return x > 2"}
    assert found["double", "return None"] == "noticed" and found["double", "return x <= 3"] == "noticed"

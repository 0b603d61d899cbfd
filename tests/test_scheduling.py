import os

import pytest

from tests.scheduling import group, next_of

seen: list[int] = []


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process")
@pytest.mark.parametrize("i", range(8))
def test_a_file_is_run_by_one_process(i):
    assert seen == list(range(i))
    seen.append(i)


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("tests/test_a.py::test_b[02_x]", "tests/test_a.py"),
        (
            "tests/notebooks/test_notebooks.py::test_variant[00_start_here-mean-right0]",
            "tests/notebooks/test_notebooks.py 00_start_here",
        ),
        (
            "tests/notebooks/test_notebooks.py::TestGradedByNbgrader::test_c[04_best_of_n_judge]",
            "tests/notebooks/test_notebooks.py 04_best_of_n_judge",
        ),
        ("tests/notebooks/test_notebooks.py::test_d", "tests/notebooks/test_notebooks.py"),
        *[(f"tests/real/test_notebooks.py::test_e[{way}-07_x]",) * 2 for way in ("endpoint", "in process")],
    ],
)
def test_a_group_is_a_file_and_of_the_notebooks_a_notebook(nodeid, expected):
    assert group(nodeid) == expected


def test_what_takes_long_begins_first_and_then_what_has_the_most_tests():
    many, fewer, long = "tests/helpers/test_a.py", "tests/test_b.py", "tests/grading/test_run.py"
    assert next_of([many, fewer, long]) == long
    assert next_of([many, fewer]) == many

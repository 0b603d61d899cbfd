"""What a test needs of the instructor's notebook, and what it must fetch from the learner's kernel."""

import pytest

from grading.slicing import alters_process, bound_names, free_names, needs

GIVEN = [
    "import math, random\nfrom helpers.problems import Problem\n%matplotlib inline",
    "problems = [Problem('a', 'q', '1', 'seed')]\nproblems.append(problems[0])\nlimit = 3",
    "def twice(x):\n    return 2 * base(x)\ndef base(x):\n    return math.floor(x)",
    "results = solve(problems)\nfor r in results:\n    print(r)",
    "table = {}\ntable['n'] = len(results)",
    "random.seed(0)",
]


@pytest.mark.parametrize(
    "test, given, remote",
    [
        ("assert solve(problems)", ["problems = ", "problems.append", "from helpers"], ("solve",)),
        ("assert twice(2) == 4", ["def twice", "def base", "import math"], ()),
        ("assert results", [], ("results",)),
        ("assert table['n'] == limit", ["limit = 3"], ("table",)),
        ("assert nowhere", [], ("nowhere",)),
        ("import json\nassert json.dumps(1) and len([random])", ["import math, random"], ()),
        ("assert sum(1 for p in [1])", [], ()),
    ],
)
def test_needs(test, given, remote):
    found = needs(test, GIVEN, {"solve"})
    assert found.remote == remote
    assert len(found.given) == len(given)
    for begin in given:
        assert any(each.startswith(begin) for each in found.given), found.given


def test_names():
    assert free_names("x = 1\nprint(x, y)\ndef f(a):\n    global g\n    g = a\n    return h + a") == {
        "y",
        "h",
    }
    assert bound_names(
        ["import a.b as c\nd, (e, f) = 1, (2, 3)", "with g() as h: pass\nclass I: j = 1"]
    ) == set("cdefhI")
    assert free_names("not python at all {") == set()


@pytest.mark.parametrize(
    "test, alters",
    [
        ("import builtins\nbuiltins.eval = None", True),
        ("import signal\nsignal.signal(signal.SIGALRM, print)", True),
        ("from unittest.mock import patch\nwith patch('os.getcwd'): pass", True),
        ("import os\nos.environ['A'] = 'b'", True),
        ("import helpers.models as m\nsetattr(m, 'x', 1)", True),
        ("globals().update(f=None)\nx = 1\nrun['x'] = 2\nrow.y = 3", False),
        ("import random\nrandom.seed(1)", False),
    ],
)
def test_a_test_that_changes_its_process_is_known(test, alters):
    assert alters_process(test) is alters

"""What a test needs of the instructor's notebook, and what it must fetch from the learner's kernel."""

import pytest

from grading.slicing import alters_process, bound_names, free_names, needed_cells, needs

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


CELLS = [
    "import math\nfrom helpers.models import load_model",
    "LIMIT = 3\nmodel = load_model()",
    "cache = {}\ndef remember(x):\n    cache[x] = x\n    return x",
    "def solve(x):\n    return helper(x) + LIMIT",
    "answers = [solve(x) for x in range(3)]",
    "def helper(x):\n    return math.floor(x)",
    "shown = answers[0]\nprint(shown)",
    "remember(1)",
]


@pytest.mark.parametrize(
    "names, own, needed",
    [
        ({"solve"}, "", {0, 1, 3, 5}),
        ({"LIMIT"}, "", {0, 1}),
        ({"answers"}, "", {0, 1, 3, 4, 5}),
        ({"cache"}, "", {2, 7}),  # whoever calls `remember` changes it
        ({"remember"}, "", {2, 7}),
        (set(), "print(shown)", {0, 1, 3, 4, 5, 6}),
        (set(), "helper = None", set()),
        (set(), "def f():\n    global LIMIT\n    LIMIT = 4", set()),
        (set(), "def use():\n    return globals()['shown']", set(range(8))),
        (set(), "eval('shown')", set(range(8))),
        (set(), "%time x = shown", set(range(8))),
        (set(), "from helpers.prompts import *", set(range(8))),
        ({"solve"}, "for helper in range(3):\n    helper", {0, 1, 3, 5}),
        ({"solve"}, "not python (", {0, 1, 3, 5}),
    ],
)
def test_cells_that_must_run(names, own, needed):
    assert needed_cells([*CELLS, own], {8}, names) - {8} == needed


@pytest.mark.parametrize(
    "cell, names",
    [
        ("runs = f()\nfor run in runs:\n    print(run)", {"f"}),
        ("with f() as a:\n    a\ntry:\n    b = 1\nexcept E as e:\n    e\nb", {"f", "E"}),
        ("total += 1", {"total"}),
        ("def late():\n    return rng\nrng = 1\nlate()", set()),
        ("rows = sorted(table, key=lambda row: row[column])", {"table", "column"}),
        ("[x for x in xs if x in known]\n{**a, 'b': (c := 2)}\nc", {"xs", "known", "a"}),
        ("async def g():\n    await h()\nawait g()", {"h"}),
        ("class A(B):\n    x = y\n    def m(self):\n        return z", {"B", "y", "z"}),
        ("match value:\n    case [first, *rest] if first > limit:\n        rest", {"value", "limit"}),
    ],
)
def test_names_that_come_from_elsewhere(cell, names):
    assert free_names(cell) == names

"""The shape of the repository: sizes, imports in one direction, and a page that names what exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from config import ROOT

FOLDERS = ("bench", "deploy", "grading", "helpers", "training")
MODULES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "runs" not in path.parts
)
NAMES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES
}
TOP_ENTRIES, TOP_LINES, MODULE_LINES, FUNCTION_LINES = 16, 2000, 350, 60
TABLES = {"training/data/language.py"}  # words, one entry a line
COLOURS = "helpers/plots/figure.py"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, everywhere: bool = False) -> set[str]:
    """The modules of the repository that `path` imports: when it is loaded, or anywhere in its functions."""
    nodes, found = list(tree(path).body), set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif everywhere or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.If)):
            nodes += ast.iter_child_nodes(node)
    return {name for name in found if name in NAMES}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_top_of_helpers_is_small():
    entries = {path.stem for path in (ROOT / "helpers").iterdir() if path.stem[0] not in "."} - {
        "__pycache__"
    }
    assert len(entries) <= TOP_ENTRIES, sorted(entries)
    tops = list((ROOT / "helpers").glob("*.py"))
    assert sum(map(lines, tops)) <= TOP_LINES


def test_no_module_is_long():
    long = {str(path.relative_to(ROOT)): lines(path) for path in MODULES if lines(path) > MODULE_LINES}
    assert not long.keys() - TABLES, long


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines, without the table of cases of a check."""
    tables = [
        node.end_lineno - node.lineno
        for node in function.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "cases"
    ]
    return function.end_lineno - function.lineno + 1 - sum(tables)


def test_no_function_is_long():
    long = {
        f"{path.relative_to(ROOT)} {node.name}": code_lines(node)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and code_lines(node) > FUNCTION_LINES
    }
    assert not long


def test_imports_make_no_circle():
    graph = {name: imports(path) for name, path in NAMES.items()}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above[above.index(name) :], name))
        if name not in done:
            for other in graph[name] - {name}:
                walk(other, (*above, name))
            done.add(name)

    for name in graph:
        walk(name, ())


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("helpers", ("bench", "deploy", "grading", "training")),
        ("training", ("bench", "deploy", "grading")),
        ("helpers/engine", ("helpers.server", "helpers.plots", "helpers.checks")),
        (
            "helpers/endpoint",
            ("helpers.engine", "helpers.server", "helpers.plots", "helpers.checks", "helpers.its"),
        ),
        (
            "helpers/server",
            ("helpers.endpoint", "helpers.plots", "helpers.checks", "helpers.its", "helpers.judges"),
        ),
        ("helpers/plots", ("helpers.engine", "helpers.endpoint", "helpers.server", "helpers.checks")),
        ("helpers/answers", ("helpers.models", "helpers.plots", "helpers.checks", "helpers.engine")),
    ],
)
def test_a_room_does_not_reach_up(folder, others):
    for path in (ROOT / folder).rglob("*.py"):
        for name in imports(path, everywhere=True):
            assert not name.startswith(others), f"{path.relative_to(ROOT)} imports {name}"


def test_no_module_reaches_into_the_underscore_names_of_another():
    for path in MODULES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FOLDERS:
                private = [alias.name for alias in node.names if re.match(r"_[a-z]", alias.name)]
                assert not private, f"{path.relative_to(ROOT)} imports {private} from {node.module}"


def test_colours_stand_in_one_table():
    colour = re.compile(r"#(?:0072B2|E69F00|009E73|D55E00|CC79A7|56B4E9)", re.IGNORECASE)
    found = [str(p.relative_to(ROOT)) for p in MODULES if colour.search(p.read_text(encoding="utf-8"))]
    assert found == [COLOURS]


def test_what_the_page_on_the_architecture_names_exists():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_.][\w.-]*(?:/[\w.-]*)+|[\w-]+\.(?:py|toml|txt|md))`", text)
    made = {"submitted/", "feedback/"}  # not there before the first class
    missing = [name for name in named if name not in made and not (ROOT / name).exists()]
    assert len(named) > 25 and not missing
    answers = text.partition("## Five questions")[2]
    assert len(re.findall(r"^\d\. ", answers, re.MULTILINE)) == 5


def test_a_submission_goes_through_at_most_twelve_modules_and_what_the_page_says_they_use():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    part = text.partition("## A submission")[2].partition("## Five questions")[0]
    way = [f"grading.{name}" for name in re.findall(r"^\d+\. .*?`grading/(\w+)\.py`", part, re.MULTILINE)]
    named = {f"grading.{name}" for name in re.findall(r"`(?:grading/)?(\w+)(?:\.py)?`", part)}
    used = {name: imports(NAMES[name], everywhere=True) for name in way}
    assert len(used) == len(way) <= 12
    by_name = {"grading.learner_process", "grading.test_process"}  # started in the sandbox
    by_command = {"grading.run", "grading.feedback"}
    assert set(way) - by_name - by_command <= set().union(*used.values())
    helpers = {name for names in used.values() for name in names if name.startswith("grading.")}
    assert helpers - named <= {"grading.course", "grading.kernels"}  # where a course lies; Validate's kernel


def test_the_map_of_the_readme_is_that_of_the_page():
    rows = {
        name: set(
            re.findall(r"^\| `([\w/.]+)`.*?\| (.+?) \|$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        )
        for name in ("README.md", "docs/architecture.md")
    }
    assert rows["docs/architecture.md"] and rows["docs/architecture.md"] <= rows["README.md"]

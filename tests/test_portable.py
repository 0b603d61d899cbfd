"""What a learner runs works on Windows and macOS as well: nothing of Unix alone, encodings named."""

import ast
import json
import re
import subprocess

import pytest

from config import ROOT

UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios"}
CALLS = re.compile(r"(os|signal)\.(fork|sched_getaffinity|geteuid|getuid|setsid|killpg|SIGKILL|SIGALRM)\b")
MODULES = [ROOT / "config.py", *sorted((ROOT / "helpers").rglob("*.py"))]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))


def imported(source: str) -> set[str]:
    """The modules that a source imports by their first name, where nothing catches that one is missing."""
    nodes, found = [ast.parse(source)], set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        elif not isinstance(node, ast.Try) and not (
            isinstance(node, ast.With) and "ImportError" in ast.dump(node)
        ):
            nodes += ast.iter_child_nodes(node)
    return found


def calls(source: str) -> set[str]:
    """The names of Unix alone that a source uses without asking `hasattr` for them somewhere."""
    return {m[0] for m in CALLS.finditer(source) if f'hasattr({m[1]}, "{m[2]}")' not in source}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_needs_no_unix(path):
    source = path.read_text(encoding="utf-8")
    assert not imported(source) & UNIX
    assert not calls(source)


def test_what_is_looked_for_is_found():
    assert imported("def f():\n    import resource.x") == {"resource"} and not imported(
        "try: import pwd\nexcept: 0"
    )
    assert calls("os.fork()") == {"os.fork"} and not calls('if hasattr(os, "fork"): os.fork()')


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_text_file_is_opened_with_its_encoding(path):
    if path.name == "hardware.py":
        return  # what it opens is the kernel's own, and there is none elsewhere
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        method = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if method in ("read_text", "write_text"):
            named = "encoding" in {k.arg for k in node.keywords} or len(node.args) > (method == "write_text")
            assert named, f"line {node.lineno}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_needs_no_unix(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert not re.search(r"^\s*[!%]", source, re.MULTILINE), "a shell command or a magic"
            assert not re.search(r"\b(fcntl|resource|pwd)\.|os\.fork", source) and not calls(source)


def test_no_file_name_is_one_that_windows_cannot_hold():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split(
        "\0"
    )
    if not any(names):
        pytest.skip("not a clone")
    assert not [name for name in names if re.search(r'[<>:"\\|?*]', name) or len(name) > 150]
    assert len({name.lower() for name in names}) == len(names)

"""What an instructor may want to look at: code that no exercise asks for. It costs nothing on its own."""

import ast
from collections.abc import Iterator

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution

TAMPERED = {"edited": "the test cell was edited", "deleted": "the test cell was deleted"}
WORDS = {  # names that no exercise asks for
    "ast_transformers": "rewrites code before it runs",
    "input_transformers_post": "rewrites code before it runs",
    "set_custom_exc": "changes how errors are shown",
    "showtraceback": "changes how errors are shown",
    "_getframe": "reads the frames of its callers",
    "currentframe": "reads the frames of its callers",
    "settrace": "watches other code run",
    "setprofile": "watches other code run",
    "get_objects": "reads all objects of the process",
    "get_referrers": "reads all objects of the process",
    "ctypes": "reaches into memory",
    "_exit": "ends the process",
    "fork": "starts processes",
    "subprocess": "starts processes",
    "Popen": "starts processes",
    "sqlite3": "opens databases",
    "gradebook": "names the gradebook",
    "socket": "uses the network",
}


def look(notebook: NotebookNode) -> list[str]:
    """Things in the learner's code that an instructor may want to see, with the cell's number."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        locked = is_grade(cell) and not is_solution(cell)
        if cell.cell_type == "code" and not locked:
            found += [f"cell {number} {what}" for what in dict.fromkeys(_suspicious(cell.source))]
    return found


def _suspicious(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from (what for word, what in WORDS.items() if word in source)
        return
    modules = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "__eq__":
            yield "defines equality for a class"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            yield from (WORDS[word] for name in names for word in name.split(".") if word in WORDS)
            if "reference" in names:
                yield "asks for the reference solution"
        word = getattr(node, "attr", getattr(node, "id", getattr(node, "value", None)))
        if isinstance(word, str) and isinstance(node, ast.Attribute | ast.Name | ast.Constant):
            yield from (what for each, what in WORDS.items() if each == word)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                root = target
                while isinstance(root, ast.Attribute):
                    root = root.value
                if root is not target and isinstance(root, ast.Name) and root.id in modules:
                    yield f"assigns to {ast.unparse(target)}"

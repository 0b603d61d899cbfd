"""What counts as cheating, and what follows: no points for the exercise and a flag that says why.

Evidence comes from the check (edited or deleted tests) and from the kernel's fingerprints and controls. `look`
reads the learner's code for things worth an instructor's look; on its own it costs nothing. Points that were
withheld are kept in the result, so that an instructor can grant them.
"""

import ast
from collections.abc import Iterator, Sequence

from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade, is_solution

MEANING = {
    "helpers": "changed {name}, which the course provides",
    "config": "changed {name}, which the course provides",
    "foreign": "put code of its own into {name}",
    "builtins": "changed Python's {name}",
    "shell": "changed the notebook's machinery ({name})",
    "hook": "hooked into the running of cells ({name})",
    "sys": "watches other code run ({name})",
    "equality": "has a class whose objects equal anything ({name})",
    "name": "put something else in place of {name}, which the test uses",
    "control": "a check that must fail did not ({name})",
    "silent": "its kernel does not answer the examiner",
    "edited": "the test cell was edited",
    "deleted": "the test cell was deleted",
}
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


def explain(evidence: Sequence[str]) -> str:
    """One clause for each kind of evidence, the first example of each."""
    kinds: dict[str, list[str]] = {}
    for each in evidence:
        kind, _, name = each.partition(".")
        kinds.setdefault(kind, []).append(
            name if kind in ("hook", "foreign", "control", "equality", "name") else each
        )
    return "; ".join(
        MEANING.get(kind, "changed {name}").format(name=names[0])
        + (f" and {len(names) - 1} more" if names[1:] else "")
        for kind, names in kinds.items()
    )


def look(notebook: NotebookNode) -> list[str]:
    """Things in the learner's code that an instructor may want to see, with the cell's number."""
    found = []
    for number, cell in enumerate(notebook.cells, 1):
        locked = is_grade(cell) and not is_solution(cell)
        if cell.cell_type == "code" and not locked:
            found += [f"cell {number} {what}" for what in dict.fromkeys(_suspicious(cell.source))]
    return found


def exercises(notebook: NotebookNode) -> dict[str, int]:
    """The exercise that each test cell belongs to: test cells after the same solution cells share one."""
    number, after_test, found = 0, False, {}
    for cell in notebook.cells:
        if is_solution(cell) and not is_grade(cell):
            number, after_test = number + after_test, False
        elif is_grade(cell) and not is_solution(cell):
            found[cell.metadata.nbgrader["grade_id"]], after_test = number, True
    return found


class Withhold(NbGraderPreprocessor):
    """Gives no points for an exercise with evidence against it. Set `evidence` and `groups` (by test) before use."""

    evidence: dict[str, list[str]] = {}  # noqa: RUF012
    groups: dict[str, int] = {}  # noqa: RUF012  (what `exercises` says of the solution notebook)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Appends an error to each test cell concerned; `flags` and `withheld` (points) say what and how many."""
        self.flags: dict[str, str] = {}
        self.withheld: dict[str, float] = {}
        guilty: dict[int, list[str]] = {}
        for test, found in self.evidence.items():
            if found and test in self.groups:
                guilty.setdefault(self.groups[test], []).extend(found)
        for cell in nb.cells:
            test = cell.metadata.get("nbgrader", {}).get("grade_id") if is_grade(cell) else None
            if test in self.groups and self.groups[test] in guilty:
                why = explain(list(dict.fromkeys(guilty[self.groups[test]])))
                self.flags[test] = why
                points, _ = determine_grade(cell, self.log)
                if points:
                    self.withheld[test] = points
                    text = f"the points are withheld until an instructor has looked: {why}"
                    error = new_output(
                        "error", ename="Withheld", evalue=text, traceback=[f"Withheld: {text}"]
                    )
                    cell.outputs = [error, *cell.outputs]
        return nb, resources


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

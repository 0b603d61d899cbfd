"""Functions that stand in a notebook, taken from it without running it: for later lessons and training."""

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace


class NotThere(LookupError):
    """A notebook, or a function in it, that is missing or cannot be read. The message says which."""


def from_earlier(notebook: str, *names: str, folder: Path | None = None) -> SimpleNamespace:
    """Functions of the learner's notebook whose number is `notebook`, beside the folder of the one that runs.

    Of the notebook only imports, definitions and constants are run, those that the functions need: no model
    is loaded and no figure drawn. `folder` holds the notebooks' folders. Raises NotThere.
    """
    paths = sorted((folder or Path.cwd().parent).glob(f"{notebook}_*/{notebook}_*.ipynb"))
    if not paths:
        raise NotThere(f"there is no notebook {notebook} beside this one")
    wanted = [node for source in _sources(paths[0]) for node in _statements(source) if _bound(node)]
    chosen = _needed(wanted, set(names))
    space: dict = {"__name__": f"notebook_{notebook}"}
    try:
        exec(compile(ast.Module(chosen, []), str(paths[0]), "exec"), space)
    except Exception as error:
        raise NotThere(f"the cells of notebook {notebook} do not run: {error}") from error
    if missing := [name for name in names if name not in space]:
        raise NotThere(f"notebook {notebook} has no {' and no '.join(missing)}")
    return SimpleNamespace(**{name: space[name] for name in names})


def _sources(path: Path) -> list[str]:
    """The code cells, without the graded tests. Read as JSON: to import nbformat takes two seconds."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        marked = [(cell["metadata"].get("nbgrader", {}), "".join(cell["source"])) for cell in code]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotThere(f"notebook {path.name} cannot be read: {error}") from error
    return [source for role, source in marked if role.get("solution") or not role.get("grade")]


def _statements(source: str) -> list[ast.stmt]:
    """Those of a cell; none where it cannot be read, as while it is being written."""
    plain = "\n".join(line for line in source.split("\n") if not line.startswith(("%", "!")))
    try:
        return ast.parse(plain).body
    except SyntaxError:
        return []


def _needed(nodes: Sequence[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The nodes that bind the names `wanted`, and those that bind what these use, in their order."""
    chosen: set[ast.stmt] = set()
    while new := [node for node in nodes if node not in chosen and _bound(node) & wanted]:
        chosen.update(new)
        wanted = wanted | {part.id for node in new for part in ast.walk(node) if isinstance(part, ast.Name)}
    return [node for node in nodes if node in chosen]


def _bound(node: ast.stmt) -> set[str]:
    """The names that an import, a definition or an assignment to a CONSTANT binds; none for the rest."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name) and target.id.isupper()}
    return set()

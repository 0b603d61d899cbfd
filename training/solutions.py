"""Functions that stand in a solution notebook, for those who measure with them: there is no second copy."""

import ast
from collections.abc import Sequence
from types import SimpleNamespace

import nbformat
from nbgrader.utils import is_grade, is_solution

from config import ROOT

SOLUTIONS = ROOT / "solutions"


def from_notebook(notebook: str, *names: str) -> SimpleNamespace:
    """Functions of the solution notebook whose number is `notebook`.

    Of the notebook only imports, definitions and constants are run, so no model is loaded and no figure
    drawn.
    """
    [path] = SOLUTIONS.glob(f"{notebook}_*/*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    code = [c.source for c in cells if c.cell_type == "code" and (is_solution(c) or not is_grade(c))]
    plain = "\n".join(
        line for source in code for line in source.split("\n") if not line.startswith(("%", "!"))
    )
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    module = compile(plain, str(path), "exec", flags)
    module.body = _needed([node for node in module.body if _bound(node)], set(names))
    space: dict = {"__name__": f"solution_{notebook}"}
    exec(compile(module, str(path), "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in names})


def _needed(nodes: Sequence[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The nodes that define the names `wanted`, and those that define what these use, in their order."""
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

"""A solution with one small fault: what the hidden tests must notice, and whether they do.

A mutant is one change to what stands between BEGIN SOLUTION and END SOLUTION: a comparison flipped, a branch or a
statement dropped, a number off by one, an argument dropped, swapped or another name.
"""

import ast
import os
import resource
import signal
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from grading.pack import pack_notebook
from grading.skip import is_test, skippable
from grading.test_process import execute, prepare
from tests.notebooks.reading import exercises, grade_id, read

FLIPPED = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
OPPOSITE = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.And: ast.Or, ast.Or: ast.And, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip
RELATED = {"max": "min", "min": "max", "any": "all", "all": "any"}
SYMMETRIC = {"answers_match"}  # exchanged arguments change nothing
SECONDS, PATIENCE = 20, 300  # of processor, and by the clock where it waits


@dataclass(frozen=True)
class Mutant:
    """The cell's code, and the statement that was changed: `before → after`."""

    what: str
    code: str


def mutants(source: str) -> Iterator[Mutant]:
    """The mutants of a cell, each once."""
    lines = source.split("\n")
    inside = [i for i, line in enumerate(lines, 1) if "BEGIN SOLUTION" in line or "END SOLUTION" in line]
    begin, end = inside or (0, len(lines) + 1)
    tree = ast.parse(source)
    known = {ast.unparse(tree)}
    for holder, field, place, statement, names in _places(tree, None, ()):
        node = _get(holder, field, place)
        if not begin < getattr(statement, "lineno", 0) < end:
            continue
        before = _head(statement)
        for other in _others(node, names):
            _put(holder, field, place, other)
            after = _head(other if node is statement else statement)
            code = ast.unparse(ast.fix_missing_locations(tree))
            _put(holder, field, place, node)
            if code not in known:
                known.add(code)
                yield Mutant(f"{before} → {after}", code)


def _places(node: ast.AST, statement: ast.stmt | None, names: tuple[str, ...]) -> Iterator[tuple]:
    """Every node below, as (holder, field, place in the list, its statement, parameters around it)."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        names = (*names, *(each.arg for each in node.args.args))
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "ctx"):
            continue
        for place, each in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(each, ast.AST) and not _says_nothing(each):
                own = each if isinstance(each, ast.stmt) else statement
                yield node, field, place, own, names
                yield from _places(each, own, names)


def _says_nothing(node: ast.AST) -> bool:
    """Whether no test can tell a change of it: a docstring, the text of an error, `strict` of a zip."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or isinstance(node, ast.Raise) or (isinstance(node, ast.keyword) and node.arg == "strict")


def _get(holder: ast.AST, field: str, place: int | None) -> ast.AST:
    value = getattr(holder, field)
    return value if place is None else value[place]


def _put(holder: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(holder, field, node)
    else:
        getattr(holder, field)[place] = node


def _head(statement: ast.stmt) -> str:
    """The statement on one line, without the body of a compound one."""
    return ast.unparse(ast.fix_missing_locations(deepcopy(statement))).split("\n")[0]


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    copy = deepcopy(node)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy


def _others(node: ast.AST, names: tuple[str, ...]) -> Iterator[ast.AST]:
    """What may stand in the node's place."""
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                for other in FLIPPED.get(type(operator), ()):
                    yield _changed(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
        case ast.BoolOp():
            yield _changed(node, op=OPPOSITE[type(node.op)]())
            yield from node.values
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OPPOSITE:
            yield _changed(node, op=OPPOSITE[type(node.op)]())
        case ast.UnaryOp():
            yield node.operand
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.If():
            yield _changed(node, test=ast.Constant(True))
            yield _changed(node, test=ast.Constant(False))
        case ast.Constant():
            yield from map(ast.Constant, _constants(node.value))
        case ast.comprehension():
            for place in range(len(node.ifs)):
                yield _changed(node, ifs=node.ifs[:place] + node.ifs[place + 1 :])
        case ast.Call():
            yield from _calls(node, names)
        case ast.Return() if node.value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Slice():
            yield from (_changed(node, **{part: None}) for part in ("lower", "upper") if getattr(node, part))
        case ast.Name() if node.id in RELATED:
            yield _changed(node, id=RELATED[node.id])
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.For | ast.While | ast.If):
        yield ast.copy_location(ast.Pass(), node)


def _constants(value: object) -> tuple:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return value + 1, value - 1
    if isinstance(value, str):
        return ("" if value else "x",)
    return ()


def _calls(node: ast.Call, names: tuple[str, ...]) -> Iterator[ast.Call]:
    for place, argument in enumerate(node.args):
        left, right = node.args[:place], node.args[place + 1 :]
        if right and ast.unparse(node.func) not in SYMMETRIC:
            yield _changed(node, args=[*left, right[0], argument, *right[1:]])
        if left:
            yield _changed(node, args=[*left, *right])
        if isinstance(argument, ast.Name):
            for name in set(names) - {argument.id}:
                yield _changed(node, args=[*left, ast.Name(name, ast.Load()), *right])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg != "strict":  # lists of one length, with or without it
            yield _changed(node, keywords=node.keywords[:place] + node.keywords[place + 1 :])


def survivors(path: Path) -> Iterator[tuple[str, Mutant, str]]:
    """(exercise, mutant, outcome) of the solution notebook: `survived`, `noticed`, or `no end` by itself.

    Each mutant runs in a process of its own, forked where the notebook has come to the exercise.
    """
    notebook = read(path)
    exam = pack_notebook(path.read_text("utf-8"), "{}").exam
    prepare(exam)
    skipped = skippable(notebook, {name for need in exam["tests"].values() for name in need["remote"]})
    places = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and i not in skipped]
    found = {exercise.cell: exercise for exercise in exercises(notebook).values()}
    namespace: dict = {"__name__": "__main__"}
    for i in places:
        cell = notebook.cells[i]
        if i in found:
            after = [(j in found[i].tests, notebook.cells[j].source) for j in places if i < j <= max(found[i].tests)]
            rest = [(test, source) for test, source in after]
            control = _outcome([(False, cell.source), *rest], namespace)
            assert control == "survived", f"{grade_id(cell)}: the solution itself: {control}"
            for mutant in mutants(cell.source):
                yield grade_id(cell), mutant, _outcome([(False, mutant.code), *rest], namespace)
        if not is_test(cell):
            execute(cell.source, namespace)


def _outcome(cells: list[tuple[bool, str]], namespace: dict) -> str:
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE)
            good = True
            for test, source in cells:
                failed = any(each["output_type"] == "error" for each in execute(source, namespace))
                good = good and not (test and failed)
                if not good:
                    break
            os._exit(0 if good else 1)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "no end"
    return "survived" if status == 0 else "noticed"

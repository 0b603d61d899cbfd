"""Which statements of the instructor's notebook a test needs. Reads syntax only; runs nothing.

A test is run outside of the learner's kernel, so the names it uses must come from somewhere: from the
instructor's given cells (imports, data, helper functions) where these do not depend on what the learner writes,
and from the learner's kernel where they do. Knows nothing of processes.
"""

import ast
import builtins
import symtable
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PATCHES = {
    "patch",
    "setattr",
    "delattr",
    "signal",
    "setitimer",
    "settrace",
    "setprofile",
    "setrecursionlimit",
}


@dataclass(frozen=True)
class Statement:
    """A top-level statement: its source, the names it binds and uses, those whose objects it changes in place."""

    source: str
    binds: frozenset[str]
    uses: frozenset[str]
    alters: frozenset[str]
    imports: bool


@dataclass(frozen=True)
class Needs:
    """`given`: statements to run, in order; `remote`: names to fetch from the learner's kernel."""

    given: tuple[str, ...]
    remote: tuple[str, ...]


def statements(cell: str) -> list[Statement]:
    """The top-level statements of a code cell; none when the cell is not plain Python (magics, for one)."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        without = "\n".join(line for line in cell.split("\n") if not line.lstrip().startswith(("%", "!")))
        try:
            tree = ast.parse(without)
        except SyntaxError:
            return []
    return [_statement(node) for node in tree.body]


def free_names(cell: str) -> set[str]:
    """Names that the cell uses and neither binds before use (roughly: at all, at its top level) nor are builtin."""
    found, bound = set(), set()
    for each in statements(cell):
        found |= each.uses - bound
        bound |= each.binds
    return {name for name in found if not hasattr(builtins, name)}


def bound_names(cells: Iterable[str]) -> set[str]:
    """Names that the cells bind at their top level."""
    return {name for cell in cells for each in statements(cell) for name in each.binds}


def alters_process(test: str) -> bool:
    """Whether the test changes what all code of its process sees: attributes of modules, signals, patches.

    Such a test means the learner's process, so it must run there.
    """
    tree = ast.parse(test)
    modules = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if _root(node) in modules:
                return True
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in PATCHES:
            return True
    return False


def needs(test: str, given: Sequence[str], learner: set[str]) -> Needs:
    """What `test` needs of the instructor's `given` cells when the learner writes the names `learner`.

    A name whose statements depend, directly or not, on the learner's names is fetched, not computed.
    """
    pool = [each for cell in given for each in statements(cell)]
    local, remote = set(), set()
    for name in free_names(test):
        wanted, bound, _ = slice_for({name}, pool)
        (remote if wanted & learner or wanted - bound else local).add(name)
    return Needs(tuple(each.source for each in slice_for(local, pool)[2]), tuple(sorted(remote)))


def slice_for(names: set[str], pool: Sequence[Statement]) -> tuple[set[str], set[str], list[Statement]]:
    """All names that `names` depend on, those of them that are bound, and the statements that do it, in order."""
    modules = {name for each in pool if each.imports for name in each.binds}
    wanted, chosen = set(names), [False] * len(pool)
    changed = True
    while changed:
        changed = False
        for place, each in enumerate(pool):
            if not chosen[place] and (each.binds | each.alters - modules) & wanted:
                chosen[place] = changed = True
                wanted |= {name for name in each.uses | each.binds if not hasattr(builtins, name)}
    taken = [each for place, each in enumerate(pool) if chosen[place]]
    return wanted, {name for each in taken for name in each.binds}, taken


def _statement(node: ast.stmt) -> Statement:
    source = ast.unparse(node)
    table = symtable.symtable(source, "<cell>", "exec")
    binds = {
        s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()
    }
    uses = {s.get_name() for s in table.get_symbols() if s.is_referenced()} | _globals_below(table)
    binds |= _assigned_globals(table)
    return Statement(
        source,
        frozenset(binds),
        frozenset(uses),
        frozenset(_altered(node)),
        isinstance(node, ast.Import | ast.ImportFrom),
    )


def _globals_below(table: symtable.SymbolTable) -> set[str]:
    names = set()
    for child in table.get_children():
        names |= {s.get_name() for s in child.get_symbols() if s.is_global() and s.is_referenced()}
        names |= _globals_below(child)
    return names


def _assigned_globals(table: symtable.SymbolTable) -> set[str]:
    names = set()
    for child in table.get_children():
        names |= {s.get_name() for s in child.get_symbols() if s.is_declared_global() and s.is_assigned()}
        names |= _assigned_globals(child)
    return names


def _altered(node: ast.AST) -> set[str]:
    """Roots of what is assigned into (`d[k] = v`, `x.a = v`) and of methods called as a statement (`xs.append(v)`)."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return set()
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [node.value.func]
    roots = {_root(target) for target in targets if isinstance(target, ast.Attribute | ast.Subscript)}
    return roots.union(*(_altered(child) for child in ast.iter_child_nodes(node))) - {""}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""

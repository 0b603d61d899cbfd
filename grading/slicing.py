"""Which statements and cells of a notebook a test needs. Reads syntax only; runs nothing.

A test runs outside of the learner's kernel, so the names it uses come from somewhere: from the instructor's
given cells (imports, data, helper functions) where these do not depend on what the learner writes, and from
the learner's kernel where they do. And of the learner's notebook only those cells must run that such names
depend on.
"""

import ast
import builtins
import symtable
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

CHANGES_IN_PLACE = {
    *("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "appendleft", "popleft"),
    *("add", "discard", "update", "setdefault", "popitem"),
}
LOOKS_UP_NAMES = {"globals", "locals", "vars", "eval", "exec", "get_ipython", "__main__"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
PROCESS_WIDE = {
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
    """A top-level statement: its source, the names it binds, and those whose objects it changes in place.

    `uses` are the names it needs when it runs, `later` those that functions in it need when they are called,
    and `changes` those that such functions change in place.
    """

    source: str
    binds: frozenset[str]
    uses: frozenset[str]
    later: frozenset[str]
    alters: frozenset[str]
    changes: frozenset[str]
    imports: bool

    @property
    def needs(self) -> frozenset[str]:
        """All names that must exist for what it defines to work."""
        return self.uses | self.later


@dataclass(frozen=True)
class Needs:
    """`given`: statements to run, in order; `remote`: names to fetch from the learner's kernel."""

    given: tuple[str, ...]
    remote: tuple[str, ...]


def statements(cell: str) -> list[Statement]:
    """The top-level statements of a code cell; none when the cell is not plain Python (magics, for one)."""
    try:
        tree = ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        without = "\n".join(line for line in cell.split("\n") if not line.lstrip().startswith(("%", "!")))
        try:
            tree = ast.parse(without)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
    return [_statement(node) for node in tree.body]


def free_names(cell: str) -> set[str]:
    """Names that the cell uses and neither binds before use nor are builtin."""
    found, later, bound = set(), set(), set()
    for each in statements(cell):
        found |= each.uses - bound
        later |= each.later
        bound |= each.binds
    return {name for name in found | (later - bound) if not hasattr(builtins, name)}


def bound_names(cells: Iterable[str]) -> set[str]:
    """Names that the cells bind at their top level."""
    return {name for cell in cells for each in statements(cell) for name in each.binds}


def alters_process(test: str) -> bool:
    """Whether the test changes what all code of its process sees: attributes of modules, signals, patches.

    Such a test means the learner's process, which it does not run in.
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
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in PROCESS_WIDE:
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
    """All names that `names` depend on, those of them that are bound, and by which statements, in order."""
    modules = {name for each in pool if each.imports for name in each.binds}
    wanted, chosen = set(names), [False] * len(pool)
    changed = True
    while changed:
        changed = False
        for place, each in enumerate(pool):
            if not chosen[place] and (each.binds | each.alters - modules) & wanted:
                chosen[place] = changed = True
                wanted |= {name for name in each.needs | each.binds if not hasattr(builtins, name)}
    taken = [each for place, each in enumerate(pool) if chosen[place]]
    return wanted, {name for each in taken for name in each.binds}, taken


def needed_cells(cells: Sequence[str], always: Collection[int], names: Collection[str]) -> set[int]:
    """Places of the code cells that must run so that `names`, and what they call, are as if all had run.

    `always` are the places of those that run in any case. All cells are needed where one of them may look
    names up that its text does not tell (`globals()`, `eval`, magics, `import *`).
    """
    everything = set(range(len(cells)))
    if any(_looks_up_names(cell) for cell in cells):
        return everything
    parsed = [statements(cell) for cell in cells]
    modules = {name for cell in parsed for each in cell if each.imports for name in each.binds}
    effects = _effects([each for cell in parsed for each in cell])
    binds = [{name for each in cell for name in each.binds} for cell in parsed]
    uses = [{name for each in cell for name in each.needs} for cell in parsed]
    for place, cell in enumerate(parsed):
        altered = {name for each in cell for name in each.alters}
        altered |= {name for used in uses[place] for name in effects.get(used, ())}
        binds[place] |= altered - modules
    wanted = set(names) | {name for place in always for name in uses[place]}
    chosen, before = set(always), None
    while before != chosen:
        before = set(chosen)
        for place in everything - chosen:
            if binds[place] & wanted:
                chosen.add(place)
                wanted |= uses[place]
    return chosen


def _effects(pool: Sequence[Statement]) -> dict[str, set[str]]:
    """Names that may be changed in place by whoever calls the function of that name, through others too."""
    changes: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for each in pool:
        for name in each.binds:
            changes.setdefault(name, set()).update(each.changes)
            calls.setdefault(name, set()).update(each.later)
    grown = True
    while grown:
        grown = False
        for name, called in calls.items():
            more = {change for other in called for change in changes.get(other, ())} - changes[name]
            changes[name] |= more
            grown = grown or bool(more)
    return changes


def _looks_up_names(cell: str) -> bool:
    try:
        tree = ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return any(line.lstrip().startswith(("%", "!")) for line in cell.split("\n"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in LOOKS_UP_NAMES:
            return True
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = {alias.name for alias in node.names}
            if names & {"*", "__main__"} or getattr(node, "module", None) == "__main__":
                return True
    return False


def _statement(node: ast.stmt) -> Statement:
    binds: set[str] = set()
    uses: set[str] = set()
    later: set[str] = set()
    for piece in _in_order(node):
        try:
            table = symtable.symtable(ast.unparse(ast.fix_missing_locations(piece)), "<cell>", "exec")
        except SyntaxError:  # a `return` at the top level, for one: the cell does not run
            continue
        symbols = table.get_symbols()
        uses |= {s.get_name() for s in symbols if s.is_referenced()} - binds
        defines = any(isinstance(each, FUNCTION | ast.Lambda) for each in ast.walk(piece))
        inside = {s.get_name() for s in _symbols_below(table) if s.is_global() and s.is_referenced()}
        (later if defines else uses).update(inside if defines else inside - binds)
        binds |= {s.get_name() for s in symbols if s.is_assigned() or s.is_imported() or s.is_namespace()}
        binds |= {s.get_name() for s in _symbols_below(table) if s.is_declared_global() and s.is_assigned()}
    functions = [each for each in ast.walk(node) if isinstance(each, FUNCTION)]
    changes = {name for each in functions for name in _changed_by_calls(each)} & (later | binds)
    imports = isinstance(node, ast.Import | ast.ImportFrom)
    sets = map(frozenset, (binds, uses, later, _altered(node), changes))
    return Statement(ast.unparse(node), *sets, imports)


def _in_order(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statement as simple ones, in the order in which they run: a loop's variable before its body."""
    match node:
        case ast.For() | ast.AsyncFor():
            parts = [ast.Expr(node.iter), _set(node.target), *node.body, *node.orelse]
        case ast.With() | ast.AsyncWith():
            parts = [
                ast.Assign([item.optional_vars], item.context_expr)
                if item.optional_vars
                else ast.Expr(item.context_expr)
                for item in node.items
            ] + node.body
        case ast.If() | ast.While():
            parts = [ast.Expr(node.test), *node.body, *node.orelse]
        case ast.Try() | ast.TryStar():
            parts = [*node.body, *node.orelse, *node.finalbody]
            for handler in node.handlers:
                parts += [ast.Expr(handler.type)] if handler.type else []
                parts += [_set(ast.Name(handler.name, ast.Store()))] if handler.name else []
                parts += handler.body
        case ast.Match():
            parts = [ast.Expr(node.subject)]
            for each in node.cases:
                captured = {
                    n
                    for part in ast.walk(each.pattern)
                    for n in (getattr(part, "name", None), getattr(part, "rest", None))
                }
                parts += [_set(ast.Name(name, ast.Store())) for name in sorted(captured - {None})]
                parts += [ast.Expr(each.guard)] if each.guard else []
                parts += each.body
        case ast.AugAssign():
            yield from (ast.Expr(node.target), node)
            return
        case _:
            yield node
            return
    for part in parts:
        yield from _in_order(part)


def _set(target: ast.expr) -> ast.stmt:
    return ast.Assign([target], ast.Constant(None))


def _symbols_below(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    for child in table.get_children():
        yield from child.get_symbols()
        yield from _symbols_below(child)


def _altered(node: ast.AST) -> set[str]:
    """Roots of what is assigned into (`d[k] = v`) and of methods called as a statement (`xs.append(v)`)."""
    if isinstance(node, FUNCTION | ast.ClassDef | ast.Lambda):
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


def _changed_by_calls(function: ast.AST) -> set[str]:
    """Names whose objects a call may change in place; the function's own, where a default is a container."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= {_root(node.func)} if node.func.attr in CHANGES_IN_PLACE else set()
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "next" and node.args:
            found.add(_root(node.args[0]))
    defaults = [each for each in [*function.args.defaults, *function.args.kw_defaults] if each]
    if any(not isinstance(each, ast.Constant | ast.Name | ast.Attribute | ast.UnaryOp) for each in defaults):
        found.add(function.name)
    return found - {""}


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""

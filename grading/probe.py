"""What a learner's code has changed in the kernel it ran in. Runs in that kernel, so it only ever *accuses*.

`fingerprint` names every function, class and constant that a graded notebook has no business changing, with an
identity that changes when the thing does; the grader compares two of them with `changes`. No grade rests on its
silence: code that hides from it still meets the examiner, which trusts nothing in this process.
"""

import builtins
import sys
import types
import zlib
from collections.abc import Iterator
from typing import Any

PACKAGES = ("helpers", "config")
CONSTANTS = int | float | str | bytes | tuple | frozenset | None
RESET_BY_IPYTHON = {"input", "exit", "quit", "display", "get_ipython"}
EVENTS = ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell")


def fingerprint(shell: Any) -> dict[str, str]:
    """Identities of what may not change, by name. `shell` is IPython's shell."""
    functions = {name: value for name, value in vars(builtins).items() if callable(value)}
    found = {f"builtins.{name}": _identity(functions[name]) for name in functions.keys() - RESET_BY_IPYTHON}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES and isinstance(module, types.ModuleType):
            found.update(_of_module(name, module))
    found["sys.settrace"] = _identity(sys.gettrace())
    found["sys.setprofile"] = _identity(sys.getprofile())
    found.update(_of_shell(shell))
    found.update({f"equality.{name}": "says yes to anything" for name in _agreeable(shell.user_ns)})
    return found


def bindings(variables: dict[str, Any], names: list[str]) -> dict[str, str]:
    """What functions and classes the names stand for, in words that another process would use too."""
    found = {}
    for name in names:
        value = variables.get(name, getattr(builtins, name, None))
        if callable(value):
            code = getattr(value, "__code__", None)
            body = zlib.crc32(code.co_code) if isinstance(code, types.CodeType) else type(value).__name__
            found[name] = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')} {body}"
    return found


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Names whose identity differs; of names that are new, those that are always an accusation."""
    suspicious = ("equality.", "hook.", "foreign.")
    changed = [name for name, identity in before.items() if after.get(name, "gone") != identity]
    new = [name for name in after if name not in before and name.startswith(suspicious)]
    return sorted(changed + new)


def _identity(value: Any) -> str:
    if isinstance(value, types.FunctionType):
        return f"{id(value)} {id(value.__code__)} {id(value.__defaults__)} {id(value.__kwdefaults__)}"
    return repr(value)[:200] if isinstance(value, CONSTANTS) else str(id(value))


def _of_module(name: str, module: types.ModuleType) -> Iterator[tuple[str, str]]:
    for key, value in list(vars(module).items()):
        if key.startswith("__"):
            continue
        if isinstance(value, types.FunctionType | type | types.BuiltinFunctionType | CONSTANTS):
            yield f"{name}.{key}", _identity(value)
        if isinstance(value, types.FunctionType | type) and _from_notebook(value):
            yield f"foreign.{name}.{key}", "from the notebook"  # also in a module that was loaded later
        if isinstance(value, type) and value.__module__ == name:
            yield from ((f"{name}.{key}.{k}", _identity(v)) for k, v in _methods(value))


def _methods(kind: type) -> Iterator[tuple[str, Any]]:
    for key, value in list(vars(kind).items()):
        value = getattr(value, "__func__", getattr(value, "fget", None)) or value
        if isinstance(value, types.FunctionType):
            yield key, value


def _of_shell(shell: Any) -> Iterator[tuple[str, str]]:
    for kind in (*type(shell).__mro__, *type(getattr(shell, "kernel", None)).__mro__):
        if kind.__module__.partition(".")[0] in ("IPython", "ipykernel"):
            yield from ((f"shell.{kind.__name__}.{key}", _identity(value)) for key, value in _methods(kind))
    for owner in (shell, shell.kernel) if hasattr(shell, "kernel") else (shell,):
        for key, value in list(vars(owner).items()):
            if callable(value) and _from_notebook(value):
                yield f"hook.{type(owner).__name__}.{key}", _identity(value)
    for place in ("ast_transformers", "input_transformers_post"):
        yield from ((f"hook.{place}", _identity(each)) for each in getattr(shell, place, []))
    transformers = shell.input_transformer_manager
    for place in ("cleanup_transforms", "line_transforms", "token_transformers"):
        for each in getattr(transformers, place):
            if _from_notebook(each):
                yield f"hook.{place}", _identity(each)
    for event in EVENTS:
        for callback in shell.events.callbacks.get(event, []):
            if _from_notebook(callback):
                yield f"hook.{event}", _identity(callback)
    if shell.custom_exceptions:
        yield "hook.custom_exceptions", repr(shell.custom_exceptions)


def _from_notebook(value: Any) -> bool:
    """Whether it is code of a cell, or a bound method of a plain object such as `captured.append`."""
    value = getattr(value, "__func__", value)
    if isinstance(value, types.FunctionType):
        return not (
            value.__code__.co_filename.startswith("/") and "/ipykernel_" not in value.__code__.co_filename
        )
    if isinstance(value, type):
        return value.__module__ == "__main__"
    return isinstance(value, types.BuiltinFunctionType) or type(value).__module__ == "__main__"


def _agreeable(variables: dict[str, Any]) -> Iterator[str]:
    """Names of the notebook's classes whose objects equal anything."""
    nonce = object()
    types_of = {value if isinstance(value, type) else type(value) for value in list(variables.values())}
    for kind in {each for one in types_of if one.__module__ == "__main__" for each in one.__mro__}:
        equal = kind.__dict__.get("__eq__") if kind.__module__ == "__main__" else None
        if not isinstance(equal, types.FunctionType):
            continue
        base = next((each for each in (str, int, float, list, dict, tuple) if issubclass(kind, each)), object)
        try:
            yes = equal(base.__new__(kind), nonce) is True and equal(base.__new__(kind), 0.5128731) is True
        except Exception:
            yes = False
        if yes:
            yield kind.__name__

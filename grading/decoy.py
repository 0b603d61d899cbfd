"""Wrong answers on purpose, in a learner's kernel: with them a test that checks anything must fail."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def spoil(variables: dict[str, Any], names: list[str]) -> Callable[[], bool]:
    """Makes each name in `variables` wrong: functions return something else, values become others.

    Returns a function that puts everything back, and tells whether a function returned what equals anything.
    """
    kept = {name: variables[name] for name in names if name in variables}
    agreeable: list[bool] = []
    for name, value in kept.items():
        variables[name] = _spoiled_function(value, agreeable) if callable(value) else spoiled(value)

    def restore() -> bool:
        variables.update(kept)
        return any(agreeable)

    return restore


def equals_anything(value: Any, depth: int = 3) -> bool:
    """Whether `value`, or something in it, says that it equals an object that nobody has seen."""
    try:
        if (value == object()) is True:
            return True
    except Exception:
        return False
    inside = (
        list(value.values()) if isinstance(value, dict) else value if isinstance(value, list | tuple) else []
    )
    return depth > 0 and any(equals_anything(each, depth - 1) for each in inside[:100])


def spoiled(value: Any) -> Any:
    """A value of the same kind that is not equal to `value`, where there is one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | complex):
        return value + 7919
    if isinstance(value, str):
        return f"{value[::-1]}?!"
    if isinstance(value, list | tuple | set | dict):
        return type(value)() if value else [object()]
    return object()


def _spoiled_function(function: Callable, agreeable: list[bool]) -> Callable:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrong(*args: Any, **kwargs: Any) -> Any:
            value = await function(*args, **kwargs)
            agreeable.append(equals_anything(value))
            return spoiled(value)

    else:

        @functools.wraps(function, updated=())
        def wrong(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            agreeable.append(equals_anything(value))
            return spoiled(value)

    return wrong

"""Wrong answers on purpose, in a learner's kernel: with them a test that checks anything must fail."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def spoil(variables: dict[str, Any], names: list[str]) -> Callable[[], None]:
    """Makes each name in `variables` wrong: functions return something else, values become others.

    Returns a function that puts everything back.
    """
    kept = {name: variables[name] for name in names if name in variables}
    for name, value in kept.items():
        variables[name] = _spoiled_function(value) if callable(value) else spoiled(value)
    return lambda: variables.update(kept)


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


def _spoiled_function(function: Callable) -> Callable:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrong(*args: Any, **kwargs: Any) -> Any:
            return spoiled(await function(*args, **kwargs))

    else:

        @functools.wraps(function, updated=())
        def wrong(*args: Any, **kwargs: Any) -> Any:
            return spoiled(function(*args, **kwargs))

    return wrong

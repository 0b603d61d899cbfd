"""What a process sees of another's objects, records and errors."""

import asyncio
import contextlib
import dataclasses
import inspect
import threading
from collections.abc import Iterator
from typing import Any, Protocol

from grading import values
from grading.messages import Closed


class Asks(Protocol):
    """As much of `grading.rpc.Connection` as a Remote uses."""

    def ask(self, operation: str, *items: Any) -> Any: ...
    def use(self, number: int, method: str, args: tuple, kwargs: dict) -> Any: ...


class Remote:
    """An object of the other process. Equality is identity: the other side is never asked."""

    def __init__(self, connection: Asks, number: int, about: dict) -> None:
        self.__dict__.update(_connection=connection, _number=number, _about=about)
        self.__dict__.update({key: about[key] for key in ("__name__", "__doc__") if key in about})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._connection.use(self._number, "__call__", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__" and "parameters" in self._about:
            return _signature(self._about["parameters"])
        if name.startswith("_"):
            raise AttributeError(f"{self!r} has no {name}")
        return self._connection.ask("get", self._number, name)

    def __getitem__(self, key: Any) -> Any:
        return self._connection.use(self._number, "__getitem__", (key,), {})

    def __len__(self) -> int:
        return self._connection.use(self._number, "__len__", (), {})

    def __bool__(self) -> bool:
        return self._connection.use(self._number, "__bool__", (), {}) is True

    def __contains__(self, item: Any) -> bool:
        return self._connection.use(self._number, "__contains__", (item,), {}) is True

    def __iter__(self) -> Iterator:
        iterator = self._connection.use(self._number, "__iter__", (), {})
        while True:
            try:
                yield self._connection.use(iterator._number, "__next__", (), {})
            except StopIteration:
                return

    def __await__(self) -> Iterator:
        return self._connection.use(self._number, "__await__", (), {})
        yield  # makes this a generator, as __await__ must return an iterator

    def __repr__(self) -> str:
        return f"<{self._about.get('kind', 'object')} of the other process>"


def about(value: Any) -> dict:
    """What the other process is told of an object that stays here."""
    found = {"kind": type(value).__name__}
    if inspect.isroutine(value) or isinstance(value, type):
        found |= {"__name__": str(getattr(value, "__name__", "")), "__doc__": str(value.__doc__ or "")}
        with contextlib.suppress(TypeError, ValueError):
            signature = inspect.signature(value)
            found["parameters"] = [
                [p.name, int(p.kind), p.default is not p.empty] for p in signature.parameters.values()
            ]
    return found


def _signature(parameters: list) -> inspect.Signature:
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(n, inspect._ParameterKind(k), default=... if d else empty)
            for n, k, d in parameters
        ]
    )


def described(error: BaseException) -> dict:
    """An error in plain values."""
    kind = type(error)
    lineage = [values.importable(each) for each in kind.__mro__ if issubclass(each, BaseException)]
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"name": kind.__name__, "lineage": [each for each in lineage if each], "message": message[:2000]}


def raised(about: Any) -> BaseException:
    """What the other side raised, as the nearest exception class that this side has too."""
    try:
        name, lineage, message = str(about["name"]), list(about["lineage"]), str(about["message"])
    except (TypeError, KeyError):
        return Closed("a message is damaged")
    package = ("builtins", *values.RECORDS)
    known = [str(each) for each in lineage if str(each).partition(":")[0].partition(".")[0] in package]
    try:
        nearest = values.load(known[0])
        if not issubclass(nearest, Exception | KeyboardInterrupt):
            nearest = Exception
        if nearest.__name__ != name:
            nearest = type(name, (nearest,), {})
        error = nearest.__new__(nearest, message)
        error.args = (message,)
        return error
    except Exception:
        return Exception(message)


def is_record_class(kind: Any) -> bool:
    """Whether it is a dataclass of the notebook's own."""
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == "__main__"


def refill(container: Any, content: Any) -> None:
    """Makes a list, dict or set hold what `content` holds."""
    if isinstance(container, list):
        container[:] = content
    elif isinstance(container, dict | set):
        container.clear()
        container.update(content)


def wait_for(awaitable: Any) -> Any:
    """Runs it to its end in a thread of its own, since this thread may be inside a running event loop."""
    outcome: list = []

    async def wait() -> Any:
        return await awaitable

    def work() -> None:
        try:
            outcome.append((True, asyncio.run(wait())))
        except BaseException as error:
            outcome.append((False, error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    good, value = outcome[0]
    if not good:
        raise value
    return value

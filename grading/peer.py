"""Two processes that use each other's objects: calls one way, call-backs the other.

The examiner (trusted) calls a learner's functions; these call back what the examiner handed them, a scripted
model for instance. Promises: values travel as `grading.wire` allows; a list, dict or set that a callee changed
in place is changed for the caller too; the side that is `guarded` lets the other one use only what it handed
out, and of that only public methods and attributes of ordinary objects. Knows nothing of tests.
"""

import asyncio
import contextlib
import inspect
import itertools
import json
import socket
import struct
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from grading import wire

LONGEST = 64 << 20  # bytes of a message
CONTAINERS = (list, dict, set)
CODE = type | types.FunctionType | types.BuiltinFunctionType
OPERATORS = {
    "__call__",
    "__getitem__",
    "__len__",
    "__iter__",
    "__next__",
    "__contains__",
    "__await__",
    "__bool__",
}
CLOSED = (  # what leads from an object to the process it lives in
    types.FrameType | types.CodeType | types.ModuleType | types.TracebackType | types.GeneratorType
) | (types.CoroutineType | types.AsyncGeneratorType | types.FunctionType | types.MethodType | type)


class Gone(ConnectionError):
    """The other side has ended, or broke the protocol."""


class Remote:
    """An object of the other process. Equality is identity: the other side is never asked whether it is equal."""

    def __init__(self, peer: "Peer", number: int, about: dict) -> None:
        self.__dict__.update(_peer=peer, _number=number, _about=about)
        self.__dict__.update({key: about[key] for key in ("__name__", "__doc__") if key in about})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._peer.use(self._number, "__call__", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "__signature__" and "parameters" in self._about:
            return _signature(self._about["parameters"])
        if name.startswith("_"):
            raise AttributeError(f"{self!r} has no {name}")
        return self._peer.ask("get", self._number, name)

    def __getitem__(self, key: Any) -> Any:
        return self._peer.use(self._number, "__getitem__", (key,), {})

    def __len__(self) -> int:
        return self._peer.use(self._number, "__len__", (), {})

    def __bool__(self) -> bool:
        return self._peer.use(self._number, "__bool__", (), {}) is True

    def __contains__(self, item: Any) -> bool:
        return self._peer.use(self._number, "__contains__", (item,), {}) is True

    def __iter__(self) -> Iterator:
        iterator = self._peer.use(self._number, "__iter__", (), {})
        while True:
            try:
                yield self._peer.use(iterator._number, "__next__", (), {})
            except StopIteration:
                return

    def __await__(self) -> Iterator:
        return self._peer.use(self._number, "__await__", (), {})
        yield  # makes this a generator, as __await__ must return an iterator

    def __repr__(self) -> str:
        return f"<{self._about.get('kind', 'object')} of the other process>"


class Peer:
    """One end of the connection. `names` are the variables that the other side may ask for."""

    def __init__(self, connection: socket.socket, names: dict | None = None, guarded: bool = True) -> None:
        self._socket, self._names, self._guarded = connection, names or {}, guarded
        self._mine: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._count, self._questions = itertools.count(1), itertools.count(1)
        self._lock = threading.RLock()
        self.operations: dict[str, Callable] = {"use": self._do_use, "get": self._do_get}
        if not guarded:
            self.operations["names"] = self._do_names

    def ask(self, operation: str, *items: Any) -> Any:
        """The other side's answer; what it raised is raised here. Serves its call-backs meanwhile."""
        with self._lock:
            question = next(self._questions)
            self._send(["ask", question, operation, self._encode(list(items))])
            while True:
                message = self._receive()
                if message[0] == "ask":
                    self._answer(message)
                elif message[1] == question:
                    break
        answer = self._decode(message[3])
        if message[2]:
            return answer
        raise _raised(answer)

    def use(self, number: int, method: str, args: tuple, kwargs: dict) -> Any:
        """Calls a method of the other side's object; containers among the arguments follow its changes."""
        given = [item if type(item) in CONTAINERS else None for item in (*args, *kwargs.values())]
        before = [item is not None and json.dumps(self._encode(item)) for item in given]
        result, after = self.ask("use", number, method, list(args), kwargs)
        for item, old, new in zip(given, before, after, strict=True):
            if item is not None and type(new) is type(item) and json.dumps(self._encode(new)) != old:
                _refill(item, new)
        return result

    def serve(self) -> None:
        """Answers until the other side closes the connection."""
        with contextlib.suppress(Gone):
            while True:
                self._answer(self._receive())

    def close(self) -> None:
        """Ends the connection; the other side's `serve` returns."""
        self._socket.close()

    def _answer(self, message: list) -> None:
        _, question, operation, items = message
        try:
            answer = [True, self._encode(self.operations[operation](*self._decode(items)))]
        except Gone:
            raise
        except BaseException as error:
            answer = [False, self._encode(_described(error))]
        self._send(["answer", question, *answer])

    def _do_names(self, names: list[str]) -> dict[str, Any]:
        return {name: self._names[name] for name in names if name in self._names}

    def _do_get(self, number: int, name: str) -> Any:
        self._allow(self._mine[number], name)
        return getattr(self._mine[number], name)

    def _do_use(self, number: int, method: str, args: list, kwargs: dict) -> tuple[Any, list]:
        target = self._mine[number]
        if method not in OPERATORS:
            raise wire.WireError(f"{method} cannot be used from the other process")
        if method == "__call__":
            result = target(*args, **kwargs)
        elif method == "__await__":
            result = _wait_for(target)
        elif method == "__bool__":
            result = bool(target)
        elif not hasattr(type(target), method):
            raise TypeError(f"{type(target).__name__!r} object has no {method}")
        else:
            result = getattr(type(target), method)(target, *args)
        return result, [item if type(item) in CONTAINERS else None for item in (*args, *kwargs.values())]

    def _allow(self, target: Any, name: str) -> None:
        if self._guarded and (name.startswith("_") or isinstance(target, CLOSED)):
            raise AttributeError(f"{name} is not open to the other process")

    def _encode(self, value: Any) -> Any:
        return wire.encode(value, self._refer)

    def _refer(self, value: Any) -> list:
        if isinstance(value, Remote):
            return ["mine", value._number]
        address = wire.importable(value)
        if self._guarded and address and isinstance(value, CODE) and sys.modules[value.__module__].__spec__:
            return ["name", address]  # code of a package that both sides have: each imports its own
        number = self._numbers.get(id(value))
        if number is None or self._mine[number] is not value:
            number = next(self._count)
            self._mine[number], self._numbers[id(value)] = value, number
        return ["ref", number, _about(value)]

    def _decode(self, data: Any) -> Any:
        return wire.decode(data, self._resolve)

    def _resolve(self, item: list) -> Any:
        match item:
            case ["mine", int(number)] if number in self._mine:
                return self._mine[number]
            case ["ref", int(number), dict(about)]:
                return Remote(self, number, about)
            case ["name", str(address)] if not self._guarded:
                return wire.load(address)
        raise wire.WireError("a damaged reference")

    def _send(self, message: list) -> None:
        data = json.dumps(message).encode()
        try:
            self._socket.sendall(struct.pack(">I", len(data)) + data)
        except OSError as error:
            raise Gone(str(error)) from None

    def _receive(self) -> list:
        (length,) = struct.unpack(">I", self._read(4))
        if length > LONGEST:
            raise Gone("a message is too long")
        try:
            message = json.loads(self._read(length))
        except (ValueError, RecursionError):
            raise Gone("a message is damaged") from None
        shapes = {"ask": (int, str, list), "answer": (int, bool, object)}
        if not isinstance(message, list) or len(message) != 4 or message[0] not in shapes:
            raise Gone("a message is damaged")
        if not all(map(isinstance, message[1:], shapes[message[0]])):
            raise Gone("a message is damaged")
        return message

    def _read(self, length: int) -> bytes:
        parts = []
        while length:
            try:
                part = self._socket.recv(min(length, 1 << 20))
            except OSError as error:
                raise Gone(str(error)) from None
            if not part:
                raise Gone("the other process has ended")
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def _about(value: Any) -> dict:
    about = {"kind": type(value).__name__}
    if inspect.isroutine(value) or isinstance(value, type):
        about |= {"__name__": str(getattr(value, "__name__", "")), "__doc__": str(value.__doc__ or "")}
        with contextlib.suppress(TypeError, ValueError):
            signature = inspect.signature(value)
            about["parameters"] = [
                [p.name, int(p.kind), p.default is not p.empty] for p in signature.parameters.values()
            ]
    return about


def _signature(parameters: list) -> inspect.Signature:
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(n, inspect._ParameterKind(k), default=... if d else empty)
            for n, k, d in parameters
        ]
    )


def _refill(container: Any, content: Any) -> None:
    if isinstance(container, list):
        container[:] = content
    elif isinstance(container, dict | set):
        container.clear()
        container.update(content)


def _wait_for(awaitable: Any) -> Any:
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


def _described(error: BaseException) -> dict:
    kind = type(error)
    lineage = [wire.importable(each) for each in kind.__mro__ if issubclass(each, BaseException)]
    try:
        message = str(error)
    except Exception:
        message = ""
    return {"name": kind.__name__, "lineage": [each for each in lineage if each], "message": message[:2000]}


def _raised(about: Any) -> BaseException:
    """What the other side raised, as the nearest exception class that this side has too."""
    try:
        name, lineage, message = str(about["name"]), list(about["lineage"]), str(about["message"])
    except (TypeError, KeyError):
        return Gone("a message is damaged")
    package = ("builtins", *wire.RECORDS)
    known = [str(each) for each in lineage if str(each).partition(":")[0].partition(".")[0] in package]
    try:
        nearest = wire.load(known[0])
        if not issubclass(nearest, Exception | KeyboardInterrupt):
            nearest = Exception
        if nearest.__name__ != name:
            nearest = type(name, (nearest,), {})
        error = nearest.__new__(nearest, message)
        error.args = (message,)
        return error
    except Exception:
        return Exception(message)

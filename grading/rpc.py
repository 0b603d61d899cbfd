"""Two processes that use each other's objects: calls one way, call-backs the other.

The test process (trusted) calls a learner's functions; these call back what the test handed them, a scripted
model for instance. Values travel as `grading.values` allows; a list, dict or set that a callee changed in
place is changed for the caller too; the side that is `guarded` lets the other one use only what it handed
out, and of that only public methods and attributes of ordinary objects.
"""

import contextlib
import dataclasses
import itertools
import json
import socket
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from grading import values
from grading.messages import Closed, receive, send
from grading.remote import Remote, about, described, is_record_class, raised, refill, wait_for

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


class Connection:
    """One end of it. `names` are the variables that the other side may ask for.

    Objects of the dataclasses that both sides know by the same name (`share`) travel by value.
    """

    def __init__(self, line: socket.socket, names: dict | None = None, guarded: bool = True) -> None:
        self._line, self._names, self._guarded = line, {} if names is None else names, guarded
        self._mine: dict[int, Any] = {}
        self._kept: dict[str, Any] = {}
        self._numbers: dict[int, int] = {}
        self._count, self._questions = itertools.count(1), itertools.count(1)
        self._lock = threading.RLock()
        self.operations: dict[str, Callable] = {"use": self._do_use, "get": self._do_get}
        self._shared: dict[str, type] = {}
        self._before_use: Callable[[], None] = lambda: None
        if not guarded:
            self.operations |= {"names": self._do_names, "set": self._do_set, "share": self._do_share}

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
        raise raised(answer)

    def use(self, number: int, method: str, args: tuple, kwargs: dict) -> Any:
        """Calls a method of the other side's object; containers among the arguments follow its changes."""
        self._before_use()
        given = [item if type(item) in CONTAINERS else None for item in (*args, *kwargs.values())]
        before = [item is not None and json.dumps(self._encode(item)) for item in given]
        result, after = self.ask("use", number, method, list(args), kwargs)
        for item, old, new in zip(given, before, after, strict=True):
            if item is not None and type(new) is type(item) and json.dumps(self._encode(new)) != old:
                refill(item, new)
        return result

    def share(self, classes: dict[str, type]) -> None:
        """Makes objects of these dataclasses travel by value, both ways."""
        self._shared = {name: classes[name] for name in self.ask("share", sorted(classes))}

    def follow(self, variables: dict, names: list[str]) -> Callable[[], None]:
        """Before each use, gives the other side those `names` whose value has changed in `variables`.

        Returns a function that puts the other side's own values back.
        """
        known = {name: variables.get(name) for name in names}
        changed: set[str] = set()

        def tell() -> None:
            news = {
                name: variables[name]
                for name in names
                if name in variables and variables[name] is not known[name]
            }
            if news:
                known.update(news)
                changed.update(news)
                self.ask("set", news)

        self._before_use = tell
        return lambda: self.ask("set", None) if changed else None

    def serve(self) -> None:
        """Answers until the other side closes the connection."""
        with contextlib.suppress(Closed):
            while True:
                self._answer(self._receive())

    def close(self) -> None:
        """Ends the connection; the other side's `serve` returns."""
        self._line.close()

    def _answer(self, message: list) -> None:
        _, question, operation, items = message
        try:
            answer = [True, self._encode(self.operations[operation](*self._decode(items)))]
        except Closed:
            raise
        except BaseException as error:
            answer = [False, self._encode(described(error))]
        self._send(["answer", question, *answer])

    def _do_names(self, names: list[str]) -> dict[str, Any]:
        return {name: self._names[name] for name in names if name in self._names}

    def _do_set(self, given: dict[str, Any] | None) -> None:
        """Sets variables that exist; None puts all back as they were."""
        if given is None:
            self._names.update(self._kept)
        else:
            self._kept = {name: self._names[name] for name in given if name in self._names} | self._kept
            self._names.update({name: value for name, value in given.items() if name in self._names})

    def _do_share(self, names: list[str]) -> list[str]:
        found = {name: self._names.get(name) for name in names}
        self._shared = {name: kind for name, kind in found.items() if is_record_class(kind)}
        return list(self._shared)

    def _do_get(self, number: int, name: str) -> Any:
        self._allow(self._mine[number], name)
        return getattr(self._mine[number], name)

    def _do_use(self, number: int, method: str, args: list, kwargs: dict) -> tuple[Any, list]:
        target = self._mine[number]
        if method not in OPERATORS:
            raise values.NotAValue(f"{method} cannot be used from the other process")
        if method == "__call__":
            result = target(*args, **kwargs)
        elif method == "__await__":
            result = wait_for(target)
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
        return values.encode(value, self._refer)

    def _refer(self, value: Any) -> list:
        if isinstance(value, Remote):
            return ["mine", value._number]
        name = type(value).__name__
        if self._shared.get(name) is type(value):
            return [
                "given",
                name,
                self._encode({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}),
            ]
        address = values.importable(value)
        if self._guarded and address and isinstance(value, CODE) and sys.modules[value.__module__].__spec__:
            return ["name", address]  # code of a package that both sides have: each imports its own
        number = self._numbers.get(id(value))
        if number is None or self._mine[number] is not value:
            number = next(self._count)
            self._mine[number], self._numbers[id(value)] = value, number
        return ["ref", number, about(value)]

    def _decode(self, data: Any) -> Any:
        return values.decode(data, self._resolve)

    def _resolve(self, item: list) -> Any:
        match item:
            case ["mine", int(number)] if number in self._mine:
                return self._mine[number]
            case ["given", str(name), list(fields)] if name in self._shared:
                return values.build(self._shared[name], self._decode(fields))
            case ["ref", int(number), dict(about)]:
                return Remote(self, number, about)
            case ["name", str(address)] if not self._guarded:
                return values.load(address)
        raise values.NotAValue("a damaged reference")

    def _send(self, message: list) -> None:
        send(self._line, message)

    def _receive(self) -> list:
        message = receive(self._line, longest=LONGEST)
        shapes = {"ask": (int, str, list), "answer": (int, bool, object)}
        if not isinstance(message, list) or len(message) != 4 or message[0] not in shapes:
            raise Closed("a message is damaged")
        if not all(map(isinstance, message[1:], shapes[message[0]])):
            raise Closed("a message is damaged")
        return message

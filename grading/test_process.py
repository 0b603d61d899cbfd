"""Runs a test cell where no learner's code has ever run, against what the learner wrote, by way of
`grading.rpc`.

The test's text, the reference solution and the test's helpers exist only here; equality, assertions and
exceptions are this process's own, so nothing in the learner's process can make a test pass that should fail.
One process for each test cell, forked from one that has read the instructor's notebook (`prepare`).
"""

import ast
import asyncio
import inspect
import io
import socket
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any

from grading import seeds
from grading.messages import Closed, send
from grading.rpc import Connection, is_record_class

OUTPUT = 100_000  # characters of a test's output that are kept


@dataclass(frozen=True)
class Prepared:
    """The instructor's side of a notebook: variables by test, those to fetch, those that a test may set."""

    given: dict[str, dict[str, Any]]
    remote: dict[str, list[str]]
    variables: list[str]
    notes: list[str]


def prepare(exam: dict) -> Prepared:
    """Runs the given statements and the reference solution of `exam` (see `grading.pack`).

    Tests find the reference as the module `reference`. A test whose given statements fail has a note.
    """
    seeds.reset()
    notes: list[str] = []
    reference = types.ModuleType("reference", "The instructor's solution, while a test runs.")
    _run_all(exam["reference"], vars(reference), notes, "the reference solution")
    sys.modules["reference"] = reference
    given: dict[str, dict[str, Any]] = {}
    shared: dict[tuple, dict[str, Any]] = {}
    for test, needs in exam["tests"].items():
        key = tuple(needs["given"])
        if key not in shared:
            shared[key] = {"__name__": "__main__"}
            _run_all(needs["given"], shared[key], notes, f"what {test} needs")
        given[test] = shared[key]
    remote = {test: needs["remote"] for test, needs in exam["tests"].items()}
    return Prepared(given, remote, exam["variables"], notes)


def run(descriptors: list[int], job: dict, prepared: Prepared) -> None:
    """Runs the test cell `job["test"]`, and sends its outputs over the second descriptor.

    The first descriptor leads to the learner's process.
    """
    learner, answer = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    connection = Connection(learner, guarded=True)
    try:
        namespace = dict(prepared.given[job["test"]])
        connection.share({name: kind for name, kind in namespace.items() if is_record_class(kind)})
        namespace.update(connection.ask("names", prepared.remote[job["test"]]))
        restore = connection.follow(namespace, prepared.variables)
    except Closed:
        outputs = [_error(NotServed("the notebook's process does not let its functions be called"), "")]
    except BaseException as error:
        outputs = [_error(error, "")]
    else:
        seeds.reset()
        outputs = execute(job["source"], namespace)
        with suppress(Exception):
            restore()
    with suppress(Closed):
        send(answer, {"outputs": outputs})


class NotServed(ConnectionError):
    """The learner's process does not answer."""


def execute(source: str, namespace: dict[str, Any]) -> list[dict]:
    """Runs a cell as a notebook does (last expression shown, `await` allowed); gives nbformat outputs.

    Text on stderr is kept as text, not as a failure: a warning in a test is not the learner's fault.
    """
    printed, outputs = io.StringIO(), []
    value = failure = None
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            value = _evaluate(source, namespace)
        except BaseException as error:
            failure = _error(error, source)
    if printed.tell():
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed.getvalue()[:OUTPUT]})
    if failure is not None:
        outputs.append(failure)
    elif value is not None:
        data = {"text/plain": repr(value)[:OUTPUT]}
        outputs.append({"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data})
    return outputs


def _evaluate(source: str, namespace: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";"):
        last = ast.Expression(tree.body.pop().value)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    _finish(compile(tree, "<test>", "exec", flags=flags), namespace)
    return _finish(compile(last, "<test>", "eval", flags=flags), namespace) if last else None


def _finish(code: types.CodeType, namespace: dict[str, Any]) -> Any:
    if code.co_flags & inspect.CO_COROUTINE:
        return asyncio.run(types.FunctionType(code, namespace)())
    return eval(code, namespace)


def _error(error: BaseException, source: str) -> dict:
    """The error as a notebook shows it, with the line of the test that raised it."""
    lines = source.split("\n")
    places = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<test>"
    ]
    where = [f"----> {place} {lines[place - 1]}" for place in places if place and place <= len(lines)]
    name, message = type(error).__name__, str(error)[:OUTPUT]
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [*where, f"{name}: {message}"],
    }


def _run_all(sources: list[str], namespace: dict[str, Any], notes: list[str], purpose: str) -> None:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for source in sources:
            try:
                _evaluate(source, namespace)
            except BaseException as error:
                notes.append(
                    f"{purpose}: {source.splitlines()[0][:60]!r} failed: {type(error).__name__}: {error}"
                )

"""Values between processes that do not trust each other: they arrive equal, and nothing else arrives."""

import asyncio
import collections
import json
import math
import socket
import threading
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import values
from grading.messages import HEAD, Closed
from grading.remote import Remote
from grading.rpc import Connection
from helpers.problems import Problem

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=20)
)
KEYS = st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.tuples(inner, inner)
        | st.sets(st.integers(), max_size=3)
        | st.frozensets(st.text(), max_size=3)
    ),
    max_leaves=12,
)


def refuse(*_):
    raise values.NotAValue("no reference expected")


def there_and_back(value):
    return values.decode(json.loads(json.dumps(values.encode(value, refuse))), refuse)


@settings(deadline=None)
@given(VALUES)
def test_plain_values_arrive_equal_and_of_the_same_type(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


@dataclass(frozen=True)
class Mine:
    """Not one of the course's records."""

    x: int


class Yes(str):
    """A text that equals anything."""

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    "value, back",
    [
        (Yes("a"), "a"),
        (type("I", (int,), {"__eq__": lambda s, o: True, "__hash__": int.__hash__})(7), 7),
        (type("L", (list,), {"__eq__": lambda s, o: True})([1]), [1]),
        (type("D", (dict,), {"__eq__": lambda s, o: True})({1: 2}), {1: 2}),
        (collections.Counter("aab"), collections.Counter("aab")),
        (collections.OrderedDict(a=1), {"a": 1}),
        (range(3), range(3)),
        (slice(1, None), slice(1, None)),
        (Problem("p", "How many?", "14", "seed"), Problem("p", "How many?", "14", "seed")),
        (1 << 200, 1 << 200),
    ],
)
def test_special_values(value, back):
    assert there_and_back(value) == back and type(there_and_back(value)) is type(back)


def test_a_nan_and_a_named_tuple():
    assert math.isnan(there_and_back(math.nan))
    point = there_and_back(collections.namedtuple("Point", "x y")(1, 2))
    assert (point.x, point.y) == point == (1, 2)


@pytest.mark.parametrize(
    "array", [np.arange(6.0).reshape(2, 3), np.array(["a", "bc"]), np.array([1, None, "x"], dtype=object)]
)
def test_arrays(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype and back.shape == array.shape and (back == array).all()
    assert there_and_back(np.float64(2.5)) == 2.5 and there_and_back(np.int64(3)).dtype == np.int64


def test_tables():
    import pandas as pd

    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, None], "who": ["a", "b"]}, index=["r", "s"])
    pd.testing.assert_frame_equal(there_and_back(frame), frame)
    pd.testing.assert_series_equal(there_and_back(frame["n"]), frame["n"])


def test_what_holds_itself_and_what_is_no_value():
    loop: list = []
    loop.append(loop)
    for value in (loop, Mine(1), lambda: 1, object()):
        with pytest.raises(values.NotAValue):
            there_and_back(value)


@pytest.mark.parametrize(
    "data",
    [
        ["fields", "subprocess:Popen", ["dict"]],
        ["fields", "helpers.problems:seed_problems", ["dict"]],
        ["fields", "helpers.problems:Problem", ["dict"]],
        ["enum", "os:abort", "x"],
        ["model", "helpers.problems:Problem", ["dict"]],
        ["record", None, ["tuple", "__class__", "x y"]],
        ["array", "O", ["tuple", 1], ["bytes", "AAAAAAAAAAA="]],
        ["tensor", "load", 1],
        ["int", "seven"],
        ["bytes", 7],
        ["set", ["list", 1]],
        ["never heard of it"],
        [],
        [["list"], 1],
    ],
)
def test_damaged_or_hostile_items_are_refused(data):
    with pytest.raises((values.NotAValue, ValueError, TypeError)):
        values.decode(data, refuse)


@pytest.fixture
def pair():
    """A grader's end, and the variables of a learner's side that serves in a thread."""
    ours, theirs = socket.socketpair()
    names: dict = {}
    learner = Connection(theirs, names, guarded=False)
    thread = threading.Thread(target=learner.serve, daemon=True)
    thread.start()
    grader = Connection(ours)
    yield grader, names
    grader.close()
    thread.join(10)


def fetch(pair, **names):
    pair[1].update(names)
    return pair[0].ask("names", list(names))


class Model:
    """What a test hands to a learner."""

    def __init__(self):
        self.calls, self._secret = [], "quokka"

    def sample(self, prompt):
        self.calls.append(prompt)
        return f"{prompt}!"


def test_functions_are_called_there_and_call_back(pair):
    def shout(model, words):
        words.append("new")
        return [model.sample(word) for word in words]

    model, words = Model(), ["a"]
    assert fetch(pair, shout=shout)["shout"](model, words) == ["a!", "new!"]
    assert words == ["a", "new"] and model.calls == words


def test_a_record_that_may_change_stays_where_it_is(pair):
    from helpers.checks.nb04 import Recorder

    async def ask(recorder):
        return [await recorder.ainfer("lm", [{"content": "Shops"}], 3) for _ in range(2)]

    recorder = Recorder()
    asyncio.run(wait_for(fetch(pair, ask=ask)["ask"](recorder)))
    assert [call["budget"] for call in recorder.asked] == [3, 3]


async def wait_for(remote):
    return await remote


def test_equality_is_never_asked_of_the_other_side(pair):
    class Always:
        def __eq__(self, other):
            return True

    remote = fetch(pair, make=Always)["make"]()
    assert isinstance(remote, Remote) and remote != 3 and remote == remote


def test_errors_arrive_as_what_they_are(pair):
    def fail(kind):
        raise {"value": ValueError("bad"), "own": type("MyError", (KeyError,), {})("k")}[kind]

    remote = fetch(pair, fail=fail)["fail"]
    with pytest.raises(ValueError, match="bad"):
        remote("value")
    with pytest.raises(KeyError) as caught:
        remote("own")
    assert type(caught.value).__name__ == "MyError"
    with pytest.raises(TypeError):
        remote()


@pytest.mark.parametrize("reach", [
    lambda m: m._secret, lambda m: m.__class__, lambda m: m.__dict__, lambda m: m.sample.__globals__,
    lambda m: m.sample.__func__, lambda m: m._connection.ask("get", m._number, "__class__"),
    lambda m: m._connection.ask("get", m._number, "_secret"), lambda m: m._connection.ask("names", ["x"]),
    lambda m: m._connection.ask("use", m._number, "__reduce_ex__", [2], {}),
    lambda m: m._connection.ask("set", {"x": 1}),
    lambda m: m._connection.ask("use", 99, "__call__", [], {}), lambda m: m._connection.ask("nothing"),
    lambda m: m._connection.ask(
        "use", m._connection.ask("get", m._number, "sample")._number, "__getattribute__", ["__func__"], {}
    ),
])  # fmt: skip
def test_a_learner_reaches_only_what_was_handed_over(pair, reach):
    def attempt(model):
        try:
            return ["reached", repr(reach(model))]
        except Exception as error:
            return ["refused", type(error).__name__]

    outcome, what = fetch(pair, attempt=attempt)["attempt"](Model())
    assert outcome == "refused" or "Remote" in what or "'_connection'" in what, what  # its own proxy, at most
    assert "quokka" not in what


def test_async_functions_generators_and_signatures(pair):
    import asyncio
    import inspect

    async def ask(model, text, extra=1):
        await asyncio.sleep(0)
        return model.sample(text)

    def count(n):
        yield from range(n)

    remote = fetch(pair, ask=ask, count=count)

    async def test():
        return await remote["ask"](Model(), "a")

    assert asyncio.run(test()) == "a!"
    assert list(remote["count"](3)) == [0, 1, 2]
    assert str(inspect.signature(remote["ask"])) == "(model, text, extra=Ellipsis)"


def test_variables_that_a_test_sets_are_seen_there_and_put_back(pair):
    names = pair[1]
    names.update(factor=2)
    names["scale"] = lambda x: x * names["factor"]
    mine = pair[0].ask("names", ["factor", "scale"])
    restore = pair[0].follow(mine, ["factor", "scale", "other"])
    assert mine["scale"](5) == 10
    mine["factor"], mine["other"] = 3, 4
    assert mine["scale"](5) == 15 and "other" not in names
    restore()
    assert names["factor"] == 2


def test_a_side_that_breaks_the_protocol_is_gone():
    for data in (b"\xff" * 64, HEAD.pack(2) + b"[]", HEAD.pack(4) + b"null", HEAD.pack(1) + b"[", b""):
        ours, theirs = socket.socketpair()
        theirs.sendall(data)
        theirs.close()
        with pytest.raises(Closed):
            Connection(ours).ask("names", [])


def test_what_both_sides_can_import():
    assert values.importable(np.ndarray) == "numpy:ndarray" and values.importable(Mine(1)) is None

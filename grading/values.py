"""Values as text between the test process and a learner's process, which do not trust each other.

Decoding builds only plain values and records of the course's own packages, and never runs code that the other
side chose (it is not pickle). A value of a class derived from a plain one (a `str` with an `__eq__` of its
own) arrives as the plain value. What is no value (functions, models, generators, records that may change,
objects of a learner's class) travels as a reference to the object that stays where it is.
"""

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

from grading import tables

DEPTH = 60
RECORDS = {
    "helpers",
    "config",
    "its_hub",
}  # packages whose records travel by value, on both sides the same code
TEXTUAL = {decimal.Decimal, fractions.Fraction, datetime.date, datetime.datetime, datetime.timedelta}


class NotAValue(ValueError):
    """The value cannot travel, or what arrived is not a value."""


def encode(value: Any, reference: Callable[[Any], list], depth: int = DEPTH) -> Any:
    """`value` as something `json.dumps` accepts: scalars as themselves, everything else as `[tag, ...]`.

    `reference(value)` makes the item for an object that stays here. Raises NotAValue beyond `depth` levels
    (a list that holds itself, for one).
    """
    if depth == 0:
        raise NotAValue("a value is nested too deeply, or holds itself")
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind in (int, float, str):
        return ["int", hex(value)] if kind is int and abs(value) >= 1 << 63 else value
    for base, encoder in _PLAIN.items():
        if isinstance(value, base) and not isinstance(value, enum.Enum):
            return encoder(base, value, lambda item: encode(item, reference, depth - 1))
    if kind in TEXTUAL or kind in (range, slice):
        return [kind.__name__, *_parts(value)]
    special = tables.taken_apart(value) or _record(value)
    if special is None:
        return reference(value)
    tag, *items = special
    return [tag, *(encode(item, reference, depth - 1) for item in items)]


def decode(data: Any, resolve: Callable[[list], Any]) -> Any:
    """The value that `encode` described; `resolve` turns an item made by `reference` into an object.

    Raises NotAValue for anything that `encode` does not make.
    """
    if not isinstance(data, list):
        return data
    tag, *items = data
    if tag in ("ref", "mine", "name", "given"):
        return resolve(data)
    decoder = _DECODERS.get(tag)
    if decoder is None:
        raise NotAValue(f"unknown item {tag!r}")
    try:
        return decoder(*(decode(item, resolve) for item in items))
    except (TypeError, ValueError, ArithmeticError, AttributeError, ImportError, LookupError) as error:
        raise NotAValue(f"a damaged {tag!r}: {error}") from None


def importable(value: Any) -> str | None:
    """`module:name` where a function or class can be imported from, when both sides have the same one."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or "." in name or module == "__main__":
        return None
    return f"{module}:{name}" if getattr(sys.modules.get(module), name, None) is value else None


def load(address: str) -> Any:
    """The object at `module:name`."""
    module, name = address.split(":")
    return getattr(importlib.import_module(module), name)


def _items(base: type, value: Any, item: Callable) -> list:
    return [base.__name__, *(item(each) for each in base.__iter__(value))]


def _mapping(base: type, value: Any, item: Callable) -> list:
    counter = ["Counter"] if type(value) is collections.Counter else ["dict"]
    return [*counter, *(["tuple", item(key), item(each)] for key, each in dict.items(value))]


def _tuple(base: type, value: Any, item: Callable) -> list:
    fields = getattr(type(value), "_fields", None)
    if not fields:
        return _items(base, value, item)
    address = importable(type(value)) if _record_class(type(value)) else None
    return ["record", address, item(tuple(fields)), *(item(each) for each in tuple.__iter__(value))]


_PLAIN: dict[type, Callable] = {
    str: lambda base, value, item: item(str.__str__(value)),
    int: lambda base, value, item: item(int.__pos__(value)),
    float: lambda base, value, item: item(float.__pos__(value)),
    complex: lambda base, value, item: ["complex", value.real, value.imag],
    bytes: lambda base, value, item: [
        "bytes",
        base64.b64encode(bytes.__getitem__(value, slice(None))).decode(),
    ],
    bytearray: lambda base, value, item: ["bytearray", base64.b64encode(bytes(value)).decode()],
    list: _items,
    tuple: _tuple,
    set: _items,
    frozenset: _items,
    dict: _mapping,
}


def _parts(value: Any) -> tuple:
    if isinstance(value, range | slice):
        return value.start, value.stop, value.step
    if isinstance(value, datetime.timedelta):
        return (value.total_seconds(),)
    return (value.isoformat(),) if isinstance(value, datetime.date) else (str(value),)


def _record_class(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in RECORDS and importable(kind) is not None


def _record(value: Any) -> tuple | None:
    """A record of the course's packages as its fields; None for anything else."""
    kind = type(value)
    if isinstance(value, type) or inspect.isroutine(value) or not _record_class(kind):
        return None
    if isinstance(value, enum.Enum):
        return "enum", importable(kind), value.name
    if dataclasses.is_dataclass(value):
        if not kind.__dataclass_params__.frozen and kind.__module__.startswith("helpers"):
            return None  # it may change where it was handed to, a recorder of calls for instance
        names = [field.name for field in dataclasses.fields(value)]
        return "fields", importable(kind), {name: getattr(value, name) for name in names}
    if hasattr(kind, "model_fields"):
        return "model", importable(kind), dict(vars(value))
    return None


def _class(address: str) -> type:
    kind = load(address) if address.partition(".")[0].partition(":")[0] in RECORDS else None
    if not isinstance(kind, type):
        raise NotAValue(f"{address} is no record")
    return kind


def _fields(address: str, values: dict) -> Any:
    kind = _class(address)
    if not dataclasses.is_dataclass(kind):
        raise NotAValue(f"{address} is no record")
    return build(kind, values)


def build(kind: type, fields: dict[str, Any]) -> Any:
    """A record of the dataclass with these fields, made without running its code."""
    record = object.__new__(kind)
    for each in dataclasses.fields(kind):
        object.__setattr__(record, each.name, fields[each.name])
    return record


def _named(address: str | None, names: tuple) -> Any:
    return _class(address) if address else collections.namedtuple("Result", names)


_DECODERS: dict[str, Callable] = {
    **tables.DECODERS,
    "int": lambda text: int(text, 16),
    "complex": complex,
    "bytes": base64.b64decode,
    "bytearray": lambda text: bytearray(base64.b64decode(text)),
    "list": lambda *items: list(items),
    "tuple": lambda *items: items,
    "set": lambda *items: set(items),
    "frozenset": lambda *items: frozenset(items),
    "dict": lambda *pairs: dict(pairs),
    "Counter": lambda *pairs: collections.Counter(dict(pairs)),
    "range": range,
    "slice": slice,
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "date": datetime.date.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "timedelta": lambda seconds: datetime.timedelta(seconds=seconds),
    "enum": lambda address, name: _class(address)[name],
    "record": lambda address, names, *items: _named(address, names)._make(items),
    "fields": _fields,
    "model": lambda address, values: _class(address).model_construct(**values),
}

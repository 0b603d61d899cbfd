"""Small tables, questions on them in words, and SQLite queries that answer them, several ways for each
question.

Each query of a question gives the same rows; the first row's first column is the answer.
"""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass

from helpers.problems.tables import database

ITEMS = """apples pears plums loaves eggs candles lamps chairs tables cups plates books pencils bags boxes ropes hats
gloves shirts socks clocks radios bikes tents""".split()
TOWNS = "Berlin Madrid Oslo Lima Kyoto Turin Delhi Lyon Cairo Quito Dublin Accra".split()
NAMES = "Anna Mary Lucy Mia Nora Rosa John Tom Ben Omar Luis Paul Max Leo Ivan Raj".split()


@dataclass(frozen=True)
class Schema:
    """One kind of table: its name, the column of names, and the columns of numbers as (column, in words, low,
    high).
    """

    table: str
    key: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, str, int, int], ...]


SCHEMAS = (
    Schema("stock", "item", tuple(ITEMS), (
        ("units", "units in stock", 5, 400), ("price", "price", 2, 90), ("sold", "units sold", 1, 300), ("returned", "units returned", 1, 40))),
    Schema("shops", "town", tuple(TOWNS), (
        ("visitors", "visitors", 20, 900), ("orders", "orders", 5, 300), ("staff", "staff", 2, 40), ("complaints", "complaints", 1, 60))),
    Schema("people", "name", tuple(NAMES), (
        ("age", "age", 18, 70), ("hours", "hours worked", 5, 60), ("wage", "hourly wage", 8, 60), ("trips", "business trips", 1, 30))),
    Schema("service", "town", tuple(TOWNS), (
        ("opened", "tickets opened", 10, 400), ("closed", "tickets closed", 5, 390), ("errors", "errors", 1, 300), ("restarts", "restarts", 1, 40))),
)  # fmt: skip


@dataclass(frozen=True)
class TableQuestion:
    """A question in words with its table, the queries that answer it, and the answer as text."""

    question: str
    table: str
    rows: tuple[tuple, ...]
    columns: tuple[str, ...]
    queries: tuple[str, ...]
    answer: str

    def database(self) -> sqlite3.Connection:
        """The table in a new database in memory."""
        return database(self.table, self.columns, self.rows)


def _one(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    (c, words), name = rng.choice(columns), rng.choice(rows)[0]
    return [f"What is the number of {words} for {name}?", f"How many {words} does {name} have?", f"State the {words} of {name}."], [
        f"SELECT {c} FROM {s.table} WHERE {s.key} = '{name}'",
        f"SELECT SUM({c}) FROM {s.table} WHERE {s.key} = '{name}'",
        f"SELECT {c} FROM {s.table} WHERE {s.key} IN ('{name}')",
    ]  # fmt: skip


def _two_columns(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    row = rng.choice(rows)
    (a, x), (b, y) = rng.sample(columns, 2)
    at = [c for c, *_ in s.columns]
    if row[1 + at.index(a)] < row[1 + at.index(b)]:
        (a, x), (b, y) = (b, y), (a, x)
    op, forms = rng.choice((
        ("-", ["What is {x} minus {y} for {n}?", "For {n}, by how much is {x} greater than {y}?", "What is left of {x} of {n} after taking off {y}?"]),
        ("+", ["What is {x} plus {y} for {n}?", "How much are {x} and {y} of {n} together?"]),
        ("*", ["What is {x} times {y} for {n}?", "Multiply {x} of {n} by {y}."]),
    ))  # fmt: skip
    n, (k, t) = row[0], (s.key, s.table)
    return [f.format(x=x, y=y, n=n) for f in forms], [
        f"SELECT {a} {op} {b} FROM {t} WHERE {k} = '{n}'",
        f"SELECT (SELECT {a} FROM {t} WHERE {k} = '{n}') {op} (SELECT {b} FROM {t} WHERE {k} = '{n}')",
        f"SELECT SUM({a} {op} {b}) FROM {t} WHERE {k} = '{n}'",
    ]


def _two_rows(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    (c, words), (one, two) = rng.choice(columns), rng.sample(rows, 2)
    k, t, n, m = s.key, s.table, one[0], two[0]
    if rng.random() < 0.5:
        return [f"How many {words} do {n} and {m} have together?", f"What is the total of {words} for {n} and {m}?"], [
            f"SELECT SUM({c}) FROM {t} WHERE {k} IN ('{n}', '{m}')",
            f"SELECT SUM({c}) FROM {t} WHERE {k} = '{n}' OR {k} = '{m}'",
            f"SELECT a.{c} + b.{c} FROM {t} a, {t} b WHERE a.{k} = '{n}' AND b.{k} = '{m}'",
        ]  # fmt: skip
    column = 1 + [x for x, *_ in s.columns].index(c)
    if one[column] < two[column]:
        n, m = m, n
    return [
        f"How many more {words} has {n} than {m}?",
        f"What is the difference in {words} between {n} and {m}?",
    ], [
        f"SELECT a.{c} - b.{c} FROM {t} a, {t} b WHERE a.{k} = '{n}' AND b.{k} = '{m}'",
        f"SELECT (SELECT {c} FROM {t} WHERE {k} = '{n}') - (SELECT {c} FROM {t} WHERE {k} = '{m}')",
    ]


def _count(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    c, words = rng.choice(columns)
    column = 1 + [x for x, *_ in s.columns].index(c)
    value = rng.choice(rows)[column] + rng.choice((-1, 1))
    t = s.table
    if rng.random() < 0.5:
        op, text, back = ">", "above", "<="
    else:
        op, text, back = "<", "below", ">="
    return [f"How many rows have {words} {text} {value}?", f"Count the rows with {words} {text} {value}.",
            f"In how many rows is the figure for {words} {text} {value}?"], [
        f"SELECT COUNT(*) FROM {t} WHERE {c} {op} {value}",
        f"SELECT SUM({c} {op} {value}) FROM {t}",
        f"SELECT COUNT(*) FROM {t} WHERE NOT {c} {back} {value}",
    ]  # fmt: skip


def _sum_where(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    (a, x), (b, y) = rng.sample(columns, 2)
    value, t = rng.choice(rows)[1 + [c for c, *_ in s.columns].index(b)] - 1, s.table
    return [f"What is the total of {x} where {y} is above {value}?", f"Add up {x} of all rows with {y} above {value}.",
            f"What is the sum of {x} over the rows in which {y} exceeds {value}?"], [
        f"SELECT SUM({a}) FROM {t} WHERE {b} > {value}",
        f"SELECT SUM({a}) FROM {t} WHERE NOT {b} <= {value}",
        f"SELECT SUM({a} * ({b} > {value})) FROM {t}",
    ]  # fmt: skip


def _best(s: Schema, rng: random.Random, rows, columns) -> tuple[list[str], list[str]]:
    (c, words), t, k = rng.choice(columns), s.table, s.key
    most = rng.random() < 0.5
    word, order, f = ("most", "DESC", "MAX") if most else ("fewest", "ASC", "MIN")
    if rng.random() < 0.5:
        return [f"Which {k} has the {word} {words}?", f"Name the {k} with the {word} {words}."], [
            f"SELECT {k} FROM {t} ORDER BY {c} {order} LIMIT 1",
            f"SELECT {k} FROM {t} WHERE {c} = (SELECT {f}({c}) FROM {t})",
        ]
    return [f"What is the {'largest' if most else 'smallest'} number of {words}?", f"State the {'highest' if most else 'lowest'} {words}."], [
        f"SELECT {f}({c}) FROM {t}",
        f"SELECT {c} FROM {t} ORDER BY {c} {order} LIMIT 1",
    ]  # fmt: skip


_SHAPES = (_one, _two_columns, _two_rows, _count, _sum_where, _best)
_WEIGHTS = (1, 2, 2, 2, 3, 2)


def table_question(rng: random.Random) -> TableQuestion:
    """A table of 3 to 6 rows and 2 to 4 columns of numbers, a question, and queries that agree on the
    answer.
    """
    while True:
        schema = rng.choice(SCHEMAS)
        chosen = sorted(rng.sample(range(len(schema.columns)), rng.randint(2, len(schema.columns))))
        used = Schema(schema.table, schema.key, schema.names, tuple(schema.columns[i] for i in chosen))
        rows = tuple(
            (name, *(rng.randint(low, high) for *_, low, high in used.columns))
            for name in rng.sample(used.names, rng.randint(3, 6))
        )
        words = [(column, text) for column, text, *_ in used.columns]
        forms, queries = rng.choices(_SHAPES, _WEIGHTS)[0](used, rng, rows, words)
        columns = (used.key, *(column for column, *_ in used.columns))
        base = database(used.table, columns, rows)
        found = {str(base.execute(query).fetchall()) for query in queries}
        answer = base.execute(queries[0]).fetchall()
        base.close()
        if len(found) != 1 or len(answer) != 1 or answer[0][0] is None:
            continue  # a tie for the first place, or nothing to sum
        text = "\n".join(
            [f"Table {used.table}", " | ".join(columns), *(" | ".join(map(str, row)) for row in rows)]
        )
        question = f"{text}\n\nQuestion: {rng.choice(forms)}"
        return TableQuestion(question, used.table, rows, columns, tuple(queries), str(answer[0][0]))

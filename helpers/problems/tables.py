"""Small tables with a question on each, and the database in which a query can be tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.problems.stored import draw, read_rows

SYSTEM_SQL = "Write one SQL query that answers the question."


@dataclass(frozen=True)
class TableQuestion:
    """A question in words on one table; `answer` is the first value of the first row of a right query's
    result.

    `question` holds the table too. `rows` hold a name and then whole numbers, as `columns` say.
    """

    id: str
    question: str
    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    answer: str

    def database(self) -> sqlite3.Connection:
        """The table in a new database in memory. It can be written to, and waits for every query to end."""
        return database(self.table, self.columns, self.rows)


def database(table: str, columns: Sequence[str], rows: Sequence[Sequence]) -> sqlite3.Connection:
    """A database in memory with one table; the first column holds texts, the others integers."""
    connection = sqlite3.connect(":memory:")
    kinds = ", ".join(f"{c} {'INTEGER' if i else 'TEXT'}" for i, c in enumerate(columns))
    connection.execute(f"CREATE TABLE {table} ({kinds})")
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
    return connection


def table_questions(n: int, seed: int = 0) -> list[TableQuestion]:
    """`n` questions that no model was trained on. Raises ValueError where fewer are stored."""
    drawn = draw(read_rows("sql"), n, seed, "questions on tables")
    return [
        TableQuestion(**{**row, "columns": tuple(row["columns"]), "rows": tuple(map(tuple, row["rows"]))})
        for row in drawn
    ]

"""The checks beside exercises 6 to 8 of 07_verifier_search: queries that run, votes over results, plans."""

from collections.abc import Callable
from functools import partial

from helpers.checks.core import Case, check
from helpers.problems import TableQuestion

Rows = list[tuple] | None
NOTHING = "None: no result"  # in words: a query may give None on purpose


ALLOW = (
    "This query only reads. If you get None, an error was caught: take the `try` away for a moment and read it.",
    "SQLite gives your callback five arguments: lambda action, *rest: …",
    "sqlite3.SQLITE_OK for each action in READING: selecting, reading a column, a function, a recursive query",
)
QUERY_HINTS = {
    "allow": ALLOW,
    "reads": (
        "Open the database, execute, fetch.",
        "asked.database().execute(query).fetchmany(MAX_ROWS)",
        *ALLOW,
    ),
    "fails": (
        "An error is an answer too: None.",
        "try: … except (sqlite3.Error, sqlite3.Warning): return None",
    ),
    "later": (
        "The first row is fine, the second is an error: it comes while rows are fetched.",
        "fetchmany belongs into the `try`, too.",
    ),
    "empty": (
        "No rows is a result: [], not None.",
        "return cursor.fetchmany(MAX_ROWS)",
    ),
    "only": (
        "A query may read and nothing else. Say so before you execute.",
        "connection.set_authorizer(lambda action, *rest: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)",
    ),
    "word": (
        "What a text begins with or names says little: let SQLite say what a query *does*.",
        "connection.set_authorizer(lambda action, *rest: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY)",
    ),
    "nothing": (
        "A text without a statement runs, and has no result: cursor.description is None.",
        "return cursor.fetchmany(MAX_ROWS) if cursor.description else None",
    ),
    "limit": (
        "At most MAX_ROWS rows.",
        "fetchmany(MAX_ROWS), not fetchall()",
    ),
    "lazy": (
        "Rows come one at a time: read MAX_ROWS of them, and the others are never made.",
        "fetchmany(MAX_ROWS), not fetchall()[:MAX_ROWS]",
    ),
    "steps": (
        "A query that needs too many instructions is stopped.",
        "connection.set_progress_handler(lambda: True, MAX_STEPS)",
    ),
    "enough": (
        "This one needs fewer than MAX_STEPS instructions: it may end.",
        "connection.set_progress_handler(lambda: True, MAX_STEPS)",
    ),
}


def run_query(mine: Callable[[TableQuestion, str], Rows]) -> None:
    """Exercise 6."""
    rows = (("Oslo", 10), ("Lima", 20), ("Lyon", 30))
    asked = TableQuestion("check", "How many orders?", "shops", ("town", "orders"), rows, "60")
    count = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {}) SELECT {} FROM n"

    def run(query: str) -> list[tuple] | str:
        found = mine(asked, query)
        return NOTHING if found is None else [tuple(row) for row in found]

    endless = count.replace(" WHERE x < {}", "").format("x")
    overflow = "SELECT ABS(x) FROM (SELECT 1 AS x UNION ALL SELECT -9223372036854775807 - 1)"
    big = "WITH big AS (SELECT * FROM shops WHERE orders > 10) SELECT COUNT(*) FROM big"
    wanted: list[tuple[str, str, object, str]] = [
        ("", "SELECT 7", [(7,)], "reads"),
        ("", "SELECT town FROM shops WHERE orders = 10", [("Oslo",)], "allow"),
        ("", "SELECT SUM(orders) FROM shops", [(60,)], "allow"),
        ("", "SELECT visitors FROM shops", NOTHING, "fails"),
        ("", overflow, NOTHING, "later"),
        ("", "SELECT town FROM shops WHERE orders > 99", [], "empty"),
        ("", "SELECT 1; SELECT 2", NOTHING, "fails"),
        ("", "DELETE FROM shops", NOTHING, "only"),
        ("", "SELECT 'DELETE'", [("DELETE",)], "word"),
        ("", big, [(2,)], "word"),
        ("", "PRAGMA user_version", NOTHING, "only"),
        ("", "ATTACH ':memory:' AS other", NOTHING, "only"),
        ("an empty text", "", NOTHING, "nothing"),
        ("a recursive query, counting to 3", count.format(3, "x"), [(1,), (2,), (3,)], "allow"),
        (
            "counting to 45, a row for each number",
            count.format(45, "x"),
            [(x,) for x in range(1, 21)],
            "limit",
        ),
        ("counting to 500", count.format(500, "COUNT(*)"), [(500,)], "enough"),
        ("counting to 300,000", count.format(300_000, "COUNT(*)"), NOTHING, "steps"),
        ("counting for ever, a row for each number", endless, [(x,) for x in range(1, 21)], "lazy"),
    ]
    check(
        "run_query",
        [
            Case(name or query, partial(run, query), gold, QUERY_HINTS[rule])
            for name, query, gold, rule in wanted
        ],
    )


def result_vote(mine: Callable[[list[Rows]], int | None]) -> None:
    """Exercise 7."""
    most = ("Group the places by result; the largest group wins.", "places.setdefault(key, []).append(place)")
    place = ("The place of the candidate, not the result.", "max(places.values(), key=len)[0]")
    silent = ("None and [] do not vote.", "if rows: …")
    nulls = (
        "A result whose values are all None does not vote.",
        "any(value is not None for row in rows for value in row)",
    )
    zero = ("0 and '' are values. Only None is none.", "value is not None")
    order = (
        "The same rows in another order are the same result.",
        "frozenset(Counter(rows).items()) does not know of an order, and still counts.",
    )
    often = ("A row that comes twice is not a row that comes once.", *order[1:])
    kinds = ("3 and 3.0 are the same: do not compare texts.", *order[1:])
    some = ("A result with some value votes: it is silent only where every value is None.", *nulls[1:])
    mixed = ("Rows with None cannot be sorted.", *order[1:])
    tie = (
        "A tie goes to the result seen first.",
        "A dict keeps the order, and max takes the first of equals.",
    )
    a, b = ("Lima", 20), ("Oslo", 10)
    wanted: list[tuple[list[Rows], int | None, tuple[str, ...]]] = [
        ([[(7,)], [(5,)], [(5,)]], 1, most),
        ([[(5,)], [(7,)], [(5,)]], 0, place),
        ([None, None, [], [], [(7,)]], 4, silent),
        ([None, []], None, silent),
        ([], None, silent),
        ([[(None,)], [(None,)], [(7,)]], 2, nulls),
        ([[(7,)], [(0,)], [(0,)]], 1, zero),
        ([[a], [a, b], [b, a]], 1, order),
        ([[a, a], [a], [a]], 1, often),
        ([[(4,)], [(3,)], [(3.0,)]], 1, kinds),
        ([[(7,)], [(None, 1)], [(None, 1)]], 1, some),
        ([[a], [(None,), (1,)], [(1,), (None,)]], 1, mixed),
        ([[(9,)], [(10,)]], 0, tie),
        ([[(10,)], [(9,)], [(9,)], [(10,)]], 0, tie),
    ]

    def run(results: list[Rows]) -> int | None:
        return mine([None if rows is None else list(rows) for rows in results])

    check("result_vote", [Case(f"result_vote({r})", partial(run, r), gold, h) for r, gold, h in wanted])


def best_plan(mine: Callable[[list[dict], str, float], tuple | None]) -> None:
    """Exercise 8."""
    columns = ("level", "method", "k", "tokens", "accuracy")
    rows = [
        dict(zip(columns, row, strict=True))
        for row in (
            ("easy", "vote", 4, 300, 0.75),
            ("easy", "beam", 8, 600, 0.9),
            ("easy", "DVTS", 8, 500, 0.9),
            ("hard", "beam", 4, 300, 0.25),
            ("hard", "vote", 4, 300, 0.25),
            ("hard", "vote", 16, 1200, 0.5),
        )
    ]

    def run(level: str, budget: float, own: list[dict] = rows) -> list | None:
        found = mine([dict(row) for row in own], level, budget)
        return None if found is None else list(found)

    fits = (
        "First what fits: the level, and at most `budget` tokens.",
        '[row for row in rows if row["level"] == level and row["tokens"] <= budget]',
    )
    level = ("Only rows of this level.", *fits[1:])
    tie = (
        "Equal accuracies: the cheaper row.",
        'max(fits, key=lambda row: (row["accuracy"], -row["tokens"]), default=None)',
    )
    first = ("Equal in both: the first row.", *tie[1:])
    none = ("Nothing fits: None.", "max(…, default=None)")
    cases = [
        Case("easy, 400 tokens", lambda: run("easy", 400), ["vote", 4], fits),
        Case("hard, 5000 tokens", lambda: run("hard", 5000), ["vote", 16], level),
        Case("easy, 300 tokens: exactly what the vote costs", lambda: run("easy", 300), ["vote", 4], fits),
        Case("easy, 1000 tokens", lambda: run("easy", 1000), ["DVTS", 8], tie),
        Case("hard, 500 tokens", lambda: run("hard", 500), ["beam", 4], first),
        Case("easy, 100 tokens", lambda: run("easy", 100), None, none),
        Case("a level that is not there", lambda: run("middle", 5000), None, none),
        Case("no rows", lambda: run("easy", 500, []), None, none),
    ]
    check("best_plan", cases)

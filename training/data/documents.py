"""Short reports with labelled figures, and questions that need one to three of them.

The worked solution quotes the figures that it uses.
"""

from __future__ import annotations

import random

from training.data.ways import Change, from_the_end, others, round_and_rest, told
from training.data.worked import Worked

_PLACES = (
    "North South East West Berlin Madrid Oslo Lima Kyoto Turin Delhi Lyon Cairo Quito Dublin Accra".split()
)
_MONTHS = "January February March April May June July August September October November December".split()

# label, smallest, largest; figures of one kind of document
DOCUMENTS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "Quarterly report": (
        ("Units sold", 100, 999), ("Units returned", 5, 90), ("New customers", 10, 300), ("Lost customers", 2, 60),
        ("Staff", 5, 80), ("Revenue in thousand euros", 100, 900), ("Costs in thousand euros", 50, 600),
        ("Open orders", 3, 99), ("Complaints", 2, 50), ("Shops", 2, 20), ("Units in stock", 20, 400),
    ),
    "Travel policy": (
        ("Hotel limit per night", 60, 200), ("Meal limit per day", 20, 70), ("Train ticket limit", 40, 300),
        ("Taxi limit per trip", 10, 60), ("Days to hand in receipts", 5, 30), ("Days to book in advance", 7, 28),
        ("Parking limit per day", 5, 30), ("Phone allowance per trip", 5, 40), ("Daily allowance abroad", 20, 90),
    ),
    "Product sheet": (
        ("Weight in grams", 100, 950), ("Weight of the box in grams", 20, 200), ("Price in euros", 15, 400),
        ("Battery life in hours", 4, 48), ("Charging time in minutes", 20, 180), ("Length in mm", 50, 400),
        ("Width in mm", 20, 200), ("Warranty in months", 6, 60), ("Spare parts", 2, 20), ("Pieces per box", 2, 24),
    ),
    "Service log": (
        ("Tickets opened", 20, 400), ("Tickets closed", 10, 300), ("Restarts", 1, 30), ("Errors", 5, 300),
        ("Warnings", 5, 500), ("Minutes offline", 2, 120), ("Engineers on duty", 2, 12), ("Backups made", 1, 40),
        ("Servers checked", 5, 90), ("Calls answered", 10, 250),
    ),
    "Store record": (
        ("Apples", 10, 300), ("Pears", 10, 300), ("Loaves of bread", 10, 200), ("Bottles of milk", 10, 200),
        ("Boxes of eggs", 5, 90), ("Bags of rice", 5, 120), ("Cans of soup", 10, 300), ("Visitors", 20, 500),
    ),
}  # fmt: skip

_LOOKUP = ("What is the figure for '{a}'?", "How much is given for {a}?", "What does the document say about {a}?",
           "Which number is listed under {a}?", "What is the value of {a}?", "State the number of {a}.")  # fmt: skip
_SUM = ("What is {a} plus {b}?", "How much are {a} and {b} together?", "Add {a} and {b}.",
        "What is the total of {a} and {b}?")  # fmt: skip
_DIFFERENCE = ("What is {a} minus {b}?", "By how much is {a} greater than {b}?",
               "What is the difference between {a} and {b}?", "What remains of {a} after taking off {b}?")  # fmt: skip
_SUM3 = ("What is the total of {a}, {b} and {c}?", "How much are {a}, {b} and {c} together?")
_SUMMINUS = ("What is {a} plus {b}, minus {c}?", "Add {a} and {b}, then take off {c}. What is left?")
_TIMES = (
    "What is {n} times {a}?",
    "How much is {a} for {n}?",
    "If {a} is counted {n} times, what is the total?",
)


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


def write_report(kind: str, figures: list[tuple[str, int]], rng: random.Random) -> str:
    """The report as text: a title and its figures, as a list or as sentences."""
    title = f"{kind}, {rng.choice(_PLACES)}, {rng.choice(_MONTHS)}"
    style = rng.random()
    if style < 0.45:
        body = "\n".join(f"{label}: {value}" for label, value in figures)
    elif style < 0.65:
        body = "\n".join(f"- {label}: {value}" for label, value in figures)
    else:
        forms = ("{l} was {v}.", "{l}: {v}.", "For {m} the figure is {v}.", "The figure for {m} is {v}.")
        body = " ".join(
            rng.choice(forms).format(l=label, m=_lower(label), v=value) for label, value in figures
        )
    return f"{title}\n{body}"


def report_question(rng: random.Random) -> Worked:
    """A report, a question on it, and the solution; `steps` counts quoted figures and arithmetic lines."""
    kind = rng.choice(tuple(DOCUMENTS))
    fields = rng.sample(DOCUMENTS[kind], rng.randint(4, min(8, len(DOCUMENTS[kind]))))
    figures = [(label, rng.randint(low, high)) for label, low, high in fields]
    (a, x), (b, y), (c, z) = rng.sample(figures, 3)
    n = rng.randint(2, 9)
    shape = rng.choice(("lookup", "lookup", "sum", "difference", "sum3", "summinus", "times"))
    if shape == "lookup":
        form, parts = _LOOKUP, []
    elif shape == "sum":
        form, parts = _SUM, [("+", (b, y))]
    elif shape == "difference":
        (a, x), (b, y) = sorted(((a, x), (b, y)), key=lambda f: -f[1])
        form, parts = _DIFFERENCE, [("-", (b, y))]
    elif shape == "times":
        form, parts = _TIMES, [("*", ("", n))]
    elif shape == "summinus" and z < x + y:
        form, parts = _SUMMINUS, [("+", (b, y)), ("-", (c, z))]
    else:
        form, parts = _SUM3, [("+", (b, y)), ("+", (c, z))]
    asked = rng.choice(form).format(a=_lower(a), b=_lower(b), c=_lower(c), n=n)
    report = write_report(kind, figures, rng)
    question = f"{report}\n\n{asked}" if rng.random() < 0.5 else f"Context:\n{report}\n\nQuestion: {asked}"
    return on_figures(question, (a, x), parts)


def on_figures(question: str, first: tuple[str, int], parts: list[tuple[str, tuple[str, int]]]) -> Worked:
    """A calculation with quoted figures, read from the left: `parts` are (operator, (label, value)), a factor
    has no label.

    Ways: all figures first; each when it is used; in round parts; the last figure first, where that can be.
    """
    quotes = {name: f"{name}: {value}" for name, value in (first, *(f for _, f in parts)) if name}
    changes = [Change("", op, value, (quotes[name],) if name else ()) for op, (name, value) in parts]
    bare = [Change("", op, value) for op, (_, value) in parts]
    expression = str(first[1])
    for i, (op, (_, value)) in enumerate(parts):
        loose = i and op == "*"
        expression = f"({expression}) {op} {value}" if loose else f"{expression} {op} {value}"
    listed = tuple(quotes.values())
    lines, answer = told(first[1], bare) or ([], -1)
    ways = {
        "told": (*listed, *lines),
        "figures when used": (listed[0], *(told(first[1], changes) or ([], 0))[0]),
    }
    if all(op in "+-" for op, _ in parts):
        for name, way in (("from the end", from_the_end), ("round part and rest", round_and_rest)):
            done = way(first[1], bare)
            if done and parts:
                ways[name] = (*(listed[::-1] if name == "from the end" else listed), *done[0])
    return Worked(question, ways["told"], expression, answer, "report", others(ways))

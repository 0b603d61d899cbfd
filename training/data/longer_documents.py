"""Longer documents with larger figures, and questions of up to three operations on them.

They are rare in the generator's training, so that it answers some and fails at others.
"""

from __future__ import annotations

import random

from training.data.documents import DOCUMENTS, on_figures, write_report
from training.data.worked import LARGEST, Worked

# labels that the short documents lack
_MORE = {
    "Quarterly report": """Contracts signed|Contracts ended
Website visits|Invoices sent|Invoices paid|Trainees
Sick days|Rent in thousand euros
Marketing in thousand euros
Orders shipped|Orders cancelled|Trade fairs visited|Loans in thousand euros|Refunds in euros""",
    "Travel policy": """Flight limit|Rental car limit per day
Fuel limit per trip|Visa allowance|Bicycle allowance per month
Luggage limit per flight|Laundry limit per trip
Conference fee limit|Breakfast limit|Dinner limit|Mileage allowance per trip""",
    "Product sheet": """Height in mm|Depth in mm
Screws included|Boxes per pallet|Power in watts|Noise in decibels
Memory in megabytes|Cable length in cm|Filters included
Lamp hours|Deposit in euros|Shipping in euros""",
    "Service log": """Passwords reset|Laptops replaced|Updates installed|Alarms
Spare disks|Tests run|Tests failed|Visits on site|Phone calls missed|Licences in use|Printers repaired""",
}  # fmt: skip

_NOISE = (
    "Demand was strong. |The figures are final. |All figures are for the whole period. |The next report "
    "follows in three months. |"
    "Approved by the head office. |This document replaces the one before. |Ask the office if anything is "
    "unclear. |"
    "Sales were slow at first. |The team moved to a new building. |There were no accidents. |Keep this "
    "sheet with the product. |"
    "The system was stable. |Prices include tax. |Bookings are made through the portal. "
).split("|")  # fmt: skip

# a, b, c, d: labels; n: a number; each form with the calculation, read from the left
_LONGER: tuple[tuple[str, str], ...] = (
    ("What is the total of {a}, {b}, {c} and {d}?", "a+b+c+d"),
    ("How much are {a}, {b}, {c} and {d} together?", "a+b+c+d"),
    ("Add {a}, {b} and {c}, then take off {d}. What is left?", "a+b+c-d"),
    ("What is {a} minus {b}, minus {c}?", "a-b-c"),
    ("What remains of {a} after taking off {b} and {c}?", "a-b-c"),
    ("What is {n} times {a}, plus {b}?", "a*n+b"),
    ("If {a} is counted {n} times and {b} is added, what is the total?", "a*n+b"),
    ("What is {n} times {a}, minus {b}?", "a*n-b"),
    ("What is {a} plus {b}, all {n} times?", "a+b*n"),
    ("How much are {a} and {b} together, {n} times?", "a+b*n"),
    ("What is {a} minus {b}, all {n} times?", "a-b*n"),
    ("What is {a} plus {b}?", "a+b"),
    ("What is the difference between {a} and {b}?", "a-b"),
    ("What is the total of {a}, {b} and {c}?", "a+b+c"),
    ("What is {n} times {a}?", "a*n"),
    ("What is {a} plus {b}, minus {c}?", "a+b-c"),
    ("How much is given for {a}?", "a"),
)


def longer_question(rng: random.Random) -> Worked | None:
    """A question of up to three operations; None where its numbers fall below zero or get too large."""
    kind = rng.choice(tuple(_MORE))
    known = list(DOCUMENTS[kind])
    new = [(label, 5, 500) for label in _MORE[kind].replace("\n", "|").split("|")]
    fields = rng.sample(known + new, rng.randint(5, 9))
    large = rng.random() < 0.5
    figures = [
        (label, rng.randint(100, 999) if large and rng.random() < 0.7 else rng.randint(low, high))
        for label, low, high in fields
    ]
    form, calculation = rng.choice(_LONGER)
    names = [x for x in calculation if x in "abcd"]
    chosen = dict(zip(names, rng.sample(figures, len(names)), strict=True))
    n = rng.randint(2, 9)
    asked = form.format(n=n, **{x: label[0].lower() + label[1:] for x, (label, _) in chosen.items()})
    parts = [
        (op, ("", n) if x == "n" else chosen[x])
        for op, x in zip(calculation[1::2], calculation[2::2], strict=True)
    ]
    report = write_report(kind, figures, rng)
    if rng.random() < 0.5:
        title, _, body = report.partition("\n")
        report = f"{title}\n{rng.choice(_NOISE).strip()}\n{body}"
    worked = on_figures(f"Context:\n{report}\n\nQuestion: {asked}", chosen["a"], parts)
    return worked if 0 <= worked.answer <= LARGEST else None

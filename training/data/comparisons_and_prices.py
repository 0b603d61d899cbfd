"""Word problems of several quantities: people compared, a need at so much a piece, a bill and its change."""

from __future__ import annotations

import itertools
import random
import re

from training.data import language as lang
from training.data.ledger import Ledger, operand
from training.data.ways import Change, others, product_ways, round_and_rest, sum_ways
from training.data.worked import LARGEST, Lines, Size, Worked, compute


def _chain_ways(
    names: list[str], values: list[int], changes: list[Change], together: bool
) -> tuple[tuple[str, Lines], ...]:
    """Everybody first and then the sum, or a running sum; sums from the last, with round parts; the numbers
    listed first.
    """
    each = [f"{c.tag}: {v} {c.op} {c.n} = {w}" for v, c, w in zip(values, changes, values[1:], strict=False)]
    split = round_and_rest(values[0], changes)
    ways = {"told": (*each, *(sum_ways("Together", values)["told"] if together else ()))}
    if together:
        for name, lines in sum_ways("Together", values).items():
            ways[name] = (*each, *lines)
        running, total = [], values[0]
        for own, value in zip(each, values[1:], strict=True):
            running += [own, f"So far: {total} + {value} = {total + value}"]
            total += value
        ways["running total"] = tuple(running)
    elif split:
        ways["round part and rest"] = tuple(split[0])
    if len(changes) > 1:
        given = ", ".join([f"{names[0]} {values[0]}", *(f"{c.tag} {c.op} {c.n}" for c in changes)])
        ways["listed first"] = (f"Given: {given}", *ways["told"])
    return others(ways)


def chain_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """People compared with each other; asked is the last, or all together."""
    together = steps >= 3 and rng.random() < 0.5
    links = (steps + 1) // 2 if together else steps
    if together and links * 2 != steps:
        return None
    names = rng.sample(lang.WOMEN + lang.MEN, links + 1)
    thing = rng.choice(lang.THINGS)
    value = size(rng)
    values, lines, steps_of = [value], [], []
    expressions = [str(value)]
    verb = rng.choice(("has", "has", "owns", "collects", "sells"))
    sentences = [f"{names[0]} {verb} {lang.number(value, rng)} {thing}"]
    for previous, name in itertools.pairwise(names):
        op = rng.choice("++--**/")
        n = operand(op, values[-1], rng, size)
        if n is None or (op == "/" and n > 5):
            return None
        word = lang.number(n, rng)
        pattern = {
            "+": (f"{name} {verb} {word} more {thing} than {previous}", f"{name} {verb} {word} more than {previous}"),
            "-": (f"{name} {verb} {word} fewer {thing} than {previous}", f"{name} {verb} {word} less than {previous}"),
            "*": (f"{name} {verb} {word} times as many {thing} as {previous}",
                  f"{name} {verb} {'twice' if n == 2 else word + ' times'} as many as {previous}"),
            "/": (f"{previous} {verb} {word} times as many {thing} as {name}",),
        }[op]  # fmt: skip
        sentences.append(rng.choice(pattern))
        lines.append(f"{name}: {values[-1]} {op} {n} = {compute(values[-1], op, n)}")
        steps_of.append(Change(name, op, n))
        left = (
            f"({expressions[-1]})" if op in "*/" and (set("+-") & set(expressions[-1])) else expressions[-1]
        )
        expressions.append(f"{left} {op} {n}")
        values.append(compute(values[-1], op, n))
    if together and sum(values) > LARGEST:
        return None
    answer, expression, ways = values[-1], expressions[-1], _chain_ways(names, values, steps_of, together)
    if together:
        answer = sum(values)
        lines += sum_ways("Together", values)["told"]
        expression = " + ".join(f"({e})" if " " in e else e for e in expressions)
        asked = rng.choice((f"How many {thing} do they have together?", f"How many {thing} is that in all?",
                            f"What is the total number of {thing}?"))  # fmt: skip
    else:
        asked = rng.choice((f"How many {thing} does {names[-1]} have?", f"How many is that for {names[-1]}?",
                            f"What is the number of {thing} of {names[-1]}?"))  # fmt: skip
    if answer > LARGEST or len(lines) != steps:
        return None
    return Worked(". ".join(sentences) + ". " + asked, tuple(lines), expression, answer, "chain", ways)


_RATES = (
    ("a recipe needs {a} {u} of {w} per {t}", "{S} wants to make {b} {ts}"),
    ("one {t} takes {a} {u} of {w}", "{S} makes {b} {ts}"),
    ("the rule says: {a} {u} of {w} for each {t}", "{S} decides to make {b} {ts}"),
    ("every {t} needs {a} {u} of {w}", "{b} {ts} are planned"),
    ("a recipe book says '{a} {u} of {w} per {t}'", "{S} decides to bake {b} {ts}"),
    ("it takes {a} {u} of {w} per {t}", "{S} wants to bake {b} {ts}"),
    ("the rule is: '{a} {u} of {w} for one {t}'", "{S} prepares {b} {ts}"),
)
_UNITS = "cups grams spoons litres glasses bags".split()
_WARES = "sugar flour milk rice butter paint water oil".split()
_MADE = "cake pie loaf pizza pot bowl door table".split()


def rate_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """So much per piece, some already there; asked is the need, or what is missing or left."""
    a, b = rng.randint(2, 30), rng.randint(2, 12)
    pattern, want = rng.choice(_RATES)
    thing = rng.choice(_MADE)
    slots = {"u": rng.choice(_UNITS), "w": rng.choice(_WARES), "t": thing,
             "ts": "loaves" if thing == "loaf" else thing + "s", "S": rng.choice(lang.WOMEN + lang.MEN),
             "a": lang.number(a, rng), "b": lang.number(b, rng)}  # fmt: skip
    slots["S"] = rng.choice((slots["S"], slots["S"], "a baker", "you"))
    if slots["S"] == "you":
        want = re.sub(r"(decide|make|prepare|want)s", r"\1", want)
    ledger = Ledger(a * b, f"{a} * {b}", (f"Need: {a} * {b} = {a * b}",))
    texts = [lang.sentence(pattern.format(**slots)), lang.sentence(want.format(**slots))]
    if rng.random() < 0.3:
        texts.reverse()
    asked = "how many {u} of {w} are needed"
    while ledger.steps < steps:
        if ledger.value > 6 and rng.random() < 0.65:
            n = rng.randint(2, min(ledger.value - 1, 99))
            texts.append(lang.sentence(rng.choice((
                "{n} {u} of {w} are already there", "there are exactly {n} {u} available",
                "you look in the kitchen and find {n} {u} of {w}", "{n} {u} are there already",
                "in the kitchen {n} {u} of {w} are found", "{Q} brings {n} {u}", "{S2} already has {n} {u} of {w}",
            )).format(n=lang.number(n, rng), Q=rng.choice(lang.WOMEN), S2=rng.choice(lang.MEN), **slots)))  # fmt: skip
            ledger.apply(f"Has {n}", "-", n)
            asked = rng.choice((
                "how many more {u} of {w} are needed", "how many additional {u} of {w} must be bought",
                "how many {u} are missing", "how many extra {u} are needed",
            ))  # fmt: skip
        else:
            n = rng.randint(2, 99)
            texts.append(lang.sentence(rng.choice((
                "{n} {u} more are needed for the top", "another {n} {u} get spilled and must be replaced",
                "{n} extra {u} are needed for a guest",
            )).format(n=lang.number(n, rng), **slots)))  # fmt: skip
            ledger.apply(f"Extra {n}", "+", n)
    opening = rng.choice(("", "", *lang.QUESTION_OPENINGS[:6], "to follow the rule exactly,"))
    question = lang.sentence((opening + " " + asked.format(**slots)).strip(), "?")
    return ledger.worked(" ".join([*texts, question]), ledger.value, "rate")


def _price_ways(
    things: list[str], pairs: list[tuple[int, int]], bill: list[int], paid: int
) -> tuple[tuple[str, Lines], ...]:
    """Prices first and then the bill, or a running bill; from the last; prices split; change taken off item
    by item.
    """
    costs = [
        f"{thing}: {n} * {price} = {n * price}".capitalize()
        for thing, (n, price) in zip(things, pairs, strict=True)
    ]
    end = [f"Change: {paid} - {sum(bill)} = {paid - sum(bill)}"] if paid else []
    ways: dict[str, Lines] = {}
    for name, lines in sum_ways("Together", bill).items():
        first = costs[::-1] if name == "from the end" else costs
        ways[name] = (*first, *lines, *end)
    running, total = costs[:1], bill[0]
    for cost, n in zip(costs[1:], bill[1:], strict=True):
        running += [cost, f"Together: {total} + {n} = {total + n}"]
        total += n
    ways["running total"] = (*running, *end)
    split = [row for n, price in pairs for row in next(iter(product_ways(n, price).values()))]
    ways["prices split"] = (*split, *sum_ways("Together", bill)["told"], *end)
    if paid:
        left, rows = paid, []
        for cost, n in zip(costs, bill, strict=True):
            rows += [cost, f"Left: {left} - {n} = {left - n}"]
            left -= n
        ways["change item by item"] = tuple(rows)
    return others(ways)


def price_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """Several goods with a price each; asked is the bill, or the change. 1, 3, 5, 7, 9 steps, or one more
    with change.
    """
    change = steps % 2 == 0
    goods = (steps + (0 if change else 1)) // 2
    if goods < 1:
        return None
    things = rng.sample(lang.THINGS, goods)
    parts, lines, total, terms, bill, pairs = [], [], 0, [], [], []
    for thing in things:
        count, price = rng.randint(2, 12), rng.randint(2, 40)
        parts.append(f"{lang.number(count, rng)} {thing} at {lang.number(price, rng)} dollars each" if rng.random() < 0.6
                     else f"{lang.number(count, rng)} {thing} that cost {lang.number(price, rng)} dollars each")  # fmt: skip
        lines.append(f"{thing}: {count} * {price} = {count * price}".capitalize())
        terms.append(f"{count} * {price}")
        bill.append(count * price)
        pairs.append((count, price))
    total = bill[0]
    for cost in bill[1:]:
        lines.append(f"Together: {total} + {cost} = {total + cost}")
        total += cost
    name = rng.choice(lang.WOMEN + lang.MEN)
    text = f"{name} buys {', '.join(parts[:-1]) + ' and ' if goods > 1 else ''}{parts[-1]}. "
    expression, answer = " + ".join(terms), total
    paid = 0
    if change:
        paid = total + rng.randint(2, 200)
        lines.append(f"Change: {paid} - {total} = {paid - total}")
        answer = paid - total
        expression = f"{paid} - ({expression})" if goods > 1 else f"{paid} - {expression}"
        text += rng.choice((f"{name} pays with {paid} dollars. How many dollars of change does {name} get?",
                            f"There were {paid} dollars in the wallet. How many dollars are left?"))  # fmt: skip
    else:
        text += rng.choice((f"How many dollars does {name} pay?", "What does everything cost, in dollars?",
                            "What is the bill in dollars?"))  # fmt: skip
    if len(lines) != steps:
        return None
    return Worked(text, tuple(lines), expression, answer, "price", _price_ways(things, pairs, bill, paid))

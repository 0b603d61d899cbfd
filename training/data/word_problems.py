"""Generated word problems: a question, its solution one step a line and in several ways, and the same as one expression.

Every problem is solvable with non-negative integers up to 9999, has exactly the number of arithmetic steps asked for, and
depends only on the `random.Random` passed in.
"""

from __future__ import annotations

import itertools
import random
import re

from training.data import language as lang
from training.data.ways import Change, ledger_ways, product_ways, round_and_rest, sum_ways
from training.data.worked import LARGEST, Lines, Size, Worked, compute, mixed_sizes


class _Ledger:
    """Keeps value, changes and expression together while a problem is composed."""

    def __init__(self, value: int, expression: str = "", opening: Lines = ()):
        self.start = self.value = value
        self.opening, self.changes = opening, []
        self.expression, self._loose = expression or str(value), False

    @property
    def steps(self) -> int:
        return len(self.opening) + sum(1 + len(change.made) for change in self.changes)

    def apply(self, tag: str, op: str, n: int, term: str | None = None, made: Lines = ()) -> None:
        self.changes.append(Change(tag, op, n, made))
        left = f"({self.expression})" if op in "*/" and self._loose else self.expression
        self.expression = f"{left} {op} {term or n}"
        self._loose = op in "+-"
        self.value = compute(self.value, op, n)

    def worked(self, question: str, answer: int, family: str) -> Worked:
        """The problem with all its ways."""
        lines, value = list(self.opening), self.start
        for change in self.changes:
            lines += [
                *change.made,
                f"{change.tag}: {value} {change.op} {change.n} = {compute(value, change.op, change.n)}",
            ]
            value = compute(value, change.op, change.n)
        others = ledger_ways(self.start, self.changes, self.opening, listed=not self.opening)
        return Worked(question, tuple(lines), self.expression, answer, family, others)


def _operand(op: str, value: int, rng: random.Random, size: Size) -> int | None:
    """A number that keeps the result a non-negative integer within bounds, or None where the operation cannot be."""
    if op == "+":
        n = size(rng)
        return n if value + n <= LARGEST else None
    if op == "-":
        n = size(rng)
        if n >= value:
            n = rng.randint(2, max(2, value - 1))
        return n if n < value else None
    if op == "*":
        n = rng.choice((2, 3, 4, 5))
        return n if 2 <= value <= 600 else None
    divisors = [d for d in range(2, 10) if value % d == 0 and value // d >= 3]
    return rng.choice(divisors) if divisors else None


def _times(n: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}[n]


class _Story:
    """Slots of one story and how a clause is written with them."""

    def __init__(self, scene: lang.Scene, rng: random.Random):
        self.rng, self.scene, self.mentioned = rng, scene, False
        woman = rng.random() < 0.5
        self.name = rng.choice(lang.WOMEN if woman else lang.MEN)
        self.he, self.his, self.him = ("she", "her", "her") if woman else ("he", "his", "him")
        others = [n for n in lang.WOMEN + lang.MEN if n != self.name]
        self.friends = rng.sample(others, 3)
        self.things = rng.choice(scene.things)
        self.vehicle, self.place, self.tank = (
            rng.choice(words) for words in (lang.VEHICLES, lang.WAREHOUSES, lang.TANKS)
        )
        self.subject = scene.subject
        if scene.subject == "person":
            self.subject = self.name
        elif rng.random() < 0.25 and "{V}" not in scene.subject:
            self.subject = scene.subject.replace("the ", f"{self.name}'s ")

    def write(self, pattern: str, n: int | None = None, keep_name: bool = False) -> str:
        person = self.scene.subject == "person"
        name = self.subject
        if (
            person
            and self.mentioned
            and not keep_name
            and pattern.startswith("{S}")
            and self.rng.random() < 0.6
        ):
            name = self.he
        if "{S}" in pattern:
            self.mentioned = True
        slots = {
            "S": name, "he": self.he, "his": self.his, "him": self.him, "Q": self.rng.choice(self.friends),
            "T": self.things, "d": self.rng.randint(2, 60),
        }  # fmt: skip
        if n is not None:
            slots["n"] = lang.number(n, self.rng)
            slots["k"] = _times(n) if n in (2, 3, 4, 5) and self.rng.random() < 0.5 else str(n)
        text = pattern.format(**slots, V="{V}", W="{W}", K="{K}")
        return text.format(V=self.vehicle, W=self.place, K=self.tank)


def _compound(story: _Story, ledger: _Ledger, rng: random.Random) -> str | None:
    """An event of two steps: some containers with equally many things come or go."""
    count, each = rng.randint(2, 9), rng.choice((rng.randint(2, 12), rng.randint(10, 60)))
    product = count * each
    box = rng.choice(lang.CONTAINERS)
    add = product >= ledger.value - 1 or rng.random() < 0.5
    if ledger.value + product > LARGEST:
        return None
    written = {"c": lang.number(count, rng), "e": lang.number(each, rng), "box": box}
    pattern = rng.choice(
        ("{S} gets {c} {box} with {e} {T} in each", "{S} buys {c} {box} of {e} {T} each",
         "{c} {box} with {e} {T} each are added", "{Q} brings {c} {box} of {T}, each with {e} {T}")
        if add else
        ("{S} gives {e} {T} to each of {c} friends", "{c} {box} with {e} {T} each are taken away",
         "{S} fills {c} {box} with {e} {T} each and sends them away", "{c} people each take {e} {T}")
    )  # fmt: skip
    for key, value in written.items():
        pattern = pattern.replace("{" + key + "}", value)
    made = (f"{count} of {each}: {count} * {each} = {product}",)
    ledger.apply("Adds" if add else "Takes away", "+" if add else "-", product, f"{count} * {each}", made)
    return story.write(pattern)


def _join(story: _Story, clauses: list[str], rng: random.Random) -> str:
    """Clauses become sentences; some are joined, some get a time in front."""
    sentences, i = [], 0
    while i < len(clauses):
        text = clauses[i]
        while i + 1 < len(clauses) and rng.random() < 0.3:
            i += 1
            following = clauses[i]
            for subject in (story.subject + " ", story.he + " "):
                if text.startswith((story.subject + " ", story.he + " ")) and following.startswith(subject):
                    following = following[len(subject) :]
                    break
            text += rng.choice((", then ", " and ", ", and ", ", and then ", ", but then ")) + following
        if story.scene.times and len(sentences) and rng.random() < 0.45:
            text = rng.choice(story.scene.times) + ", " + text
        sentences.append(lang.sentence(text))
        i += 1
    return " ".join(sentences)


def _with_distractors(text: str, story: _Story, rng: random.Random) -> str:
    parts = text.split(". ")
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        person = story.scene.subject == "person"
        fitting = [text for text in lang.DISTRACTORS if person or "{S}" not in text]
        extra = lang.sentence(story.write(rng.choice(fitting), keep_name=True), "")
        parts.insert(rng.randint(1, max(1, len(parts) - 1)), extra)
    return ". ".join(parts)


def _question(story: _Story, pattern: str, rng: random.Random) -> str:
    text = story.write(pattern, keep_name=rng.random() < 0.7)
    if rng.random() < 0.4:
        text = rng.choice(lang.QUESTION_OPENINGS) + " " + text
    return lang.sentence(text, "?")


def story_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """One quantity that changes `steps` times, told forwards."""
    scene = rng.choices(lang.SCENES, lang.SCENE_WEIGHTS)[0]
    story = _Story(scene, rng)
    start = size(rng) + rng.choice((0, 10))
    ledger = _Ledger(start)
    opening = lang.sentence(story.write(rng.choice(scene.starts), start))
    clauses: list[str] = []
    while ledger.steps < steps:
        if scene.name in ("possession", "stock") and steps - ledger.steps >= 2 and rng.random() < 0.2:
            clause = _compound(story, ledger, rng)
            if clause:
                clauses.append(clause)
            continue
        event = rng.choice(scene.events)
        if event.op in "*/" and rng.random() < 0.5:
            continue
        n = _operand(event.op, ledger.value, rng, size)
        if n is None:
            if ledger.value < 4 and scene.name == "sales":
                return None
            continue
        clauses.append(story.write(rng.choice(event.patterns), n))
        ledger.apply(f"{event.tag} {n}", event.op, n)
    body = _with_distractors(f"{opening} {_join(story, clauses, rng)}", story, rng)
    question = f"{body} {_question(story, rng.choice(scene.questions), rng)}"
    return ledger.worked(question, ledger.value, scene.name)


def before_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """The end is known, the start is asked: every change is undone, the last first."""
    scene = rng.choice([s for s in lang.SCENES if s.before])
    story = _Story(scene, rng)
    value = start = size(rng) + 10
    changes, clauses = [], []
    story.write("{S}")
    while len(changes) < steps:
        event = rng.choice([e for e in scene.events if e.op in "+-"])
        n = _operand(event.op, value, rng, size)
        if n is None:
            return None
        clauses.append(story.write(rng.choice(event.patterns), n, keep_name=not clauses))
        changes.append((event.op, n))
        value = compute(value, event.op, n)
    ledger = _Ledger(value)
    for op, n in reversed(changes):
        ledger.apply(f"Before {op} {n}", "-" if op == "+" else "+", n)
    opening = story.write(rng.choice(("{S} has some {T}", "nobody knows how many {T} {S} had", "at first {S} has a number of {T}")),
                          keep_name=True) if scene.name in ("possession", "stock") else ""  # fmt: skip
    end = rng.choice(
        ("in the end there are {n} {T}", "now {n} {T} are left", "after that {n} {T} are counted")
    )
    text = (lang.sentence(opening) + " " if opening else "") + _join(story, clauses, rng)
    text = f"{text} {lang.sentence(story.write(end, value))}"
    question = f"{text} {_question(story, rng.choice(scene.before), rng)}"
    return ledger.worked(question, start, "before")


def _distinct(ways: dict[str, Lines]) -> tuple[tuple[str, Lines], ...]:
    """The ways behind the first one, equal ones once."""
    rows = list(ways.items())
    return tuple(
        (name, lines) for i, (name, lines) in enumerate(rows) if i and lines not in [r for _, r in rows[:i]]
    )


def _chain_ways(
    names: list[str], values: list[int], changes: list[Change], together: bool
) -> tuple[tuple[str, Lines], ...]:
    """Everybody first and then the sum, or a running sum; sums from the last, with round parts; the numbers listed first."""
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
    return _distinct(ways)


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
        n = _operand(op, values[-1], rng, size)
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
    answer, expression, others = values[-1], expressions[-1], _chain_ways(names, values, steps_of, together)
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
    return Worked(". ".join(sentences) + ". " + asked, tuple(lines), expression, answer, "chain", others)


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
    ledger = _Ledger(a * b, f"{a} * {b}", (f"Need: {a} * {b} = {a * b}",))
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
    """Prices first and then the bill, or a running bill; from the last; prices split; change taken off item by item."""
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
    return _distinct(ways)


def price_problem(steps: int, rng: random.Random, size: Size) -> Worked | None:
    """Several goods with a price each; asked is the bill, or the change. 1, 3, 5, 7, 9 steps, or one more with change."""
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


_FAMILIES = (story_problem, before_problem, chain_problem, rate_problem, price_problem)
_WEIGHTS = (58, 8, 12, 12, 10)


def word_problem(steps: int, rng: random.Random, size: Size = mixed_sizes) -> Worked:
    """A word problem of any family with exactly `steps` steps."""
    while True:
        worked = rng.choices(_FAMILIES, _WEIGHTS)[0](steps, rng, size)
        if worked and worked.steps == steps and 0 <= worked.answer <= LARGEST:
            return worked

"""Different sensible ways to work the same problem out.

A model that has learned one canonical chain a problem makes the same slip in every sample, and a vote cannot
undo it. Here each problem is worked out in the order told, by ins and outs, additions first, from the end,
... and training draws one way at random, without naming it. Every number on the way is an integer of 0 or
more.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from training.data.worked import LARGEST, Lines, compute

ROUND_FROM = 20  # smaller numbers are not split into a round part and the rest


@dataclass(frozen=True)
class Change:
    """One calculation with the running value: `op` and `n`; `made`: lines that work `n` out, or quote it."""

    tag: str
    op: str
    n: int
    made: Lines = ()


Run = Callable[[int, Sequence[Change]], "tuple[list[str], int] | None"]


def line(tag: str, a: int, op: str, b: int) -> str:
    """`tag: a op b = result`, without the tag where that is empty."""
    work = f"{a} {op} {b} = {compute(a, op, b)}"
    return f"{tag}: {work}" if tag else work


def round_part(n: int) -> int:
    """The largest number with one digit that is not 0, up to `n`: 300 for 347."""
    power = 10 ** (len(str(n)) - 1)
    return n // power * power


def _labelled(change: Change, n: int | None = None) -> str:
    tag = change.tag
    if n is not None and tag.endswith(f" {change.n}"):
        return f"{tag.removesuffix(str(change.n))}{n}"
    return tag


def told(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """Each change as it comes; None where the value would fall below 0."""
    lines = []
    for change in changes:
        lines += [*change.made, line(_labelled(change), value, change.op, change.n)]
        value = compute(value, change.op, change.n)
        if not 0 <= value <= LARGEST:
            return None
    return lines, value


def additions_first(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """What comes in, then what goes out."""
    return told(value, sorted(changes, key=lambda change: change.op == "-"))


def from_the_end(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """The last change first."""
    return told(value, changes[::-1])


def _total(changes: Sequence[Change], tag: str) -> tuple[list[str], int]:
    lines = [made for change in changes for made in change.made]
    total = changes[0].n
    for change in changes[1:]:
        lines.append(line(tag, total, "+", change.n))
        total += change.n
    return lines, total


def _sides(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    return [c for c in changes if c.op == "+"], [c for c in changes if c.op == "-"]


def ins_and_outs(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """Everything that comes in is summed, everything that goes out as well, then both are applied."""
    lines: list[str] = []
    for side, tag, op in zip(_sides(changes), ("All added", "All taken away"), "+-", strict=True):
        if side:
            made, total = _total(side, tag)
            lines += [*made, line("", value, op, total)]
            value = compute(value, op, total)
    return (lines, value) if 0 <= value <= LARGEST else None


def net_change(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """How much more comes in than goes out (or the other way round), then one calculation with it."""
    ins, outs = _sides(changes)
    if not ins or not outs:
        return None
    (first, a), (second, b) = _total(ins, "All added"), _total(outs, "All taken away")
    op = "+" if a >= b else "-"
    lines = [*first, *second, line("Change", max(a, b), "-", min(a, b)), line("", value, op, abs(a - b))]
    return lines, compute(value, op, abs(a - b))


def round_and_rest(value: int, changes: Sequence[Change]) -> tuple[list[str], int] | None:
    """Every larger number is added or taken off in two parts: the round part, then the rest."""
    parts = []
    for change in changes:
        big = round_part(change.n)
        if change.n < ROUND_FROM or big == change.n:
            parts.append(change)
        else:
            parts.append(Change(_labelled(change, big), change.op, big, change.made))
            parts.append(Change(_labelled(change, change.n - big), change.op, change.n - big))
    return told(value, parts)


RUNS: dict[str, Run] = {
    "ins and outs": ins_and_outs,
    "additions first": additions_first,
    "from the end": from_the_end,
    "round part and rest": round_and_rest,
    "net change": net_change,
}


def _in_runs(value: int, changes: Sequence[Change], way: Run) -> list[str] | None:
    """`way` on each run of additions and subtractions; multiplications and divisions stay where they are."""
    lines: list[str] = []
    for additive, group in itertools.groupby(changes, key=lambda change: change.op in "+-"):
        done = (way if additive else told)(value, list(group))
        if done is None:
            return None
        lines, value = lines + done[0], done[1]
    return lines


def others(ways: dict[str, Lines]) -> tuple[tuple[str, Lines], ...]:
    """The ways behind the first one, equal ones once."""
    rows = list(ways.items())
    return tuple(
        (name, lines) for i, (name, lines) in enumerate(rows) if i and lines not in [r for _, r in rows[:i]]
    )


def ledger_ways(
    start: int, changes: Sequence[Change], opening: Lines = (), listed: bool = True, longest: int = 14
) -> tuple[tuple[str, Lines], ...]:
    """All ways but the one told, for a value that changes; equal ones once, none of more than `longest`
    lines.

    `opening`: lines that come before the first change (what the start is made of).
    """
    known = {(*opening, *_in_runs(start, changes, told))}
    found: dict[str, Lines] = {}
    for name, way in RUNS.items():
        lines = _in_runs(start, changes, way)
        made = (*opening, *(lines or ()))
        if lines and made not in known and len(made) <= longest:
            known.add(made)
            found[name] = made
    if listed and len(changes) > 1 and all(not change.made for change in changes):
        given = ", ".join([str(start), *(f"{c.op} {c.n}" for c in changes)])
        found["listed first"] = (f"Given: {given}", *opening, *_in_runs(start, changes, told))
    return tuple(found.items())


def sum_ways(tag: str, numbers: Sequence[int]) -> dict[str, tuple[str, ...]]:
    """The sum of several numbers from the first on, from the last on, and with round parts."""
    ways = {}
    for name, row in (("told", numbers), ("from the end", numbers[::-1])):
        changes = [Change(tag, "+", n) for n in row[1:]]
        ways[name] = tuple(told(row[0], changes)[0])
        if name == "told":
            ways["round part and rest"] = tuple(round_and_rest(row[0], changes)[0])
    return ways


def product_ways(a: int, b: int) -> dict[str, Lines]:
    """a x b by partial products; the first way splits the factor with fewer digits."""
    long, short = (a, b) if a >= b else (b, a)
    ways = {"told": _split(long, short) if short >= 10 else _split(short, long)}
    factor, other = (short, long) if short >= 10 else (long, short)
    tens, units = factor // 10 * 10, factor % 10
    if factor >= 10 and units:
        ways["units first"] = _parts(other, (units, tens), "+")
    if factor >= 10 and units >= 6:
        ways["round up"] = _parts(other, (tens + 10, 10 - units), "-")
    if short >= 10 and long % 10:
        ways["split the long factor"] = _split(short, long)
    if short in (4, 6, 8):
        halves = {4: (2, 2), 6: (2, 3), 8: (2, 2, 2)}[short]
        values = list(itertools.accumulate((long, *halves), lambda x, y: x * y))
        ways["doubling"] = tuple(line("", value, "*", n) for value, n in zip(values, halves, strict=False))
    if short == 9:
        ways["round up"] = _parts(long, (10, 1), "-")
    return {"told": ways["told"], **dict(others(ways))}


def _split(whole: int, factor: int) -> Lines:
    """whole * factor, the factor split into its digits, the highest first."""
    digits = [int(d) * 10**i for i, d in enumerate(reversed(str(factor)))][::-1]
    return _parts(whole, [d for d in digits if d], "+")


def _parts(whole: int, factors: Sequence[int], op: str) -> Lines:
    lines = [line("", max(whole, factor), "*", min(whole, factor)) for factor in factors]
    total = whole * factors[0]
    for factor in factors[1:]:
        lines.append(line("", total, op, whole * factor))
        total = compute(total, op, whole * factor)
    return tuple(lines)

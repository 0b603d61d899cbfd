"""Equations and inequalities: what they compare, and the intervals that they describe."""

import re
from itertools import pairwise

from helpers.answers.canonical import EQUALS
from helpers.answers.expressions import read, values
from helpers.answers.matching import split

RELATION = re.compile(r"\\[lgn]e(?![A-Za-z])|[<>]")
TURNED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le", r"\ne": r"\ne"}


def letters(text: str) -> set[str]:
    return set(
        re.findall(r"(?<![A-Za-z\\])[A-Za-z]|(?<=[A-Za-z0-9])[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", text))
    ) - {"e"}


def equation(text: str) -> tuple[str, str] | None:
    sides = [side.strip() for side in EQUALS.split(text.strip(" \t\n.$"))]
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) and "," not in text else None


def proportional(one: tuple[str, str], other: tuple[str, str], positive: bool = False) -> bool:
    """Whether left - right of one is a constant multiple, not 0, of left - right of the other."""
    expressions = [read(side) for side in (*one, *other)]
    if any(expression is None for expression in expressions):
        return False
    a, b, c, d = expressions
    if not (a - b).free_symbols or (a - b).free_symbols != (c - d).free_symbols:
        return False
    ratios = [x / y for x, y in values(a - b, c - d) if abs(x) > 1e-20 and abs(y) > 1e-20]
    if len(ratios) < 3 or (positive and not all(ratio.is_real and ratio > 0 for ratio in ratios)):
        return False
    return all(abs(ratio - ratios[0]) <= 1e-10 * abs(ratios[0]) for ratio in ratios)


def inequalities(text: str) -> list[tuple[list[str], list[str]]] | None:
    """The inequalities of a text, joined by "or" (or a comma), each as its sides and the signs between
    them.
    """
    text = re.sub(r"\\(?:left|right)(?![A-Za-z])\s*", "", text)
    if builder := re.fullmatch(r"\\?\{\s*([a-zA-Z])\s*(?:\\mid|:|\||\\colon)\s*(.*?)\\?\}", text):
        text = builder[2]
    if not RELATION.search(text):
        return None
    joined = re.sub(r"\\text\s*\{\s*,?\s*(or|and)\s*\}", r" \1 ", text)
    joined = re.sub(
        r"\\lor(?![a-z])|\\vee(?![a-z])", " or ", re.sub(r"\\land(?![a-z])|\\wedge(?![a-z])", " and ", joined)
    )
    found = []
    for part in split(joined, r"\bor\b|,|\\cup(?![a-z])"):
        both = [piece.strip() for piece in split(part, r"\band\b")]
        if len(both) == 2 and (whole := _both(*both)):
            found.append(whole)
            continue
        sides, signs = [side.strip() for side in RELATION.split(part)], RELATION.findall(part)
        if len(both) > 1 or not signs or not all(sides):
            return None
        found.append((sides, signs))
    return found or None


def _both(one: str, other: str) -> tuple[list[str], list[str]] | None:
    """`x > 1 and x < 3` as `1 < x < 3`."""
    sides = [([s.strip() for s in RELATION.split(text)], RELATION.findall(text)) for text in (one, other)]
    if any(len(signs) != 1 for _, signs in sides):
        return None
    bounds = {}
    for (left, right), [sign] in sides:
        variable, bound, sign = (left, right, sign) if letters(left) else (right, left, TURNED[sign])
        bounds[sign[-1] in ">g" or sign == r"\ge"] = (variable, bound, sign)
    if set(bounds) != {True, False} or bounds[True][0] != bounds[False][0]:
        return None
    (variable, low, above), (_, high, below) = bounds[True], bounds[False]
    return [low, variable, high], [TURNED[above], below]


def intervals(relations: list[tuple[list[str], list[str]]]) -> str | None:
    """The same as intervals of the one variable; None where that cannot be said."""
    found = [_interval(sides, signs) for sides, signs in relations]
    if not all(found):
        return _solved(relations)
    return r" \cup ".join(each for each, _ in found) if len({name for _, name in found}) == 1 else None


def _interval(sides: list[str], signs: list[str]) -> tuple[str, str] | None:
    """The interval of `x < 3` or `1 < x < 3`, and its variable."""
    if signs[0] in (">", r"\ge"):
        sides, signs = sides[::-1], [TURNED[sign] for sign in reversed(signs)]
    if any(sign not in ("<", r"\le") for sign in signs) or len(sides) > 3:
        return None
    if len(sides) == 2:
        bounded_above = bool(re.fullmatch(r"[A-Za-z]|\\theta", sides[0]))
        sides = [r"-\infty", *sides] if bounded_above else [*sides, r"\infty"]
        signs = ["<", *signs] if bounded_above else [*signs, "<"]
    low, variable, high = sides
    if not re.fullmatch(r"[A-Za-z]|\\theta", variable):
        return None
    return f"{'(' if signs[0] == '<' else '['}{low}, {high}{')' if signs[1] == '<' else ']'}", variable


def _solved(relations: list[tuple[list[str], list[str]]]) -> str | None:
    """The intervals of |x - 1| < 2, 2x > 6 or x \\ne 3."""
    import sympy

    kinds = {"<": sympy.Lt, ">": sympy.Gt, r"\le": sympy.Le, r"\ge": sympy.Ge, r"\ne": sympy.Ne}
    sides = [[read(side) for side in some] for some, _ in relations]
    if any(side is None for some in sides for side in some):
        return None
    names = set().union(*(side.free_symbols for some in sides for side in some))
    if len(names) != 1:
        return None
    real = {names.pop(): sympy.Symbol("x", real=True)}
    whole = sympy.S.EmptySet
    for some, (_, signs) in zip(sides, relations, strict=True):
        some = [side.subs(real) for side in some]
        each = [kinds[sign](*pair) for sign, pair in zip(signs, pairwise(some), strict=True)]
        whole = sympy.Union(whole, sympy.Intersection(*(one.as_set() for one in each)))
    parts = whole.args if isinstance(whole, sympy.Union) else (whole,)
    if not all(isinstance(part, sympy.Interval) for part in parts):
        return None
    brackets = [("(" if part.left_open else "[", ")" if part.right_open else "]") for part in parts]
    bounds = [f"{sympy.latex(part.start)}, {sympy.latex(part.end)}" for part in parts]
    return r" \cup ".join(
        f"{left}{each}{right}" for each, (left, right) in zip(bounds, brackets, strict=True)
    )

r"""Do two answers say the same mathematics? Runs in a process of its own (`process`), for algebra may take
for ever.

An answer is taken apart into unions, sets, tuples, inequalities and equations; what is left are expressions,
which latex2sympy reads and which are compared at fixed points. **An expression that is not read to its last
character is unreadable, and equals only the same text**: a comparison of the part that could be read calls `2
\pmod 9` and `5 \pmod 9` equal.
"""

import re
from fractions import Fraction
from functools import lru_cache
from itertools import product

from helpers.answers.canonical import EQUALS, UNITS, canonical, to_number, typeset
from helpers.answers.matching import WORD, near, ordered, plain, split, structure

KNOWN = r"frac|sqrt|pi|cdot|times|div|infty|binom|lfloor|rfloor|lceil|rceil"
KNOWN += r"|log|ln|exp|a?r?c?(?:sin|cos|tan)h?|cot|sec|csc"
KNOWN += r"|alpha|beta|gamma|delta|epsilon|theta|lambda|mu|nu|rho|sigma|tau|phi|varphi|psi|omega|Delta|Omega"
KNOWN += r"|sum|prod|int|overline"
READABLE = re.compile(rf"(?:\\(?:{KNOWN})(?![A-Za-z])|[A-Za-z0-9+\-*/^_(){{}}\[\]|!. ])+")
# letters that are words, digits apart, numbers of another base, primes of a function
NO_PRODUCT = re.compile(
    r"(?<![\\A-Za-z])(?!\b[b-df-hj-np-tv-z]+\b)[A-Za-z]{4,}|[0-9]\s+[0-9]|[0-9]_|\.\."
    r"|\^\s*\{?\s*(?:T\b|\\circ)|\\frac\s*\{\s*d[a-z]?\s*\}\s*\{\s*d"
    r"|(?<![\\A-Za-z])(?:no|or|and|of|to|is|in|on|at|if"
    r"|mod|the|[ckm]m|kg|ft|mi|min|sec|hr|am|yes|odd|all|any|not|day)(?![A-Za-z])"
)
RELATION = re.compile(r"\\[lgn]e(?![A-Za-z])|[<>]")
TURNED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le", r"\ne": r"\ne"}
POINTS = (
    "0.37",
    "1.73",
    "7.19",
    "53.3",
    "-0.61",
    "-2.29",
    "-11.7",
    "0.0913",
)  # where expressions are compared
DIGITS = 30


def same(a: str, b: str, given_a: str, given_b: str) -> bool:
    """Whether two canonical answers, with the texts that they were before, are equal."""
    if _same(a, b):
        return True
    equations = [_equation(typeset(given)) or _equation(text) for given, text in ((given_a, a), (given_b, b))]
    if all(equations):
        return _proportional(*equations)
    for equation, other in zip(equations, (b, a), strict=True):
        if (
            equation
            and _letters(equation[0] + equation[1]) == {"x", "y"}
            and _letters(other) <= {"x"}
            and "x" in other
        ):
            return _proportional(equation, ("y", other))  # 4x - y = 1, and 4x - 1 for y
    return False


def _same(a: str, b: str) -> bool:
    """Part by part; the order of a set's parts does not matter."""
    x, y = to_number(a), to_number(b)
    if x is not None and y is not None:
        return near(x, y)
    if plain(a) == plain(b):
        return True
    if re.search(r"dots|\.\.", a + b) or WORD.fullmatch(a) or WORD.fullmatch(b):
        return False
    relations = _relations(a), _relations(b)
    if all(relations):
        return _same_relations(*relations)
    if any(relations):
        found, other = (relations[0], b) if relations[0] else (relations[1], a)
        intervals = _intervals(found)
        return intervals is not None and not EQUALS.search(other) and _same(intervals, other)
    (kind, parts), (other_kind, others) = structure(a), structure(b)
    if "matrix" in a and "matrix" in b:
        return _same_matrices(a, b)
    if kind == other_kind == "scalar":
        return not EQUALS.search(a + b) and _same_expressions(a, b)
    if "scalar" in (kind, other_kind) and "{}" in (kind, other_kind):
        kind = other_kind = "{}"
    if ordered(kind) or ordered(other_kind):
        return (
            kind == other_kind and len(parts) == len(others) and all(map(_same, _tidy(parts), _tidy(others)))
        )
    if kind != other_kind or any(len(_units(some)) > 1 for some in (parts, others)):
        return False
    return _same_sets(_tidy(_spread(parts)), _tidy(_spread(others)))


def _units(parts: list[str]) -> set[str]:
    """The units of a list, which must not be dropped where they differ: 5 red, 3 blue."""
    return {found for part in parts if (found := UNITS.search(part)[0].strip())}


def _tidy(parts: list[str]) -> list[str]:
    return [canonical(part) for part in parts]


def _spread(parts: list[str]) -> list[str]:
    r"""The members of a list, those that `\pm` and inner lists stand for included."""
    spread = []
    for part in parts:
        kind, inner = structure(part)
        spread += _spread(inner) if kind == "{}" and not part.startswith(("{", r"\{")) else [part]
    return spread


def _same_sets(parts: list[str], others: list[str]) -> bool:
    def all_in(some: list[str], more: list[str]) -> bool:
        return all(any(_same(part, other) for other in more) for part in some)

    return all_in(parts, others) and all_in(others, parts)


def _same_matrices(a: str, b: str) -> bool:
    form = re.compile(r"\s*\\begin\{([a-zA-Z]*matrix)\}(.*)\\end\{\1\}\s*", re.DOTALL)
    found, other = form.fullmatch(a), form.fullmatch(b)
    if not found or not other:
        return False
    rows, more = (
        [re.split("&", row) for row in re.split(r"\\\\", m[2].strip().removesuffix("\\\\"))]
        for m in (found, other)
    )
    return list(map(len, rows)) == list(map(len, more)) and all(
        _same(canonical(x), canonical(y))
        for row, other_row in zip(rows, more, strict=True)
        for x, y in zip(row, other_row, strict=True)
    )


# Equations and inequalities


def _letters(text: str) -> set[str]:
    return set(
        re.findall(r"(?<![A-Za-z\\])[A-Za-z]|(?<=[A-Za-z0-9])[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", text))
    ) - {"e"}


def _equation(text: str) -> tuple[str, str] | None:
    sides = [side.strip() for side in EQUALS.split(text.strip(" \t\n.$"))]
    return (sides[0], sides[1]) if len(sides) == 2 and all(sides) and "," not in text else None


def _proportional(one: tuple[str, str], other: tuple[str, str], positive: bool = False) -> bool:
    """Whether left - right of one is a constant multiple, not 0, of left - right of the other."""
    expressions = [_read(side) for side in (*one, *other)]
    if any(expression is None for expression in expressions):
        return False
    a, b, c, d = expressions
    if not (a - b).free_symbols or (a - b).free_symbols != (c - d).free_symbols:
        return False
    ratios = [x / y for x, y in _values(a - b, c - d) if abs(x) > 1e-20 and abs(y) > 1e-20]
    if len(ratios) < 3 or (positive and not all(ratio.is_real and ratio > 0 for ratio in ratios)):
        return False
    return all(abs(ratio - ratios[0]) <= 1e-10 * abs(ratios[0]) for ratio in ratios)


def _relations(text: str) -> list[tuple[list[str], list[str]]] | None:
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
        variable, bound, sign = (left, right, sign) if _letters(left) else (right, left, TURNED[sign])
        bounds[sign[-1] in ">g" or sign == r"\ge"] = (variable, bound, sign)
    if set(bounds) != {True, False} or bounds[True][0] != bounds[False][0]:
        return None
    (variable, low, above), (_, high, below) = bounds[True], bounds[False]
    return [low, variable, high], [TURNED[above], below]


def _intervals(relations: list[tuple[list[str], list[str]]]) -> str | None:
    """The same as intervals of the one variable; None where that cannot be said."""
    intervals, variables = [], set()
    for sides, signs in relations:
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
        variables.add(variable)
        intervals.append(f"{'(' if signs[0] == '<' else '['}{low}, {high}{')' if signs[1] == '<' else ']'}")
    return r" \cup ".join(intervals) if len(variables) == 1 else None


def _same_relations(some: list, others: list) -> bool:
    one, other = _intervals(some), _intervals(others)
    variables = [{v for sides, _ in found for v in sides for v in _letters(v)} for found in (some, others)]
    if variables[0] != variables[1]:
        return False
    if one and other:
        return _same(one, other)
    if len(some) != 1 or len(others) != 1:
        return False
    (sides, signs), (more, more_signs) = some[0], others[0]
    if len(sides) != 2 or len(more) != 2:
        return False
    (a, b), (c, d) = sides, more
    if signs != more_signs:
        c, d, more_signs = d, c, [TURNED[more_signs[0]]]
    return signs == more_signs and _proportional((a, b), (c, d), positive=signs != [r"\ne"])


# Expressions


def _same_expressions(a: str, b: str) -> bool:
    x, y = _read(a), _read(b)
    if x is None or y is None:
        return False
    if x == y:
        return True
    if x.is_number and y.is_number:
        return _same_numbers(x, y)
    pairs = _values(x, y)
    real = [(p, q) for p, q in pairs if p.is_real and q.is_real]
    if any(p.is_real != q.is_real for p, q in pairs):
        return False
    compared = real if len(real) > 1 else pairs  # real functions where they are real, sqrt(1/k) and 1/sqrt(k)
    digits = 1e-6 if _has_decimals(x) or _has_decimals(y) else 1e-15
    return len(compared) > 2 and all(abs(p - q) <= digits * max(abs(p), abs(q)) for p, q in compared)


def _same_numbers(x, y) -> bool:
    """Exact numbers must agree to `DIGITS` digits; with a decimal number among them, as `near` says."""
    if x.is_infinite or y.is_infinite:
        return x == y
    if x.is_Rational and y.is_Rational:
        return near(Fraction(x.p, x.q), Fraction(y.p, y.q))
    p, q = x.evalf(DIGITS), y.evalf(DIGITS)
    if not (p.is_number and q.is_number and p.is_finite and q.is_finite):
        return False
    limit = (
        min(1, max(abs(p), abs(q))) / 10**6
        if _has_decimals(x) or _has_decimals(y)
        else max(abs(p), abs(q)) * 1e-25
    )
    return bool(abs(p - q) <= limit)


def _has_decimals(expression) -> bool:
    import sympy

    return expression.has(sympy.Float)


def _values(x, y) -> list[tuple]:
    """Both expressions at the points where both have a finite value."""
    import sympy

    names = sorted(x.free_symbols | y.free_symbols, key=str)
    pairs = []
    for i, positive in product(range(len(POINTS)), (False, True)):
        values = [sympy.Rational(POINTS[(i + 3 * k) % len(POINTS)]) for k in range(len(names))]
        point = dict(zip(names, map(abs, values) if positive else values, strict=True))
        pair = tuple(e.xreplace(point).evalf(DIGITS, chop=True) for e in (x, y))
        if all(value.is_number and value.is_finite for value in pair):
            pairs.append(pair)
    return pairs


@lru_cache(maxsize=4096)
def _read(text: str):
    """The sympy expression that a LaTeX text is, read to its last character; None where it cannot be."""
    import sympy
    from antlr4 import Token
    from latex2sympy2_extended.latex2sympy2 import ConversionConfig, _Latex2Sympy

    text = _braced(UNITS.sub("", text)).strip() or text
    if not READABLE.fullmatch(text) or NO_PRODUCT.search(text):
        return None
    reader = _Latex2Sympy(
        config=ConversionConfig(interpret_as_mixed_fractions=False, lowercase_symbols=False)
    )
    try:
        parser = reader.create_parser(text)
        parser.math()
        if parser.getCurrentToken().type != Token.EOF:
            return None
        found = reader.parse(text).doit()
    except Exception:  # what its grammar does not know
        return None
    if not isinstance(found, sympy.Expr) or found.has(sympy.zoo, sympy.nan):
        return None
    return found.subs(sympy.Symbol("i"), sympy.I)


def _braced(text: str) -> str:
    r"""As latex2sympy wants it: `\frac12`, `\sqrt2`, `\left(`, mixed numbers and `*` written out."""
    text = re.sub(r"\\(?:left|right|displaystyle|[bB]igg?[lr]?)(?![A-Za-z])\s*", "", text)
    text = re.sub(
        r"\\(?:operatorname|mathrm|text)\s*\{(sin|cos|tan|cot|ln|log|exp|arctan|arcsin|arccos)\}",
        r"\\\1 ",
        text,
    )
    text = re.sub(r"\\log\s*_\s*([0-9A-Za-z])\s*", r"\\log_{\1} ", text)
    text = re.sub(r"(?<![0-9^_{.])([0-9]+)\s*(\\frac\{[0-9]+\}\{[0-9]+\})(?!\s*[!^])", r"(\1+\2)", text)
    text = re.sub(r"(?<![0-9^_.])([0-9.]+)\s*\(|\)\s*\(", lambda m: (m[1] or ")") + r" \cdot (", text)  # 2(3)
    return text.replace("*", r" \cdot ")

"""Expressions, read by latex2sympy and compared at fixed points.

**An expression that is not read to its last character is unreadable, and equals only the same text**: a
comparison of the part that could be read calls `2 \\pmod 9` and `5 \\pmod 9` equal.
"""

import re
from fractions import Fraction
from functools import lru_cache
from itertools import product

from helpers.answers.canonical import UNITS
from helpers.answers.matching import near

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


def same_expressions(a: str, b: str) -> bool:
    x, y = read(a), read(b)
    if x is None or y is None:
        return False
    if x == y:
        return True
    if x.is_number and y.is_number:
        return _same_numbers(x, y)
    pairs = values(x, y)
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


def values(x, y) -> list[tuple]:
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
def read(text: str):
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

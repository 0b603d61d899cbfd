r"""Do two answers say the same mathematics? Runs in a process of its own (`process`), for algebra may take
for ever.

An answer is taken apart into unions, sets, tuples, inequalities and equations; what is left are expressions,
which `expressions` reads and compares.
"""

import re

from helpers.answers.canonical import EQUALS, UNITS, canonical, to_number
from helpers.answers.expressions import same_expressions
from helpers.answers.matching import WORD, near, ordered, plain, structure
from helpers.answers.relations import TURNED, equation, inequalities, intervals, letters, proportional
from helpers.answers.typeset import typeset


def same(a: str, b: str, given_a: str, given_b: str) -> bool:
    """Whether two canonical answers, with the texts that they were before, are equal."""
    if _same(a, b):
        return True
    lines = [equation(typeset(given)) or equation(text) for given, text in ((given_a, a), (given_b, b))]
    if all(lines):
        return proportional(*lines)
    for line, other in zip(lines, (b, a), strict=True):
        if line and letters("".join(line)) == {"x", "y"} and letters(other) <= {"x"} and "x" in other:
            return proportional(line, ("y", other))  # 4x - y = 1, and 4x - 1 for y
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
    relations = inequalities(a), inequalities(b)
    if all(relations):
        return _same_relations(*relations)
    if any(relations):
        found, other = (relations[0], b) if relations[0] else (relations[1], a)
        described = None if EQUALS.search(other) else intervals(found)
        return described is not None and _same(described, other)
    (kind, parts), (other_kind, others) = structure(a), structure(b)
    if "matrix" in a and "matrix" in b:
        return _same_matrices(a, b)
    if kind == other_kind == "scalar":
        return not EQUALS.search(a + b) and same_expressions(a, b)
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


def _same_relations(some: list, others: list) -> bool:
    one, other = intervals(some), intervals(others)
    variables = [{v for sides, _ in found for v in sides for v in letters(v)} for found in (some, others)]
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
    return signs == more_signs and proportional((a, b), (c, d), positive=signs != [r"\ne"])
